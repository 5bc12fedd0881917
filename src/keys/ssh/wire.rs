//! SSH's wire format (RFC 4251, section 5): length-prefixed strings and big-endian integers. A reader must
//! never look past the end, and never accept bytes that are left over.

/// Reads from the front of a slice; every read fails at the end instead of guessing.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader(bytes)
    }

    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    pub fn u32(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*head))
    }

    pub fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        self.take(usize::try_from(length).ok()?)
    }

    /// A positive `mpint` (RFC 4251) of at most 32 bytes, in its shortest spelling, as 32 bytes.
    pub fn scalar(&mut self) -> Option<[u8; 32]> {
        let bytes = self.string()?;
        let digits = match bytes {
            [0, rest @ ..] => rest.first().is_some_and(|b| b & 0x80 != 0).then_some(rest)?,
            [first, ..] => (first & 0x80 == 0).then_some(bytes)?,
            [] => return None,
        };
        let mut out = [0; 32];
        let start = out.len().checked_sub(digits.len())?;
        out[start..].copy_from_slice(digits);
        Some(out)
    }

    /// Whether everything was read.
    pub fn finished(&self) -> bool {
        self.0.is_empty()
    }
}

/// Appends `bytes` with its length in front.
pub fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    // What guard writes is far below 4 GiB: statements end at 256 KiB.
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_past_the_end() {
        let mut out = Vec::new();
        put_string(&mut out, b"abc");
        assert_eq!(Reader::new(&out).string(), Some(&b"abc"[..]));
        assert_eq!(Reader::new(&out[..6]).string(), None);
        assert_eq!(Reader::new(&[0xff; 4]).string(), None);
        assert_eq!(Reader::new(&[]).byte(), None);
    }

    #[test]
    fn a_number_has_one_spelling() {
        let read = |bytes: &[u8]| {
            let mut out = Vec::new();
            put_string(&mut out, bytes);
            Reader::new(&out).scalar()
        };
        assert_eq!(read(&[1]).map(|n| n[31]), Some(1));
        assert_eq!(read(&[0, 0x80]).map(|n| n[31]), Some(0x80));
        assert_eq!(read(&[0, 1]), None, "a needless zero");
        assert_eq!(read(&[0x80]), None, "negative");
        assert_eq!(read(&[]), None, "zero is no part of a signature");
        assert_eq!(read(&[1; 33]), None, "too long");
    }
}
