//! The kinds of statements: what each is called on the wire, and for which purpose a key signs it. Must never
//! give two kinds the same namespace: a signature for one would be one for the other.

/// What a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Request,
    Approval,
    Cancel,
    Claim,
    Receipt,
    Ticket,
    Breakglass,
    Review,
    Roster,
    Checkpoint,
    Heard,
}

impl Kind {
    pub const ALL: [Kind; 11] = [
        Kind::Request,
        Kind::Approval,
        Kind::Cancel,
        Kind::Claim,
        Kind::Receipt,
        Kind::Ticket,
        Kind::Breakglass,
        Kind::Review,
        Kind::Roster,
        Kind::Checkpoint,
        Kind::Heard,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Kind::Request => "request",
            Kind::Approval => "approval",
            Kind::Cancel => "cancel",
            Kind::Claim => "claim",
            Kind::Receipt => "receipt",
            Kind::Ticket => "ticket",
            Kind::Breakglass => "breakglass",
            Kind::Review => "review",
            Kind::Roster => "roster",
            Kind::Checkpoint => "checkpoint",
            Kind::Heard => "heard",
        }
    }

    /// DSSE's payloadType.
    pub fn payload_type(self) -> String {
        format!("application/vnd.guard.{}.v1+json", self.word())
    }

    pub fn of_payload_type(text: &str) -> Option<Kind> {
        let word = text.strip_prefix("application/vnd.guard.")?.strip_suffix(".v1+json")?;
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// SSHSIG's namespace, for one team.
    pub fn namespace(self, team: &str) -> String {
        format!("guard-{}-v1@{team}", self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn every_kind_reads_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of_payload_type(&kind.payload_type()), Some(kind));
        }
        assert_eq!(Kind::of_payload_type("application/vnd.guard.attach.v1+json"), None);
        assert_eq!(Kind::of_payload_type("application/vnd.guard.request.v2+json"), None);
    }
}
