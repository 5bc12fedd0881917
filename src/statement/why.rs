//! Why a statement does not count, in words that a terminal can show behind the person's name. Must never carry
//! foreign text that was not made safe.

use super::Kind;
use super::canonical::NotCanonical;
use super::roster::{MinFlags, Use};
use crate::keys::BadSignature;
use std::fmt::{self, Display, Formatter};

/// Why a statement does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Not an envelope in canonical form.
    Envelope(NotCanonical),
    /// A type that this version does not know, or another than the one that is wanted here.
    Kind {
        wanted: Option<Kind>,
    },
    /// Not exactly one signature.
    Signatures(usize),
    /// No such key in the roster.
    UnknownKey,
    /// A key that may not be used for this.
    KeyUse(Use),
    Signature(BadSignature),
    /// A payload that is not of its type, or not canonical.
    Payload(NotCanonical),
    /// A payload that contradicts itself.
    Unsound(&'static str),
    /// A version of the format that is not known.
    Version(u64),
    OtherTeam,
    /// It names another person than the key's.
    OtherPerson,
    /// It names another key than the one that signed.
    OtherKey,
    KeyNotYet,
    KeyOver,
    KeyRevoked,
    /// The signature does not show what the roster asks of this key.
    Flags(MinFlags),
    /// About something else.
    OtherRequest,
    /// It witnessed another audit head than the request's.
    OtherChain,
    /// Made by a clock that is ahead by so many seconds.
    ClockAhead(u64),
    /// Made before the request was.
    BeforeRequest,
    /// Made after the request had ended.
    AfterRequest,
    NotYet,
    Over,
    /// The requester, who fills no seat.
    Requester,
    Workload,
    /// In none of the groups that are asked for.
    NotEligible,
    /// A place where this may not be decided.
    Surface(&'static str),
    /// A passkey of the page signed, and it claims another place.
    SurfaceClaim,
    /// Critical: only a hardware key or passkey with PIN or fingerprint counts.
    NotVerifiedUser,
    /// Something else was shown than this request.
    OtherText,
    /// The whole text was not seen.
    NotRead,
    NoNumber,
    WrongNumber,
    /// The same statement again.
    Duplicate,
    /// A newer statement of the same person counts.
    Replaced,
    /// It takes back what was not given.
    NothingToRevoke,
    /// Made under a roster that is newer than the one here.
    NewerRoster(u64),
    /// Made under another roster of the same version.
    ForkedRoster,
    /// Only the requester may say this.
    NotTheRequester,
}

impl Why {
    /// Whether nobody is proved to have said it: its bytes were changed or made up, or its key is nobody's. Everything else
    /// was said by whom it names, and does not count for another reason.
    pub fn is_unproved(&self) -> bool {
        match self {
            Why::Envelope(_)
            | Why::Kind { .. }
            | Why::Signatures(_)
            | Why::UnknownKey
            | Why::Signature(_)
            | Why::Payload(_)
            | Why::Unsound(_)
            | Why::Version(_)
            | Why::OtherTeam
            | Why::OtherPerson
            | Why::OtherKey => true,
            Why::KeyUse(_)
            | Why::KeyNotYet
            | Why::KeyOver
            | Why::KeyRevoked
            | Why::Flags(_)
            | Why::OtherRequest
            | Why::OtherChain
            | Why::ClockAhead(_)
            | Why::BeforeRequest
            | Why::AfterRequest
            | Why::NotYet
            | Why::Over
            | Why::Requester
            | Why::Workload
            | Why::NotEligible
            | Why::Surface(_)
            | Why::SurfaceClaim
            | Why::NotVerifiedUser
            | Why::OtherText
            | Why::NotRead
            | Why::NoNumber
            | Why::WrongNumber
            | Why::Duplicate
            | Why::Replaced
            | Why::NothingToRevoke
            | Why::NewerRoster(_)
            | Why::ForkedRoster
            | Why::NotTheRequester => false,
        }
    }
}

impl Display for Why {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Why::Envelope(why) => write!(f, "it is no signed statement: {why}"),
            Why::Kind { wanted: Some(kind) } => write!(f, "it is no {}", kind.word()),
            Why::Kind { wanted: None } => f.write_str("it is of a kind that this version does not know"),
            Why::Signatures(n) => write!(f, "it has {n} signatures instead of one"),
            Why::UnknownKey => f.write_str("its key is not in the roster"),
            Why::KeyUse(wanted) => write!(f, "its key may not {}", wanted.word()),
            Why::Signature(why) => Display::fmt(why, f),
            Why::Payload(why) => write!(f, "it cannot be read: {why}"),
            Why::Unsound(what) => f.write_str(what),
            Why::Version(n) => write!(f, "it has version {n}: update guard"),
            Why::OtherTeam => f.write_str("it is another team's"),
            Why::OtherPerson => f.write_str("it names another person than the one whose key signed"),
            Why::OtherKey => f.write_str("it names another key than the one that signed"),
            Why::KeyNotYet => f.write_str("its key does not count yet"),
            Why::KeyOver => f.write_str("its key has expired"),
            Why::KeyRevoked => f.write_str("its key is revoked"),
            Why::Flags(MinFlags::Uv) => f.write_str("its key must show a PIN or fingerprint, and did not"),
            Why::Flags(MinFlags::Up | MinFlags::None) => f.write_str("its key must be touched, and was not"),
            Why::OtherRequest => f.write_str("it is about another request"),
            Why::OtherChain => f.write_str("it witnessed another audit log than the request's"),
            Why::ClockAhead(seconds) => {
                write!(f, "its clock is {seconds} s ahead of this machine's: set the clocks")
            }
            Why::BeforeRequest => f.write_str("it was made before the request, or by a clock that is behind"),
            Why::AfterRequest => f.write_str("it came after the request had ended"),
            Why::NotYet => f.write_str("it does not count yet"),
            Why::Over => f.write_str("it has expired"),
            Why::Requester => f.write_str("who asks cannot approve"),
            Why::Workload => f.write_str("a workload cannot approve"),
            Why::NotEligible => f.write_str("not in a group that is asked for"),
            Why::Surface(place) => write!(f, "this may not be decided on {place}"),
            Why::SurfaceClaim => f.write_str("a passkey of the page signed, and it says it was elsewhere"),
            Why::NotVerifiedUser => {
                f.write_str("critical: only a hardware key or passkey with PIN or fingerprint counts")
            }
            Why::OtherText => f.write_str("another text was shown than this request's"),
            Why::NotRead => f.write_str("the request was not read to its end"),
            Why::NoNumber => f.write_str("the number was not given"),
            Why::WrongNumber => f.write_str("the number is wrong"),
            Why::Duplicate => f.write_str("the same again"),
            Why::Replaced => f.write_str("a newer one of the same person counts"),
            Why::NothingToRevoke => f.write_str("it takes back what was not given"),
            Why::NewerRoster(n) => write!(f, "it was made under roster {n}: `guard team update` fetches it"),
            Why::ForkedRoster => f.write_str("it was made under another roster of the same version"),
            Why::NotTheRequester => f.write_str("only who asked can say this"),
        }
    }
}
