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
        say::result(&man_page());
        return Ok(0);
    }
    let Some(word) = line.words.first() else {
        say::result(&overview());
        return Ok(0);
    };
    let word = word.to_string_lossy();
    let verb = Verb::named(&word).ok_or_else(|| Failure::usage("", format!("{word}: no such verb")))?;
    say::result(&of_verb(verb.info()));
    Ok(0)
}

/// The version line.
pub fn version(drop_in: bool) -> String {
    let name = if drop_in { "fluoro-riscv64" } else { "fluoro" };
    format!("{name} {}\n", env!("CARGO_PKG_VERSION"))
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
    let value = if option.takes_value() { format!(" {}", option.value) } else { String::new() };
    names.join(", ") + &value
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
        for info in &VERBS {
            for l in of_verb(info).lines() {
                assert!(l.len() <= 110, "{l}");
            }
        }
    }

    #[test]
    fn entries_wrap_beside_their_name() {
        let text = entry("--x", &"word ".repeat(30));
        assert!(text.lines().skip(1).all(|l| l.starts_with(&" ".repeat(28))), "{text}");
    }
}
