//! The verbs, one row each.

use crate::parse::Line;
use crate::say::Failure;
use crate::{completions, config, doctor, help, plugin, run, stat};

/// The verbs by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Run,
    Stat,
    Plugin,
    Doctor,
    Config,
    Completions,
    Help,
}

/// What a verb is.
pub struct Info {
    pub verb: Verb,
    pub name: &'static str,
    /// What follows the verb on the command line.
    pub usage: &'static str,
    /// One line: what it does.
    pub summary: &'static str,
    /// Command lines that show it, each with what it does.
    pub examples: [(&'static str, &'static str); 2],
    /// Whether the words after the options are a guest program and its arguments.
    pub runs_guest: bool,
    /// Does it; the result is the exit status.
    pub act: fn(&Line) -> Result<u8, Failure>,
}

impl Verb {
    pub const ALL: [Verb; 7] =
        [Verb::Run, Verb::Stat, Verb::Plugin, Verb::Doctor, Verb::Config, Verb::Completions, Verb::Help];

    pub fn info(self) -> &'static Info {
        VERBS.iter().find(|i| i.verb == self).expect("every verb has a row")
    }

    /// The verb that `word` names.
    pub fn named(word: &str) -> Option<Verb> {
        VERBS.iter().find(|i| i.name == word).map(|i| i.verb)
    }
}

/// Every verb, in the order in which help lists them.
pub static VERBS: [Info; 7] = [
    Info {
        verb: Verb::Run,
        name: "run",
        usage: "[options] [--] PROGRAM [arguments...]",
        summary: "run a riscv64 Linux program",
        examples: [
            ("fluoro run ./prog in.txt", "as the shell would run ./prog in.txt on a riscv64 machine"),
            ("fluoro run -L /usr/riscv64-linux-gnu ./prog", "with the libraries of a cross compiler"),
        ],
        runs_guest: true,
        act: run::run,
    },
    Info {
        verb: Verb::Stat,
        name: "stat",
        usage: "[options] [--] PROGRAM [arguments...]",
        summary: "run a program and count what it does, exactly",
        examples: [
            ("fluoro stat ./prog", "instructions, blocks, loads, stores, branches, system calls, faults, time"),
            ("fluoro stat --json -o stat.json ./prog", "the same for machines, into a file"),
        ],
        runs_guest: true,
        act: stat::stat,
    },
    Info {
        verb: Verb::Plugin,
        name: "plugin",
        usage: "check FILE... | new NAME [--lang c|cpp|rust]",
        summary: "say whether plugins will load and why not, or begin a new one",
        examples: [
            ("fluoro plugin check ./libfoo.so", "version, machine, functions and libraries that it needs"),
            ("fluoro plugin new count --lang c", "a folder 'count' with a small working plugin; then 'make' in it"),
        ],
        runs_guest: false,
        act: plugin::plugin,
    },
    Info {
        verb: Verb::Doctor,
        name: "doctor",
        usage: "[options]",
        summary: "say what this machine offers, what is missing, and what helps",
        examples: [
            ("fluoro doctor", "one line a topic"),
            ("sudo fluoro doctor --register", "let the kernel start riscv64 programs with Fluoro"),
        ],
        runs_guest: false,
        act: doctor::doctor,
    },
    Info {
        verb: Verb::Config,
        name: "config",
        usage: "[options]",
        summary: "show which settings hold and where they come from",
        examples: [
            ("fluoro config", "what variables and fluoro.toml files set for 'fluoro run' and 'fluoro stat'"),
            ("FLUORO_CPU=rv64 fluoro config", "shows cpu = rv64, from FLUORO_CPU"),
        ],
        runs_guest: false,
        act: config::config,
    },
    Info {
        verb: Verb::Completions,
        name: "completions",
        usage: "bash|zsh|fish",
        summary: "print a completion script for a shell",
        examples: [
            ("fluoro completions bash > ~/.local/share/bash-completion/completions/fluoro", "for bash"),
            ("fluoro completions fish > ~/.config/fish/completions/fluoro.fish", "for fish"),
        ],
        runs_guest: false,
        act: completions::completions,
    },
    Info {
        verb: Verb::Help,
        name: "help",
        usage: "[VERB]",
        summary: "explain a verb and its options",
        examples: [
            ("fluoro help stat", "the same as 'fluoro stat --help'"),
            ("fluoro help --man > fluoro.1", "all of it as a man page"),
        ],
        runs_guest: false,
        act: help::help,
    },
];
