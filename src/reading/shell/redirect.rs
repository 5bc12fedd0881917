//! Redirections: what a command reads, and whether what it prints is still captured.
//! Must never take the content of a file for known that could not be read.

use super::super::through::Start;
use super::super::{redirection, sent_files};
use super::run::{Io, Shell};
use super::setup;
use super::state::State;
use super::word::Context;
use crate::invocation::Stdin;
use brush_parser::ast::{
    BinaryPredicate, ExtendedTestExpr, IoFileRedirectKind, IoFileRedirectTarget, IoHereDocument, IoRedirect,
    ProcessSubstitutionKind, SubshellCommand, UnaryPredicate,
};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

impl Shell<'_> {
    /// Where a command with these redirections reads and writes.
    pub fn redirect<'r>(
        &mut self,
        redirects: impl IntoIterator<Item = &'r IoRedirect>,
        state: &mut State,
        io: &Io,
    ) -> Io {
        let mut io = io.clone();
        for redirect in redirects {
            match redirect {
                IoRedirect::File(fd, kind, target) => self.file(*fd, kind, target, state, &mut io),
                IoRedirect::HereDocument(fd, document) => {
                    let text = self.document(document, state);
                    if fd.unwrap_or(0) == 0 {
                        io.stdin = content(text);
                    }
                }
                IoRedirect::HereString(fd, word) => {
                    let (mut text, doubt) = self.text(&word.value, state);
                    text.push(b'\n');
                    if fd.unwrap_or(0) == 0 {
                        io.stdin = content(doubt.is_none().then_some(text));
                    }
                }
                IoRedirect::OutputAndError(word, appends) => {
                    let (path, doubt) = self.text(&word.value, state);
                    self.writes(if *appends { ">>" } else { ">" }, &path, doubt.is_none(), state);
                    state.make(&path);
                    io.captured = false;
                }
            }
        }
        io
    }

    fn file(
        &mut self,
        fd: Option<i32>,
        kind: &IoFileRedirectKind,
        target: &IoFileRedirectTarget,
        state: &mut State,
        io: &mut Io,
    ) {
        let path = match target {
            IoFileRedirectTarget::Filename(word) | IoFileRedirectTarget::Duplicate(word) => {
                let (fields, doubt) = self.fields(&word.value, state);
                // A number that `exec {fd}>file` put there names no file.
                let descriptor = doubt.as_ref().is_some_and(|why| why.ends_with(" is a descriptor"));
                if let ([one], false) = (fields.as_slice(), descriptor) {
                    self.written(fd, kind, one, doubt.is_none(), state);
                }
                match (fields.as_slice(), doubt) {
                    ([one], None) => Some(one.clone()),
                    _ => None,
                }
            }
            IoFileRedirectTarget::Fd(fd) => Some(fd.to_string().into_bytes()),
            IoFileRedirectTarget::ProcessSubstitution(kind, subshell) => {
                Some(self.substituted_file(kind, subshell, state))
            }
        };
        let writes = matches!(
            kind,
            IoFileRedirectKind::Write | IoFileRedirectKind::Append | IoFileRedirectKind::Clobber
        );
        if let (true, Some(path)) = (writes, &path)
            && !path.starts_with(b"/dev/")
        {
            state.make(path);
        }
        match kind {
            IoFileRedirectKind::Read if fd.unwrap_or(0) == 0 => {
                io.secret = path.clone().filter(|path| sent_files::is_secret(path));
                io.stdin = content(path.and_then(|path| self.content_of(&path, state, &io.stdin)));
            }
            IoFileRedirectKind::ReadAndWrite | IoFileRedirectKind::DuplicateInput if fd.unwrap_or(0) == 0 => {
                if path.as_deref() != Some(b"0") {
                    io.stdin = Stdin::TooMuch;
                }
            }
            IoFileRedirectKind::DuplicateOutput if fd.unwrap_or(1) == 1 => {
                io.captured &= path.as_deref() == Some(b"1");
            }
            IoFileRedirectKind::Write | IoFileRedirectKind::Append | IoFileRedirectKind::Clobber
                if fd.unwrap_or(1) == 1 =>
            {
                io.leaves = path.is_some_and(|p| p.starts_with(b"/dev/tcp/") || p.starts_with(b"/dev/udp/"));
                io.captured = false;
            }
            IoFileRedirectKind::Read
            | IoFileRedirectKind::ReadAndWrite
            | IoFileRedirectKind::DuplicateInput
            | IoFileRedirectKind::DuplicateOutput
            | IoFileRedirectKind::Write
            | IoFileRedirectKind::Append
            | IoFileRedirectKind::Clobber => {}
        }
    }

    /// A file that a redirection opens for writing; descriptors are none.
    fn written(
        &mut self,
        fd: Option<i32>,
        kind: &IoFileRedirectKind,
        path: &[u8],
        known: bool,
        state: &State,
    ) {
        let descriptor = path == b"-" || path.iter().all(|b| b.is_ascii_digit() || *b == b'-');
        let operator = match kind {
            IoFileRedirectKind::Write if state.options.no_clobber => return,
            IoFileRedirectKind::Write | IoFileRedirectKind::Clobber => ">",
            IoFileRedirectKind::Append => ">>",
            IoFileRedirectKind::ReadAndWrite if fd.unwrap_or(0) != 0 => "<>",
            IoFileRedirectKind::DuplicateOutput if fd.is_none() && !descriptor => ">",
            IoFileRedirectKind::ReadAndWrite
            | IoFileRedirectKind::DuplicateOutput
            | IoFileRedirectKind::DuplicateInput
            | IoFileRedirectKind::Read => return,
        };
        self.writes(operator, path, known, state);
    }

    /// Hands a write over as a command of its own, unless no file that stays can be meant.
    fn writes(&mut self, operator: &str, path: &[u8], known: bool, state: &State) {
        const PASSING: &[&[u8]] = &[b"/dev/null", b"/dev/stdout", b"/dev/stderr", b"/dev/tty", b"/dev/zero"];
        let absolute = path.starts_with(b"/");
        if path.is_empty() || PASSING.contains(&path) || path.starts_with(b"/dev/fd/") {
            return;
        }
        // Somewhere below a directory that is not known: no name says what is there.
        let Some(cwd) = state.cwd.clone().or_else(|| absolute.then(|| self.base.cwd().to_owned())) else {
            return;
        };
        if known && !absolute && state.changed_by(path).is_some() {
            return;
        }
        let written =
            redirection::invocation(self.base, operator, OsStr::from_bytes(path), known).with_cwd(cwd);
        self.add_start(Start { invocation: written, doubt: None });
    }

    /// A file as a command in this state would read it.
    pub fn content_of(&self, path: &[u8], state: &State, stdin: &Stdin) -> Option<Vec<u8>> {
        let path = std::path::Path::new(OsStr::from_bytes(path));
        let place = if path.is_absolute() { path.to_owned() } else { state.cwd.as_ref()?.join(path) };
        if state.changed_by(place.as_os_str().as_bytes()).is_some() {
            return None;
        }
        if place == std::path::Path::new("/dev/null") {
            return Some(Vec::new());
        }
        if place.starts_with("/dev") && !self.is_given(&place) && !place.ends_with("stdin") {
            return None;
        }
        let reader = self.base.clone().with_given(self.given()).with_stdin(stdin.clone());
        reader.read(place).ok()
    }

    fn is_given(&self, place: &std::path::Path) -> bool {
        self.substituted.iter().any(|(path, _)| path == place.as_os_str().as_bytes())
    }

    /// The files of process substitutions, for the programs that are given their names.
    pub fn given(&self) -> Vec<crate::invocation::Given> {
        let given = |(path, content): &(Vec<u8>, Option<Vec<u8>>)| {
            (OsStr::from_bytes(path).into(), content.as_deref().map(Into::into))
        };
        self.substituted.iter().map(given).collect()
    }

    /// Whether a word names a substitution whose content is not known, by itself or behind an option.
    pub fn is_made(&self, word: &[u8]) -> bool {
        let unknown = self.substituted.iter().filter(|(_, content)| content.is_none());
        unknown.map(|(path, _)| path).any(|path| word.ends_with(path))
    }

    /// `<(…)` and `>(…)`: runs the list, and names a file for it.
    pub fn substituted_file(
        &mut self,
        kind: &ProcessSubstitutionKind,
        subshell: &SubshellCommand,
        state: &State,
    ) -> Vec<u8> {
        let reads = matches!(kind, ProcessSubstitutionKind::Read);
        let io = Io::new(Stdin::TooMuch, reads);
        let mut output = self.capture(|shell| {
            let mark = shell.left.len();
            let _ = shell.subshell(&subshell.list, state.clone(), &io);
            shell.left.truncate(mark);
        });
        if setup::sets_line(subshell.list.to_string().trim()).is_some() {
            // Definitions that start nothing.
            output = Some(Vec::new());
        }
        let path = format!("/dev/fd/{}", 63usize.saturating_sub(self.substituted.len()).max(10)).into_bytes();
        // Nothing can be read from the other kind: what is written there is that list's input.
        let content = if reads { output } else { Some(Vec::new()) };
        self.substituted.push((path.clone(), content));
        path
    }

    fn document(&mut self, document: &IoHereDocument, state: &mut State) -> Option<Vec<u8>> {
        let raw = &document.doc.value;
        let text = if document.remove_tabs {
            raw.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
        } else {
            raw.clone()
        };
        if !document.requires_expansion {
            return Some(text.into_bytes());
        }
        let (bytes, doubt) = self.text_in(&text, Context::Heredoc, state);
        doubt.is_none().then_some(bytes)
    }

    /// `[[ … ]]`: its words may run substitutions.
    pub fn extended_test(&mut self, test: &ExtendedTestExpr, state: &mut State) {
        match test {
            ExtendedTestExpr::And(a, b) | ExtendedTestExpr::Or(a, b) => {
                self.extended_test(a, state);
                self.extended_test(b, state);
            }
            ExtendedTestExpr::Not(a) | ExtendedTestExpr::Parenthesized(a) => self.extended_test(a, state),
            ExtendedTestExpr::UnaryTest(kind, word) => {
                let (text, _) = self.text(&word.value, state);
                if matches!(kind, UnaryPredicate::ShellVariableIsSetAndAssigned) {
                    self.named(&text);
                }
            }
            ExtendedTestExpr::BinaryTest(kind, a, b) => {
                for word in [a, b] {
                    let (text, doubt) = self.text(&word.value, state);
                    if doubt.is_none() && compares_numbers(kind) {
                        self.evaluated(&String::from_utf8_lossy(&text), state, 0);
                    }
                }
            }
        }
    }
}

fn compares_numbers(kind: &BinaryPredicate) -> bool {
    const KINDS: &[&str] = &["-eq", "-ne", "-lt", "-le", "-gt", "-ge"];
    KINDS.contains(&kind.to_string().as_str())
}

fn content(text: Option<Vec<u8>>) -> Stdin {
    text.map_or(Stdin::TooMuch, |text| Stdin::Content(text.into()))
}
