//! What cp, mv, ln and install put where, and whether sed, perl and ruby rewrite the files they are given.
//! Must never touch the disk, and never take the value of an option for a file.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A file and the name it gets, both as a path from the shell's directory.
pub type Pair = (Vec<u8>, Vec<u8>);

/// Options with a value that stands apart or is joined to them, for all four.
const VALUED: &[&str] = &["target-directory", "suffix", "mode", "owner", "group", "strip-program"];

/// The words of a command without its options.
#[derive(Default)]
struct Operands<'a> {
    files: Vec<&'a [u8]>,
    /// `-t`: the directory that all of them go to.
    directory: Option<&'a [u8]>,
    /// `-T`: the last one is no directory.
    plain: bool,
    symbolic: bool,
    relative: bool,
    /// `install -d`: all of them are directories to make.
    makes: bool,
}

/// From where to where a command brings files; none for any other command.
pub fn pairs(words: &[Vec<u8>], is_directory: impl Fn(&[u8]) -> bool) -> Vec<Pair> {
    let name = name(words);
    if !["cp", "mv", "ln", "install"].contains(&name) {
        return Vec::new();
    }
    let Operands { mut files, directory, plain, symbolic, relative, makes } = operands(name, &words[1..]);
    let into = match (directory, files.as_slice()) {
        _ if makes => return Vec::new(),
        (Some(directory), _) => Some(directory),
        (None, [_]) if name == "ln" => Some(&b"."[..]),
        (None, [.., last]) if files.len() > 1 => {
            let last = *last;
            files.pop();
            let inside = last.ends_with(b"/") || [&b"."[..], b".."].contains(&last) || last.ends_with(b"/..");
            let inside = inside || last.ends_with(b"/.") || files.len() > 1 || is_directory(last);
            if plain || !inside {
                return vec![(linked(files[0], last, symbolic && !relative), last.to_vec())];
            }
            Some(last)
        }
        (None, _) => None,
    };
    let Some(into) = into else { return Vec::new() };
    let pair = |file: &&[u8]| {
        let to = match Path::new(OsStr::from_bytes(file)).file_name() {
            // `cp -r a/. b` brings what is in the directory.
            Some(own) if !file.ends_with(b"/.") => {
                Path::new(OsStr::from_bytes(into)).join(own).into_os_string().as_bytes().to_vec()
            }
            Some(_) | None => into.to_vec(),
        };
        (linked(file, &to, symbolic && !relative), to)
    };
    files.iter().map(pair).collect()
}

/// What a link leads to: what is in a symbolic one counts from the directory that the link is in.
fn linked(file: &[u8], link: &[u8], symbolic: bool) -> Vec<u8> {
    match Path::new(OsStr::from_bytes(link)).parent() {
        Some(beside) if symbolic => beside.join(OsStr::from_bytes(file)).into_os_string().as_bytes().to_vec(),
        Some(_) | None => file.to_vec(),
    }
}

fn operands<'a>(name: &str, args: &'a [Vec<u8>]) -> Operands<'a> {
    let mut found = Operands::default();
    let mut args = args.iter().map(Vec::as_slice);
    while let Some(word) = args.next() {
        if word == b"--" {
            found.files.extend(args.by_ref());
        } else if let Some(long) = word.strip_prefix(b"--") {
            let end = long.iter().position(|b| *b == b'=');
            let option = String::from_utf8_lossy(&long[..end.unwrap_or(long.len())]).into_owned();
            let valued = VALUED.iter().find(|valued| valued.starts_with(&option) && takes(name, valued));
            let value = match (valued.filter(|_| option != "strip"), end) {
                (Some(_), None) => args.next(),
                (_, end) => end.map(|end| &long[end + 1..]),
            };
            match valued {
                Some(&"target-directory") => found.directory = value,
                Some(_) | None => found.flag(name, &option),
            }
        } else if word.len() > 1 && word.starts_with(b"-") {
            let valued: &[u8] = if name == "install" { b"tSmog" } else { b"tS" };
            let at = word.iter().position(|b| valued.contains(b));
            for letter in &word[1..at.unwrap_or(word.len())] {
                found.letter(name, *letter);
            }
            if let Some(at) = at {
                let value = if at + 1 < word.len() { Some(&word[at + 1..]) } else { args.next() };
                found.directory = value.filter(|_| word[at] == b't').or(found.directory);
            }
        } else {
            found.files.push(word);
        }
    }
    found
}

fn takes(name: &str, option: &str) -> bool {
    name == "install" || ["target-directory", "suffix"].contains(&option)
}

impl Operands<'_> {
    fn flag(&mut self, name: &str, option: &str) {
        let is = |whole: &str, least: usize| option.len() >= least && whole.starts_with(option);
        self.plain |= is("no-target-directory", 4);
        self.symbolic |= name == "ln" && is("symbolic", 2);
        self.relative |= name == "ln" && is("relative", 1);
        self.makes |= name == "install" && is("directory", 2);
    }

    fn letter(&mut self, name: &str, letter: u8) {
        self.plain |= letter == b'T';
        self.symbolic |= name == "ln" && letter == b's';
        self.relative |= name == "ln" && letter == b'r';
        self.makes |= name == "install" && letter == b'd';
    }
}

/// Whether sed, perl or ruby writes its result over the files it is given.
pub fn in_place(words: &[Vec<u8>]) -> bool {
    // Behind one of these letters stands a value.
    let valued: &[u8] = match name(words) {
        "sed" | "gsed" => b"efl",
        "perl" | "ruby" => b"eEMmIFrxCD",
        _ => return false,
    };
    let options = words[1..].iter().take_while(|word| *word != b"--");
    options.filter_map(|word| word.strip_prefix(b"-")).any(|option| match option.strip_prefix(b"-") {
        Some(long) => {
            let long = long.split(|b| *b == b'=').next().unwrap_or(long);
            name(words).ends_with("sed") && !long.is_empty() && b"in-place".starts_with(long)
        }
        None => option.iter().take_while(|b| !valued.contains(b)).any(|b| *b == b'i'),
    })
}

fn name(words: &[Vec<u8>]) -> &str {
    let program = words.first().map_or(&b""[..], Vec::as_slice);
    let own = program.rsplit(|b| *b == b'/').next().unwrap_or(program);
    std::str::from_utf8(own).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::{in_place, pairs};

    fn words(line: &str) -> Vec<Vec<u8>> {
        line.split(' ').map(|word| word.as_bytes().to_vec()).collect()
    }

    /// With `d` the only directory that is there.
    fn of(line: &str) -> String {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let found = pairs(&words(line), |path| path == b"d");
        found
            .into_iter()
            .map(|(from, to)| format!("{} {}", text(from), text(to)))
            .collect::<Vec<_>>()
            .join(", ")
    }

    #[test]
    fn each_file_and_the_name_it_gets() {
        for (line, expected) in [
            ("cp a b", "a b"),
            ("cp -pf -- -a b", "-a b"),
            ("mv x/a .", "x/a ./a"),
            ("cp a b d", "a d/a, b d/b"),
            ("cp a d", "a d/a"),
            ("cp -T a d", "a d"),
            ("cp a new/", "a new/a"),
            ("cp -r a/. d", "a/. d"),
            ("cp -t d a b", "a d/a, b d/b"),
            ("cp -vtd a", "a d/a"),
            ("cp --target-directory=d a", "a d/a"),
            ("mv --target d a", "a d/a"),
            ("cp -S .old a b", "a b"),
            ("cp -a", ""),
            ("cp a", ""),
            ("install -m755 a b", "a b"),
            ("/usr/bin/install -D -m 755 -o root --group adm a x/b", "a x/b"),
            ("install -s --strip-program st --mode=700 a b", "a b"),
            ("install --strip a b", "a b"),
            ("install -d a b", ""),
            ("ln a b", "a b"),
            ("ln -sf a b", "a b"),
            ("ln -s a x/b", "x/a x/b"),
            ("ln -sr a x/b", "a x/b"),
            ("ln -s /usr/bin/kubectl", "/usr/bin/kubectl ./kubectl"),
            ("ln -s ../a d", "d/../a d/a"),
            ("tar a b", ""),
        ] {
            assert_eq!(of(line), expected, "{line}");
        }
    }

    #[test]
    fn files_that_are_rewritten_where_they_are() {
        for line in [
            "sed -i s/a/b/ x",
            "sed -Ei.old p x",
            "sed p --in-place x",
            "perl -pi -e 1 x",
            "perl -i.b -ne 1 x",
        ] {
            assert!(in_place(&words(line)), "{line}");
        }
        for line in
            ["sed -n p x", "sed -ei x", "sed p -- -i", "perl -MList::Util -e 1", "perl -ei", "grep -i a x"]
        {
            assert!(!in_place(&words(line)), "{line}");
        }
    }
}
