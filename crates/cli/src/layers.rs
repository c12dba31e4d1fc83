//! Where settings come from: `fluoro.toml`, `QEMU_*` and `FLUORO_*` variables, the command line. The later wins.

use crate::options::{self, Act, Opt};
use crate::say::{Failure, USAGE};
use crate::settings::Settings;
use crate::toml;
use crate::value;
use crate::verbs::Verb;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

/// Who gave a value, and how it was spelled there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Line(String),
    Variable(String),
    File(PathBuf, String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Line(spelled) | Origin::Variable(spelled) => f.write_str(spelled),
            Origin::File(path, key) => write!(f, "{}: {key}", path.display()),
        }
    }
}

/// An option that was given, with its value (`1` for a switch on the command line).
#[derive(Clone)]
pub struct Given {
    pub option: &'static Opt,
    pub value: OsString,
    pub origin: Origin,
}

/// What stands outside the command line.
#[derive(Default)]
pub struct Outside {
    /// The variables whose names begin with `QEMU_` or `FLUORO_`.
    variables: Vec<(String, OsString)>,
    /// The configuration files that may exist, the weaker first.
    files: Vec<PathBuf>,
    /// The name that this program was started under, without its directory.
    pub prog: String,
}

impl Outside {
    /// What holds for this process. Drop-in names read no files: what a script means must not depend on the directory.
    pub fn of_process(drop_in: bool) -> Outside {
        let ours = |name: &str| name.starts_with("QEMU_") || name.starts_with("FLUORO_");
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.to_str().filter(|n| ours(n))?.to_string(), value)))
            .collect();
        let prog = std::env::args_os().next().unwrap_or_default();
        let prog = Path::new(&prog).file_name().unwrap_or_default().to_string_lossy().into_owned();
        Outside { variables, files: if drop_in { Vec::new() } else { files() }, prog }
    }
}

/// Puts the layers together.
pub fn apply(verb: Verb, line: Vec<Given>, outside: &Outside) -> Result<(Settings, Vec<Given>), Failure> {
    let mut given = Vec::new();
    let as_child = line.iter().any(|g| g.option.long == "as-child");
    if !as_child {
        for path in &outside.files {
            given.extend(from_file(verb, path)?);
        }
        given.extend(from_variables(verb, &outside.variables));
    }
    given.extend(line);
    let mut settings = Settings::default();
    for g in &given {
        set(&mut settings, g)?;
    }
    Ok((settings, given))
}

fn set(settings: &mut Settings, given: &Given) -> Result<(), Failure> {
    let Given { option, value, origin } = given;
    let thing = match origin {
        Origin::Line(spelled) if option.takes_value() && value.is_empty() => format!("{spelled} ''"),
        Origin::Line(spelled) if option.takes_value() => format!("{spelled} {}", value.to_string_lossy()),
        Origin::Variable(name) => format!("{name}={}", value.to_string_lossy()),
        _ => origin.to_string(),
    };
    let wrong = |reason: String| Failure::new(USAGE, format!("{thing}: {reason}"));
    match option.act {
        Act::Switch(set) => set(settings, value::switch(value).map_err(wrong)?),
        Act::Value(set) => set(settings, value).map_err(wrong)?,
        Act::Ignored(why) => settings.warnings.push(format!("{thing}: {why}")),
        Act::Refused(why) => return Err(wrong(why.to_string())),
        Act::Help | Act::Version => {}
    }
    Ok(())
}

fn files() -> Vec<PathBuf> {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".config"));
    let user = std::env::var_os("XDG_CONFIG_HOME").filter(|d| !d.is_empty()).map(PathBuf::from).or_else(home);
    let mut files: Vec<PathBuf> = user.map(|d| d.join("fluoro").join("fluoro.toml")).into_iter().collect();
    files.push(PathBuf::from("fluoro.toml"));
    files
}

fn from_file(verb: Verb, path: &Path) -> Result<Vec<Given>, Failure> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::InvalidData => {
            return Err(Failure::new(USAGE, format!("{}: is not UTF-8 text", path.display())));
        }
        Err(_) => return Ok(Vec::new()),
    };
    let wrong = |line: usize, why: String| Failure::new(USAGE, format!("{}:{line}: {why}", path.display()));
    let mut given = Vec::new();
    for entry in toml::read(&text).map_err(|e| wrong(e.line, e.why))? {
        let toml::Entry { line, section, key, values } = entry;
        let known = options::OPTIONS.iter().any(|o| o.long == key && o.lasting());
        if !known || !(section.is_empty() || Verb::named(&section).is_some()) {
            let name = if section.is_empty() { key } else { format!("{section}.{key}") };
            return Err(wrong(line, format!("unknown setting '{name}'; 'fluoro help' names the options")));
        }
        if !section.is_empty() && section != verb.info().name {
            continue;
        }
        let Some(option) = options::of(verb).find(|o| o.long == key && o.lasting()) else { continue };
        let origin = Origin::File(path.to_path_buf(), key);
        given.extend(values.into_iter().map(|v| Given { option, value: v.into(), origin: origin.clone() }));
    }
    Ok(given)
}

/// `QEMU_*`, then `FLUORO_*`, in the order of the options.
fn from_variables(verb: Verb, variables: &[(String, OsString)]) -> Vec<Given> {
    let (mut reference, mut ours) = (Vec::new(), Vec::new());
    if variables.is_empty() {
        return ours;
    }
    for option in options::OPTIONS.iter().filter(|o| o.lasting()) {
        // The page size of the drop-in names is no option of a verb, its variable is.
        if !(option.verbs.contains(&verb) || option.verbs.is_empty() && verb.info().runs_guest) {
            continue;
        }
        let named = option.variable();
        for (name, value) in variables {
            let origin = Origin::Variable(name.clone());
            if *name == option.reference_env {
                let on = if option.takes_value() { value.as_os_str() } else { OsStr::new("1") };
                reference.push(Given { option, value: on.into(), origin });
            } else if *name == named {
                ours.push(Given { option, value: value.clone(), origin });
            }
        }
    }
    reference.extend(ours);
    reference
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(list: &[(&str, &str)]) -> Vec<(String, OsString)> {
        list.iter().map(|(n, v)| (n.to_string(), OsString::from(v))).collect()
    }

    fn given(long: &str, value: &str) -> Given {
        let option = options::of(Verb::Run).find(|o| o.long == long).unwrap();
        Given { option, value: value.into(), origin: Origin::Line(format!("--{long}")) }
    }

    #[test]
    fn the_command_line_wins_then_our_variables_then_the_reference_s_then_the_files() {
        let dir = std::env::temp_dir().join(format!("fluoro-layers-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let file = dir.join("fluoro.toml");
        std::fs::write(&file, "cpu = 'file'\nuname = 'file'\n[stat]\nargv0 = 'x'\n").unwrap();
        let pairs =
            [("QEMU_CPU", "reference"), ("FLUORO_CPU", "ours"), ("QEMU_ARGV0", "reference"), ("QEMU_STRACE", "")];
        let outside = Outside { variables: variables(&pairs), files: vec![file], ..Outside::default() };
        let (s, _) = apply(Verb::Run, vec![], &outside).unwrap();
        assert_eq!(s.cpu.as_deref(), Some("ours"));
        assert_eq!(s.uname.as_deref(), Some("file"));
        assert_eq!(s.argv0.as_deref(), Some(OsStr::new("reference")));
        assert!(s.strace);
        let (s, all) = apply(Verb::Run, vec![given("cpu", "line")], &outside).unwrap();
        assert_eq!(s.cpu.as_deref(), Some("line"));
        assert_eq!(all.iter().filter(|g| g.option.long == "cpu").count(), 4);
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn plugins_come_from_the_files_the_variables_and_the_line_in_this_order() {
        let pairs = [("FLUORO_PLUGIN", "ours"), ("QEMU_PLUGIN", "reference")];
        let outside = Outside { variables: variables(&pairs), ..Outside::default() };
        let (s, _) = apply(Verb::Stat, vec![given("plugin", "line"), given("plugin", "line2")], &outside).unwrap();
        assert_eq!(s.plugins, ["reference", "ours", "line", "line2"]);
    }

    #[test]
    fn programs_that_a_guest_starts_look_at_the_command_line_only() {
        let outside = Outside { variables: variables(&[("FLUORO_CPU", "x"), ("QEMU_GDB", "1")]), ..Outside::default() };
        let (s, _) = apply(Verb::Run, vec![given("as-child", "1000"), given("cpu", "rv64")], &outside).unwrap();
        assert_eq!((s.cpu.as_deref(), s.quiet), (Some("rv64"), true));
    }

    #[test]
    fn wrong_values_name_their_source() {
        let outside = Outside { variables: variables(&[("FLUORO_STRACE", "maybe")]), ..Outside::default() };
        let e = apply(Verb::Run, vec![], &outside).err().unwrap();
        assert_eq!(e.line, "FLUORO_STRACE=maybe: is neither on (1, true, yes) nor off (0, false, no)");
        let outside = Outside { variables: variables(&[("QEMU_GDB", "1234")]), ..Outside::default() };
        assert!(apply(Verb::Run, vec![], &outside).is_err());
        assert!(apply(Verb::Doctor, vec![], &outside).is_ok());
    }
}
