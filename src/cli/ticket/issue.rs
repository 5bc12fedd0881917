//! `guard ticket issue`: the ticket is made of the command as it is read here, shown, signed and sent to those who may
//! approve it.

use super::{holes, needs};
use crate::cli::check::{Subject, examine};
use crate::cli::team::ask::{agree, moment};
use crate::cli::team::{Trouble, identity, now, team};
use crate::gates::Beside;
use crate::keys::random;
use crate::rules::Verdict;
use crate::settings::Dirs;
use crate::statement::request::Policy;
use crate::statement::roster::Use;
use crate::statement::ticket::{LONGEST, Ticket};
use crate::statement::{Bytes32, Draft, Hash, Statement, VERSION, render};
use crate::team::ticket::Found;
use crate::team::{Courier, Team};
use crate::text::redact;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// Ask for a ticket: teammates approve it as they approve a request, and then the workload may run the command
///
/// A word may have one typed hole: `image.tag={tag:version}`. Kinds: version, number, number<=N, commit, digest, name,
/// choice=A|B. Everything else must be as given: each word, the target, the workload.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The workload of the team that may use it (`guard team add PERSON --issuer … --subject …`)
    #[arg(long, value_name = "PERSON")]
    workload: String,
    /// Only this run of the workload
    #[arg(long)]
    run: Option<String>,
    /// Only at this commit
    #[arg(long, value_name = "ID")]
    commit: Option<String>,
    /// Only with this plan file, by its SHA-256
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// From when on it counts [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    not_before: Option<u64>,
    /// How long it counts, as 90m or 24h
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration)]
    valid: u64,
    /// How often it may be used
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    max: u64,
    /// Why it may run; the request of each use carries it
    #[arg(long, value_name = "TEXT", value_parser = crate::cli::run::reason)]
    reason: Option<String>,
    /// There are no holes: braces are text
    #[arg(long)]
    exact: bool,
    /// Print it as text instead of sending it to the relay
    #[arg(long)]
    print: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// The command
    #[arg(last = true, value_name = "CMD", required = true)]
    words: Vec<OsString>,
}

fn duration(text: &str) -> Result<u64, String> {
    let wrong = || "a time is a number with m or h, at most 24h".to_owned();
    let (number, unit) =
        text.split_at(text.len().saturating_sub(text.chars().last().map_or(0, char::len_utf8)));
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3600),
        _ => None,
    };
    seconds.filter(|s| (60..=LONGEST).contains(s)).ok_or_else(wrong)
}

pub fn run(args: &Args, dirs: &Dirs) -> Result<(), Trouble> {
    let team = team(dirs)?;
    let identity = identity(dirs)?;
    let kid = identity.public().fingerprint();
    let member = team.roster().key(&kid).filter(|(_, key)| key.may(Use::Request));
    let person = member.map(|(person, _)| person.id.clone()).ok_or_else(|| {
        let hint = "an admin adds it: `guard team add` there, `guard team update` here";
        Trouble::new(77, format!("your key {kid} may not request in {}", team.name()), hint)
    })?;
    let ticket = ticket(args, &team, person, kid, dirs)?;
    render::ticket(&ticket).lines.iter().for_each(|line| crate::outln!("{}", line.text));
    agree(args.yes, "Ask for this ticket?")?;
    let draft = Draft::of(&ticket).map_err(|e| Trouble::new(64, e.to_string(), "the command is too long"))?;
    let signer = identity.signer()?;
    let envelope = crate::team::sign(draft, &signer)?;
    let short = &envelope.digest().hex()[..12];
    let found = Found { envelope: envelope.clone(), ticket, statements: Vec::new() };
    let courier = if args.print { None } else { Courier::to(&team, &signer)? };
    match courier {
        Some(courier) => {
            courier.issue_ticket(&envelope)?;
            crate::outln!("ticket {short}");
            crate::say!(
                "sent; once it is approved, `guard ticket export {short}` prints it for $GUARD_TICKET"
            );
        }
        None => {
            crate::outln!("{}", found.to_text());
            crate::say!("ticket {short}: approvers need this text");
        }
    }
    Ok(())
}

/// Everybody in the team reads a ticket.
fn no_secrets(verdict: &Verdict, words: &[OsString]) -> Result<(), Trouble> {
    let tool = verdict.worst().map_or("", |judged| judged.command.tool.as_str());
    let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
    if redact::secrets_in_command(tool, &words).iter().all(Vec::is_empty) {
        return Ok(());
    }
    let hint = "give it in a file or a variable that the tool reads";
    Err(Trouble::new(64, "the command has a secret in it, and a ticket is read by the team", hint))
}

fn ticket(args: &Args, team: &Team, person: String, key: String, dirs: &Dirs) -> Result<Ticket, Trouble> {
    let (argv, example) = holes::words(&args.words, args.exact)?;
    let (_, verdict) = examine(&Subject::words(example), dirs).map_err(|stopped| {
        Trouble::new(stopped.status(), stopped.to_string(), "`guard check` says the same")
    })?;
    let needs = needs(&verdict)?;
    if let Some(beside) = super::beside(&verdict) {
        // The policy where it is used decides; mostly it is the same.
        crate::say!(
            "by the policy here it would let nothing run: the command also needs {}, and {}",
            beside.gate,
            Beside::why()
        );
        crate::say!("hint: {}", beside.hint());
    }
    if crate::gates::approval::applies(&verdict) && args.plan.is_none() {
        let hint = "`terraform plan -out FILE`, then `--plan FILE -- terraform apply FILE`";
        return Err(Trouble::new(64, "a ticket for an apply names its plan file with --plan", hint));
    }
    no_secrets(&verdict, &args.words)?;
    let target = crate::gates::approval_target(&verdict);
    if let Some((fact, why)) = target.unknown.iter().next() {
        let what =
            format!("the target's {} is not known: {}", crate::text::show(fact), crate::text::show(&why.0));
        return Err(Trouble::new(64, what, "a ticket is for one known target: name it in the command"));
    }
    let known = team.roster().person(&args.workload).and_then(|p| p.oidc.clone());
    let workload = known.ok_or_else(|| {
        let what = format!("{} is no workload of the team", crate::text::show(&args.workload));
        Trouble::new(64, what, "`guard team add PERSON --issuer URL --subject SUBJECT --key KEY` adds one")
    })?;
    let plan = args.plan.as_deref().map(super::verify::hash_of).transpose()?;
    let bytes =
        || random::<32>().map_err(|_| Trouble::new(70, "the system gives no random bytes", "try again"));
    let made = now();
    let not_before = args.not_before.unwrap_or(made);
    let rule = verdict.worst().and_then(|j| j.matched.first()).map_or_else(String::new, |r| r.id.clone());
    let ticket = Ticket {
        v: VERSION,
        id: Hash(bytes()?).hex()[..26].to_owned(),
        nonce: Bytes32(bytes()?),
        team: team.name().to_owned(),
        roster: team.roster().reference(),
        person,
        key,
        iat: made,
        policy: Policy {
            digest: Hash::of(&[rule.as_bytes()]),
            rule,
            severity: needs.severity,
            needs: needs.seats,
        },
        argv,
        target,
        commit: args.commit.clone(),
        plan,
        workload,
        run: args.run.clone(),
        not_before,
        not_after: not_before + args.valid,
        max: args.max,
        reason: args.reason.clone(),
    };
    ticket.sound().map_err(|why| Trouble::new(64, why, "see `guard ticket issue --help`"))?;
    Ok(ticket)
}
