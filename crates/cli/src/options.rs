//! The options, one row each.
//!
//! Parsing, `help`, the man page, shell completions, `FLUORO_*` and `QEMU_*` variables and `fluoro.toml` are all read
//! off these rows. A row has our spelling (`--long`, perhaps `-s`) and perhaps that of `qemu-riscv64`, whose spelling
//! holds under the drop-in names and is understood by `run` and `stat` as well.

use crate::settings::{Color, Settings};
use crate::value;
use crate::verbs::Verb;
use std::ffi::OsStr;

/// What an option does.
#[derive(Clone, Copy)]
pub enum Act {
    /// A switch; variables and files may also turn it off.
    Switch(fn(&mut Settings, bool)),
    /// A value; the error is the tail of a sentence that names option and value.
    Value(fn(&mut Settings, &OsStr) -> Result<(), String>),
    /// Accepted with one warning line that says why it changes nothing here.
    Ignored(&'static str),
    /// Not in this version: one sentence that says so.
    Refused(&'static str),
    /// Prints the help of the verb at hand.
    Help,
    /// Prints the version.
    Version,
}

/// One option.
pub struct Opt {
    /// Our spelling, without the dashes.
    pub long: &'static str,
    /// Our one-letter spelling.
    pub short: Option<char>,
    /// The reference's spellings, without the dash.
    pub reference: &'static [&'static str],
    /// The reference's environment variable.
    pub reference_env: &'static str,
    /// Name of the value in help texts; empty for a switch.
    pub value: &'static str,
    /// The verbs that have it; empty: only the drop-in names do.
    pub verbs: &'static [Verb],
    pub help: &'static str,
    /// Whether it makes sense on a command line only: variables and files do not set it.
    pub once: bool,
    /// Whether programs that the guest starts get it too.
    pub passed_on: bool,
    pub act: Act,
}

impl Opt {
    /// Whether a value follows.
    pub fn takes_value(&self) -> bool {
        !self.value.is_empty()
    }

    /// Whether it may stand before the verb.
    pub fn global(&self) -> bool {
        self.verbs.len() == Verb::ALL.len()
    }

    /// The variable that stands for it: `FLUORO_ONE_INSN` for `--one-insn`.
    pub fn variable(&self) -> String {
        format!("FLUORO_{}", self.long.to_ascii_uppercase().replace('-', "_"))
    }

    /// Whether variables and files can set it: not if it only makes sense on a command line.
    pub fn lasting(&self) -> bool {
        !self.once && !matches!(self.act, Act::Help | Act::Version)
    }
}

const EVERY: &[Verb] = &Verb::ALL;
const GUEST: &[Verb] = &[Verb::Run, Verb::Stat];
const DROP_IN: &[Verb] = &[];

/// The value most rows share.
const ROW: Opt = Opt {
    long: "",
    short: None,
    reference: &[],
    reference_env: "",
    value: "",
    verbs: GUEST,
    help: "",
    once: false,
    passed_on: true,
    act: Act::Help,
};

/// Every option, in the order in which help lists them.
pub static OPTIONS: &[Opt] = &[
    // table
    Opt {
        long: "sysroot",
        short: Some('L'),
        reference: &["L"],
        reference_env: "QEMU_LD_PREFIX",
        value: "DIR",
        help: "look up the guest's interpreter, libraries and absolute paths under DIR first",
        act: Act::Value(|s, v| {
            s.sysroot = (!v.is_empty()).then(|| v.into());
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "env",
        passed_on: false,
        short: Some('E'),
        reference: &["E"],
        reference_env: "QEMU_SET_ENV",
        value: "NAME=VALUE",
        help: "set variables of the guest's environment; may be repeated, or hold several after commas",
        act: Act::Value(|s, v| value::set_variables(v).map(|edits| s.env.extend(edits))),
        ..ROW
    },
    Opt {
        long: "unset-env",
        passed_on: false,
        short: Some('U'),
        reference: &["U"],
        reference_env: "QEMU_UNSET_ENV",
        value: "NAME",
        help: "take variables out of the guest's environment; may be repeated, or hold several after commas",
        act: Act::Value(|s, v| value::unset_variables(v).map(|edits| s.env.extend(edits))),
        ..ROW
    },
    Opt {
        long: "argv0",
        passed_on: false,
        reference: &["0"],
        reference_env: "QEMU_ARGV0",
        value: "NAME",
        help: "give the guest NAME as its argv[0]",
        act: Act::Value(|s, v| {
            s.argv0 = Some(v.into());
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "cpu",
        reference: &["cpu"],
        reference_env: "QEMU_CPU",
        value: "MODEL",
        help: "the CPU the guest sees: max (the default) or rv64, then ,+EXT or ,-EXT; 'help' lists them",
        act: Act::Value(|s, v| {
            let word = value::text(v)?;
            s.list_cpus = matches!(word, "help" | "?");
            s.cpu = Some(word.to_string());
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "stack",
        reference: &["s"],
        reference_env: "QEMU_STACK_SIZE",
        value: "SIZE",
        help: "size of the main thread's stack; by default the limit that holds here (ulimit -s)",
        act: Act::Value(|s, v| {
            s.stack = Some(value::size(v)?);
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "uname",
        reference: &["r"],
        reference_env: "QEMU_UNAME",
        value: "RELEASE",
        help: "the kernel release that uname reports to the guest",
        act: Act::Value(|s, v| {
            s.uname = Some(value::text(v)?.to_string());
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "seed",
        reference: &["seed"],
        reference_env: "QEMU_RAND_SEED",
        value: "NUMBER",
        help: "make the random bytes that the guest gets at its start (AT_RANDOM) depend on NUMBER only",
        act: Act::Value(|s, v| {
            s.seed = Some(value::number(v)?);
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "strace",
        reference: &["strace"],
        reference_env: "QEMU_STRACE",
        help: "print the guest's system calls with arguments and results",
        act: Act::Switch(|s, on| s.strace = on),
        ..ROW
    },
    Opt {
        long: "log",
        reference: &["D"],
        reference_env: "QEMU_LOG_FILENAME",
        value: "FILE",
        help: "write what --strace and plugins print to FILE, not to stderr; %d in the name is the process id",
        act: Act::Value(|s, v| {
            s.log = Some(value::file(v)?);
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "log-items",
        reference: &["d"],
        reference_env: "QEMU_LOG",
        value: "ITEM,...",
        help: "the reference's log items: 'strace' is --strace, 'plugin' what plugins print, 'help' lists them",
        act: Act::Value(crate::dropin::log_items),
        ..ROW
    },
    Opt {
        long: "one-insn-per-tb",
        reference: &["one-insn-per-tb", "singlestep"],
        reference_env: "QEMU_ONE_INSN_PER_TB",
        help: "translate every instruction as a block of its own",
        act: Act::Switch(|s, on| s.one_insn = on),
        ..ROW
    },
    Opt {
        long: "plugin",
        // Handed on as absolute paths, by `plugins::again`.
        passed_on: false,
        short: Some('p'),
        reference: &["plugin"],
        reference_env: "QEMU_PLUGIN",
        value: "FILE[,NAME=VALUE...]",
        help: "load a plugin, with these arguments; may be repeated",
        act: Act::Value(|s, v| {
            s.plugins.push(v.into());
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "plugin-text",
        value: "WHEN",
        help: "print what plugins write with qemu_plugin_outs: on, off or auto (on, but under the drop-in names only with \
               -d plugin)",
        act: Act::Value(|s, v| {
            s.plugin_text = match value::text(v)? {
                "auto" => None,
                _ => Some(value::switch(v).map_err(|_| "is none of auto, on, off")?),
            };
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "plugin-atexit",
        value: "WHEN",
        help: "run the plugins' atexit callbacks as the contract says (contract), or also when a signal such as SIGTERM \
               or SIGINT ends the guest (always)",
        act: Act::Value(|s, v| {
            s.atexit_always = match value::text(v)? {
                "contract" => false,
                "always" => true,
                _ => return Err("is neither contract nor always".to_string()),
            };
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "plugin-timeout",
        value: "SECONDS",
        help: "how long a plugin's callback may compute (waiting does not count) before it is named and the run ends with \
               status 1: 60 unless said otherwise, 0 for as long as it likes",
        act: Act::Value(|s, v| {
            s.plugin_timeout = Some(value::seconds(v)?);
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "gdb",
        reference: &["g"],
        reference_env: "QEMU_GDB",
        value: "PORT",
        help: "wait for a debugger (not in this version)",
        act: Act::Refused("debugging with gdb is not in this version; --strace and 'fluoro stat' are"),
        ..ROW
    },
    Opt {
        long: "guest-base",
        reference: &["B"],
        reference_env: "QEMU_GUEST_BASE",
        value: "ADDRESS",
        help: "accepted: guest addresses are host addresses here",
        act: Act::Ignored("guest addresses are host addresses here, so there is no base to set"),
        ..ROW
    },
    Opt {
        long: "reserved-va",
        reference: &["R"],
        reference_env: "QEMU_RESERVED_VA",
        value: "SIZE",
        help: "accepted: the guest's address space needs no reservation here",
        act: Act::Ignored("the guest's address space needs no reservation here"),
        ..ROW
    },
    Opt {
        long: "page-size",
        reference: &["p"],
        reference_env: "QEMU_PAGESIZE",
        value: "SIZE",
        help: "accepted: the guest's pages are the host's",
        act: Act::Ignored("the guest's pages are the host's, 4096 bytes"),
        verbs: DROP_IN,
        ..ROW
    },
    Opt {
        long: "signal-map",
        reference: &["t"],
        reference_env: "QEMU_RTSIG_MAP",
        value: "MAP",
        help: "accepted: every real-time signal is the guest's own here",
        act: Act::Ignored("every real-time signal is the guest's own here, so none needs mapping"),
        ..ROW
    },
    Opt {
        long: "tb-size",
        reference: &["tb-size"],
        reference_env: "QEMU_TB_SIZE",
        value: "SIZE",
        help: "accepted: code memory is bounded and needs no tuning",
        act: Act::Ignored("code memory is bounded and needs no tuning here"),
        ..ROW
    },
    Opt {
        long: "dfilter",
        reference: &["dfilter"],
        reference_env: "QEMU_DFILTER",
        value: "RANGE,...",
        help: "accepted: there is no log of addresses to filter",
        act: Act::Ignored("there is no log of addresses to filter here"),
        ..ROW
    },
    Opt {
        long: "trace",
        reference: &["trace"],
        reference_env: "QEMU_TRACE",
        value: "PATTERN",
        help: "accepted: the reference's trace events do not exist here",
        act: Act::Ignored("the reference's trace events do not exist here"),
        ..ROW
    },
    Opt {
        long: "perfmap",
        reference: &["perfmap"],
        reference_env: "QEMU_PERFMAP",
        help: "accepted: no map for perf is written",
        act: Act::Ignored("no map for perf is written in this version"),
        ..ROW
    },
    Opt {
        long: "jitdump",
        reference: &["jitdump"],
        reference_env: "QEMU_JITDUMP",
        help: "accepted: no dump for perf is written",
        act: Act::Ignored("no dump for perf is written in this version"),
        ..ROW
    },
    Opt {
        long: "as-child",
        help: "used by Fluoro itself for programs that the guest starts: variables and files set nothing",
        once: true,
        passed_on: false,
        value: "PID",
        act: Act::Value(|s, v| {
            s.as_child = Some(value::number(v)? as u32);
            s.quiet = true;
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "output",
        short: Some('o'),
        value: "FILE",
        verbs: GUEST,
        help: "write the result (of 'run': what plugins print) to FILE, not to stderr",
        act: Act::Value(|s, v| {
            s.output = Some(value::file(v)?);
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "json",
        verbs: &[Verb::Stat, Verb::Plugin, Verb::Doctor, Verb::Config],
        help: "print one JSON object; docs/guide.md names its members",
        act: Act::Switch(|s, on| s.json = on),
        ..ROW
    },
    Opt {
        long: "per-thread",
        verbs: &[Verb::Stat],
        help: "one table a thread, then the totals",
        act: Act::Switch(|s, on| s.per_thread = on),
        ..ROW
    },
    Opt {
        long: "cpu",
        verbs: &[Verb::Doctor],
        once: true,
        help: "list the CPU models and extensions that --cpu takes",
        act: Act::Switch(|s, on| s.list_cpus = on),
        ..ROW
    },
    Opt {
        long: "register",
        verbs: &[Verb::Doctor],
        once: true,
        help: "register riscv64 programs with the kernel (binfmt_misc), so that ./prog alone runs them; needs root",
        act: Act::Switch(|s, on| s.register = on),
        ..ROW
    },
    Opt {
        long: "lang",
        verbs: &[Verb::Plugin],
        value: "LANG",
        help: "the language of a new plugin: c (the default), cpp or rust",
        act: Act::Value(|s, v| {
            s.lang = Some(value::text(v)?.to_string());
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "man",
        verbs: &[Verb::Help],
        once: true,
        help: "print the whole as a man page",
        act: Act::Switch(|s, on| s.man = on),
        ..ROW
    },
    Opt {
        long: "verbose",
        passed_on: false,
        short: Some('v'),
        verbs: EVERY,
        help: "say which program, CPU and sysroot are used",
        act: Act::Switch(|s, on| s.verbose = on),
        ..ROW
    },
    Opt {
        long: "quiet",
        passed_on: false,
        short: Some('q'),
        verbs: EVERY,
        help: "no warnings",
        act: Act::Switch(|s, on| s.quiet = on),
        ..ROW
    },
    Opt {
        long: "color",
        passed_on: false,
        value: "WHEN",
        verbs: EVERY,
        help: "auto (on a terminal, unless NO_COLOR is set), always or never",
        act: Act::Value(|s, v| {
            s.color = match value::text(v)? {
                "auto" => Color::Auto,
                "always" => Color::Always,
                "never" => Color::Never,
                _ => return Err("is none of auto, always, never".to_string()),
            };
            Ok(())
        }),
        ..ROW
    },
    Opt {
        long: "help",
        passed_on: false,
        short: Some('h'),
        reference: &["h", "help"],
        verbs: EVERY,
        help: "print this help",
        act: Act::Help,
        ..ROW
    },
    Opt {
        long: "version",
        passed_on: false,
        reference: &["version"],
        reference_env: "",
        verbs: EVERY,
        help: "print the version",
        act: Act::Version,
        ..ROW
    },
];

/// The options of a verb, in the table's order.
pub fn of(verb: Verb) -> impl Iterator<Item = &'static Opt> {
    OPTIONS.iter().filter(move |o| o.verbs.contains(&verb))
}

/// The options of the drop-in names.
pub fn of_reference() -> impl Iterator<Item = &'static Opt> {
    OPTIONS.iter().filter(|o| !o.reference.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_spelling_twice() {
        let mut reference = HashSet::new();
        for o in OPTIONS {
            for r in o.reference {
                assert!(reference.insert(*r), "-{r}");
            }
            assert!(!o.help.is_empty() && !o.help.ends_with('.'), "--{}", o.long);
        }
        for verb in Verb::ALL {
            let (mut short, mut long) = (HashSet::new(), HashSet::new());
            assert!(of(verb).all(|o| long.insert(o.long)), "{verb:?}");
            assert!(of(verb).filter_map(|o| o.short).all(|s| short.insert(s)), "{verb:?}");
        }
    }

    #[test]
    fn switches_have_no_value_and_values_have_one() {
        for o in OPTIONS {
            match o.act {
                Act::Value(_) => assert!(o.takes_value(), "--{}", o.long),
                Act::Switch(_) | Act::Help | Act::Version => assert!(!o.takes_value(), "--{}", o.long),
                Act::Ignored(_) | Act::Refused(_) => {}
            }
        }
    }
}
