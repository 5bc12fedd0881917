//! Compiled rules: one block of bytes, looked up by program name without parsing anything else.
//!
//! Layout, all integers little-endian u32, offsets from the start of the block:
//! magic (8 bytes), number of programs, offset and length of the surroundings, offset and length of the
//! sources, then one row per program sorted by a hash of its name (hash, name offset, name length, body offset,
//! body length), then all names, then all bodies. A hash says about where its row is: a search touches few pages
//! however many rules there are, as each page counts for every command. Bodies are postcard. `build.rs` writes one for the shipped rules, `sources` one for a user's own.

use super::pack::{Pack, Surroundings};
use serde::{Deserialize, Serialize};

const MAGIC: &[u8; 8] = b"GRDIDX\x00\x08";
const HEADER: usize = 8 + 5 * 4;
const ROW: usize = 20;

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
        let (hash, number) = (hash(name), self.number(0)? as usize);
        let at = |row: usize| self.word(HEADER + row * ROW);
        let mut row = ((u64::from(hash) * number as u64) >> 32) as usize;
        while row > 0 && at(row - 1)? >= hash {
            row -= 1;
        }
        while row < number && at(row)? <= hash {
            if at(row)? == hash && self.name(row)? == name {
                let body = HEADER + row * ROW + 12;
                let body = self.slice(self.word(body)?, self.word(body + 4)?)?;
                return postcard::from_bytes(body).map(Some).map_err(|_| Damaged);
            }
            row += 1;
        }
        Ok(None)
    }

    /// Every program name, sorted.
    pub fn programs(&self) -> Result<Vec<String>, Damaged> {
        let name = |row| String::from_utf8(self.name(row)?.to_vec()).map_err(|_| Damaged);
        let mut all = (0..self.number(0)? as usize).map(name).collect::<Result<Vec<String>, Damaged>>()?;
        all.sort_unstable();
        Ok(all)
    }

    fn name(&self, row: usize) -> Result<&'a [u8], Damaged> {
        let row = HEADER + row * ROW;
        self.slice(self.word(row + 4)?, self.word(row + 8)?)
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
    sorted.sort_by_key(|(name, _)| (hash(name.as_bytes()), name.as_bytes()));
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
    let hashes = sorted.iter().map(|(name, _)| hash(name.as_bytes()));
    let rows = hashes.zip(names).zip(bodies).flat_map(|((hash, n), b)| [hash, n[0], n[1], b[0], b[1]]);
    let numbers = header.into_iter().chain(rows);
    block.extend(numbers.flat_map(u32::to_le_bytes));
    block.extend(body);
    block
}

/// FNV-1a of 64 bits, stirred once more, as short names hardly reach its upper half.
fn hash(name: &[u8]) -> u32 {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = name.iter().fold(0xcbf2_9ce4_8422_2325, fold);
    ((hash ^ (hash >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as u32
}

fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    // Plain data of strings, enums and lists: postcard has no error for it but running out of memory.
    postcard::to_allocvec(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_no_other() {
        let names: Vec<String> = (0..3_000).map(|i| format!("tool-{i}")).collect();
        let broken = |name: &String| (name.clone(), Entry::Broken(name.clone()));
        let programs: Vec<(String, Entry)> = names.iter().map(broken).collect();
        let block = encode(&programs, &Err("none".into()), b"");
        let index = Index::open(&block).expect("just written");
        for name in &names {
            assert_eq!(index.program(name.as_bytes()), Ok(Some(Entry::Broken(name.clone()))));
            assert_eq!(index.program(format!("{name}x").as_bytes()), Ok(None));
        }
        let mut sorted = names;
        sorted.sort_unstable();
        assert_eq!(index.programs(), Ok(sorted));
        let empty = encode(&[], &Err("none".into()), b"");
        assert_eq!(Index::open(&empty).expect("just written").program(b"rm"), Ok(None));
        assert_eq!(Index::open(&block[..200]).expect("its head").program(b"tool-2999"), Err(Damaged));
    }
}
