//! Plants faults in our own source and sees whether the suites notice.
//!
//! `xtask/mutants.txt` lists the faults by file: a text of the source and what is put in its place (an operand swapped,
//! a sign extension dropped, a flag skipped, a side-table slot off by one). Each fault is planted in a copy of the
//! repository, one at a time; then the suites that should see it run, the quickest first, until one fails. A fault that
//! does not compile is no fault, and a suite that hangs has noticed. `cargo xtask mutate [--only TEXT] [--every N]
//! [--check]`: `--only` takes the faults whose file or text contains TEXT, `--every` each Nth, `--check` plants nothing
//! and only sees that every text is found. Faults whose text the source no longer has are left out and named.

mod suites;
mod table;
mod tree;

use crate::repo;
use std::time::{Duration, Instant};
use suites::Verdict;
use table::Fault;

/// What the arguments say.
#[derive(Default)]
struct Choice {
    only: Option<String>,
    every: usize,
    check: bool,
}

fn choice(args: &[String]) -> Result<Choice, String> {
    let mut choice = Choice { every: 1, ..Choice::default() };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--check" => choice.check = true,
            "--only" => choice.only = Some(args.next().ok_or("--only: needs a text")?.clone()),
            "--every" => {
                let n = args.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
                choice.every = n.ok_or("--every: needs a number")?;
            }
            other => return Err(format!("{other}: unknown option")),
        }
    }
    Ok(choice)
}

/// `cargo xtask mutate`.
pub fn task(args: &[String]) -> Result<(), String> {
    let choice = choice(args)?;
    let root = repo::root();
    let text = std::fs::read_to_string(root.join(table::FILE)).map_err(|e| format!("{}: {e}", table::FILE))?;
    let faults = table::read(&text)?;
    let strange: Vec<String> = faults.iter().filter_map(|f| table::misfit(&root, f)).collect();
    if choice.check && !strange.is_empty() {
        return Err(format!("{} faults do not fit the source:\n{}", strange.len(), strange.join("\n")));
    }
    strange.iter().for_each(|s| println!("left out: {s}"));
    let named = |f: &Fault| choice.only.as_ref().is_none_or(|o| f.file.contains(o) || f.old.contains(o));
    let wanted = |f: &&Fault| named(f) && table::misfit(&root, f).is_none();
    let chosen: Vec<&Fault> = faults.iter().filter(wanted).step_by(choice.every).collect();
    println!("{} faults, {} chosen", faults.len(), chosen.len());
    if choice.check {
        return Ok(());
    }
    let tree = tree::Tree::new(&root)?;
    let broken = suites::broken_without_a_fault(&tree, &chosen);
    report(chosen.iter().map(|f| (*f, try_one(&tree, f, &broken))).collect())
}

/// Plants one fault, runs the suites, and takes it out again.
fn try_one(tree: &tree::Tree, fault: &Fault, broken: &[&'static str]) -> Verdict {
    let start = Instant::now();
    let planted = tree.plant(fault);
    let verdict = suites::verdict(tree, &fault.file, broken);
    drop(planted);
    let seconds = (start.elapsed() + Duration::from_millis(500)).as_secs();
    println!("{:28} {seconds:4} s  {}: {} ==> {}", verdict.words(), fault.file, fault.old, fault.new);
    verdict
}

fn report(verdicts: Vec<(&Fault, Verdict)>) -> Result<(), String> {
    let count = |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|(_, v)| wanted(v)).count();
    let noticed = count(|v| matches!(v, Verdict::Noticed(_)));
    let invalid = count(|v| matches!(v, Verdict::Invalid));
    let valid = verdicts.len() - invalid;
    for suite in suites::ALL {
        let by = verdicts.iter().filter(|(_, v)| matches!(v, Verdict::Noticed(s) if *s == suite.name)).count();
        println!("  by {:20} {by}", suite.name);
    }
    for (fault, _) in verdicts.iter().filter(|(_, v)| matches!(v, Verdict::Missed)) {
        println!("missed: {}: {} ==> {}", fault.file, fault.old, fault.new);
    }
    let share = if valid == 0 { 0.0 } else { 100.0 * noticed as f64 / valid as f64 };
    println!("noticed {noticed} of {valid} planted faults, {share:.1} %; {invalid} did not compile");
    if share >= 90.0 { Ok(()) } else { Err("fewer than 90 % were noticed".into()) }
}
