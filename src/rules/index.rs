//! Compiled rules: one block of bytes, looked up by program name without parsing anything else.
//!
//! Layout, all integers little-endian u32, offsets from the start of the block:
//! magic (8 bytes), number of programs, offset and length of the surroundings, offset and length of the
//! sources, then one row per program sorted by name (name offset, name length, body offset, body length),
//! then all names, then all bodies: a search touches few pages however many rules there are. Bodies are
//! postcard. `build.rs` writes one for the shipped rules, `sources` one for a user's own.

use super::pack::{Pack, Surroundings};
use serde::{Deserialize, Serialize};

const MAGIC: &[u8; 8] = b"GRDIDX\x00\x06";
const HEADER: usize = 8 + 5 * 4;
const ROW: usize = 16;

/// A program's entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    Pack(Box<Pack>),
    /// The file that covers it does not load; the message names file, line and column.
    Broken(String),
}

/// A block of compiled rules.
#[derive(Clone, Copy, Debug)]
pub struct Index<'a> {
    bytes: &'a [u8],
}

/// The block is not one of this version, or is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

impl<'a> Index<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Index<'a>, Damaged> {
        if bytes.len() < HEADER || &bytes[..8] != MAGIC {
            return Err(Damaged);
        }
        Ok(Index { bytes })
    }

    /// A program's rules by name or other name; `None` when no rule file covers it.
    pub fn program(&self, name: &[u8]) -> Result<Option<Entry>, Damaged> {
        let (mut low, mut high) = (0, self.number(0)? as usize);
        while low < high {
            let middle = low.midpoint(high);
            let row = HEADER + middle * ROW;
            match self.slice(self.word(row)?, self.word(row + 4)?)?.cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let body = self.slice(self.word(row + 8)?, self.word(row + 12)?)?;
                    return postcard::from_bytes(body).map(Some).map_err(|_| Damaged);
                }
            }
        }
        Ok(None)
    }

    /// Every program name, sorted.
    pub fn programs(&self) -> Result<Vec<String>, Damaged> {
        (0..self.number(0)? as usize)
            .map(|i| {
                let row = HEADER + i * ROW;
                let name = self.slice(self.word(row)?, self.word(row + 4)?)?;
                String::from_utf8(name.to_vec()).map_err(|_| Damaged)
            })
            .collect()
    }

    /// Environments and policy, or why they do not load.
    pub fn surroundings(&self) -> Result<Result<Surroundings, String>, Damaged> {
        let body = self.slice(self.number(1)?, self.number(2)?)?;
        postcard::from_bytes(body).map_err(|_| Damaged)
    }

    /// Whatever the writer put beside the rules to tell whether they are still fresh.
    pub fn sources(&self) -> Result<&'a [u8], Damaged> {
        self.slice(self.number(3)?, self.number(4)?)
    }

    fn number(&self, index: usize) -> Result<u32, Damaged> {
        self.word(8 + index * 4)
    }

    fn word(&self, at: usize) -> Result<u32, Damaged> {
        let bytes = self.bytes.get(at..at + 4).ok_or(Damaged)?;
        Ok(u32::from_le_bytes(bytes.try_into().map_err(|_| Damaged)?))
    }

    fn slice(&self, offset: u32, length: u32) -> Result<&'a [u8], Damaged> {
        let (offset, length) = (offset as usize, length as usize);
        self.bytes.get(offset..offset.checked_add(length).ok_or(Damaged)?).ok_or(Damaged)
    }
}

/// Writes a block. `programs` may come in any order; names must be unique.
pub fn encode(
    programs: &[(String, Entry)],
    surroundings: &Result<Surroundings, String>,
    sources: &[u8],
) -> Vec<u8> {
    let mut sorted: Vec<&(String, Entry)> = programs.iter().collect();
    sorted.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    let mut body = Vec::new();
    let base = HEADER + sorted.len() * ROW;
    let mut put = |bytes: &[u8]| {
        let at = base + body.len();
        body.extend_from_slice(bytes);
        [at as u32, bytes.len() as u32]
    };
    let around = put(&to_bytes(surroundings));
    let fresh = put(sources);
    let names: Vec<[u32; 2]> = sorted.iter().map(|(name, _)| put(name.as_bytes())).collect();
    let bodies: Vec<[u32; 2]> = sorted.iter().map(|(_, entry)| put(&to_bytes(entry))).collect();
    let mut block = MAGIC.to_vec();
    let header = [[sorted.len() as u32].as_slice(), &around, &fresh].concat();
    let rows = names.into_iter().zip(bodies).flat_map(|(n, b)| [n[0], n[1], b[0], b[1]]);
    let numbers = header.into_iter().chain(rows);
    block.extend(numbers.flat_map(u32::to_le_bytes));
    block.extend(body);
    block
}

fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    // Plain data of strings, enums and lists: postcard has no error for it but running out of memory.
    postcard::to_allocvec(value).unwrap_or_default()
}
