//! What the command does to its target, in words and in what the person types.
//! Must never name an object's values: only addresses and counts.

use super::plan::{Kind, Plan};
use super::workspace::Workspace;
use super::{Datum, Fact, Look, Value};

impl Look<'_> {
    /// The workspace's name; for `default`, which every project has, what is peculiar to this one.
    pub(super) fn type_this(&mut self, workspace: &Workspace, fallback: String) {
        let decided = self.targets.text("workspace").unwrap_or(&workspace.name).to_owned();
        self.targets.typed = if decided == "default" && !fallback.is_empty() { fallback } else { decided };
    }

    pub(super) fn judge_plan(&mut self, plan: &Plan, workspace: &str) {
        let kind = plan.kind();
        self.targets.traits.add("target.plan", kind.word());
        self.targets.deletes = [plan.deleted.as_slice(), plan.replaced.as_slice()].concat();
        self.targets.objects.clone_from(&plan.forgotten);
        if !plan.workspace.is_empty() && plan.workspace != workspace {
            self.targets.facts.push(Fact::text("plan_workspace", plan.workspace.clone(), "the plan file"));
        }
        match kind {
            Kind::Destroy | Kind::Deletes | Kind::Replaces => {
                self.targets.typed = format!("destroy {}", self.targets.deletes.len());
            }
            Kind::Invokes | Kind::Forgets | Kind::Changes | Kind::Empty => {}
        }
        self.targets.headline = Some(format!("{}: {}", self.command.headline, plan.summary()));
    }

    pub(super) fn refuse_plan(&mut self, why: &str) {
        self.targets.traits.add("target.plan", "unreadable");
        self.targets.headline = Some(format!("{}, which cannot be read: {why}", self.command.headline));
    }

    /// The reading's headline with the workspace, where the words alone do not name it.
    pub(super) fn headline(&mut self) {
        let place = match self.targets.fact("workspace").map(|f| &f.value) {
            Some(Value::Known(Datum::Text(name))) => format!("workspace {}", crate::text::show(name)),
            _ => "an unknown workspace".into(),
        };
        let count = match self.targets.deletes.len() {
            0 => String::new(),
            1 => ": 1 object".into(),
            n => format!(": {n} objects"),
        };
        if self.has_form("destroy") {
            self.targets.headline = Some(format!("destroy everything in {place}{count}"));
        } else if self.has_form("destroy-targeted") {
            let more = if count.is_empty() { "" } else { ", and what else depends on them" };
            self.targets.headline = Some(format!("{} in {place}{count}{more}", self.command.headline));
        } else if ["apply", "refresh-only", "invoke"].iter().any(|f| self.has_form(f)) {
            self.targets.headline = Some(format!("{} in {place}", self.command.headline));
        }
    }
}
