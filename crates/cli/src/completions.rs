//! Completion scripts for shells, made from the tables.

use crate::options::{self, Opt};
use crate::parse::Line;
use crate::plugin;
use crate::say::{self, Failure};
use crate::verbs::{VERBS, Verb};

type Script = fn() -> String;

const SHELLS: [(&str, Script); 3] = [("bash", bash), ("zsh", zsh), ("fish", fish)];

/// The verb `completions`.
pub fn completions(line: &Line) -> Result<u8, Failure> {
    let names = || SHELLS.map(|(name, _)| name).join(", ");
    let Some(word) = line.words.first() else {
        return Err(Failure::usage("completions", format!("a shell is missing: one of {}", names())));
    };
    let word = word.to_string_lossy();
    let script = SHELLS.iter().find(|(name, _)| *name == word);
    let (_, script) = script.ok_or_else(|| {
        Failure::usage("completions", format!("{word}: unknown shell; completions exist for {}", names()))
    })?;
    line.at_most(1, "one shell is enough")?;
    say::result(&script())
}

fn spelled(option: &Opt) -> String {
    let short = option.short.map(|c| format!("-{c} ")).unwrap_or_default();
    format!("{short}--{}", option.long)
}

/// The words that may follow a verb; empty if it takes files.
fn words_of(verb: Verb) -> Vec<&'static str> {
    match verb {
        Verb::Plugin => plugin::ACTIONS.map(|(name, _)| name).to_vec(),
        Verb::Completions => SHELLS.map(|(name, _)| name).to_vec(),
        Verb::Help => VERBS.iter().map(|v| v.name).collect(),
        Verb::Run | Verb::Stat | Verb::Doctor | Verb::Config => Vec::new(),
    }
}

fn bash() -> String {
    let verbs: Vec<&str> = VERBS.iter().map(|v| v.name).collect();
    let mut cases = String::new();
    for info in &VERBS {
        let words: Vec<String> = options::of(info.verb).map(spelled).collect();
        let more = words_of(info.verb).join(" ");
        cases += &format!("        {}) words=\"{}\" more=\"{more}\" ;;\n", info.name, words.join(" "));
    }
    format!(
        "# bash completion of fluoro\n_fluoro() {{\n    local word=${{COMP_WORDS[COMP_CWORD]}} words more=\n    case \
         ${{COMP_WORDS[1]}} in\n{cases}        *) words=\"{}\" ;;\n    esac\n    if [[ $word == -* || $COMP_CWORD -eq 1 \
         ]]; then\n        COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n    elif [[ $COMP_CWORD -eq 2 ]]; \
         then\n        COMPREPLY=($(compgen -W \"$more\" -- \"$word\"))\n    fi\n}}\ncomplete -o default -F _fluoro \
         fluoro\n",
        verbs.join(" ")
    )
}

/// Text in single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn zsh() -> String {
    let mut verbs = String::new();
    let mut cases = String::new();
    for info in &VERBS {
        verbs += &format!("        {}\n", quoted(&format!("{}:{}", info.name, info.summary)));
        let mut arguments = String::new();
        for option in options::of(info.verb) {
            let help = option.help.replace(['[', ']'], "").replace(':', "\\:");
            let value = if option.takes_value() { format!(":{}:_files", option.value) } else { String::new() };
            arguments += &format!(" {}", quoted(&format!("--{}[{help}]{value}", option.long)));
        }
        cases += &format!("        {}) _arguments{arguments} '*:file:_files' ;;\n", info.name);
    }
    format!(
        "#compdef fluoro\n_fluoro() {{\n    local -a verbs=(\n{verbs}    )\n    if (( CURRENT == 2 )); then\n        \
         _describe verb verbs\n        _files\n        return\n    fi\n    case $words[2] in\n{cases}    esac\n}}\n_fluoro \
         \"$@\"\n"
    )
}

fn fish() -> String {
    let mut text = String::from("# fish completion of fluoro\n");
    for info in &VERBS {
        text += &format!("complete -c fluoro -n __fish_use_subcommand -a {} -d {}\n", info.name, quoted(info.summary));
        for option in options::of(info.verb) {
            let short = option.short.map(|c| format!(" -s {c}")).unwrap_or_default();
            let value = if option.takes_value() { " -r" } else { "" };
            let seen = quoted(&format!("__fish_seen_subcommand_from {}", info.name));
            text +=
                &format!("complete -c fluoro -n {seen}{short} -l {}{value} -d {}\n", option.long, quoted(option.help));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_knows_every_verb_and_option() {
        for (name, script) in SHELLS {
            let text = script();
            for info in &VERBS {
                assert!(text.contains(info.name), "{name} {}", info.name);
                assert!(options::of(info.verb).all(|o| text.contains(o.long)), "{name} {}", info.name);
            }
        }
    }
}
