//! The verb `doctor`: what this machine offers, what is missing, and the command that helps.
//!
//! A topic is one function in one list. It returns findings, each a line: what is there, a mark, and either a version
//! or a remedy that can be pasted into a shell.

mod binfmt;
mod cpus;
mod guest;
mod host;

pub use cpus::text as cpus_text;
pub use guest::in_path;

use crate::parse::Line;
use crate::say::{self, Failure};
use report::json::Object;

/// How a finding is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Ok,
    Missing,
    Note,
}

impl Mark {
    fn word(self) -> &'static str {
        match self {
            Mark::Ok => "ok",
            Mark::Missing => "missing",
            Mark::Note => "note",
        }
    }

    /// The terminal's sequence for green, red or yellow.
    fn color(self) -> &'static str {
        match self {
            Mark::Ok => "\x1b[32m",
            Mark::Missing => "\x1b[31m",
            Mark::Note => "\x1b[33m",
        }
    }
}

/// One line of the report.
#[derive(Debug)]
struct Finding {
    state: String,
    mark: Mark,
    /// A version, a remark, or the command that helps.
    more: String,
}

impl Finding {
    fn new(mark: Mark, state: impl Into<String>, more: impl Into<String>) -> Finding {
        Finding { state: state.into(), mark, more: more.into() }
    }
}

type Topic = (&'static str, fn() -> Vec<Finding>);

/// The topics in the order in which they are printed.
const TOPICS: [Topic; 7] = [
    ("host", host::cpu),
    ("kernel", host::kernel),
    ("sysroots", guest::sysroots),
    ("plugins", guest::glib),
    ("binfmt", binfmt::state),
    ("compiler", guest::compiler),
    ("reference", guest::reference),
];

/// Runs the topics and prints them, or does what an option asks for instead.
pub fn doctor(line: &Line) -> Result<u8, Failure> {
    line.at_most(0, "takes no arguments")?;
    if line.settings.list_cpus {
        return say::result(&cpus::text());
    }
    if line.settings.register {
        return binfmt::register();
    }
    let findings = TOPICS.iter().flat_map(|(name, topic)| topic().into_iter().map(move |f| (*name, f))).collect();
    let color = say::color(line.settings.color);
    say::result(&if line.settings.json { as_json(findings) } else { as_text(&findings, color) })
}

fn as_text(findings: &[(&str, Finding)], color: bool) -> String {
    let width = findings.iter().map(|(_, f)| f.state.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    let mut last = "";
    for (topic, Finding { state, mark, more }) in findings {
        let heading = if *topic == last { "" } else { topic };
        let (on, off) = if color { (mark.color(), "\x1b[0m") } else { ("", "") };
        let line = format!("{heading:10}  {state:width$}   {on}{:7}{off} {more}", mark.word());
        out += line.trim_end();
        out.push('\n');
        last = topic;
    }
    out
}

fn as_json(findings: Vec<(&str, Finding)>) -> String {
    let lines = findings.into_iter().map(|(topic, f)| {
        let object = Object::new().text("topic", topic).text("state", &f.state).text("mark", f.mark.word());
        object.text("more", &f.more).into_value()
    });
    Object::new().list("findings", lines.collect()).finish() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_a_topic_is_named_once() {
        let findings = vec![
            ("host", Finding::new(Mark::Ok, "x86-64-v3", "")),
            ("sysroots", Finding::new(Mark::Ok, "/usr/riscv64-linux-gnu", "C library 2.36")),
            ("sysroots", Finding::new(Mark::Missing, "/x", "mkdir /x")),
        ];
        let expected = "\
host        x86-64-v3                ok
sysroots    /usr/riscv64-linux-gnu   ok      C library 2.36
            /x                       missing mkdir /x
";
        assert_eq!(as_text(&findings, false), expected);
        assert!(as_text(&findings, true).contains("\x1b[31mmissing\x1b[0m mkdir"));
    }
}
