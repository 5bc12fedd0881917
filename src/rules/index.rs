//! Compiled rules: one block of bytes, looked up by program name without parsing anything else.
//!
//! Layout, all integers little-endian u32, offsets from the start of the block:
//! magic (8 bytes), number of programs, offset and length of the surroundings, offset and length of the
//! sources, then one row per program sorted by a hash of its name (hash, name offset, name length, body offset,
//! body length), then all names, then all bodies. A hash says about where its row is: a search touches few pages
//! however many rules there are, as each page counts for every command. Bodies are postcard. `build.rs` writes one for the shipped rules, `sources` one for a user's own.

use super::pack::{Pack, Surroundings};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fs::File;
use std::os::unix::fs::FileExt;

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
    store: Store<'a>,
    /// The numbers after the magic.
    header: [u32; 5],
}

/// Where the bytes of a block are.
#[derive(Clone, Copy, Debug)]
enum Store<'a> {
    Bytes(&'a [u8]),
    /// Only the pieces that are looked at are read. A mapping would count for as much memory as the page cache holds
    /// together, which are megabytes of a large file.
    File(&'a File),
}

impl<'a> Store<'a> {
    fn slice(self, offset: u32, length: u32) -> Result<Cow<'a, [u8]>, Damaged> {
        let (begin, length) = (offset as usize, length as usize);
        match self {
            Store::Bytes(bytes) => {
                let end = begin.checked_add(length).ok_or(Damaged)?;
                bytes.get(begin..end).map(Cow::Borrowed).ok_or(Damaged)
            }
            Store::File(file) => {
                // A damaged length must not take memory: the file says what there can be.
                if length > PIECE && file.metadata().map_err(|_| Damaged)?.len() < length as u64 {
                    return Err(Damaged);
                }
                let mut bytes = vec![0; length];
                file.read_exact_at(&mut bytes, offset.into()).map_err(|_| Damaged)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }
}

/// More bytes than this at once are checked against the length of the file first.
const PIECE: usize = 64 << 10;
/// Rows that are read at once around the place where one is expected.
const WINDOW: usize = 128;

/// The block is not one of this version, or is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

impl<'a> Index<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Index<'a>, Damaged> {
        Index::of(Store::Bytes(bytes))
    }

    /// A block that is the whole of a file, which is replaced whole and never written in place.
    pub fn in_file(file: &'a File) -> Result<Index<'a>, Damaged> {
        Index::of(Store::File(file))
    }

    fn of(store: Store<'a>) -> Result<Index<'a>, Damaged> {
        let bytes = store.slice(0, HEADER as u32)?;
        if !bytes.starts_with(MAGIC) {
            return Err(Damaged);
        }
        let mut header = [0; 5];
        for (at, number) in header.iter_mut().enumerate() {
            *number = word(&bytes, MAGIC.len() + at * 4)?;
        }
        Ok(Index { store, header })
    }

    /// A program's rules by name or other name; `None` when no rule file covers it.
    pub fn program(&self, name: &[u8]) -> Result<Option<Entry>, Damaged> {
        let (hash, number) = (hash(name), self.header[0] as usize);
        let mut row = ((u64::from(hash) * number as u64) >> 32) as usize;
        let mut rows = self.rows(row)?;
        while row > 0 && rows.at(row - 1)?[0] >= hash {
            row -= 1;
        }
        while row < number {
            let [found, name_offset, name_length, body_offset, body_length] = rows.at(row)?;
            if found > hash {
                break;
            }
            if found == hash && *self.store.slice(name_offset, name_length)? == *name {
                let body = self.store.slice(body_offset, body_length)?;
                return postcard::from_bytes(&body).map(Some).map_err(|_| Damaged);
            }
            row += 1;
        }
        Ok(None)
    }

    /// Every program name, sorted.
    pub fn programs(&self) -> Result<Vec<String>, Damaged> {
        let mut rows = self.rows(0)?;
        let mut name = |row| {
            let [_, offset, length, ..] = rows.at(row)?;
            String::from_utf8(self.store.slice(offset, length)?.into_owned()).map_err(|_| Damaged)
        };
        let all: Result<Vec<String>, Damaged> = (0..self.header[0] as usize).map(&mut name).collect();
        let mut all = all?;
        all.sort_unstable();
        Ok(all)
    }

    /// Environments and policy, or why they do not load.
    pub fn surroundings(&self) -> Result<Result<Surroundings, String>, Damaged> {
        let body = self.store.slice(self.header[1], self.header[2])?;
        postcard::from_bytes(&body).map_err(|_| Damaged)
    }

    /// Whatever the writer put beside the rules to tell whether they are still fresh.
    pub fn sources(&self) -> Result<Cow<'a, [u8]>, Damaged> {
        self.store.slice(self.header[3], self.header[4])
    }

    fn rows(&self, around: usize) -> Result<Rows<'a>, Damaged> {
        let mut rows =
            Rows { store: self.store, number: self.header[0] as usize, first: 0, bytes: Cow::default() };
        rows.read(around)?;
        Ok(rows)
    }
}

/// The rows of a block, some of which are at hand.
struct Rows<'a> {
    store: Store<'a>,
    number: usize,
    first: usize,
    bytes: Cow<'a, [u8]>,
}

impl Rows<'_> {
    fn at(&mut self, row: usize) -> Result<[u32; 5], Damaged> {
        if !(self.first..self.first + self.bytes.len() / ROW).contains(&row) {
            self.read(row)?;
        }
        let begin = row.checked_sub(self.first).ok_or(Damaged)? * ROW;
        let mut numbers = [0; 5];
        for (at, number) in numbers.iter_mut().enumerate() {
            *number = word(&self.bytes, begin + at * 4)?;
        }
        Ok(numbers)
    }

    fn read(&mut self, around: usize) -> Result<(), Damaged> {
        self.first = around.saturating_sub(WINDOW / 2);
        let number = self.number.saturating_sub(self.first).min(WINDOW);
        let offset = u32::try_from(HEADER + self.first * ROW).map_err(|_| Damaged)?;
        self.bytes = self.store.slice(offset, (number * ROW) as u32)?;
        Ok(())
    }
}

fn word(bytes: &[u8], at: usize) -> Result<u32, Damaged> {
    let bytes = bytes.get(at..at + 4).ok_or(Damaged)?;
    Ok(u32::from_le_bytes(bytes.try_into().map_err(|_| Damaged)?))
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

    #[test]
    fn a_block_in_a_file_says_the_same() {
        let broken = |name: String| (name.clone(), Entry::Broken(name));
        let programs: Vec<(String, Entry)> = (0..3_000).map(|i| broken(format!("tool-{i}"))).collect();
        let block = encode(&programs, &Err("none".into()), b"fresh");
        let path = std::env::temp_dir().join(format!("guard-index-{}", std::process::id()));
        std::fs::write(&path, &block).expect("a scratch file");
        let file = File::open(&path).expect("the scratch file");
        let (index, same) = (Index::in_file(&file).expect("written"), Index::open(&block).expect("written"));
        for (name, entry) in &programs {
            assert_eq!(index.program(name.as_bytes()), Ok(Some(entry.clone())));
            assert_eq!(index.program(format!("{name}x").as_bytes()), Ok(None));
        }
        assert_eq!((index.programs(), index.sources()), (same.programs(), same.sources()));
        std::fs::write(&path, &block[..200]).expect("the scratch file");
        assert_eq!(index.program(b"tool-2999"), Err(Damaged));
        let huge = [&block[..16], &[0xff; 40]].concat();
        std::fs::write(&path, huge).expect("the scratch file");
        assert_eq!(Index::in_file(&file).expect("its head").surroundings(), Err(Damaged));
        std::fs::remove_file(&path).expect("the scratch file");
    }
}
