//! One envelope against the roster: the signature first, over the bytes as they came, and only then what they
//! mean. Must never hand out a statement whose signature, key and person do not agree.

use super::approval::{Approval, Surface};
use super::envelope::{Envelope, Proof, Signature};
use super::roster::{Key, Material, PersonKind, Roster, Use, is_local};
use super::scalar::Hash;
use super::why::Why;
use super::{Kind, Statement, VERSION, canonical};
use crate::keys::{Assertion, BadSignature, Flags, sha256};

/// A statement whose signature is right, by a key that counted when it was made and counts now.
#[derive(Clone, Debug)]
pub struct Opened<S> {
    statement: S,
    workload: bool,
    flags: Flags,
    /// The page that this passkey belongs to; none for SSH keys.
    page: Option<Surface>,
    digest: Hash,
}

impl<S: Statement> Opened<S> {
    pub fn statement(&self) -> &S {
        &self.statement
    }

    pub fn person(&self) -> &str {
        self.statement.head().person
    }

    pub fn is_workload(&self) -> bool {
        self.workload
    }

    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// How others refer to it.
    pub fn digest(&self) -> Hash {
        self.digest
    }

    /// Where a passkey can only have been used.
    pub fn page(&self) -> Option<Surface> {
        self.page
    }

    pub fn into_statement(self) -> S {
        self.statement
    }
}

impl Opened<Approval> {
    /// A relay's page that lies about where it is shown is found out: the passkey is bound to the page's address.
    pub fn claims_another_place(&self) -> bool {
        self.page.is_some_and(|page| page != self.statement.surface)
    }
}

/// Opens an envelope of one kind. `now` is seconds since 1970.
pub fn open<S: Statement>(envelope: &Envelope, roster: &Roster, now: u64) -> Result<Opened<S>, Why> {
    if envelope.kind() != Some(S::KIND) {
        return Err(Why::Kind { wanted: envelope.kind().map(|_| S::KIND) });
    }
    let [signature] = envelope.signatures() else {
        return Err(Why::Signatures(envelope.signatures().len()));
    };
    let (person, key) = roster.key(&signature.keyid).ok_or(Why::UnknownKey)?;
    let wanted = use_for(S::KIND);
    if !key.may(wanted) {
        return Err(Why::KeyUse(wanted));
    }
    let flags =
        check_signature(key, S::KIND, roster.team(), &envelope.pae(), signature).map_err(Why::Signature)?;
    let statement = read::<S>(envelope.payload())?;
    let head = statement.head();
    if head.team != roster.team() {
        return Err(Why::OtherTeam);
    }
    if head.person != person.id {
        return Err(Why::OtherPerson);
    }
    if head.key != key.kid() {
        return Err(Why::OtherKey);
    }
    in_force(roster, key, head.iat, now)?;
    if let Some(lacking) = key.lacks(flags) {
        return Err(Why::Flags(lacking));
    }
    let workload = person.kind == PersonKind::Workload;
    Ok(Opened { workload, flags, page: page(key), digest: envelope.digest(), statement })
}

/// The key that a kind of statement needs.
pub fn use_for(kind: Kind) -> Use {
    match kind {
        Kind::Approval | Kind::Review => Use::Approve,
        Kind::Roster => Use::Roster,
        Kind::Request
        | Kind::Cancel
        | Kind::Claim
        | Kind::Receipt
        | Kind::Ticket
        | Kind::Breakglass
        | Kind::Checkpoint
        | Kind::Heard => Use::Request,
    }
}

/// Whether a key of the roster made a signature over these bytes for this kind and team. The algorithm is the
/// key's.
pub(super) fn check_signature(
    key: &Key,
    kind: Kind,
    team: &str,
    pae: &[u8],
    signature: &Signature,
) -> Result<Flags, BadSignature> {
    match (key.material(), &signature.proof) {
        (Material::Ssh(_), Proof::Ssh(blob)) => key.verify_ssh(&kind.namespace(team), pae, blob),
        (
            Material::Passkey { public, rp, origins, .. },
            Proof::Passkey { signature, authenticator_data, client_data },
        ) => {
            let assertion = Assertion { authenticator_data, client_data, signature };
            public.verify(rp, origins, &sha256(&[pae]), &assertion)
        }
        (Material::Ssh(_), Proof::Passkey { .. })
        | (Material::Passkey { .. }, Proof::Ssh(_))
        | (Material::Age(_), _) => Err(BadSignature::OtherKey),
    }
}

/// Reads a payload without asking who signed it: for showing what cannot be checked, never for deciding.
pub fn read<S: Statement>(payload: &[u8]) -> Result<S, Why> {
    let statement: S = canonical::parse(payload).map_err(Why::Payload)?;
    if statement.head().v != VERSION {
        return Err(Why::Version(statement.head().v));
    }
    statement.sound().map_err(Why::Unsound)?;
    Ok(statement)
}

fn in_force(roster: &Roster, key: &Key, made: u64, now: u64) -> Result<(), Why> {
    if !key.begun(made) {
        return Err(Why::KeyNotYet);
    }
    // Both moments count: a stolen key must not live on by dating its signatures back.
    if key.over(made) || key.over(now) {
        return Err(Why::KeyOver);
    }
    if roster.revoked(key.kid(), made).or_else(|| roster.revoked(key.kid(), now)).is_some() {
        return Err(Why::KeyRevoked);
    }
    Ok(())
}

fn page(key: &Key) -> Option<Surface> {
    match key.material() {
        Material::Passkey { origins, .. } if origins.iter().all(|o| is_local(o)) => Some(Surface::Loopback),
        Material::Passkey { .. } => Some(Surface::RelayWeb),
        Material::Ssh(_) | Material::Age(_) => None,
    }
}
