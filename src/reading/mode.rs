//! File modes as chmod(1) writes them (gnulib's modechange.c): what a mode makes of the bits a file has.
//! Must never accept what chmod refuses.

/// A mode, compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode(Vec<Change>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    operator: u8,
    /// Bits of `ugoa` that it concerns; 0: all but what the umask has.
    affected: u32,
    value: Value,
    /// Bits that are named at all: a number of up to four digits does not name a directory's set-id bits.
    mentioned: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    Bits(u32),
    /// `X`: search only for directories and what is executable already.
    BitsAndSearch(u32),
    /// `u`, `g` or `o`: as those have it, as bits for the owner.
    Copy(u32),
}

const ALL: u32 = 0o7777;
const SET_IDS: u32 = 0o6000;

impl Mode {
    /// `None`: chmod calls it invalid.
    pub fn parse(text: &str) -> Option<Mode> {
        match text.bytes().next()? {
            b'0'..=b'7' => {
                let bits = octal(text)?;
                let mentioned = if text.len() < 5 { bits & SET_IDS | 0o1777 } else { ALL };
                Some(Mode(vec![Change {
                    operator: b'=',
                    affected: ALL,
                    value: Value::Bits(bits),
                    mentioned,
                }]))
            }
            _ => text.split(',').map(clause).collect::<Option<Vec<_>>>().map(|all| Mode(all.concat())),
        }
    }

    /// As of a file of these bits (`--reference`).
    pub fn of(bits: u32) -> Mode {
        Mode(vec![Change { operator: b'=', affected: ALL, value: Value::Bits(bits & ALL), mentioned: ALL }])
    }

    /// The bits afterwards.
    pub fn adjust(&self, old: u32, directory: bool, umask: u32) -> u32 {
        self.0.iter().fold(old & ALL, |mode, change| change.apply(mode, directory, umask))
    }

    /// It gives a set-user-ID or set-group-ID bit to a file that has these bits.
    pub fn sets_id(&self, old: u32) -> bool {
        self.adjust(old, false, 0) & SET_IDS & !old != 0
    }
}

impl Change {
    fn apply(&self, mode: u32, directory: bool, umask: u32) -> u32 {
        let omit = if directory { SET_IDS & !self.mentioned } else { 0 };
        let value = match self.value {
            Value::Bits(bits) => bits,
            Value::BitsAndSearch(bits) if directory || mode & 0o111 != 0 => bits | 0o111,
            Value::BitsAndSearch(bits) => bits,
            Value::Copy(whose) => {
                let bits = mode & whose;
                let has = |all: u32| if bits & all != 0 { all } else { 0 };
                has(0o444) | has(0o222) | has(0o111)
            }
        };
        let mask = if self.affected != 0 { self.affected } else { !umask };
        let value = value & mask & !omit;
        match self.operator {
            b'=' => {
                let kept = if self.affected != 0 { !self.affected } else { 0 } | omit;
                mode & kept | value
            }
            b'+' => mode | value,
            _ => mode & !value,
        }
    }
}

fn octal(text: &str) -> Option<u32> {
    if !text.bytes().all(|b| matches!(b, b'0'..=b'7')) {
        return None;
    }
    u32::from_str_radix(text, 8).ok().filter(|bits| *bits <= ALL)
}

/// `ug+rw-x=o`: one group of people, and operators with what they do.
fn clause(text: &str) -> Option<Vec<Change>> {
    let bytes = text.as_bytes();
    let mut at = bytes.iter().position(|b| !b"ugoa".contains(b))?;
    let affected = bytes[..at].iter().fold(0, |all, who| {
        all | match who {
            b'u' => 0o4700,
            b'g' => 0o2070,
            b'o' => 0o1007,
            _ => ALL,
        }
    });
    let mut changes = Vec::new();
    while at < bytes.len() {
        let operator = *bytes.get(at).filter(|b| b"=+-".contains(b))?;
        at += 1;
        let end = bytes[at..].iter().position(|b| b"=+-".contains(b)).map_or(bytes.len(), |n| at + n);
        changes.push(change(operator, affected, &text[at..end])?);
        at = end;
    }
    (!changes.is_empty()).then_some(changes)
}

fn change(operator: u8, affected: u32, what: &str) -> Option<Change> {
    let named = |bits: u32| if affected != 0 { affected & bits } else { bits };
    if what.bytes().next().is_some_and(|b| b.is_ascii_digit()) {
        // An operator before a number, `=0755`: then also a directory's set-id bits are named.
        let bits = octal(what).filter(|_| affected == 0)?;
        return Some(Change { operator, affected: ALL, value: Value::Bits(bits), mentioned: ALL });
    }
    let copies = match what {
        "u" => Some(0o700),
        "g" => Some(0o070),
        "o" => Some(0o007),
        _ => None,
    };
    if let Some(whose) = copies {
        return Some(Change { operator, affected, value: Value::Copy(whose), mentioned: named(0o777) });
    }
    let mut bits = 0;
    let mut search = false;
    for letter in what.bytes() {
        bits |= match letter {
            b'r' => 0o444,
            b'w' => 0o222,
            b'x' => 0o111,
            b'X' => {
                search = true;
                0
            }
            b's' => SET_IDS,
            b't' => 0o1000,
            _ => return None,
        };
    }
    let value = if search { Value::BitsAndSearch(bits) } else { Value::Bits(bits) };
    let mentioned = match operator {
        b'=' if affected != 0 => affected & bits,
        _ => named(bits),
    };
    Some(Change { operator, affected, value, mentioned })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_do_what_chmod_does() {
        for (mode, old, directory, new) in [
            ("755", 0o644, false, 0o755),
            ("700", 0o2755, true, 0o2700),
            ("0700", 0o2755, true, 0o2700),
            ("00700", 0o2755, true, 0o700),
            ("=700", 0o2755, true, 0o700),
            ("700", 0o4755, false, 0o700),
            ("-w", 0o666, false, 0o466),
            ("+x", 0o644, false, 0o755),
            ("a+X", 0o644, false, 0o644),
            ("a+X", 0o644, true, 0o755),
            ("u-w,a+x", 0o644, false, 0o555),
            ("g=u", 0o640, false, 0o660),
            ("go=", 0o755, false, 0o700),
            ("u+s", 0o755, false, 0o4755),
            ("+t", 0o755, true, 0o1755),
            ("o=u-w", 0o740, false, 0o745),
            ("a=rx", 0o2755, true, 0o2555),
            ("-rw-r--r--", 0o644, false, 0o000),
        ] {
            let mode_ = Mode::parse(mode).expect(mode);
            assert_eq!(mode_.adjust(old, directory, 0o022), new, "{mode} on {old:o}");
        }
        for wrong in ["", "8", "77777", "u", "rwx", "u+q", "u+x,", "a+ur", "u+7"] {
            assert_eq!(Mode::parse(wrong), None, "{wrong}");
        }
        assert!(Mode::parse("4755").expect("mode").sets_id(0o755));
        assert!(!Mode::parse("u+s").expect("mode").sets_id(0o4755));
    }
}
