//! The tables of `--plugins`, for the terminal and as a section of `BENCHMARKS.md`.

use super::kind::{FASTER, KINDS, Kind, NOISE, SHARE, THREADS_NOISE, TRANSLATION, verdict};
use super::pairs::{Figures, Pairs};
use super::{LONG, LONG_ROUNDS, Measured};
use crate::bench::Options;
use crate::bench::page::{first_line, load, machine, measured, number, output};
use std::fmt::Write;

/// The section's title.
pub const TITLE: &str = "Plugins";

/// What the terminal shows when a kernel is done.
pub fn lines(kernel: &Measured, min: bool) -> String {
    let mut out = String::new();
    for (kind, pairs) in &kernel.pairs {
        // Code that runs once costs its translation, not its calls.
        let ns = pairs.ns(min).filter(|_| kernel.group != "translation");
        let (factor, faster) = (pairs.factor(min), pairs.faster(min));
        let [factor, ns, faster] = [factor, ns, faster].map(number);
        let _ =
            writeln!(out, "{:10} {:16} {factor:>7} x {ns:>7} ns a call  qemu {faster:>6} x", kernel.name, kind.name);
    }
    for why in wrong(std::slice::from_ref(kernel)) {
        let _ = writeln!(out, "    WRONG {why}");
    }
    out
}

/// One line of a table of goals: what, figures, wanted, reached.
struct Line {
    what: String,
    cells: Vec<String>,
    wanted: String,
    reached: &'static str,
}

/// A table with its heads between `what` and `wanted`.
struct Table {
    title: &'static str,
    heads: &'static [&'static str],
    lines: Vec<Line>,
}

/// The runs with one kind on the kernels of a group that measured it.
fn of_kind<'a>(all: &'a [Measured], group: &str, kind: &Kind) -> Vec<(&'a str, &'a Pairs)> {
    let kernels = all.iter().filter(|m| m.group == group);
    kernels
        .flat_map(|m| m.pairs.iter().filter(|(k, _)| k.name == kind.name).map(|(_, p)| (m.name.as_str(), p)))
        .collect()
}

/// Lines for all kinds that were measured on a group.
fn each<'a>(
    all: &'a [Measured],
    group: &'static str,
    line: impl Fn(&'static Kind, Vec<(&'a str, &'a Pairs)>) -> Line,
) -> Vec<Line> {
    let kinds = KINDS.iter().map(|k| (k, of_kind(all, group, k)));
    kinds.filter(|(_, rows)| !rows.is_empty()).map(|(kind, rows)| line(kind, rows)).collect()
}

fn tables(all: &[Measured], min: bool) -> Vec<Table> {
    let integer = each(all, "integer", |kind, rows| {
        let f = Figures::of(&rows, min);
        let worst = f.worst.map_or("-".to_string(), |(name, factor)| format!("{name} {factor:.2}"));
        Line {
            what: kind.title.to_string(),
            cells: vec![number(f.factor), worst, number(f.ns), number(f.faster)],
            wanted: kind.wanted(),
            reached: kind.reached(f.factor, f.ns),
        }
    });
    let translation = each(all, "translation", |kind, rows| {
        let f = Figures::of(&rows, min);
        Line {
            what: kind.title.to_string(),
            cells: vec![number(f.factor), number(f.faster)],
            wanted: format!("at most {TRANSLATION:.2}"),
            reached: verdict([(f.factor, TRANSLATION)].into_iter()),
        }
    });
    let threads = each(all, "scaling", |kind, rows| threads(kind, &rows, min));
    let tables = [
        ("Integer kernels", &["factor", "largest", "ns a call", "faster than QEMU"] as &[_], integer),
        ("Translation of 100,000 cold blocks", &["factor", "faster than QEMU"], translation),
        ("One thread and two", &["factor with 1", "factor with 2", "2 over 1"], threads),
    ];
    let tables = tables.into_iter().map(|(title, heads, lines)| Table { title, heads, lines });
    tables.filter(|t| !t.lines.is_empty()).collect()
}

/// The factor with two threads beside that with one.
fn threads(kind: &Kind, rows: &[(&str, &Pairs)], min: bool) -> Line {
    let factor = |name| rows.iter().find(|(n, _)| *n == name).and_then(|(_, p)| p.factor(min));
    let (one, two) = (factor("scale-1"), factor("scale-2"));
    let over = two.zip(one).map(|(two, one)| two / one);
    Line {
        what: kind.title.to_string(),
        cells: vec![number(one), number(two), number(over)],
        wanted: "at most 1.00".to_string(),
        reached: verdict([(over, 1.0 + THREADS_NOISE)].into_iter()),
    }
}

/// The tables of goals, for the terminal.
pub fn summary(all: &[Measured], min: bool) -> String {
    let mut out = String::new();
    for table in tables(all, min) {
        let heads: String = table.heads.iter().map(|h| format!("  {h:>16}")).collect();
        let _ = writeln!(out, "{:72}{heads}", table.title);
        for line in table.lines {
            let cells: String = line.cells.iter().map(|c| format!("  {c:>16}")).collect();
            let wanted = if line.wanted.is_empty() { String::new() } else { format!("wanted {}", line.wanted) };
            let _ = writeln!(out, "{}", format!("{:72}{cells}  {wanted}  {}", line.what, line.reached).trim_end());
        }
        out.push('\n');
    }
    out
}

/// What was wrong, kernel by kernel.
fn wrong(all: &[Measured]) -> Vec<String> {
    let each = all.iter().flat_map(|m| m.pairs.iter().map(move |(k, p)| (m, k, p)));
    each.filter_map(|(m, k, p)| p.wrong().map(|why| format!("{} with {}: {why}", m.name, k.name))).collect()
}

/// The tables of the page, without its head.
pub fn body(all: &[Measured], min: bool) -> String {
    let mut out = String::new();
    for table in tables(all, min) {
        let heads = table.heads.join(" | ");
        let marks = "--:|".repeat(table.heads.len());
        let _ = writeln!(out, "### {}\n\n| | {heads} | wanted | reached |\n|---|{marks}---|---|", table.title);
        for line in table.lines {
            let _ =
                writeln!(out, "| {} | {} | {} | {} |", line.what, line.cells.join(" | "), line.wanted, line.reached);
        }
        out.push('\n');
    }
    out += &by_kernel(all, min);
    for why in wrong(all) {
        let _ = writeln!(out, "\nWrong: {why}");
    }
    out
}

/// Factor and nanoseconds of every kind on every integer kernel.
fn by_kernel(all: &[Measured], min: bool) -> String {
    let integer: Vec<&Measured> = all.iter().filter(|m| m.group == "integer").collect();
    if integer.is_empty() {
        return String::new();
    }
    let names: String = integer.iter().map(|m| format!(" {} |", m.name)).collect();
    let marks = "--:|".repeat(integer.len());
    let mut out = format!("### Factor, and ns a call, by kernel\n\n| |{names}\n|---|{marks}\n");
    for kind in &KINDS {
        let found = integer.iter().map(|m| m.pairs.iter().find(|(k, _)| k.name == kind.name));
        let cells: Vec<String> = found.flatten().map(|(_, p)| cell(p, min)).collect();
        if !cells.is_empty() {
            let _ = writeln!(out, "| {} | {} |", kind.name, cells.join(" | "));
        }
    }
    out
}

fn cell(pairs: &Pairs, min: bool) -> String {
    let factor = number(pairs.factor(min));
    pairs.ns(min).map_or(factor.clone(), |ns| format!("{factor} ({ns:.2})"))
}

/// The section as it stands in `BENCHMARKS.md`.
pub fn write(options: &Options, all: &[Measured]) -> String {
    let which = if options.min { "smallest times" } else { "median" };
    let reference = options.qemu.as_ref().map_or(String::new(), |qemu| {
        let version = first_line(&output(&qemu.to_string_lossy(), &["--version"]));
        format!(
            "- `faster than QEMU`: the time of {version}, one run with the same plugin file, divided by Fluoro's; wanted
  at least {FASTER:.2} everywhere.\n"
        )
    });
    format!(
        "## {TITLE}

Made by `{}` on {}; do not edit by hand.

- Machine: {}; load {} before, {} at the end
- {}
- One plugin (`bench/plugins/factors.c`) puts one kind of probe on everything. `factor`: user time of a run with it,
  divided by that of the plain run of the same kernel right before it; {which} of {} rounds (of {LONG_ROUNDS} for runs
  longer than {LONG} s), then the geometric mean of the kernels. `ns a call`: what all kernels took longer, divided by
  all calls. Kinds that call functions of the interface do a part of the work (`{SHARE}`), and so do their plain runs.
- Fluoro sees that a callback does nothing, or only counts in a variable of its plugin, and calls neither; what a call
  costs show the kinds that count by functions of the interface.
- A run that prints something else than the plain one, or whose plugin has not counted what `fluoro stat` counts,
  leaves no figures. A factor that should be 1 may be off by {NOISE}, one of two threads by {THREADS_NOISE}.
{reference}
{}",
        options.command,
        output("date", &["-u", "+%Y-%m-%d"]),
        machine(),
        options.before.load,
        load(),
        measured(options),
        options.runs,
        body(all, options.min)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plugins::pairs::Counts;
    use crate::bench::sample::Sample;

    fn kernel(group: &str, name: &str, probed: &[(&str, f64)]) -> Measured {
        let counts = Counts { insns: 1_000_000_000, blocks: 100_000_000, accesses: 100_000_000 };
        let pairs = probed.iter().map(|(name, user)| {
            let kind = KINDS.iter().find(|k| k.name == *name).unwrap();
            let plain = Sample::parse("0 1000000 0 0 0", 1, vec![], b"").unwrap();
            let said = format!("{name} {}", counts.of(kind.unit).unwrap_or(0));
            let mut pairs = Pairs::new(kind, Some(counts));
            pairs.add(kind, &plain, &Sample { user: *user, complaint: said, ..plain.clone() });
            (kind, pairs)
        });
        Measured { group: group.to_string(), name: name.to_string(), pairs: pairs.collect() }
    }

    fn all() -> Vec<Measured> {
        vec![
            kernel("integer", "crc", &[("nothing", 1.01), ("empty-block", 1.1)]),
            kernel("integer", "lz", &[("nothing", 1.01), ("empty-block", 1.2)]),
            kernel("translation", "blocks", &[("inline-insn", 3.5)]),
            kernel("scaling", "scale-1", &[("inline-insn", 1.5)]),
            kernel("scaling", "scale-2", &[("inline-insn", 1.8)]),
        ]
    }

    #[test]
    fn the_tables_of_the_page() {
        let text = body(&all(), false);
        for line in [
            "| plugin loaded, nothing subscribed | 1.01 | lz 1.01 | - | - | at most 1.00 | yes |",
            "| empty callback per block | 1.15 | lz 1.20 | 1.50 | - | at most 1.60, at most 2 ns a call | yes |",
            "### Translation of 100,000 cold blocks",
            "| inline add per instruction | 3.50 | - | at most 3.00 | **no** |",
            "| inline add per instruction | 1.50 | 1.80 | 1.20 | at most 1.00 | **no** |",
            "| | crc | lz |",
            "| empty-block | 1.10 (1.00) | 1.20 (2.00) |",
        ] {
            assert!(text.contains(line), "{line}\nis not in\n{text}");
        }
        assert!(!text.contains("4 registers"), "what was not measured has no line");
    }

    #[test]
    fn the_terminal_says_the_same() {
        let text = summary(&all(), false);
        assert!(text.lines().any(|l| l.starts_with("empty callback per block") && l.ends_with("yes")), "{text}");
        let kernel = lines(&all()[0], false);
        assert!(kernel.contains("empty-block") && kernel.contains("1.00 ns a call"), "{kernel}");
    }

    #[test]
    fn what_was_wrong_is_said() {
        let mut all = all();
        let plain = Sample::parse("0 1000000 0 0 0", 1, vec![], b"").unwrap();
        let (kind, pairs) = &mut all[0].pairs[1];
        pairs.add(kind, &plain, &Sample { status: 139, ..plain.clone() });
        assert!(body(&all, false).contains("\nWrong: crc with empty-block: status 139"));
        assert!(body(&all, false).contains("| empty callback per block | - | lz 1.20 | - | - |"));
    }
}
