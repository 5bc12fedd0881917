//! Tickets: asked for at home, approved by teammates, held against what CI runs.

use crate::home::{Home, Place, Relay, Said, TEAM};
use guard::keys::{Secret, SigningKey, SshPublicKey};
use guard::statement::request::RosterRef;
use guard::statement::{Approval, Decision, Draft, Envelope, Saw, Surface, Ticket, render};
use guard::team::ticket::Found;

const COMMAND: &[&str] = &["kubectl", "scale", "deployment", "web", "--replicas={n:number<=9}"];
const CONFIG: &str = "apiVersion: v1\nkind: Config\ncurrent-context: prod-eu\nclusters:\n- name: c\n  cluster:\n    \
    server: https://127.0.0.1:1\nusers:\n- name: me\n  user: {}\ncontexts:\n- name: prod-eu\n  context:\n    cluster: c\n    \
    user: me\n    namespace: web\n";
const POLICY: &str = "[[policy]]\nwhen = { environment = \"production\" }\nrequire = [\"approval:sre\"]\n";

struct World {
    dora: Home,
    ci: Home,
    bob: SigningKey,
    words: String,
}

fn production(home: &Home) {
    for (name, text) in [(".kube/config", CONFIG), (".config/guard/policy.toml", POLICY)] {
        let path = home.home.join(name);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("directory");
        std::fs::write(path, text).expect("written");
    }
}

/// dora asks, bob approves, ci runs; all know the same team.
fn world(place: &Place) -> World {
    let (dora, ci) = (place.home("dora"), place.home("ci"));
    let bob = SigningKey::new(&Secret::from_bytes([7; 32]));
    let words = dora.found(&["--group", "sre"]);
    let key = SshPublicKey::from_ed25519(bob.public()).to_line();
    dora.change(&["add", "bob", "--key", &key, "--group", "sre"]);
    let subject = ["--issuer", "https://ci.example", "--subject", "repo:acme/infra"];
    dora.change(&[&["add", "ci", "--key", &ci.key()][..], &subject].concat());
    let chain = dora.team(&["export"]).good().out;
    std::fs::write(ci.file("chain"), chain).expect("written");
    ci.team(&["join", "chain", "--root", &words]).good().says("you are ci there");
    production(&dora);
    production(&ci);
    World { dora, ci, bob, words }
}

fn issue(home: &Home, more: &[&str]) -> Said {
    let fixed = ["ticket", "issue", "--workload", "ci", "--yes"];
    home.guard(&[&fixed[..], more, &["--"], COMMAND].concat())
}

/// bob's approval, made as his guard would make it.
fn approve(world: &World, about: &Envelope, decision: Decision) -> Envelope {
    let ticket: Ticket = guard::statement::read(about.payload()).expect("a ticket");
    let roster = world.dora.json();
    let approval = Approval {
        v: 1,
        team: TEAM.to_owned(),
        request: about.digest(),
        decision,
        person: "bob".to_owned(),
        key: SshPublicKey::from_ed25519(world.bob.public()).fingerprint(),
        roster: RosterRef {
            version: roster["roster"]["version"].as_u64().expect("a version"),
            digest: guard::statement::Hash::read(roster["digest"].as_str().expect("a digest"))
                .expect("a digest"),
        },
        iat: ticket.iat,
        exp: ticket.not_after,
        number: None,
        limits: None,
        surface: Surface::Paste,
        saw: Some(Saw {
            render: "guard-render/1".to_owned(),
            digest: render::ticket(&ticket).digest,
            end: true,
            ms: 1000,
        }),
        note: None,
        chain: None,
    };
    Draft::of(&approval).expect("an approval").sign(&world.bob)
}

fn approved(world: &World, text: &str, decision: Decision) -> String {
    let mut found = Found::read(text.as_bytes()).expect("a ticket");
    found.statements.push(approve(world, &found.envelope, decision).to_bytes());
    found.to_text()
}

fn verify(home: &Home, ticket: &str, more: &[&str], command: &str) -> Said {
    let words: Vec<&str> = command.split(' ').collect();
    home.fed(&[&["ticket", "verify", "-"], more, &["--"], &words].concat(), ticket.as_bytes())
}

#[test]
fn a_ticket_covers_what_was_approved_and_nothing_else() {
    let place = Place::new("ticket");
    let world = world(&place);
    let issued = issue(&world.dora, &["--print", "--commit", "abc", "--max", "2"]).good();
    let text = issued.last();
    assert!(text.starts_with("guard-ticket1:"), "{issued:?}");
    let run = "kubectl scale deployment web --replicas=3";
    let at = ["--commit", "abc"];
    let said = verify(&world.ci, &text, &at, run);
    assert_eq!(said.status, Some(1), "{said:?}");
    said.says("still needs an approval by sre");
    let yes = approved(&world, &text, Decision::Approve);
    verify(&world.ci, &yes, &at, run).good().says("approved by bob").says("n is 3");
    for (more, command, why) in [
        (&at[..], "kubectl scale deployment web --replicas=10", "word 4 differs"),
        (&at, "kubectl scale deployment api --replicas=3", "another target: object/00000 differs"),
        (&at, "kubectl scale deployment web --replicas=3 --namespace=web", "word 5 differs"),
        (&["--commit", "abd"], run, "another commit"),
        (&[], run, "another commit"),
        (&["--commit", "abc", "--workload", "dora"], run, "another workload"),
    ] {
        let said = verify(&world.ci, &yes, more, command);
        assert_eq!(said.status, Some(1), "{command}: {said:?}");
        said.says(why);
    }
    // dora has no workload's key.
    assert_eq!(verify(&world.dora, &yes, &at, run).status, Some(1));
    // The same by hand, as without a relay.
    let found = Found::read(text.as_bytes()).expect("a ticket");
    let answer = approve(&world, &found.envelope, Decision::Approve);
    let answer = guard::team::paste::to_text(guard::team::paste::Form::Answer, &answer.to_bytes());
    let joined = world.dora.guard(&["ticket", "join", &text, &answer]).good().out;
    verify(&world.ci, joined.trim(), &at, run).good().says("approved by bob");
    let no = approved(&world, &yes, Decision::Deny);
    verify(&world.ci, &no, &at, run).says("the ticket is denied");
    // Another cluster under the same name.
    std::fs::write(world.ci.home.join(".kube/config"), CONFIG.replace("127.0.0.1:1", "127.0.0.1:2"))
        .expect("written");
    verify(&world.ci, &yes, &at, run).says("another target: server differs");
    // The policy here asks for more than the ticket says.
    production(&world.ci);
    let stricter = POLICY.replace("approval:sre", "approval:sre*2");
    std::fs::write(world.ci.home.join(".config/guard/policy.toml"), stricter).expect("written");
    verify(&world.ci, &yes, &at, run).says("still needs an approval by sre");
    verify(&world.ci, &text[..60], &at, run).bad(64, "no ticket");
}

#[test]
fn what_no_ticket_can_be_made_for_is_said() {
    let place = Place::new("noticket");
    let world = world(&place);
    let issue = |args: &[&str]| {
        world.dora.guard(&[&["ticket", "issue", "--yes", "--print", "--workload"], args].concat())
    };
    issue(&["bob", "--", "kubectl", "scale", "deployment", "web", "--replicas=1"]).bad(64, "no workload");
    issue(&["ci", "--", "kubectl", "get", "pods"]).bad(64, "asks no approval");
    issue(&["ci", "--", "kubectl", "scale", "deployment", "web", "--replicas={n:regex}"]).bad(64, "is none");
    issue(&["ci", "--", "{p:name}", "scale"]).bad(64, "");
    issue(&["ci", "--plan", "no-such", "--", "kubectl", "scale", "deployment", "web", "--replicas=1"])
        .bad(64, "cannot be read");
    assert_eq!(issue(&["ci", "--valid", "25h", "--", "kubectl", "get"]).status, Some(64));
    assert_eq!(issue(&["ci", "--valid", "1€", "--", "kubectl", "get"]).status, Some(64));
    issue(&["ci", "--context", "x"]).status.expect("an exit");
    let ci = world
        .ci
        .guard(&[&["ticket", "issue", "--yes", "--print", "--workload", "ci", "--"], COMMAND].concat());
    assert_eq!(ci.status, Some(0), "a workload may ask: {ci:?}");
}

#[test]
fn a_ticket_travels_over_the_relay() {
    let place = Place::new("relayed");
    let world = world(&place);
    let relay = Relay::start(&place, &world.dora.file(&format!("{TEAM}.roster.json")));
    world.dora.team(&["way", &relay.url]).good();
    world.dora.team(&["update"]).good();
    let short = issue(&world.dora, &[]).good().after("ticket ");
    let listed = world.dora.guard(&["ticket", "list"]).good();
    assert!(listed.out.contains(&short) && listed.out.contains("waiting (0 of 1)"), "{listed:?}");
    let text = world.dora.guard(&["ticket", "export", &short]).good().out;
    let found = Found::read(text.as_bytes()).expect("a ticket");
    // bob says yes at the relay.
    let yes = approve(&world, &found.envelope, Decision::Approve);
    let signer = guard::keys::Signer::Own(SigningKey::new(&Secret::from_bytes([7; 32])));
    let courier = guard::team::Courier::new(&relay.url, None, TEAM, &signer).expect("a way");
    courier.say(&found.envelope.digest(), &yes).expect("taken");
    let listed = world.dora.guard(&["ticket", "list", "--json"]).good();
    let json: serde_json::Value = serde_json::from_str(&listed.out).expect("json");
    assert_eq!(json["tickets"][0]["state"], "approved", "{json}");
    let text = world.dora.guard(&["ticket", "export", &short]).good().out;
    let file = world.ci.file("ticket");
    std::fs::write(&file, &text).expect("written");
    let words = ["kubectl", "scale", "deployment", "web", "--replicas=2"];
    world.ci.guard(&[&["ticket", "verify", "ticket", "--"], &words[..]].concat()).good().says("bob");
    world.dora.guard(&["ticket", "export", "ffffffffffff"]).bad(64, "0 tickets begin with");
    uses(&world, &relay, &place);
}

/// One ticket, two machines: every use is counted once.
fn uses(world: &World, relay: &Relay, place: &Place) {
    use guard::team::User;
    use guard::team::ticket::{NotUsed, all, use_up};
    let seed = SigningKey::new(&Secret::from_bytes([7; 32]));
    let signer = guard::keys::Signer::Own(seed);
    let courier = guard::team::Courier::new(&relay.url, None, TEAM, &signer).expect("a way");
    assert!(!world.words.is_empty());
    let found = all(&courier).expect("tickets").remove(0);
    let user = User { person: "bob", signer: &signer, now: found.ticket.iat };
    let (one, two) = (place.path("state-1"), place.path("state-2"));
    assert!(matches!(use_up(&one, &found, 2, Some(&courier), &user), Ok((1, _))));
    assert!(matches!(use_up(&one, &found, 1, Some(&courier), &user), Err(NotUsed::Spent)));
    assert!(matches!(use_up(&two, &found, 1, Some(&courier), &user), Err(NotUsed::Spent)));
    // Without a relay this machine counts alone.
    assert!(matches!(use_up(&one, &found, 1, None, &user), Err(NotUsed::Spent)));
    assert!(matches!(use_up(&two, &found, 1, None, &user), Ok((1, _))));
}
