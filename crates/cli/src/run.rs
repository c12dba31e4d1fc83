//! The verb `run`: from settings to a run, and from its end to our own.

use crate::layers::Given;
use crate::options::Act;
use crate::parse::Line;
use crate::plugin_words::PluginWords;
use crate::say::{self, CANNOT_RUN, Failure, NOT_FOUND, USAGE};
use crate::settings::Settings;
use crate::value::{self, EnvEdit};
use crate::verbs::Verb;
use crate::{doctor, dropin, plugins};
use emu::{Error, Setup};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The verb `run`.
pub fn run(line: &Line) -> Result<u8, Failure> {
    if let Some(text) = list(line) {
        return say::result(&text);
    }
    let Some(words) = plugins::words(line)? else { return Ok(0) };
    let outcome = emu::run(setup(line, words)?).map_err(|e| failure(e, line))?;
    outcome.end.follow()
}

/// What `-d help` or `-cpu help` asks for instead of a run.
pub fn list(line: &Line) -> Option<String> {
    match &line.settings {
        s if s.list_log_items => Some(dropin::log_items_text()),
        s if s.list_cpus => Some(doctor::cpus_text()),
        _ => None,
    }
}

pub fn failure(error: Error, line: &Line) -> Failure {
    match error {
        Error::Cpu(why) => {
            let model = line.settings.cpu.as_deref().unwrap_or_default();
            Failure::new(USAGE, format!("--cpu {model}: {why}"))
        }
        Error::Plugin(why) => Failure::plugin(&line.prog, why),
        Error::Load(e) => Failure::new(if e.status() == 127 { NOT_FOUND } else { CANNOT_RUN }, e.to_string()),
        Error::SetUid => {
            let what = "this copy of fluoro is set-uid or set-gid, and as such runs no guest";
            Failure::new(CANNOT_RUN, format!("{what}; 'chmod ug-s' takes that away"))
        }
        Error::NoMemory(e) => {
            let what = format!("no memory for the guest: {}; free some, or raise 'ulimit -v'", say::os_words(&e));
            Failure::new(CANNOT_RUN, what)
        }
    }
}

/// The description of the run, and the files that it writes to.
pub fn setup(line: &Line, words: PluginWords) -> Result<Setup, Failure> {
    let s = &line.settings;
    let Some((word, args)) = line.words.split_first() else {
        let what = "no program is named";
        return Err(match line.drop_in {
            true => Failure::drop_in_usage(&line.prog, what),
            false => Failure::usage(line.verb.info().name, what),
        });
    };
    let program = find_program(line, word)?;
    if s.verbose && !s.quiet {
        let cpu = s.cpu.as_deref().unwrap_or(emu::cpu::DEFAULT);
        let sysroot = s.sysroot.as_ref().map_or("found by the interpreter".to_string(), |d| d.display().to_string());
        say::line(format_args!("{}: cpu {cpu}, sysroot {sysroot}", program.display()));
    }
    plugins::make_log(line)?;
    let again = again(line, &words);
    let argv0 = s.argv0.clone().or_else(|| (program != Path::new(word)).then(|| word.clone()));
    Ok(Setup {
        program,
        argv0,
        args: args.to_vec(),
        env: environment(s),
        sysroot: s.sysroot.clone(),
        cpu: s.cpu.clone(),
        stack: s.stack,
        uname: s.uname.clone(),
        seed: s.seed,
        one_insn: s.one_insn,
        strace: s.strace,
        log: plugins::log(line),
        count: line.verb == Verb::Stat,
        again,
        plugins: plugins::plugins(line, words)?,
    })
}

/// The words with which a program that the guest starts runs as this one does: our file, the verb, the options.
fn again(line: &Line, plugins: &PluginWords) -> Vec<OsString> {
    let first = format!("--as-child={}", line.settings.as_child.unwrap_or(std::process::id()));
    let mut words = vec![OsString::from("/proc/self/exe"), line.verb.info().name.into(), first.into()];
    for Given { option, value, .. } in line.given.iter().filter(|g| g.option.passed_on) {
        match option.act {
            Act::Switch(_) if value::switch(value) == Ok(true) => words.push(format!("--{}", option.long).into()),
            Act::Value(_) => {
                words.push(format!("--{}", option.long).into());
                words.push(if matches!(option.value, "FILE" | "DIR") { absolute(value) } else { value.clone() });
            }
            _ => {}
        }
    }
    words.extend(plugins::again(line, plugins));
    words
}

/// A path that does not depend on the working directory, which the guest may change.
pub fn absolute(path: &OsStr) -> OsString {
    std::path::absolute(path).map_or_else(|_| path.to_os_string(), PathBuf::into_os_string)
}

/// The host's environment with the user's changes, as `NAME=value`.
fn environment(s: &Settings) -> Vec<OsString> {
    let mut env: Vec<(OsString, OsString)> = std::env::vars_os().collect();
    for edit in &s.env {
        match edit {
            EnvEdit::Unset(name) => env.retain(|(n, _)| n != name),
            EnvEdit::Set(name, value) => match env.iter_mut().find(|(n, _)| n == name) {
                Some((_, old)) => old.clone_from(value),
                None => env.push((name.clone(), value.clone())),
            },
        }
    }
    let joined = |(mut name, value): (OsString, OsString)| {
        name.push("=");
        name.push(value);
        name
    };
    env.into_iter().map(joined).collect()
}

/// "Too many levels of symbolic links": the standard library has no stable name for it.
const ELOOP: i32 = 40;

/// The file that a word names: a path, else a file here (as the reference looks for it), else one in `PATH`.
fn find_program(line: &Line, word: &OsStr) -> Result<PathBuf, Failure> {
    let here = PathBuf::from(word);
    // A link that leads to itself is here too, and will be named as what it is.
    let circle = || here.metadata().is_err_and(|e| e.raw_os_error() == Some(ELOOP));
    if line.drop_in || word.as_bytes().contains(&b'/') || here.exists() || circle() {
        return Ok(here);
    }
    if let Some(found) = word.to_str().and_then(doctor::in_path) {
        return Ok(found);
    }
    let shown = here.display();
    if word.is_empty() {
        return Err(Failure::new(NOT_FOUND, "the program's name is empty; name a file"));
    }
    if !line.verb_named {
        return Err(Failure::usage("", format!("{shown}: is neither a verb nor a program here or in PATH")));
    }
    Err(Failure::new(NOT_FOUND, format!("{shown}: is neither here nor in PATH; check the name")))
}
