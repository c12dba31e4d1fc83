//! What the options say about plugins and logs, put together for a run.

use crate::parse::Line;
use crate::plugin_words::{self, PluginWords, Stop};
use crate::say::{self, Failure, OURS, USAGE};
use crate::verbs::Verb;
use emu::{PluginText, Plugins, with_number};
use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Seconds that a callback may compute unless the user says something else.
const PLUGIN_TIMEOUT: u32 = 60;

/// Reads the strings that name plugins, and prints warnings about them. `None`: one asked for help, which is printed.
///
/// # Errors
/// A string is wrong: nothing runs then.
pub fn words(line: &Line) -> Result<Option<PluginWords>, Failure> {
    let mut words = PluginWords::default();
    let settings = &line.settings;
    let stop = settings.plugins.iter().find_map(|text| words.add(text).err().map(|stop| (text, stop)));
    if !settings.quiet {
        words.warnings.iter().for_each(|w| say::line_by(&line.prog, format_args!("warning: {w}")));
    }
    match stop {
        None => Ok(Some(words)),
        Some((_, Stop::Help)) => say::result(plugin_words::HELP).map(|_| None),
        Some((text, Stop::NoFile(_))) if !line.drop_in => {
            let what = "names no file; write FILE[,NAME=VALUE...]";
            Err(Failure::plugin(&line.prog, format!("plugin '{}': {what}", text.display())))
        }
        Some((_, Stop::NoFile(why))) => Err(Failure::plugin(&line.prog, why)),
        Some((_, Stop::Wrong(why))) => Err(Failure::plugin(&line.prog, why)),
    }
}

/// The description for a run. Makes the files that its text goes to.
///
/// # Errors
/// One of them cannot be written, or `-d tid` has no name for its files.
pub fn plugins(line: &Line, words: PluginWords) -> Result<Plugins, Failure> {
    let settings = &line.settings;
    Ok(Plugins {
        specs: words.specs,
        prog: line.prog.clone(),
        text: text(line)?,
        atexit_always: settings.atexit_always,
        quiet_end: settings.quiet || is_further(line) || line.drop_in && !settings.log_plugin,
        own_words: !line.drop_in,
        timeout: settings.plugin_timeout.unwrap_or(PLUGIN_TIMEOUT),
    })
}

/// Whether the text that plugins print is shown.
fn shown(line: &Line) -> bool {
    line.settings.plugin_text.unwrap_or(!line.drop_in || line.settings.log_plugin)
}

/// Where that text goes.
fn text(line: &Line) -> Result<PluginText, Failure> {
    let settings = &line.settings;
    if !shown(line) {
        return Ok(PluginText::Off);
    }
    if let (Verb::Run, Some(output)) = (line.verb, &settings.output) {
        let path = further(line, output);
        make(line, &path, output)?;
        return Ok(PluginText::File(path));
    }
    match &settings.log {
        None => Ok(PluginText::Stderr),
        Some(log) if settings.log_per_thread => Ok(PluginText::PerThread(absolute(log))),
        Some(_) => Ok(log(line).map_or(PluginText::Stderr, PluginText::File)),
    }
}

/// The log file of this process, if one was named.
pub fn log(line: &Line) -> Option<PathBuf> {
    line.settings.log.as_ref().map(|log| absolute(&with_number(log, std::process::id()).unwrap_or_else(|| log.clone())))
}

/// Makes the log file, empty.
///
/// # Errors
/// It cannot be written or has no good name, or `-d tid` has no name for its files.
pub fn make_log(line: &Line) -> Result<(), Failure> {
    let settings = &line.settings;
    // A child has an absolute path, in which folders may be called anything.
    if let (Some(typed), None) = (&settings.log, settings.as_child)
        && !is_template(typed.as_os_str())
    {
        let shown = typed.display();
        return Err(match line.drop_in {
            true => Failure::plugin(&line.prog, format!("Bad logfile template: {shown}")),
            false => Failure::new(
                USAGE,
                format!("-D {shown}: a '%' stands only once in the name, before 'd'; choose another"),
            ),
        });
    }
    if settings.log_per_thread && settings.log.as_ref().is_none_or(|l| with_number(l, 0).is_none()) {
        return Err(match line.drop_in {
            true => Failure::plugin(&line.prog, "Filename template with '%d' required for 'tid'"),
            false => Failure::new(USAGE, "-d tid: a file per thread needs '%d' in the name that -D gives"),
        });
    }
    match (log(line), &settings.log) {
        (Some(path), Some(typed)) => make(line, &path, typed),
        _ => Ok(()),
    }
}

/// Makes a file, or empties it; a program that a guest started adds to what its caller wrote. What is no plain file is
/// left alone: a reader of a pipe would take the closing for its end.
fn make(line: &Line, path: &Path, typed: &Path) -> Result<(), Failure> {
    if path.metadata().is_ok_and(|m| !m.is_file() && !m.is_dir()) {
        return Ok(());
    }
    let first = line.settings.as_child.is_none();
    let made = OpenOptions::new().create(true).write(true).truncate(first).open(path);
    made.map(drop).map_err(|e| cannot_write(typed, &e))
}

/// The line about a file of ours that cannot be written.
pub fn cannot_write(typed: &Path, error: &std::io::Error) -> Failure {
    let (shown, why) = (typed.display(), say::os_words(error));
    Failure::new(OURS, format!("{shown}: {why}; name a file that can be written"))
}

/// Whether this is another process than the one that the user started.
fn is_further(line: &Line) -> bool {
    line.settings.as_child.is_some_and(|first| first != std::process::id())
}

/// The file of the verb's result for this process: `FILE`, or `FILE.PID` in all processes but the first.
pub fn further(line: &Line, output: &Path) -> PathBuf {
    let mut path = absolute(output);
    if is_further(line) {
        path.as_mut_os_string().push(format!(".{}", std::process::id()));
    }
    path
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Whether a name has no `%` but that of one `%d`.
fn is_template(name: &OsStr) -> bool {
    let percents = name.as_bytes().iter().filter(|b| **b == b'%').count();
    percents == 0 || percents == 1 && with_number(Path::new(name), 0).is_some()
}

/// The words that give a program which the guest starts the same plugins and the same place for their text.
pub fn again(line: &Line, words: &PluginWords) -> Vec<OsString> {
    let mut again = Vec::new();
    for spec in &words.specs {
        again.extend(["--plugin".into(), plugin_words::again(spec)]);
    }
    if !shown(line) {
        again.push("--plugin-text=off".into());
    }
    again
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names() {
        let at = |path: &str| with_number(Path::new(path), 42).unwrap_or_else(|| path.into());
        assert_eq!(at("/x/log"), Path::new("/x/log"));
        assert_eq!(at("/x/%d.log"), Path::new("/x/42.log"));
        assert_eq!(at("/%d/%d%"), Path::new("/%d/42%"));
        for (name, good) in
            [("a", true), ("a%d", true), ("%db", true), ("a%", false), ("%s", false), ("%d%d", false), ("%%d", false)]
        {
            assert_eq!(is_template(OsStr::new(name)), good, "{name}");
        }
    }
}
