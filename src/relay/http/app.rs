//! What every handler has at hand, and who is asking. A bearer counts only while its key is in the team's roster.

use super::problem::Problem;
use crate::keys::SigningKey;
use crate::relay::auth::{Auth, Bearer};
use crate::relay::hub::Hub;
use crate::relay::limits::{Buckets, Counted, Rate};
use crate::relay::mail::Roster;
use crate::relay::measure::Measures;
use crate::relay::presence::Presence;
use crate::relay::settings::Settings;
use crate::relay::store::Store;
use crate::relay::{boot_millis, now};
use axum::http::{HeaderMap, header};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// Bodies that are read at once; each is at most 256 KiB.
const BODIES: usize = 128;

pub struct App {
    pub store: Store,
    pub hub: Arc<Hub>,
    pub auth: Auth,
    pub buckets: Buckets,
    pub settings: Settings,
    /// The relay's name and key, for cosignatures.
    pub witness: Option<(String, SigningKey)>,
    pub measures: Measures,
    pub bodies: Semaphore,
    pub presence: Arc<Presence>,
    rosters: Mutex<HashMap<String, (u64, Arc<Roster>)>>,
}

/// Somebody whose bearer counts.
pub struct Caller {
    pub bearer: Bearer,
    pub person: String,
    pub roster: Arc<Roster>,
}

impl App {
    pub fn new(
        store: Store,
        hub: Arc<Hub>,
        auth: Auth,
        settings: Settings,
        witness: Option<(String, SigningKey)>,
    ) -> App {
        let measures = Measures::new(hub.commits.clone());
        App {
            store,
            hub,
            auth,
            buckets: Buckets::default(),
            settings,
            witness,
            measures,
            bodies: Semaphore::new(BODIES),
            presence: Arc::default(),
            rosters: Mutex::default(),
        }
    }

    /// The newest roster here; `None` for a team that nobody set up.
    pub async fn roster(&self, team: &str) -> Result<Option<Arc<Roster>>, Problem> {
        // Taken before the look into the database: a roster that comes meanwhile makes what was read count once.
        let seen = self.hub.rosters();
        if let Some((when, roster)) = self.kept_rosters().get(team)
            && *when == seen
        {
            return Ok(Some(Arc::clone(roster)));
        }
        let Some(envelope) = self.store.roster(team, None).await? else { return Ok(None) };
        let roster = Arc::new(Roster::parse(envelope.as_bytes())?);
        self.kept_rosters().insert(team.to_owned(), (seen, Arc::clone(&roster)));
        Ok(Some(roster))
    }

    fn kept_rosters(&self) -> MutexGuard<'_, HashMap<String, (u64, Arc<Roster>)>> {
        self.rosters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is asking, counted against their share.
    pub async fn caller(&self, headers: &HeaderMap, team: &str, what: Counted) -> Result<Caller, Problem> {
        let token = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        let token = token.and_then(|t| t.strip_prefix("Bearer ")).ok_or_else(Problem::sign_in)?;
        let bearer = self.auth.bearer(token, now()).ok_or_else(Problem::sign_in)?;
        if bearer.team != team {
            return Err(Problem::not_yours());
        }
        let roster = self.roster(team).await?.ok_or_else(Problem::sign_in)?;
        let person = roster.person(&bearer.kid, now()).ok_or_else(Problem::sign_in)?.to_owned();
        self.count(what, team, &bearer.kid)?;
        Ok(Caller { bearer, person, roster })
    }

    /// Takes from somebody's share.
    pub fn count(&self, what: Counted, team: &str, who: &str) -> Result<(), Problem> {
        let limits = &self.settings.limits;
        let (rate, words) = match what {
            Counted::Requests => {
                (Rate::per_minute(limits.requests_per_minute), "too many requests from this key")
            }
            Counted::HostRequests => {
                (Rate::per_hour(limits.requests_per_hour_and_host), "too many requests from this host")
            }
            Counted::Decisions => {
                (Rate::per_minute(limits.decisions_per_minute), "too many statements from this key")
            }
            Counted::Reads => (Rate::per_minute(limits.reads_per_minute), "this key asks too often"),
        };
        self.buckets.take(what, team, who, rate, boot_millis()).map_err(|limited| {
            self.measures.limited(what);
            if limited.news {
                // A host's name is the requester's own word; a key proved itself.
                let key = if what == Counted::HostRequests { "" } else { who };
                tracing::warn!(key, limit = what.word(), "turned away; said once a minute");
            }
            Problem::too_many(words, limited.seconds)
        })
    }
}
