//! Option files: which are read, which of their groups, and what their lines say.
//! Source: mysys/my_default.c. Must never read a line that the programs pass over.

use super::super::includes::{self, Includes};
use super::options::{Stop, Word};
use super::program::{Flavour, Program};
use crate::invocation::{Invocation, ReadError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The words of the files in order, and how many words of the command line were about files.
pub fn words(
    invocation: &Invocation,
    program: &Program,
    flavour: Flavour,
) -> Result<(Vec<Word>, usize), Stop> {
    let first = First::of(invocation)?;
    let mut reader = Reader {
        invocation,
        groups: program.groups(flavour, first.suffix.as_deref()),
        words: Vec::new(),
        includes: Includes::default(),
    };
    if first.none {
        // Oracle's programs read the login file also then; it is looked at elsewhere.
        return Ok((Vec::new(), first.taken));
    }
    if let Some(file) = &first.file {
        reader.required(file)?;
        return Ok((reader.words, first.taken));
    }
    reader.optional(Path::new("/etc/my.cnf"))?;
    reader.optional(Path::new("/etc/mysql/my.cnf"))?;
    if flavour == Flavour::Oracle {
        reader.optional(Path::new("/usr/local/mysql/etc/my.cnf"))?;
        reader.optional(Path::new("/usr/etc/my.cnf"))?;
    }
    let homes = ["MARIADB_HOME", "MYSQL_HOME"];
    if let Some(home) = homes.iter().filter(|n| flavour.has(n)).find_map(|n| invocation.var_filled(n)) {
        reader.optional(&invocation.path(home).join("my.cnf"))?;
    }
    if let Some(file) = &first.extra {
        reader.required(file)?;
    }
    if let Some(home) = invocation.home() {
        reader.optional(&home.join(".my.cnf"))?;
    }
    Ok((reader.words, first.taken))
}

/// The options that must stand before all others.
#[derive(Default)]
struct First {
    none: bool,
    file: Option<PathBuf>,
    extra: Option<PathBuf>,
    suffix: Option<String>,
    taken: usize,
}

impl First {
    fn of(invocation: &Invocation) -> Result<First, Stop> {
        let mut first = First::default();
        let args: Vec<String> = invocation.args().iter().map(|a| a.to_string_lossy().into_owned()).collect();
        if args.first().is_some_and(|a| a == "--no-defaults") {
            first.none = true;
            first.taken = 1;
        } else {
            for word in &args {
                if let Some(file) = word.strip_prefix("--defaults-file=").filter(|_| first.file.is_none()) {
                    first.file = Some(path(invocation, file));
                } else if let Some(file) =
                    word.strip_prefix("--defaults-extra-file=").filter(|_| first.extra.is_none())
                {
                    first.extra = Some(path(invocation, file));
                } else if let Some(suffix) =
                    word.strip_prefix("--defaults-group-suffix=").filter(|_| first.suffix.is_none())
                {
                    first.suffix = Some(suffix.to_owned());
                } else {
                    break;
                }
                first.taken += 1;
            }
        }
        if args.get(first.taken).is_some_and(|a| a == "--print-defaults") {
            return Err(Stop::Nothing("it prints its options".into()));
        }
        first.suffix = first.suffix.or_else(|| invocation.var_filled("MYSQL_GROUP_SUFFIX"));
        Ok(first)
    }
}

/// `~/` is the home directory.
fn path(invocation: &Invocation, name: &str) -> PathBuf {
    match (name.strip_prefix("~/"), invocation.home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => invocation.path(name),
    }
}

fn shown(file: &Path) -> String {
    crate::text::show_line(file.as_os_str().as_encoded_bytes(), 120)
}

struct Reader<'i> {
    invocation: &'i Invocation,
    groups: Vec<String>,
    words: Vec<Word>,
    includes: Includes,
}

impl Reader<'_> {
    fn required(&mut self, file: &Path) -> Result<(), Stop> {
        match self.invocation.read(file) {
            Ok(bytes) => self.text(file, &bytes, 0),
            Err(ReadError::Missing) => Err(Stop::Nothing(format!("option file {} is missing", shown(file)))),
            Err(why @ (ReadError::TooLarge | ReadError::Failed(_))) => {
                Err(Stop::Unsure(format!("option file {}: {why}", shown(file))))
            }
        }
    }

    /// A file that need not exist. One that everybody may write is passed over.
    fn optional(&mut self, file: &Path) -> Result<(), Stop> {
        let meta = std::fs::metadata(file);
        if meta.is_ok_and(|m| m.is_file() && m.mode() & 0o002 != 0) {
            return Ok(());
        }
        match self.invocation.read(file) {
            Ok(bytes) => self.text(file, &bytes, 0),
            // What may not be read is passed over too.
            Err(ReadError::Missing | ReadError::Failed(_)) => Ok(()),
            Err(why @ ReadError::TooLarge) => {
                Err(Stop::Unsure(format!("option file {}: {why}", shown(file))))
            }
        }
    }

    fn text(&mut self, file: &Path, bytes: &[u8], depth: usize) -> Result<(), Stop> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let shown = file.display().to_string();
        let mut wanted = false;
        for line in text.lines() {
            let line = line.trim_matches(|c: char| c.is_ascii_whitespace());
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(order) = line.strip_prefix('!') {
                self.include(order, depth)?;
            } else if let Some(head) = line.strip_prefix('[') {
                let Some((name, _)) = head.split_once(']') else {
                    return Err(Stop::Nothing(format!("a group of {shown} is not closed")));
                };
                wanted = self.groups.iter().any(|g| g == name.trim_end());
            } else if wanted {
                let text = format!("--{}", assignment(line));
                self.words.push(Word { text, file: Some(shown.clone()) });
            }
        }
        Ok(())
    }

    /// `!include FILE`, `!includedir DIR`: its .cnf files, by name.
    fn include(&mut self, order: &str, depth: usize) -> Result<(), Stop> {
        if depth >= 10 {
            return Ok(());
        }
        let read = |reader: &mut Self, file: &Path| match reader.invocation.read(file) {
            Ok(bytes) if !reader.includes.enter_small(file, bytes.len()) => {
                Err(Stop::Unsure(includes::WHY.into()))
            }
            Ok(bytes) => reader.text(file, &bytes, depth + 1),
            Err(ReadError::Missing | ReadError::Failed(_)) => Ok(()),
            Err(why @ ReadError::TooLarge) => Err(Stop::Unsure(why.to_string())),
        };
        if let Some(dir) = order.strip_prefix("includedir") {
            let dir = path(self.invocation, dir.trim());
            let mut files: Vec<PathBuf> =
                std::fs::read_dir(&dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
            files.retain(|f| f.extension().is_some_and(|e| e == "cnf"));
            files.sort();
            files.iter().try_for_each(|file| read(self, file))
        } else if let Some(file) = order.strip_prefix("include") {
            read(self, &path(self.invocation, file.trim()))
        } else {
            Ok(())
        }
    }
}

/// `key = value # comment` to `key=value`, without quotes and with escapes undone.
fn assignment(line: &str) -> String {
    let line = without_comment(line).trim_end();
    let Some((key, value)) = line.split_once('=') else { return line.to_owned() };
    let value = value.trim();
    let quoted = |q: char| value.len() > 1 && value.starts_with(q) && value.ends_with(q);
    let value = if quoted('\'') || quoted('"') { &value[1..value.len() - 1] } else { value };
    format!("{}={}", key.trim_end(), unescaped(value))
}

/// Up to a `#` outside quotes.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            '\'' | '"' if !escaped && quote.is_none() => quote = Some(c),
            '\'' | '"' if !escaped && quote == Some(c) => quote = None,
            '#' if quote.is_none() => return &line[..at],
            _ => {}
        }
        escaped = quote.is_some() && c == '\\' && !escaped;
    }
    line
}

fn unescaped(value: &str) -> String {
    let mut text = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('b') => text.push('\x08'),
            Some('s') => text.push(' '),
            Some(c @ ('"' | '\'' | '\\')) => text.push(c),
            Some(other) => text.extend(['\\', other]),
            None => text.push('\\'),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::assignment;

    #[test]
    fn lines_are_read_as_the_programs_read_them() {
        for (line, wanted) in [
            ("host=a", "host=a"),
            ("host = a b # c", "host=a b"),
            ("host = 'a # b'", "host=a # b"),
            ("init-command=\"SET x='\\n'\"", "init-command=SET x='\n'"),
            ("skip-column-names", "skip-column-names"),
            ("prompt=a\\sb", "prompt=a b"),
        ] {
            assert_eq!(assignment(line), wanted);
        }
    }
}
