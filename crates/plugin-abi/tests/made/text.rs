//! Breaking lines.

/// The text in lines of at most `width` characters, each with a prefix that does not count.
pub fn wrap(text: &str, width: usize, prefix: &str) -> String {
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a line");
        if line.is_empty() {
            *line = word.to_string();
        } else if line.len() + 1 + word.len() <= width {
            *line = format!("{line} {word}");
        } else {
            lines.push(word.to_string());
        }
    }
    lines.iter().map(|l| format!("{prefix}{l}\n")).collect()
}
