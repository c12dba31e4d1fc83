//! The part of TOML that `fluoro.toml` needs: comments, `[verb]` sections, and keys with a string, a number, a boolean
//! or an array of these on one line.

/// One `key = value`. A switch is `true` or `false`, a number its digits.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Counted from 1.
    pub line: usize,
    pub section: String,
    pub key: String,
    /// Several for an array.
    pub values: Vec<String>,
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    pub line: usize,
    pub why: String,
}

/// Reads a whole file.
pub fn read(text: &str) -> Result<Vec<Entry>, Wrong> {
    let mut entries = Vec::new();
    let mut section = String::new();
    for (at, line) in text.lines().enumerate() {
        let wrong = |why: &str| Wrong { line: at + 1, why: why.to_string() };
        let mut rest = Rest(line.trim());
        if rest.done() {
            continue;
        }
        if rest.take('[') {
            section = rest.key().ok_or_else(|| wrong("a section is [name]"))?;
            if !rest.take(']') || !rest.done() {
                return Err(wrong("a section is [name]"));
            }
            continue;
        }
        let key = rest.key().ok_or_else(|| wrong("expected key = value"))?;
        if !rest.take('=') {
            return Err(wrong("expected key = value"));
        }
        let values = rest.values().ok_or_else(|| wrong("a value is \"text\", a number, true, false or [a, list]"))?;
        if !rest.done() {
            return Err(wrong("one value ends the line"));
        }
        entries.push(Entry { line: at + 1, section: section.clone(), key, values });
    }
    Ok(entries)
}

/// What is left of a line.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn done(&self) -> bool {
        let left = self.0.trim_start();
        left.is_empty() || left.starts_with('#')
    }

    fn take(&mut self, c: char) -> bool {
        let left = self.0.trim_start();
        let Some(after) = left.strip_prefix(c) else { return false };
        self.0 = after;
        true
    }

    /// A bare word of letters, digits, `_`, `-`, `.` and `+`: a key, a number or a boolean.
    fn key(&mut self) -> Option<String> {
        let left = self.0.trim_start();
        let bare = |c: char| c.is_ascii_alphanumeric() || "_-.+".contains(c);
        let end = left.find(|c| !bare(c)).unwrap_or(left.len());
        let (word, after) = left.split_at(end);
        self.0 = after;
        (!word.is_empty()).then(|| word.to_string())
    }

    fn values(&mut self) -> Option<Vec<String>> {
        if !self.take('[') {
            return Some(vec![self.value()?]);
        }
        let mut values = Vec::new();
        while !self.take(']') {
            values.push(self.value()?);
            if !self.take(',') && !self.0.trim_start().starts_with(']') {
                return None;
            }
        }
        Some(values)
    }

    fn value(&mut self) -> Option<String> {
        if self.take('\'') {
            let end = self.0.find('\'')?;
            let text = self.0[..end].to_string();
            self.0 = &self.0[end + 1..];
            return Some(text);
        }
        if self.take('"') {
            return self.basic_string();
        }
        let word = self.key()?;
        let number = word.starts_with(|c: char| c.is_ascii_digit());
        (number || word == "true" || word == "false").then_some(word)
    }

    /// The rest of a string in double quotes.
    fn basic_string(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.0.char_indices();
        loop {
            match chars.next()? {
                (at, '"') => {
                    self.0 = &self.0[at + 1..];
                    return Some(text);
                }
                (_, '\\') => text.push(match chars.next()?.1 {
                    'n' => '\n',
                    't' => '\t',
                    c @ ('"' | '\\') => c,
                    _ => return None,
                }),
                (_, c) => text.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(line: usize, section: &str, key: &str, values: &[&str]) -> Entry {
        let values = values.iter().map(|v| v.to_string()).collect();
        Entry { line, section: section.into(), key: key.into(), values }
    }

    #[test]
    fn reads_what_it_documents() {
        let text =
            "# ours\ncpu = \"rv64,+zba\" # quick\n\n[stat]\njson=true\nenv = ['A=1', \"B=\\\"2\\\"\",]\nseed = 7\n";
        let expected = [
            entry(2, "", "cpu", &["rv64,+zba"]),
            entry(5, "stat", "json", &["true"]),
            entry(6, "stat", "env", &["A=1", "B=\"2\""]),
            entry(7, "stat", "seed", &["7"]),
        ];
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn names_the_line() {
        for wrong in
            ["\ncpu", "\ncpu =", "\ncpu = rv64", "\ncpu = \"rv64", "\n[run", "\na = 1 2", "\na = [1 2]", "\n= 1"]
        {
            assert_eq!(read(wrong).unwrap_err().line, 2, "{wrong}");
        }
    }
}
