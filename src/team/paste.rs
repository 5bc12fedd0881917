//! Statements as text that can be pasted anywhere: `guard-req1:…`, `guard-ok1:…`; the envelope compressed (RFC 1951) and
//! written in the URL alphabet of base64. Must never trust more of it than a signature proves.

use crate::keys::{decode_url, encode_url};
use crate::statement::{Envelope, Kind, LARGEST, bundle};

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Request,
    Answer,
    Bundle,
    /// A version of the roster that is still to be signed.
    Roster,
    /// A ticket with its approvals.
    Ticket,
}

impl Form {
    const ALL: [Form; 5] = [Form::Request, Form::Answer, Form::Bundle, Form::Roster, Form::Ticket];

    fn prefix(self) -> &'static str {
        match self {
            Form::Request => "guard-req1:",
            Form::Answer => "guard-ok1:",
            Form::Bundle => "guard-bundle1:",
            Form::Roster => "guard-roster1:",
            Form::Ticket => "guard-ticket1:",
        }
    }

    /// Bytes that it may unpack to.
    fn largest(self) -> usize {
        match self {
            Form::Request | Form::Answer | Form::Roster => LARGEST,
            Form::Bundle | Form::Ticket => bundle::LARGEST,
        }
    }

    /// The form in which a statement of this kind travels.
    pub fn of(kind: Option<Kind>) -> Form {
        if kind == Some(Kind::Request) { Form::Request } else { Form::Answer }
    }
}

/// The text of an envelope.
pub fn to_text(form: Form, bytes: &[u8]) -> String {
    let packed = miniz_oxide::deflate::compress_to_vec(bytes, 9);
    format!("{}{}", form.prefix(), encode_url(&packed))
}

/// The form and bytes of a text; line breaks and spaces that a chat put in are passed over. `None`: it is no such text.
pub fn from_text(text: &str) -> Option<(Form, Vec<u8>)> {
    let joined: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (form, packed) =
        Form::ALL.into_iter().find_map(|form| Some((form, joined.strip_prefix(form.prefix())?)))?;
    let packed = decode_url(packed)?;
    let bytes = miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, form.largest()).ok()?;
    Some((form, bytes))
}

/// As `from_text`, for one envelope.
pub fn envelope(text: &str) -> Option<Envelope> {
    let (_, bytes) = from_text(text)?;
    Envelope::from_bytes(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{Form, from_text, to_text};

    #[test]
    fn a_text_reads_back_although_a_chat_broke_its_lines() {
        let text = to_text(Form::Request, br#"{"payload":"e30=","payloadType":"t"}"#);
        assert!(text.starts_with("guard-req1:"));
        let broken = format!(" {}\n  {} ", &text[..20], &text[20..]);
        let (form, bytes) = from_text(&broken).expect("reads back");
        assert_eq!(
            (form, bytes.as_slice()),
            (Form::Request, &br#"{"payload":"e30=","payloadType":"t"}"#[..])
        );
        assert_eq!(from_text("guard-req2:AAAA"), None);
        assert_eq!(from_text(&text[..text.len() - 3]), None, "a part is no text");
    }

    #[test]
    fn what_grows_without_end_is_not_unpacked() {
        let text = to_text(Form::Answer, &vec![b' '; 1 << 20]);
        assert_eq!(from_text(&text), None);
    }
}
