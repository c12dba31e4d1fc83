//! The command line of Fluoro: what the user typed, what is done about it, and the exit status.
//!
//! Options and verbs are tables ([`options`], [`verbs`]); parsing, help, man page, completions, variables and
//! configuration are read off them. Every error is one line on stderr ([`say`]).
#![forbid(unsafe_code)]

mod completions;
mod config;
mod defect;
mod doctor;
mod dropin;
mod help;
mod layers;
mod options;
mod parse;
mod plugin;
mod plugin_words;
mod plugins;
mod run;
mod say;
mod settings;
mod stat;
mod toml;
mod value;
mod verbs;

use layers::Outside;
use parse::Request;
use say::Failure;
use std::ffi::OsString;

/// Does what the command line of this process says; the result is the exit status. A panic is a defect of ours.
pub fn main() -> i32 {
    defect::install();
    let mut args = std::env::args_os();
    let drop_in = args.next().is_some_and(|name| dropin::is_drop_in(&name));
    let args = if drop_in { handed(args.collect()) } else { args.collect() };
    match answer(drop_in, args) {
        Ok(status) => status.into(),
        Err(failure) => {
            failure.say();
            failure.status.into()
        }
    }
}

/// Takes what binfmt_misc hands over.
fn handed(args: Vec<OsString>) -> Vec<OsString> {
    let handed = dropin::Handed::of_process();
    if let Some(descriptor) = handed.descriptor {
        emu::close(descriptor);
    }
    handed.typed(args)
}

fn answer(drop_in: bool, args: Vec<OsString>) -> Result<u8, Failure> {
    let outside = Outside::of_process(drop_in);
    match parse::parse(drop_in, args, &outside)? {
        Request::Nothing => Ok(say::usage_text(help::FOUR_LINES)),
        Request::Version => say::result(&help::version(drop_in.then_some(&outside.prog))),
        Request::Help(_) if drop_in => say::result(&help::drop_in(&outside.prog)),
        Request::Help(None) => say::result(&help::overview()),
        Request::Help(Some(verb)) => say::result(&help::of_verb(verb.info())),
        Request::Do(line) => {
            if !line.settings.quiet {
                line.settings.warnings.iter().for_each(say::warning);
            }
            (line.verb.info().act)(&line)
        }
    }
}
