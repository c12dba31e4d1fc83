//! The verbs `run` and `stat`: from settings to a run, and from its end to our own.

use crate::parse::Line;
use crate::say::{self, CANNOT_RUN, Failure, NOT_FOUND, USAGE};
use crate::settings::Settings;
use crate::value::EnvEdit;
use crate::{doctor, dropin};
use emu::{End, Error, Setup, Trace};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The verb `run`.
pub fn run(line: &Line) -> Result<u8, Failure> {
    if line.settings.list_log_items {
        say::result(&dropin::log_items_text());
        return Ok(0);
    }
    let setup = setup(line, false)?;
    let outcome = emu::run(setup).map_err(|e| failure(e, line))?;
    finish(outcome.end)
}

/// The verb `stat`.
pub fn stat(line: &Line) -> Result<u8, Failure> {
    let setup = setup(line, true)?;
    let outcome = emu::run(setup).map_err(|e| failure(e, line))?;
    finish(outcome.end)
}

fn finish(end: End) -> Result<u8, Failure> {
    match end {
        End::Exited(status) => Ok(status),
        End::Killed(_) => Ok(125),
    }
}

fn failure(error: Error, line: &Line) -> Failure {
    match error {
        Error::Cpu(why) => {
            let model = line.settings.cpu.as_deref().unwrap_or("max");
            Failure::new(USAGE, format!("--cpu {model}: {why}"))
        }
    }
}

fn setup(line: &Line, count: bool) -> Result<Setup, Failure> {
    let s = &line.settings;
    let verb = line.verb.info().name;
    let Some(word) = line.words.first() else {
        return Err(Failure::usage(verb, "no program is named"));
    };
    let program = find_program(line, word)?;
    let mut argv = line.words.clone();
    if let Some(argv0) = &s.argv0 {
        argv[0] = argv0.clone();
    }
    Ok(Setup {
        program,
        argv,
        env: environment(s),
        sysroot: s.sysroot.clone(),
        cpu: s.cpu.clone(),
        stack: s.stack,
        uname: s.uname.clone(),
        seed: s.seed,
        one_insn: s.one_insn,
        trace: s.strace.then(|| s.log.clone().map_or(Trace::Stderr, Trace::File)),
        count,
    })
}

/// The host's environment with the user's changes.
fn environment(s: &Settings) -> Vec<(OsString, OsString)> {
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
    env
}

/// The file that a word names: a path, else a file here (as the reference looks for it), else one in `PATH`.
fn find_program(line: &Line, word: &OsStr) -> Result<PathBuf, Failure> {
    let path = Path::new(word);
    let shown = path.display();
    let here = match path.metadata() {
        Ok(meta) if meta.is_dir() => {
            return Err(Failure::new(CANNOT_RUN, format!("{shown}: is a directory; name a program in it")));
        }
        Ok(_) => return Ok(path.to_path_buf()),
        Err(e) => e,
    };
    let bare = !word.as_bytes().contains(&b'/');
    let in_path = word.to_str().filter(|_| bare && !line.drop_in).and_then(doctor::in_path);
    match (in_path, here.kind()) {
        (Some(found), _) => Ok(found),
        (None, std::io::ErrorKind::NotFound) if bare && !line.verb_named && !line.drop_in => {
            Err(Failure::usage("", format!("{shown}: is neither a verb nor a program here or in PATH")))
        }
        (None, std::io::ErrorKind::NotFound) => {
            let what = if word.is_empty() { "the name of the program is empty" } else { "there is no such file" };
            Err(Failure::new(NOT_FOUND, format!("{shown}: {what}; check the name")))
        }
        (None, _) => Err(Failure::new(CANNOT_RUN, format!("{shown}: {}", say::os_words(&here)))),
    }
}
