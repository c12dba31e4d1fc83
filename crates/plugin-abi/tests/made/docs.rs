//! The page about the interface.

use super::text::wrap;
use plugin_abi::functions::{Function, REMOVED, Scope, TOPICS, rows};
use plugin_abi::{CUR_VERSION, MIN_VERSION, enums};
use std::fmt::Write;

/// What comes first; the rest is made from rows.
const HEAD: &str = include_str!("head.md");

pub fn render() -> String {
    let mut out = HEAD.replace("@COUNT@", &rows().count().to_string());
    out += "\n## Functions at a glance\n\n| function | since | for |\n|---|---|---|\n";
    for f in rows() {
        let _ = writeln!(out, "| [`{0}`](#{0}) | {1} | {2} |", f.name, f.since(), scope(f.scope));
    }
    for topic in TOPICS {
        let _ = write!(out, "\n## {}\n\n{}", topic.title, wrap(topic.about, 118, ""));
        topic.functions.iter().for_each(|f| out += &function(f));
    }
    out + &enumerations() + &removed()
}

fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Both => "all",
        Scope::User => "programs",
        Scope::System => "machines",
    }
}

fn function(f: &Function) -> String {
    let mut out = format!("\n### {}\n\n```c\n", f.name);
    for (at, shape) in f.shapes.iter().enumerate() {
        let until = f.shapes.get(at + 1).map_or(CUR_VERSION, |next| next.since - 1);
        let versions = match (f.shapes.len(), shape.since == until) {
            (1, _) => String::new(),
            (_, true) => format!("  /* version {until} */"),
            (_, false) => format!("  /* versions {} to {until} */", shape.since),
        };
        let _ = writeln!(out, "{};{versions}", wrap(shape.prototype, 112, "").trim_end().replace('\n', "\n    "));
    }
    let _ = write!(out, "```\n\n{}\n", wrap(f.does, 118, ""));
    let versions = format!("- Versions: {} to {CUR_VERSION}. {}", f.since(), f.versions);
    out += &wrap(&versions, 116, "").trim_end().replace('\n', "\n  ");
    out.push('\n');
    let _ = writeln!(out, "- Cost: {}.", f.cost);
    if f.scope != Scope::Both {
        let _ = writeln!(out, "- For {} only.", scope(f.scope));
    }
    out.lines().map(|l| format!("{}\n", l.trim_end())).collect()
}

fn enumerations() -> String {
    let mut out = String::from("\n## Values\n");
    for values in enums() {
        let _ = writeln!(out, "\n`enum {}`\n\n| name | value | since | meaning |\n|---|---|---|---|", values[0].of);
        for v in values {
            let _ = writeln!(out, "| `{}` | {} | {} | {} |", v.name, v.value, v.since, v.meaning.trim());
        }
    }
    out
}

fn removed() -> String {
    let mut out = format!(
        "\n## Functions of versions 0 and 1\n\nThey are gone: versions from {MIN_VERSION} on are loaded.\n\n| was | use |\n|---|---|\n"
    );
    for (was, now) in REMOVED {
        let _ = writeln!(out, "| `{was}` | `{now}` |");
    }
    out
}
