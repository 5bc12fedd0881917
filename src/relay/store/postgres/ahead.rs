//! Requests and what is said about them, each in one query, all of a group sent before the first answer is awaited:
//! the server works through them in order, in one transaction, and each sees what those before it wrote.

use super::super::{Effect, EventKind, Header, Kept, Posted, Refused, State};
use super::append::{SAME, Values, row_of};
use super::writer::CHANNEL;
use super::{LOCK, outbox};
use deadpool_postgres::Transaction;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use tokio_postgres::{Error, Row, Statement};

/// $1 team, $2 request, $3 kind, $4 key, $5 person, $6 digest, $7 envelope, $8 now; then what `open` binds.
const OPEN: &str = "
    WITH known AS MATERIALIZED (
        SELECT seq FROM statements WHERE team = $1::text AND digest = $6::bytea AND kid = $4::text),
    held AS MATERIALIZED (SELECT 1 FROM frozen WHERE team = $1::text AND person = $5::text),
    waiting AS MATERIALIZED (SELECT count(*) AS n FROM (
        SELECT 1 FROM requests WHERE team = $1::text AND state = 0 AND person = $5::text AND exp >= $8::bigint
        AND kind = $9::text LIMIT $14::bigint) q),
    same AS MATERIALIZED (
        SELECT thread FROM requests WHERE team = $1::text AND person = $5::text AND shape = $12::bytea AND state = 0
        AND exp >= $8::bigint AND at >= $15::bigint ORDER BY seq DESC LIMIT 1),
    kept AS (
        INSERT INTO statements(team, rd, kind, kid, person, digest, envelope, received_at)
        SELECT $1::text, $2::bytea, $3::text, $4::text, $5::text, $6::bytea, $7::text, $8::bigint
        WHERE NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM held)
        AND (SELECT n FROM waiting) < $14::bigint RETURNING seq),
    opened AS (
        INSERT INTO requests(team, rd, seq, kind, person, severity, state, exp, at, shape, thread, header)
        SELECT $1::text, $2::bytea, kept.seq, $9::text, $5::text, $10::int, 0, $11::bigint, $8::bigint, $12::bytea,
            coalesce((SELECT thread FROM same), $2::bytea), $13::text FROM kept),
    told AS (
        INSERT INTO outbox(team, rd, thread, event, channel, person, header, repeats, next_at)
        SELECT $1::text, $2::bytea, $2::bytea, 'opened', c, $5::text, $13::text, 0, $8::bigint
        FROM kept, unnest($16::text[]) c WHERE NOT EXISTS (SELECT FROM same))
    SELECT (SELECT seq FROM known), (SELECT seq FROM kept), EXISTS (SELECT FROM held)";

/// The first eight as for `OPEN`; then what `say` binds.
const SAY: &str = "
    WITH known AS MATERIALIZED (
        SELECT seq FROM statements WHERE team = $1::text AND digest = $6::bytea AND kid = $4::text),
    about AS MATERIALIZED (
        SELECT person, state, thread, header FROM requests WHERE team = $1::text AND rd = $2::bytea),
    kept AS (
        INSERT INTO statements(team, rd, kind, kid, person, digest, envelope, received_at)
        SELECT $1::text, $2::bytea, $3::text, $4::text, $5::text, $6::bytea, $7::text, $8::bigint FROM about
        WHERE NOT EXISTS (SELECT FROM known) AND (NOT $9::bool OR about.person = $5::text) RETURNING seq),
    ended AS (
        UPDATE requests r SET state = $10::int FROM kept
        WHERE r.team = $1::text AND r.rd = $2::bytea AND $10::int IS NOT NULL AND (r.state = 0 OR $10::int = 4)
        RETURNING 1),
    held AS (
        INSERT INTO frozen(team, person, reporter, rd, at)
        SELECT $1::text, about.person, $5::text, $2::bytea, $8::bigint FROM about, kept WHERE $11::bool
        ON CONFLICT DO NOTHING),
    told AS (
        INSERT INTO outbox(team, rd, thread, event, channel, person, header, repeats, next_at)
        SELECT $1::text, $2::bytea, about.thread, $12::text, c, $5::text, about.header,
            (SELECT count(*) - 1 FROM requests s WHERE s.team = $1::text AND s.thread = about.thread), $8::bigint
        FROM about, kept, unnest($13::text[]) c
        WHERE $12::text IS NOT NULL
        AND CASE WHEN $10::int IS NULL THEN about.state = 0 ELSE EXISTS (SELECT FROM ended) END)
    SELECT (SELECT seq FROM known), (SELECT seq FROM kept), EXISTS (SELECT FROM about)";

/// Both queries, prepared on this connection.
struct Prepared {
    open: Statement,
    say: Statement,
}

/// What a statement about a request changes.
struct Said {
    /// Only the requester may.
    own: bool,
    state: Option<State>,
    report: bool,
    event: Option<EventKind>,
}

fn said(effect: &Effect) -> Option<Said> {
    let nothing = Said { own: false, state: None, report: false, event: None };
    match effect {
        Effect::Remark => Some(nothing),
        Effect::Heard { event } => Some(Said { event: Some(*event), ..nothing }),
        Effect::End { state, report } => {
            let event = EventKind::of_end(*state, *report);
            Some(Said { state: Some(*state), report: *report, event, ..nothing })
        }
        Effect::EndOwn { state } => {
            Some(Said { own: true, state: Some(*state), event: EventKind::of_end(*state, false), ..nothing })
        }
        Effect::Open { .. }
        | Effect::Nothing
        | Effect::Review { .. }
        | Effect::Alarm { .. }
        | Effect::Claim { .. }
        | Effect::Roster { .. }
        | Effect::Checkpoint { .. } => None,
    }
}

/// What became of a statement; `None` where it takes several queries, and for what is no statement.
type Answer<'a> = Pin<Box<dyn Future<Output = Result<Option<Kept>, Error>> + Send + 'a>>;

/// Takes the lock, keeps the statements that take one query, and tells other instances, in one round trip. `None` in
/// the place of every other statement, which the caller keeps afterwards.
pub async fn all(
    t: &Transaction<'_>,
    group: &[&Posted],
    channels: &[String],
) -> Result<Vec<Option<Kept>>, Error> {
    let prepared = Prepared { open: t.prepare_cached(OPEN).await?, say: t.prepare_cached(SAY).await? };
    let lock = t.prepare_cached("SELECT pg_advisory_xact_lock($1)").await?;
    // No payload: listeners ask what is new by themselves.
    let notify = t.prepare_cached("SELECT pg_notify($1, '')").await?;
    let mut answers: Vec<Answer<'_>> = Vec::with_capacity(group.len() + 2);
    // Until the commit nobody else takes a number, so numbers appear in order.
    answers.push(Box::pin(async { t.execute(&lock, &[&LOCK]).await.map(|_| None) }));
    answers.extend(group.iter().map(|posted| begin(t, &prepared, posted, channels)));
    answers.push(Box::pin(async { t.execute(&notify, &[&CHANNEL]).await.map(|_| None) }));
    let mut kept = in_one_go(answers).await?;
    kept.pop();
    kept.remove(0);
    Ok(kept)
}

/// Sends all, then awaits one after the other; the server answers in order.
async fn in_one_go(mut answers: Vec<Answer<'_>>) -> Result<Vec<Option<Kept>>, Error> {
    let mut early: Vec<Option<Result<Option<Kept>, Error>>> = answers.iter().map(|_| None).collect();
    // The first poll of a query sends it.
    poll_fn(|context| {
        for (answer, early) in answers.iter_mut().zip(&mut early) {
            if let Poll::Ready(done) = answer.as_mut().poll(context) {
                *early = Some(done);
            }
        }
        Poll::Ready(())
    })
    .await;
    let mut kept = Vec::with_capacity(answers.len());
    for (answer, early) in answers.into_iter().zip(early) {
        kept.push(match early {
            Some(done) => done?,
            None => answer.await?,
        });
    }
    Ok(kept)
}

fn begin<'a>(
    t: &'a Transaction<'_>,
    prepared: &'a Prepared,
    posted: &'a Posted,
    channels: &'a [String],
) -> Answer<'a> {
    if let Effect::Open { header, shape, pending_limit } = &posted.effect {
        let limit = i64::from(*pending_limit);
        return Box::pin(async move {
            open(t, &prepared.open, posted, header, shape, limit, channels).await.map(Some)
        });
    }
    match said(&posted.effect) {
        Some(said) => Box::pin(async move { say(t, &prepared.say, posted, said, channels).await.map(Some) }),
        None => Box::pin(async { Ok(None) }),
    }
}

async fn open(
    t: &Transaction<'_>,
    query: &Statement,
    posted: &Posted,
    header: &Header,
    shape: &[u8; 32],
    limit: i64,
    channels: &[String],
) -> Result<Kept, Error> {
    let (rd, digest, shape) = (&posted.rd[..], &posted.digest[..], &shape[..]);
    let (text, since, rank) = (outbox::text(header), posted.at - SAME, header.rank());
    let more: Values = &[&header.kind, &rank, &header.exp, &shape, &text, &limit, &since, &channels];
    let row = t.query_one(query, &[&row_of(posted, &rd, &digest)[..], more].concat()).await?;
    Ok(kept(&row, Refused::Frozen, Refused::TooManyPending))
}

async fn say(
    t: &Transaction<'_>,
    query: &Statement,
    posted: &Posted,
    said: Said,
    channels: &[String],
) -> Result<Kept, Error> {
    let (rd, digest) = (&posted.rd[..], &posted.digest[..]);
    let (state, event) = (said.state.map(State::number), said.event.map(EventKind::word));
    let more: Values = &[&said.own, &state, &said.report, &event, &channels];
    let row = t.query_one(query, &[&row_of(posted, &rd, &digest)[..], more].concat()).await?;
    Ok(kept(&row, Refused::NotTheRequester, Refused::NoSuchRequest))
}

/// The number that it has, or was given; else why it was not kept, by the third column.
fn kept(row: &Row, refused: Refused, otherwise: Refused) -> Kept {
    match (row.get::<_, Option<i64>>(0), row.get::<_, Option<i64>>(1)) {
        (Some(seq), _) => Kept::Known { seq },
        (None, Some(seq)) => Kept::New { seq },
        (None, None) if row.get(2) => Kept::Refused(refused),
        (None, None) => Kept::Refused(otherwise),
    }
}
