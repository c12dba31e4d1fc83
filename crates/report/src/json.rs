//! A JSON writer: objects whose members keep the order in which they were added.

/// A finished JSON value.
pub struct Value(String);

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value(string(text))
    }
}

/// An object under construction.
#[derive(Default)]
pub struct Object {
    members: String,
}

impl Object {
    pub fn new() -> Object {
        Object::default()
    }

    fn member(mut self, name: &str, value: &str) -> Object {
        if !self.members.is_empty() {
            self.members.push(',');
        }
        self.members += &string(name);
        self.members.push(':');
        self.members += value;
        self
    }

    pub fn text(self, name: &str, value: &str) -> Object {
        self.member(name, &string(value))
    }

    pub fn number(self, name: &str, value: u64) -> Object {
        self.member(name, &value.to_string())
    }

    /// A number with `places` digits behind the point; not-a-number and infinities become `null`.
    pub fn decimal(self, name: &str, value: f64, places: usize) -> Object {
        let text = if value.is_finite() { format!("{value:.places$}") } else { "null".to_string() };
        self.member(name, &text)
    }

    pub fn boolean(self, name: &str, value: bool) -> Object {
        self.member(name, if value { "true" } else { "false" })
    }

    pub fn list(self, name: &str, values: Vec<Value>) -> Object {
        let inside: Vec<String> = values.into_iter().map(|v| v.0).collect();
        self.member(name, &format!("[{}]", inside.join(",")))
    }

    pub fn into_value(self) -> Value {
        Value(self.finish())
    }

    /// The object's text.
    pub fn finish(self) -> String {
        format!("{{{}}}", self.members)
    }
}

/// A JSON string with its quotes.
fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            c if (c as u32) < 0x20 => out += &format!("\\u{:04x}", c as u32),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_in_order_and_escaped() {
        let inner = Object::new().boolean("b", true).into_value();
        let text = Object::new()
            .text("a\"", "x\\\n\u{1}é")
            .number("n", u64::MAX)
            .decimal("d", 0.5, 3)
            .decimal("bad", f64::NAN, 1)
            .list("l", vec![inner])
            .finish();
        assert_eq!(
            text,
            "{\"a\\\"\":\"x\\\\\\n\\u0001é\",\"n\":18446744073709551615,\"d\":0.500,\"bad\":null,\"l\":[{\"b\":true}]}"
        );
        assert_eq!(Object::new().finish(), "{}");
    }
}
