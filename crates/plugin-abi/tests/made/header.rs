//! The header.

use super::text::wrap;
use plugin_abi::functions::{Function, Scope, TOPICS};
use plugin_abi::{CUR_VERSION, MIN_VERSION, Value, enums};
use std::fmt::Write;

const TEMPLATE: &str = include_str!("../../header.h.in");

pub fn render() -> String {
    TEMPLATE
        .replace("@MIN@", &MIN_VERSION.to_string())
        .replace("@CUR@", &CUR_VERSION.to_string())
        .replace("@ENUMS@\n", &enums().iter().map(|values| enumeration(values)).collect::<String>())
        .replace("@FUNCTIONS@\n", &functions())
}

/// The text, inside a condition if it is not for all versions.
fn guarded(since: i32, text: &str) -> String {
    if since <= MIN_VERSION { text.to_string() } else { format!("#if QEMU_PLUGIN_VERSION >= {since}\n{text}#endif\n") }
}

fn enumeration(values: &[Value]) -> String {
    let first = values.iter().map(|v| v.since).min().unwrap_or(MIN_VERSION);
    let mut out = format!("enum {} {{\n", values[0].of);
    for v in values {
        let line = format!("    {} = {}, /* {} */\n", v.name, v.value, v.meaning.trim());
        out += &guarded(if v.since > first { v.since } else { MIN_VERSION }, &line);
    }
    out += "};\n";
    guarded(first, &out) + "\n"
}

fn functions() -> String {
    let mut out = String::new();
    for topic in TOPICS {
        let dashes = "-".repeat(108 - topic.title.len());
        let _ = writeln!(out, "/* ---- {} {dashes} */\n\n/*\n{} */\n", topic.title, wrap(topic.about, 115, " * "));
        topic.functions.iter().for_each(|f| out += &function(f));
    }
    out
}

fn function(f: &Function) -> String {
    let scope = match f.scope {
        Scope::Both => "",
        Scope::User => " For programs.",
        Scope::System => " For machines.",
    };
    let mut out = format!("/*\n{}", wrap(f.does, 115, " * "));
    let since = if f.since() > MIN_VERSION { format!(" Since version {}.", f.since()) } else { String::new() };
    let last = format!("Cost: {}.{since}{scope} {}", f.cost, f.versions);
    out += &wrap(&last, 115, " * ");
    out += " */\n";
    let shapes: Vec<_> = f.shapes.iter().rev().collect();
    if let [only] = shapes[..] {
        return out + &guarded(only.since, &prototype(only.prototype)) + "\n";
    }
    for (at, shape) in shapes.iter().enumerate() {
        let word = if at == 0 { "#if" } else { "#elif" };
        let _ =
            writeln!(out, "{word} QEMU_PLUGIN_VERSION >= {}\n{}", shape.since, prototype(shape.prototype).trim_end());
    }
    out + "#endif\n\n"
}

fn prototype(text: &str) -> String {
    let one = format!("QEMU_PLUGIN_API {text};");
    if one.len() <= 120 {
        return one + "\n";
    }
    let lines = wrap(&one, 116, "");
    lines.trim_end().replace('\n', "\n    ") + "\n"
}
