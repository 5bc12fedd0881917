//! Rules, environments and policy as plain data: what a rule file says after it was loaded and checked.
//! Also what the compiled index holds (`build.rs` includes this file).

use crate::reading::tool::Tool;
use crate::rules::count::MoreThan;
use serde::{Deserialize, Serialize};

/// One `rules.d/<program>.toml`: what the program's commands do, and how bad that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
    pub tool: Tool,
    pub rules: Vec<Rule>,
}

/// One rule. It matches when every condition of `when` holds and no group of `unless` does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub id: String,
    pub when: Vec<Condition>,
    pub unless: Vec<Vec<Condition>>,
    pub effect: Effect,
    pub severity: Severity,
    pub why: String,
    pub undo: String,
    pub safer: Option<String>,
    pub place: Place,
}

/// Where something was written, for messages; line and column count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

/// `key` has a value that one of the patterns matches (globs with `*` and `?`).
/// Keys: `verb`, `operand`, `option --name` (`option --a|--b` for either), or a trait of the tool's reader or resolver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    pub key: String,
    pub any: Vec<String>,
}

/// What a matched command does to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    Destroy,
    Overwrite,
    Disrupt,
    Escalate,
    Export,
    Spend,
    /// A change that can be taken back without loss; not dangerous, but policy can ask about it.
    Edit,
}

impl Effect {
    pub fn is_dangerous(self) -> bool {
        match self {
            Effect::Destroy
            | Effect::Overwrite
            | Effect::Disrupt
            | Effect::Escalate
            | Effect::Export
            | Effect::Spend => true,
            Effect::Edit => false,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Effect::Destroy => "destroy",
            Effect::Overwrite => "overwrite",
            Effect::Disrupt => "disrupt",
            Effect::Escalate => "escalate",
            Effect::Export => "export",
            Effect::Spend => "spend",
            Effect::Edit => "edit",
        }
    }
}

/// How bad it is. Ordered: `Low < Critical`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// One named environment of `environments.toml`. Earlier ones are more protected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    pub name: String,
    /// `kubernetes.context` and globs; `path` matches every path of a file target.
    pub matches: Vec<Condition>,
    /// Words that mark a name as this environment when they stand as a segment of it: `prod` in `eu.prod.acme`.
    pub words: Vec<String>,
    /// Segments that, right before such a word, take it back: `non` in `non-prod`.
    pub negations: Vec<String>,
    /// The file names no words: over a shipped environment of this name, the shipped words stay.
    pub keeps_words: bool,
    pub place: Place,
}

/// One `[[policy]]`: what must pass before a matching command runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub name: Option<String>,
    pub when: When,
    pub require: Vec<Gate>,
    /// What a reason must look like, where this policy asks for one and says so.
    pub reason: Option<ReasonForm>,
    /// Its gates count as passed for this many seconds after they were, in the same terminal session.
    pub again_s: Option<u32>,
    pub place: Place,
}

/// What a reason must look like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonForm {
    /// A regular expression (regex-lite's) that was compiled once already.
    pub pattern: String,
    /// In words: `a ticket such as OPS-123`.
    pub hint: String,
}

/// How often a person may go on without the approval that policy asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakGlassSettings {
    pub uses: u32,
    /// Within so many seconds.
    pub per_s: u32,
}

impl Default for BreakGlassSettings {
    fn default() -> BreakGlassSettings {
        BreakGlassSettings { uses: 2, per_s: 7 * 24 * 3600 }
    }
}

/// Empty lists match everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    pub environment: Vec<String>,
    pub severity: Vec<Severity>,
    pub effect: Vec<Effect>,
    pub rule: Vec<String>,
    pub tool: Vec<String>,
    /// Only when it hits more than this many things; a count that is not known is more.
    pub count: Option<MoreThan>,
}

/// What a policy asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Gate {
    /// Never runs.
    Deny,
    /// One line on stderr; runs.
    Notice,
    /// Seconds of abortable countdown.
    Delay(u32),
    Reason,
    /// Type the target's name.
    Confirm,
    Totp,
    /// That many different people of the group.
    Approval {
        group: String,
        people: u32,
    },
    /// Asks nobody: the session is opened so that the server refuses writes, or not at all.
    ReadOnly,
}

impl std::fmt::Display for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Gate::Deny => f.write_str("deny"),
            Gate::Notice => f.write_str("notice"),
            Gate::Delay(seconds) => write!(f, "delay:{seconds}s"),
            Gate::Reason => f.write_str("reason"),
            Gate::Confirm => f.write_str("confirm"),
            Gate::Totp => f.write_str("totp"),
            Gate::Approval { group, people } => write!(f, "approval:{group}*{people}"),
            Gate::ReadOnly => f.write_str("read-only"),
        }
    }
}

/// Everything guard decides by, after loading or from the compiled index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surroundings {
    pub environments: Vec<Environment>,
    pub policies: Vec<Policy>,
    pub preview: PreviewSettings,
    /// What every reason must look like whose policy does not say otherwise.
    pub reason: Option<ReasonForm>,
    pub break_glass: BreakGlassSettings,
    pub totp: TotpSettings,
}

/// Who checks codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TotpSettings {
    /// The socket of a verifier that keeps the secrets of this machine's people; without it they keep their own.
    pub verifier: Option<String>,
}

/// Whether guard may look at the target before it asks, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewSettings {
    pub enabled: bool,
    pub limit_ms: u32,
}

impl Default for PreviewSettings {
    fn default() -> PreviewSettings {
        PreviewSettings { enabled: true, limit_ms: 3000 }
    }
}
