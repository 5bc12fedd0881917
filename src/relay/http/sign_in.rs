//! Challenge and bearer. Strangers may ask here, so answers cost little and say nothing about who is in a roster.

use super::answer::{json, quoted};
use super::app::App;
use super::body;
use super::problem::Problem;
use crate::keys::{decode_bytes, random};
use crate::relay::auth::{Auth, CHALLENGE};
use crate::relay::mail::Proof;
use crate::relay::now;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
struct Ask {
    team: String,
    key: String,
}

#[derive(Deserialize)]
struct Answer {
    challenge: String,
    /// SSHSIG, or a passkey's signature; base64 as in an envelope.
    signature: String,
    webauthn: Option<Passkey>,
}

#[derive(Deserialize)]
struct Passkey {
    #[serde(rename = "authenticatorData")]
    authenticator_data: String,
    #[serde(rename = "clientDataJSON")]
    client_data: String,
}

impl Answer {
    fn proof(&self) -> Option<Proof> {
        let signature = decode_bytes(&self.signature)?;
        Some(match &self.webauthn {
            None => Proof::Ssh(signature),
            Some(passkey) => Proof::Passkey {
                signature,
                authenticator_data: decode_bytes(&passkey.authenticator_data)?,
                client_data: decode_bytes(&passkey.client_data)?,
            },
        })
    }
}

/// Names stand on their own line in the challenge.
fn plain(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

pub async fn challenge(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bytes = body::read(&app, &headers, body, body::SMALL).await?;
    let ask: Ask = serde_json::from_slice(&bytes).map_err(|_| Problem::bad("no JSON with team and key"))?;
    if !plain(&ask.team) || !plain(&ask.key) {
        return Err(Problem::bad("team and key are up to 256 plain characters"));
    }
    let random = random::<16>().map_err(|_| Problem::new(503, "random", "no random bytes", "try again"))?;
    let now = now();
    let text = app.auth.challenge(&ask.team, &ask.key, now, random);
    let text = format!("{{\"challenge\":{},\"expires_at\":{}}}", quoted(&text), now + CHALLENGE);
    Ok(json(StatusCode::OK, text))
}

pub async fn token(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let bytes = body::read(&app, &headers, body, body::SMALL).await?;
    let answer: Answer =
        serde_json::from_slice(&bytes).map_err(|_| Problem::bad("no JSON with challenge and signature"))?;
    let proof = answer.proof().ok_or_else(|| Problem::bad("the signature is not base64"))?;
    let team = Auth::team_of(&answer.challenge).ok_or_else(Problem::sign_in)?;
    let roster = app.roster(team).await?.ok_or_else(Problem::sign_in)?;
    let token = app.auth.token(&roster, &answer.challenge, &proof, now());
    let (token, exp) = token.ok_or_else(Problem::sign_in)?;
    let text = format!("{{\"token\":\"{token}\",\"token_type\":\"Bearer\",\"expires_at\":{exp}}}");
    Ok(json(StatusCode::OK, text))
}
