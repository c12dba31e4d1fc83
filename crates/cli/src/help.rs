//! Help texts and the man page, made from the tables of verbs and options.

use crate::options::{self, Opt};
use crate::parse::Line;
use crate::say::{self, Failure};
use crate::verbs::{Info, VERBS, Verb};

/// What `fluoro` alone prints.
pub const FOUR_LINES: &str = "\
Fluoro runs riscv64 Linux programs on this machine and counts what they do.
  fluoro run ./prog    run a program
  fluoro stat ./prog   run it and count instructions, blocks, memory accesses and more
  fluoro help          everything else
";

/// The verb `help`.
pub fn help(line: &Line) -> Result<u8, Failure> {
    if line.settings.man {
        line.at_most(0, "--man is about all verbs")?;
        return say::result(&man_page());
    }
    line.at_most(1, "one verb is enough")?;
    let Some(word) = line.words.first() else { return say::result(&overview()) };
    let word = word.to_string_lossy();
    let verb = Verb::named(&word).ok_or_else(|| Failure::usage("", format!("{word}: no such verb")))?;
    say::result(&of_verb(verb.info()))
}

/// The version line; under a drop-in name it says who stands behind that.
pub fn version(drop_in: Option<&String>) -> String {
    let name = drop_in.map_or("fluoro".to_string(), |prog| format!("{prog} (Fluoro)"));
    format!("{name} {}\n", env!("CARGO_PKG_VERSION"))
}

/// What `-h` prints under a drop-in name: the options in their spelling there, each with its variable.
pub fn drop_in(prog: &str) -> String {
    let mut text = format!("usage: {prog} [options] PROGRAM [arguments...]\nFluoro runs riscv64 Linux programs.\n\n");
    text += "Options, and the variables that set them\n";
    for option in options::of_reference() {
        let names: Vec<String> = option.reference.iter().map(|r| format!("-{r}")).collect();
        let variable = match option.reference_env {
            "" => String::new(),
            name => format!(" ({name})"),
        };
        text += &entry(&with_value(names.join(", "), option), &format!("{}{variable}", option.help));
    }
    text += "\nOptions of Fluoro's own\n";
    for option in options::of(Verb::Run).filter(|o| o.reference.is_empty() && o.lasting()) {
        text += &entry(&with_value(format!("-{}", option.long), option), option.help);
    }
    text
}

/// `fluoro help`.
pub fn overview() -> String {
    let mut text = String::from(
        "usage: fluoro [options] VERB [options] [--] PROGRAM [arguments...]\n       fluoro [options] ./PROGRAM [arguments...]\n\nVerbs\n",
    );
    for info in &VERBS {
        text += &entry(info.name, info.summary);
    }
    text += "\nOptions of every verb\n";
    for option in options::OPTIONS.iter().filter(|o| o.global()) {
        text += &entry(&spellings(option), option.help);
    }
    text += "\n'fluoro help VERB' explains a verb. Every option can be set by a variable (--cpu: FLUORO_CPU)\n";
    text += "or in fluoro.toml, here or in the user's configuration directory; 'fluoro config' shows what holds.\n";
    text += "Under the names fluoro-riscv64 and qemu-riscv64 the options of qemu-riscv64 hold.\n";
    text
}

/// `fluoro help VERB`: two examples, then the options.
pub fn of_verb(info: &Info) -> String {
    let mut text = format!("fluoro {}: {}\n\n", info.name, info.summary);
    for (command, meaning) in info.examples {
        text += &format!("  {command}\n      {meaning}\n");
    }
    text += &format!("\nusage: fluoro {} {}\n\nOptions\n", info.name, info.usage);
    for option in options::of(info.verb) {
        text += &entry(&spellings(option), option.help);
    }
    text
}

/// `-L, --sysroot DIR`, with the reference's spelling where it is another one.
fn spellings(option: &Opt) -> String {
    let mut names: Vec<String> = option.short.iter().map(|c| format!("-{c}")).collect();
    names.push(format!("--{}", option.long));
    let known = |r: &str| r == option.long || option.short.is_some_and(|c| r == c.to_string());
    names.extend(option.reference.iter().filter(|r| !known(r)).map(|r| format!("-{r}")));
    with_value(names.join(", "), option)
}

fn with_value(names: String, option: &Opt) -> String {
    if option.takes_value() { format!("{names} {}", option.value) } else { names }
}

/// A line of a list: the name in 26 columns, the explanation wrapped beside it.
fn entry(name: &str, meaning: &str) -> String {
    const COLUMN: usize = 28;
    const WIDTH: usize = 100;
    let mut text = format!("  {name}");
    let mut column = text.len();
    if column + 2 > COLUMN {
        text.push('\n');
        column = 0;
    }
    text += &" ".repeat(COLUMN - column);
    column = COLUMN;
    for word in meaning.split(' ') {
        if column > COLUMN && column + 1 + word.len() > WIDTH {
            text.push('\n');
            text += &" ".repeat(COLUMN);
            column = COLUMN;
        }
        if column > COLUMN {
            text.push(' ');
            column += 1;
        }
        text += word;
        column += word.len();
    }
    text.push('\n');
    text
}

/// Roff needs its dashes and leading dots escaped.
fn roff(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}

/// `fluoro help --man`.
pub fn man_page() -> String {
    let mut text = format!(".TH FLUORO 1 \"\" \"fluoro {}\"\n.SH NAME\n", env!("CARGO_PKG_VERSION"));
    text += "fluoro \\- run riscv64 Linux programs and count what they do\n.SH SYNOPSIS\n";
    for info in &VERBS {
        text += &format!(".B fluoro {}\n{}\n.br\n", info.name, roff(info.usage));
    }
    for info in &VERBS {
        text += &format!(".SH {}\n{}.\n", info.name.to_uppercase(), roff(info.summary));
        for (command, meaning) in info.examples {
            text += &format!(".TP\n.B {}\n{}\n", roff(command), roff(meaning));
        }
        for option in options::of(info.verb).filter(|o| !o.global()) {
            text += &format!(".TP\n.B {}\n{}", roff(&spellings(option)), roff(option.help));
            text += &if option.lasting() { format!(" ({})\n", option.variable()) } else { "\n".to_string() };
        }
    }
    text += ".SH OPTIONS OF EVERY VERB\n";
    for option in options::OPTIONS.iter().filter(|o| o.global()) {
        text += &format!(".TP\n.B {}\n{}\n", roff(&spellings(option)), roff(option.help));
    }
    text += ".SH EXIT STATUS\nThe guest's own; if a signal killed it, fluoro dies by the same signal. 2: wrong usage. \
             1: a plugin could not be loaded or ended the run, or a file of fluoro's own could not be written. 125: a \
             defect of fluoro. 126: the program cannot be run. 127: it was not found.\n";
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_in_its_verb_s_help_and_in_the_man_page() {
        let man = man_page();
        for info in &VERBS {
            let text = of_verb(info);
            for option in options::of(info.verb) {
                assert!(text.contains(&format!("--{}", option.long)), "{} --{}", info.name, option.long);
                assert!(man.contains(&roff(&format!("--{}", option.long))), "man --{}", option.long);
            }
            assert!(overview().contains(info.summary));
        }
    }

    #[test]
    fn lines_fit_a_terminal() {
        for text in VERBS.iter().map(of_verb).chain([drop_in("qemu-riscv64")]) {
            for l in text.lines() {
                assert!(l.len() <= 110, "{l}");
            }
        }
    }

    #[test]
    fn drop_in_help_has_every_option_once() {
        let text = drop_in("qemu-riscv64");
        for name in options::of_reference().flat_map(|o| o.reference) {
            let starts =
                |l: &&str| l.trim_start().split([' ', ',']).any(|w| w == format!("-{name}")) && l.starts_with("  -");
            assert_eq!(text.lines().filter(starts).count(), 1, "-{name} in\n{text}");
        }
        assert!(text.contains("-plugin-atexit") && !text.contains("as-child") && !text.contains("--plugin"), "{text}");
    }

    #[test]
    fn entries_wrap_beside_their_name() {
        let text = entry("--x", &"word ".repeat(30));
        assert!(text.lines().skip(1).all(|l| l.starts_with(&" ".repeat(28))), "{text}");
    }
}
