//! Random tests against outside oracles.
//!
//! `cargo xtask fuzz seq`: programs of random instruction sequences, run by the reference, by the evaluator over our
//! lifter, and by `fluoro run`; registers, flags and memory must be equal. A difference is reduced to the instructions
//! that it needs and printed with the seed that makes it again.
//!
//! `cargo xtask fuzz plugin-misuse`: a plugin that calls the interface's functions with wrong arguments (`misuse`).

mod asm;
mod elf;
mod insns;
mod misuse;
mod oracle;
mod program;
mod reduce;
mod subject;

use insns::Source;
use ir::random::Rng;
use program::Program;
use std::path::PathBuf;
use subject::Subject;

const USAGE: &str = "\
cargo xtask fuzz seq [options]
  --reference PATH   a qemu-riscv64 to compare with (default: found in PATH)
  --fluoro PATH      a fluoro to test (default: not tested, only the evaluator)
  --count N          instructions to run (default 1000000)
  --seed N           first seed (default: from the clock)
  --len N            instructions of a sequence (default 50)
  --sequences N      sequences of a program (default 200)
  --keep DIR         where programs that show a difference are kept (default: the temporary directory)
  --stop N           stop after N differences (default 10)";

/// An option and its value.
#[derive(Clone, Copy)]
struct Given<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> Given<'a> {
    /// Those of a command line; the last may lack its value.
    fn all(args: &'a [String]) -> impl Iterator<Item = Result<Given<'a>, String>> {
        args.chunks(2).map(|pair| match pair {
            [name, value] => Ok(Given { name, value }),
            _ => Err(format!("{} wants a value", pair[0])),
        })
    }

    fn number(&self) -> Result<u64, String> {
        self.value.parse().map_err(|_| format!("{} wants a number, not {}", self.name, self.value))
    }
}

/// A seed that is another one each time.
fn clock() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |d| d.as_secs())
}

/// What to do.
pub struct Options {
    pub reference: Option<PathBuf>,
    pub fluoro: Option<PathBuf>,
    pub count: u64,
    pub seed: u64,
    pub len: usize,
    pub sequences: usize,
    pub keep: PathBuf,
    pub stop: usize,
}

impl Options {
    fn parse(args: &[String]) -> Result<Options, String> {
        let mut o = Options {
            reference: in_path("qemu-riscv64"),
            fluoro: None,
            count: 1_000_000,
            seed: clock(),
            len: 50,
            sequences: 200,
            keep: std::env::temp_dir(),
            stop: 10,
        };
        for given in Given::all(args) {
            let given = given?;
            let (value, number) = (given.value, || given.number());
            match given.name {
                "--reference" => o.reference = Some(value.into()),
                "--fluoro" => o.fluoro = Some(value.into()),
                "--keep" => o.keep = value.into(),
                "--count" => o.count = number()?,
                "--seed" => o.seed = number()?,
                "--len" => o.len = number()?.max(1) as usize,
                "--sequences" => o.sequences = number()?.max(1) as usize,
                "--stop" => o.stop = number()? as usize,
                name => return Err(format!("unknown option {name}\n{USAGE}")),
            }
        }
        Ok(o)
    }
}

/// A program of that name in `PATH`.
fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// `cargo xtask fuzz TARGET`.
pub fn task(args: &[String]) -> Result<(), String> {
    match args.split_first() {
        Some((target, rest)) if target == "seq" => seq(&Options::parse(rest)?),
        Some((target, rest)) if target == "plugin-misuse" => misuse::task(rest),
        _ => Err(format!("fuzz wants a target\n{USAGE}\n{}", misuse::USAGE)),
    }
}

/// The target `seq`.
fn seq(o: &Options) -> Result<(), String> {
    let mut subjects = vec![Subject::Evaluator];
    subjects.extend(o.fluoro.clone().map(Subject::Fluoro));
    let oracle = match o.reference.clone() {
        Some(path) => Subject::Reference(path),
        None => {
            eprintln!("SKIPPED: no reference found, so nothing is compared with it; the evaluator is the oracle");
            subjects.remove(0)
        }
    };
    let mut source = Source::new();
    let (mut done, mut seed, mut differences) = (0, o.seed, 0);
    while done < o.count && differences < o.stop {
        let program = Program::random(&mut source, &mut Rng::new(seed), o.sequences, o.len);
        differences += one(o, &source, &program, seed, &oracle, &subjects);
        done += program.sequences.iter().map(|s| s.items.len() as u64).sum::<u64>();
        seed += 1;
    }
    println!("seeds {}..{seed}: {done} instructions, {differences} differences", o.seed);
    if differences == 0 { Ok(()) } else { Err(format!("{differences} differences")) }
}

/// Runs one program with everybody; the number of subjects that differ.
fn one(o: &Options, source: &Source, program: &Program, seed: u64, oracle: &Subject, subjects: &[Subject]) -> usize {
    let image = program.image();
    // Once more on a failure: on a busy machine a program may seem not to end.
    let expected = oracle.output(o, &image).or_else(|_| oracle.output(o, &image));
    if let Err(why) = &expected {
        println!("seed {seed}: {} fails: {why}", oracle.name());
        reduce::failure(o, source, program, oracle);
        return 1;
    }
    let differs = |s: &&Subject| s.output(o, &image) != expected;
    let different: Vec<&Subject> = subjects.iter().filter(differs).collect();
    for subject in &different {
        println!("seed {seed}: {} differs from {}", subject.name(), oracle.name());
        reduce::report(o, source, program, oracle, subject);
    }
    different.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Needs no reference: the evaluator comes to the end of random programs, and a seed says everything.
    #[test]
    fn programs_end_and_are_repeatable() {
        let program = |seed| Program::random(&mut Source::new(), &mut Rng::new(seed), 20, 50);
        for seed in 1..20 {
            let image = program(seed).image();
            let output = oracle::output(&image).unwrap_or_else(|why| panic!("seed {seed}: {why}"));
            assert_eq!(output.len(), program(seed).output_len());
            assert_eq!(image.elf(), program(seed).image().elf());
        }
    }
}
