//! From the words of the command line to a [`Line`]: verb, settings, guest program.
//!
//! The grammar is `fluoro [options] VERB [options] [--] PROGRAM [arguments…]`. Options end at the first word that is
//! not one; for verbs that run no guest they may also follow words. Which options exist is the business of
//! [`crate::options`]; this file only knows how they are spelled.

use crate::layers::{self, Given, Origin, Outside};
use crate::options::{self, Act, Opt};
use crate::say::Failure;
use crate::settings::Settings;
use crate::verbs::Verb;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// A command line, understood.
pub struct Line {
    pub verb: Verb,
    /// Whether the verb was typed.
    pub verb_named: bool,
    /// Started under a drop-in name.
    pub drop_in: bool,
    /// The name that the reference's texts begin with.
    pub prog: String,
    pub settings: Settings,
    /// Where each value that is not the default comes from.
    pub given: Vec<Given>,
    /// The words that are no options: program and arguments.
    pub words: Vec<OsString>,
}

impl Line {
    /// Refuses more words than the verb takes: `why` says of the first of them what is wrong.
    ///
    /// # Errors
    /// There are more.
    pub fn at_most(&self, words: usize, why: &str) -> Result<(), Failure> {
        match self.words.get(words) {
            None => Ok(()),
            Some(word) => Err(Failure::usage(self.verb.info().name, format!("{}: {why}", word.to_string_lossy()))),
        }
    }
}

/// What the command line asks for.
pub enum Request {
    Do(Box<Line>),
    /// `--help` of a verb; `None`: of the program or a drop-in name.
    Help(Option<Verb>),
    Version,
    /// Nothing at all was given.
    Nothing,
}

/// Whose spelling of options holds.
#[derive(Clone, Copy, PartialEq)]
enum Dialect {
    /// Before the verb: all of `run`'s options, for `fluoro --strace ./prog`.
    Before,
    Ours(Verb),
    Reference,
}

impl Dialect {
    fn verb(self) -> Verb {
        match self {
            Dialect::Ours(verb) => verb,
            Dialect::Before | Dialect::Reference => Verb::Run,
        }
    }
}

/// An option, the value attached to it, and how it was spelled.
type Spelled = (&'static Opt, Option<OsString>, String);

/// How far the reading got.
enum Stop {
    /// At a word that is no option (`true`: it came behind `--`), or at the end.
    Word(bool),
    Help,
    Version,
}

struct Reader {
    words: std::vec::IntoIter<OsString>,
    /// Words that were no options, of a verb that takes options behind them.
    passed: Vec<OsString>,
    given: Vec<Given>,
    dialect: Dialect,
    /// The name that we were started under.
    prog: String,
}

/// Reads a command line without `argv[0]`, and what else holds here.
pub fn parse(drop_in: bool, args: Vec<OsString>, outside: &Outside) -> Result<Request, Failure> {
    if args.is_empty() && !drop_in {
        return Ok(Request::Nothing);
    }
    let dialect = if drop_in { Dialect::Reference } else { Dialect::Before };
    let prog = outside.prog.clone();
    let mut reader = Reader { words: args.into_iter(), passed: Vec::new(), given: Vec::new(), dialect, prog };
    let mut stop = reader.options()?;
    let mut verb_named = false;
    if let (Dialect::Before, Stop::Word(after_dashes)) = (dialect, &stop) {
        let verb = match reader.peek() {
            Some(word) if !after_dashes => word.to_str().and_then(Verb::named),
            _ => None,
        };
        if let Some(verb) = verb {
            reader.begin(verb)?;
            verb_named = true;
            stop = reader.options()?;
        } else {
            reader.dialect = Dialect::Ours(Verb::Run);
        }
    }
    let verb = reader.dialect.verb();
    while !verb.info().runs_guest && matches!(stop, Stop::Word(_)) {
        let Some(word) = reader.words.next() else { break };
        reader.passed.push(word);
        stop = reader.options()?;
    }
    match stop {
        Stop::Help if reader.dialect == Dialect::Before => return Ok(Request::Help(None)),
        Stop::Help => return Ok(Request::Help(Some(verb))),
        Stop::Version => return Ok(Request::Version),
        Stop::Word(_) => {}
    }
    let Reader { words, passed, given, .. } = reader;
    let (settings, given) = layers::apply(verb, given, outside)?;
    let words = passed.into_iter().chain(words).collect();
    // A program that a guest starts was started as /proc/self/exe.
    let prog = if settings.as_child.is_some() { "fluoro".to_string() } else { outside.prog.clone() };
    Ok(Request::Do(Box::new(Line { verb, verb_named, drop_in, prog, settings, given, words })))
}

impl Reader {
    fn peek(&self) -> Option<&OsString> {
        self.words.as_slice().first()
    }

    /// Takes the verb: what stood before it has to be global.
    fn begin(&mut self, verb: Verb) -> Result<(), Failure> {
        if let Some(early) = self.given.iter().find(|g| !g.option.global()) {
            let name = verb.info().name;
            return Err(Failure::usage("", format!("{}: belongs behind '{name}'", early.origin)));
        }
        self.words.next();
        self.dialect = Dialect::Ours(verb);
        Ok(())
    }

    /// Reads options up to the first word that is none.
    fn options(&mut self) -> Result<Stop, Failure> {
        while let Some(word) = self.peek() {
            let bytes = word.as_bytes();
            if bytes == b"--" {
                self.words.next();
                return Ok(Stop::Word(true));
            }
            if bytes.len() < 2 || bytes[0] != b'-' {
                return Ok(Stop::Word(false));
            }
            let word = self.words.next().expect("peeked");
            for (option, value, spelled) in self.spelled(&word)? {
                let value = self.value_of(option, value, &spelled)?;
                match option.act {
                    Act::Help => return Ok(Stop::Help),
                    Act::Version => return Ok(Stop::Version),
                    _ => {}
                }
                self.given.push(Given { option, value, origin: Origin::Line(spelled) });
            }
        }
        Ok(Stop::Word(false))
    }

    fn value_of(&mut self, option: &Opt, attached: Option<OsString>, spelled: &str) -> Result<OsString, Failure> {
        match (option.takes_value(), attached) {
            (true, Some(value)) => Ok(value),
            (false, None) => Ok(OsString::from("1")),
            (false, Some(_)) => Err(self.wrong(format!("{spelled}: takes no value"))),
            (true, None) => self.words.next().ok_or_else(|| self.wrong(format!("{spelled}: needs {}", option.value))),
        }
    }

    /// The options that one word spells: several only for a cluster of one-letter switches.
    fn spelled(&self, word: &OsStr) -> Result<Vec<Spelled>, Failure> {
        let bytes = word.as_bytes();
        let (name, value) = match bytes.iter().position(|&b| b == b'=') {
            Some(at) if bytes.starts_with(b"--") => (&bytes[..at], Some(os(&bytes[at + 1..]))),
            _ => (bytes, None),
        };
        let name = String::from_utf8_lossy(name).into_owned();
        let found = match self.dialect {
            Dialect::Reference => reference(&name).or_else(|| long(Verb::Run, &name)),
            _ => self.ours(&name),
        };
        if let Some(option) = found {
            return Ok(vec![(option, value, name)]);
        }
        if self.dialect != Dialect::Reference
            && !bytes.starts_with(b"--")
            && let Some(cluster) = short_cluster(self.dialect.verb(), bytes)
        {
            return Ok(cluster);
        }
        Err(self.wrong(format!("{name}: unknown option")))
    }

    /// Wrong usage: a line that ends with where to read on.
    fn wrong(&self, what: String) -> Failure {
        match self.dialect {
            Dialect::Ours(verb) => Failure::usage(verb.info().name, what),
            Dialect::Before => Failure::usage("", what),
            Dialect::Reference => Failure::drop_in_usage(&self.prog, what),
        }
    }

    /// Our spelling, then the reference's for the options that the verb has.
    fn ours(&self, name: &str) -> Option<&'static Opt> {
        let verb = self.dialect.verb();
        let short = |name: &str| {
            let mut letters = name.strip_prefix('-')?.chars();
            let letter = letters.next().filter(|_| letters.as_str().is_empty())?;
            options::of(verb).find(|o| o.short == Some(letter))
        };
        long(verb, name).or_else(|| short(name)).or_else(|| reference(name).filter(|o| o.verbs.contains(&verb)))
    }
}

fn os(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

/// With one dash or two, as the reference's long options.
fn long(verb: Verb, name: &str) -> Option<&'static Opt> {
    let name = name.strip_prefix("--").or_else(|| name.strip_prefix('-'))?;
    options::of(verb).find(|o| o.long == name)
}

/// The reference takes one dash or two.
fn reference(name: &str) -> Option<&'static Opt> {
    let name = name.strip_prefix("--").or_else(|| name.strip_prefix('-'))?;
    options::of_reference().find(|o| o.reference.contains(&name))
}

/// `-qv` or `-L/dir`.
fn short_cluster(verb: Verb, word: &[u8]) -> Option<Vec<Spelled>> {
    let mut found = Vec::new();
    for (at, &letter) in word.iter().enumerate().skip(1) {
        let option = options::of(verb).find(|o| o.short == Some(letter as char))?;
        let spelled = format!("-{}", letter as char);
        let rest = &word[at + 1..];
        if option.takes_value() && !rest.is_empty() {
            found.push((option, Some(os(rest)), spelled));
            break;
        }
        found.push((option, None, spelled));
    }
    Some(found)
}

#[cfg(test)]
mod tests;
