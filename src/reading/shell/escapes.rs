//! Backslash sequences: `$'…'`, `echo -e`, `printf`. Must never drop a byte it does not understand.

/// Decodes the inside of `$'…'`.
pub fn ansi_c(text: &str) -> Result<Vec<u8>, String> {
    decode(text.as_bytes(), Style::AnsiC).map(|(bytes, _)| bytes)
}

/// Decodes for `echo -e` and `%b`; the flag says that `\c` ended the output.
pub fn echo(text: &[u8]) -> Result<(Vec<u8>, bool), String> {
    decode(text, Style::Echo)
}

/// Decodes the format of `printf`.
pub fn printf(text: &[u8]) -> Result<(Vec<u8>, bool), String> {
    decode(text, Style::Printf)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    AnsiC,
    Echo,
    Printf,
}

fn decode(text: &[u8], style: Style) -> Result<(Vec<u8>, bool), String> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'\\' || at + 1 == text.len() {
            out.push(text[at]);
            at += 1;
            continue;
        }
        let c = text[at + 1];
        at += 2;
        match c {
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'e' | b'E' => out.push(27),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'\\' => out.push(b'\\'),
            b'\'' | b'"' | b'?' if style != Style::Echo => out.push(c),
            b'c' if style != Style::AnsiC => return Ok((out, true)),
            b'c' => return Err("a control letter in quotes".into()),
            b'x' => match number(text, &mut at, 16, 2) {
                Some(n) => out.push(n as u8),
                None => out.extend_from_slice(b"\\x"),
            },
            b'u' | b'U' => match number(text, &mut at, 16, if c == b'u' { 4 } else { 8 }).map(char::from_u32)
            {
                Some(Some(letter)) => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
                Some(None) | None => return Err("a Unicode letter that is none".into()),
            },
            b'0' if style == Style::Echo => out.push(number(text, &mut at, 8, 3).unwrap_or(0) as u8),
            b'0'..=b'7' if style != Style::Echo => {
                at -= 1;
                out.push(number(text, &mut at, 8, 3).unwrap_or(0) as u8);
            }
            _ => out.extend_from_slice(&[b'\\', c]),
        }
    }
    Ok((out, false))
}

fn number(text: &[u8], at: &mut usize, base: u32, most: usize) -> Option<u32> {
    let digits = text[*at..].iter().take(most).take_while(|b| char::from(**b).is_digit(base)).count();
    let word = std::str::from_utf8(&text[*at..*at + digits]).ok()?;
    *at += digits;
    u32::from_str_radix(word, base).ok()
}
