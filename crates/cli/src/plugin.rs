//! The verb `plugin`: looks at plugins, and begins new ones.

mod check;
mod new;

use crate::help;
use crate::parse::Line;
use crate::say::{self, Failure};
use crate::verbs::Verb;
use std::ffi::OsString;

/// What can be done, and what does it with the words behind.
type Action = fn(&Line, &[OsString]) -> Result<u8, Failure>;

pub const ACTIONS: [(&str, Action); 2] = [("check", check::check), ("new", new::new)];

/// The verb.
pub fn plugin(line: &Line) -> Result<u8, Failure> {
    let Some((word, rest)) = line.words.split_first() else {
        return Ok(say::usage_text(&help::of_verb(Verb::Plugin.info())));
    };
    match ACTIONS.iter().find(|(name, _)| word == name) {
        Some((_, act)) => act(line, rest),
        None => Err(usage(format!("{}: is neither check nor new", word.to_string_lossy()))),
    }
}

fn usage(what: String) -> Failure {
    Failure::usage("plugin", what)
}
