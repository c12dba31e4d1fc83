//! The table on the terminal and the page `BENCHMARKS.md`.

use super::Options;
use super::goal::{GOALS, NATIVE_GAIN, SCALING, START_FACTORS, STAT, STATIC_START};
use super::kernel::{Bench, Tools};
use super::sample::{Column, Row, Time, geomean};
use std::fmt::Write;
use std::process::Command;

/// The columns of a row as text.
fn cells(bench: &Bench, row: &Row, min: bool) -> [String; 9] {
    let time = Time::of(&bench.group);
    let get = |c| row.time(c, time, min);
    let (native, fluoro, stat, qemu) = (get(Column::Native), get(Column::Fluoro), get(Column::Stat), get(Column::Qemu));
    let speed = row.instructions.zip(fluoro).map(|(n, t)| n as f64 / t * 1e-9);
    let megabytes = |c| row.peak(c).map_or("-".to_string(), |p| format!("{:.1}", p as f64 / 1e6));
    [
        bench.name.clone(),
        seconds(native),
        seconds(fluoro),
        seconds(qemu),
        ratio(fluoro, native),
        ratio(qemu, fluoro),
        number(speed),
        ratio(stat, fluoro),
        format!("{} / {} / {}", megabytes(Column::Native), megabytes(Column::Fluoro), megabytes(Column::Qemu)),
    ]
}

const HEADS: [&str; 9] = [
    "",
    "native",
    "Fluoro",
    "QEMU",
    "over native",
    "faster than QEMU",
    "G insns/s",
    "stat",
    "MB native / Fluoro / QEMU",
];

/// Seconds or, below a tenth, milliseconds.
fn seconds(t: Option<f64>) -> String {
    match t {
        None => "-".to_string(),
        Some(t) if t < 0.0995 => format!("{:.2} ms", t * 1e3),
        Some(t) => format!("{t:.3} s"),
    }
}

/// Two places, or a dash for what was not measured.
pub fn number(v: Option<f64>) -> String {
    v.map_or("-".to_string(), |v| format!("{v:.2}"))
}

fn divide(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.zip(b).filter(|(_, b)| *b > 0.0).map(|(a, b)| a / b)
}

fn ratio(a: Option<f64>, b: Option<f64>) -> String {
    number(divide(a, b))
}

/// One row for the terminal.
pub fn line(bench: &Bench, row: &Row, min: bool) -> String {
    let c = cells(bench, row, min);
    let mut out = format!(
        "{:12} {:13} native {:>9}  fluoro {:>9} ({:>6} x)  qemu {:>9} ({:>6} x)  {:>5} G/s  stat {:>5}  MB {}",
        bench.group, c[0], c[1], c[2], c[4], c[3], c[5], c[6], c[7], c[8]
    );
    for column in [Column::Fluoro, Column::Stat, Column::Qemu] {
        if let Some(why) = row.wrong(column) {
            let _ = write!(out, "\n    WRONG {column:?}: {why}");
        }
    }
    out
}

type Rows<'a> = Vec<&'a (Bench, Row)>;

fn of_group<'a>(rows: &'a [(Bench, Row)], group: &str) -> Rows<'a> {
    rows.iter().filter(|(b, _)| b.group == group).collect()
}

/// Quotients of two columns over a group; rows that lack one are left out.
fn quotients(rows: &Rows, over: Column, under: Column, min: bool) -> Vec<f64> {
    rows.iter()
        .filter_map(|(b, r)| {
            let time = Time::of(&b.group);
            divide(r.time(over, time, min), r.time(under, time, min))
        })
        .collect()
}

/// What is said about one goal: measured, wanted, reached or not.
struct Verdict {
    what: String,
    measured: Option<f64>,
    wanted: f64,
    at_most: bool,
    unit: &'static str,
}

impl Verdict {
    fn cells(&self) -> [String; 4] {
        let sign = if self.at_most { "at most" } else { "at least" };
        let reached = self.measured.map_or("not measured", |m| {
            let good = if self.at_most { m <= self.wanted } else { m >= self.wanted };
            if good { "yes" } else { "**no**" }
        });
        [
            self.what.clone(),
            format!("{sign} {:.2}{}", self.wanted, self.unit),
            number(self.measured),
            reached.to_string(),
        ]
    }
}

fn verdicts(rows: &[(Bench, Row)], min: bool) -> Vec<Verdict> {
    let mut all = Vec::new();
    for goal in &GOALS {
        let group = of_group(rows, goal.group);
        if group.is_empty() || goal.group == "translation" {
            continue;
        }
        let faster = quotients(&group, Column::Qemu, Column::Fluoro, min);
        let mut say = |what: &str, measured, wanted: f64, at_most| {
            if wanted > 0.0 && wanted.is_finite() {
                all.push(Verdict { what: format!("{}: {what}", goal.title), measured, wanted, at_most, unit: "" });
            }
        };
        say("times as fast as QEMU", geomean(&faster), goal.faster, false);
        say("slowest row beside QEMU", faster.iter().copied().reduce(f64::min), goal.each, false);
        say("times native time", geomean(&quotients(&group, Column::Fluoro, Column::Native, min)), goal.native, true);
    }
    all.extend(translation(rows, min));
    all.extend(startup(rows, min));
    all.extend(scaling(rows, min));
    all.extend(overheads(rows, min));
    all
}

fn find<'a>(rows: &'a [(Bench, Row)], name: &str) -> Option<&'a Row> {
    rows.iter().find(|(b, _)| b.name == name).map(|(_, r)| r)
}

fn cpu(row: &Row, column: Column, min: bool) -> Option<f64> {
    row.time(column, Time::UserAndSystem, min)
}

/// Time per block: the run less an empty one.
fn per_block(rows: &[(Bench, Row)], column: Column, min: bool) -> Option<f64> {
    let blocks = find(rows, "blocks")?;
    let empty = cpu(find(rows, "true-static")?, column, min)?;
    Some((cpu(blocks, column, min)? - empty) / blocks.translations.unwrap_or(100_000) as f64)
}

fn translation(rows: &[(Bench, Row)], min: bool) -> Vec<Verdict> {
    let (fluoro, qemu) = (per_block(rows, Column::Fluoro, min), per_block(rows, Column::Qemu, min));
    if find(rows, "blocks").is_none() {
        return vec![];
    }
    let what = format!(
        "Translation: times as fast as QEMU per block ({} ns, QEMU {} ns)",
        fluoro.map_or("-".to_string(), |t| format!("{:.0}", t * 1e9)),
        qemu.map_or("-".to_string(), |t| format!("{:.0}", t * 1e9))
    );
    vec![Verdict { what, measured: divide(qemu, fluoro), wanted: 5.0, at_most: false, unit: "" }]
}

fn startup(rows: &[(Bench, Row)], min: bool) -> Vec<Verdict> {
    let mut all = Vec::new();
    if let Some(row) = find(rows, "true-static") {
        let over = cpu(row, Column::Fluoro, min).zip(cpu(row, Column::Native, min)).map(|(f, n)| (f - n) * 1e3);
        let what = "Start-up: static true, CPU ms over native".to_string();
        all.push(Verdict { what, measured: over, wanted: STATIC_START * 1e3, at_most: true, unit: " ms" });
    }
    for (name, wanted) in START_FACTORS {
        if let Some(row) = find(rows, name) {
            let measured = divide(cpu(row, Column::Qemu, min), cpu(row, Column::Fluoro, min));
            let what = format!("Start-up: {name}, times as fast as QEMU");
            all.push(Verdict { what, measured, wanted, at_most: false, unit: "" });
        }
    }
    all
}

fn scaling(rows: &[(Bench, Row)], min: bool) -> Vec<Verdict> {
    let (Some(one), Some(two)) = (find(rows, "scale-1"), find(rows, "scale-2")) else { return vec![] };
    let gain = |c| divide(one.time(c, Time::Wall, min), two.time(c, Time::Wall, min));
    let (native, fluoro) = (gain(Column::Native), gain(Column::Fluoro));
    let what = format!("Two threads: gain over one beside native's (native {})", number(native));
    // Where native threads gain nothing, other work has the second processor, and the row says nothing of Fluoro.
    let fluoro = fluoro.filter(|_| native.is_some_and(|n| n >= NATIVE_GAIN));
    vec![Verdict { what, measured: divide(fluoro, native), wanted: 1.0 - SCALING, at_most: false, unit: "" }]
}

fn overheads(rows: &[(Bench, Row)], min: bool) -> Vec<Verdict> {
    let long = |b: &Bench| !matches!(b.group.as_str(), "startup" | "translation" | "scaling");
    let measured: Rows = rows.iter().filter(|(b, _)| long(b)).collect();
    let stat = geomean(&quotients(&measured, Column::Stat, Column::Fluoro, min));
    let peaks: Vec<f64> = rows
        .iter()
        .filter_map(|(_, r)| divide(r.peak(Column::Fluoro).map(|p| p as f64), r.peak(Column::Qemu).map(|p| p as f64)))
        .collect();
    vec![
        Verdict {
            what: "`fluoro stat` over the plain run".into(),
            measured: stat,
            wanted: STAT,
            at_most: true,
            unit: "",
        },
        Verdict {
            what: "Peak memory over QEMU's (geometric mean)".into(),
            measured: geomean(&peaks),
            wanted: 1.0,
            at_most: true,
            unit: "",
        },
    ]
}

/// The goals and what was reached, for the terminal.
pub fn summary(rows: &[(Bench, Row)], min: bool) -> String {
    verdicts(rows, min)
        .iter()
        .map(|v| {
            let [what, wanted, got, reached] = v.cells();
            format!("{what:72} {got:>7}  wanted {wanted:18} {reached}\n")
        })
        .collect()
}

fn table_line<const N: usize>(out: &mut String, cells: &[String; N]) {
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

/// The whole page.
pub fn write(options: &Options, rows: &[(Bench, Row)]) -> String {
    let mut out = head(options);
    out += "\n## Goals\n\n| | wanted | measured | reached |\n|---|---|--:|---|\n";
    for verdict in verdicts(rows, options.min) {
        table_line(&mut out, &verdict.cells());
    }
    for (group, title) in
        GOALS.iter().map(|g| (g.group, g.title)).chain([("scaling", "One and two threads (wall time)")])
    {
        let group = of_group(rows, group);
        if group.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n## {title}\n\n| {} |\n|---{}|", HEADS.join(" | "), "|--:".repeat(HEADS.len() - 1));
        for (bench, row) in group.iter().copied() {
            table_line(&mut out, &cells(bench, row, options.min));
        }
        mean_line(&mut out, &group, options.min);
        for (bench, row) in group.iter().copied() {
            for column in [Column::Fluoro, Column::Stat, Column::Qemu] {
                if let Some(why) = row.wrong(column) {
                    let _ = writeln!(out, "\nWrong: {} by {column:?}: {why}", bench.name);
                }
            }
        }
    }
    out
}

fn mean_line(out: &mut String, group: &Rows, min: bool) {
    let mean = |over, under| number(geomean(&quotients(group, over, under, min)));
    let cells = [
        "**geometric mean**".to_string(),
        String::new(),
        String::new(),
        String::new(),
        mean(Column::Fluoro, Column::Native),
        mean(Column::Qemu, Column::Fluoro),
        String::new(),
        mean(Column::Stat, Column::Fluoro),
        format!("QEMU over native {}", mean(Column::Qemu, Column::Native)),
    ];
    table_line(out, &cells);
}

fn head(options: &Options) -> String {
    let which = if options.min { "smallest" } else { "median" };
    let rounds = options.runs;
    format!(
        "# Benchmarks

Made by `{}` on {}; do not edit by hand.

- Machine: {}; load {} before, {} at the end (a load above 1 is other work, which the figures contain)
- {}; {}; {}
- Each round runs native, Fluoro, `fluoro stat` and QEMU one after the other; {which} of {rounds} rounds. User time, but
  user and system time for start-up and translation, wall time for threads.
- `over native`: Fluoro's time divided by native's. `faster than QEMU`: QEMU's divided by Fluoro's. `stat`: `fluoro stat`
  divided by the plain run. G insns/s: guest instructions (counted by `fluoro stat`) per second of the plain run.
- The kernels are in `bench/kernels`, compiled for both machines with the same flags (`bench/kernels.tsv`; riscv64 with
  `-march=rv64gc`); the real programs are Debian's (`cargo xtask roots`). A row whose output or status is not native's
  has no time.
",
        options.command,
        output("date", &["-u", "+%Y-%m-%d"]),
        machine(),
        options.before.load,
        load(),
        Tools::versions(),
        measured(options),
        options.qemu.as_ref().map_or("no QEMU".to_string(), |q| first_line(&output(&q.to_string_lossy(), &["--version"]))),
    )
}

/// The first line of a text, without its end.
pub fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("").to_string()
}

/// What a program prints, or nothing.
pub fn output(program: &str, args: &[&str]) -> String {
    let run = Command::new(program).args(args).output();
    run.map_or(String::new(), |o| String::from_utf8_lossy(&o.stdout).trim().to_string())
}

/// Processor and kernel.
pub fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        info.lines().find_map(|l| l.strip_prefix("model name")).unwrap_or("unknown").trim_matches([' ', '\t', ':']);
    let processors = info.lines().filter(|l| l.starts_with("processor")).count();
    format!("{model}, {processors} processors, Linux {}", output("uname", &["-r"]))
}

/// The load of the last minute.
pub fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("?").to_string()
}

/// Which Fluoro was measured: the tree's commit is only a hint, for a binary may be older than the tree.
pub fn measured(options: &Options) -> String {
    let Some(path) = &options.fluoro else { return "no Fluoro".to_string() };
    let built = output("date", &["-u", "-r", &path.to_string_lossy(), "+%H:%M"]);
    let sum = output("sha256sum", &[&path.to_string_lossy()]);
    let sum = sum.get(..12).unwrap_or("unknown");
    format!("Fluoro built {built} UTC (sha256 {sum}…), tree at {} when the run began", options.before.commit)
}
