//! Rust source seen as code only, and its functions: enough of a lexer to count with, not a parser.

/// The source with comments, strings and character literals blanked out; line breaks and columns stay.
pub fn code_only(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => line_end(bytes, at),
            b'/' if bytes[at..].starts_with(b"/*") => comment_end(bytes, at),
            b'"' => string_end(bytes, at),
            b'r' if raw_hashes(bytes, at).is_some() => raw_end(bytes, at),
            b'\'' => char_end(bytes, at),
            _ => at,
        };
        if end > at {
            out[at..end].iter_mut().filter(|b| **b != b'\n').for_each(|b| *b = b' ');
            at = end;
        } else {
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|&b| b == b'\n').map_or(bytes.len(), |n| at + n)
}

fn comment_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut i = at + 1;
    while i < bytes.len() && bytes[i] != b'"' {
        i += if bytes[i] == b'\\' { 2 } else { 1 };
    }
    (i + 1).min(bytes.len())
}

/// The number of `#` of a raw string that begins here.
fn raw_hashes(bytes: &[u8], at: usize) -> Option<usize> {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if at > 0 && word(bytes[at - 1]) && bytes[at - 1] != b'b' {
        return None;
    }
    let hashes = bytes[at + 1..].iter().take_while(|&&b| b == b'#').count();
    (bytes.get(at + 1 + hashes) == Some(&b'"')).then_some(hashes)
}

fn raw_end(bytes: &[u8], at: usize) -> usize {
    let hashes = raw_hashes(bytes, at).unwrap_or(0);
    let mut tail = vec![b'"'];
    tail.resize(hashes + 1, b'#');
    let body = at + hashes + 2;
    bytes[body..].windows(tail.len()).position(|w| w == tail).map_or(bytes.len(), |n| body + n + tail.len())
}

/// A character literal's end; a lifetime has none.
fn char_end(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at + 1) == Some(&b'\\') {
        let close = bytes[at + 3..].iter().position(|&b| b == b'\'');
        return close.map_or(at, |n| at + 3 + n + 1);
    }
    // One character, perhaps of several bytes, then the quote.
    let close = bytes[at + 1..].iter().take(5).position(|&b| b == b'\'');
    match close {
        Some(n) if n > 0 && (n == 1 || bytes[at + 1] >= 0x80) => at + 1 + n + 1,
        _ => at,
    }
}

/// A function found in a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// Counted from 1.
    pub line: usize,
    pub lines: usize,
}

/// The functions with a body, from the code as [`code_only`] leaves it.
pub fn functions(code: &str) -> Vec<Function> {
    let bytes = code.as_bytes();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(n) = code[from..].find("fn ") {
        let at = from + n;
        from = at + 3;
        let starts_word = at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
        let name: String = code[from..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let Some(end) = body_end(bytes, from) else { continue };
        if starts_word && !name.is_empty() {
            let line = 1 + code[..at].matches('\n').count();
            found.push(Function { name, line, lines: 1 + code[at..end].matches('\n').count() });
        }
    }
    found
}

/// The end of the braces that follow a signature; `None` if it ends with `;`.
fn body_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut nested = 0;
    let open = from
        + bytes[from..].iter().position(|&b| {
            match b {
                b'(' | b'[' => nested += 1,
                b')' | b']' => nested -= 1,
                _ => {}
            }
            nested <= 0 && matches!(b, b'{' | b';')
        })?;
    if bytes[open] == b';' {
        return None;
    }
    let mut depth = 0;
    let close = bytes[open..].iter().position(|&b| {
        match b {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some(open + close + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_what_is_not_code() {
        let text = "let a = \"unsafe { \\\" }\"; // unsafe\nlet b = 'x'; let c: &'static str = r#\"un\"safe\"#; /* a /* b */ c */ d";
        let code = code_only(text);
        assert!(!code.contains("unsafe") && !code.contains("un\"safe"), "{code}");
        assert!(code.contains("&'static str") && code.ends_with(" d"), "{code}");
        assert_eq!(code.matches('\n').count(), 1);
        assert_eq!(code_only("b'\"' ; '\\'' ; '\"' ; x").trim_end().matches('x').count(), 1);
    }

    #[test]
    fn finds_functions_and_their_length() {
        let code = "fn a() {\n  if x {\n  }\n}\ntrait T { fn b(&self); }\nfn c(x: [u8; 2]) -> u8 { 1 }\n";
        let found = functions(code);
        let names: Vec<(&str, usize, usize)> = found.iter().map(|f| (f.name.as_str(), f.line, f.lines)).collect();
        assert_eq!(names, [("a", 1, 4), ("c", 6, 1)]);
    }
}
