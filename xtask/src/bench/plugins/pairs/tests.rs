use super::super::kind::KINDS;
use super::*;

const COUNTS: Counts = Counts { insns: 1_000_000_000, blocks: 100_000_000, accesses: 300_000_000 };

fn named(name: &str) -> &'static Kind {
    KINDS.iter().find(|k| k.name == name).unwrap()
}

fn sample(user: f64, output: &str, complaint: &str) -> Sample {
    let output = output.as_bytes().to_vec();
    Sample { wall: 99.0, user, system: 9.0, peak: 0, status: 0, output, complaint: complaint.to_string() }
}

fn pairs(kind: &str, times: &[(f64, f64)]) -> Pairs {
    let mut pairs = Pairs::new(named(kind), Some(COUNTS));
    for (plain, probed) in times {
        pairs.add(named(kind), &sample(*plain, "crc", ""), &sample(*probed, "crc", ""));
    }
    pairs
}

fn near(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < 1e-9)
}

#[test]
fn each_run_is_compared_with_the_plain_one_before_it() {
    // The machine was half as fast in the second round and the third one was disturbed.
    let p = pairs("empty-block", &[(1.0, 1.5), (2.0, 3.0), (1.0, 9.0)]);
    assert!(near(p.factor(false), 1.5));
    assert!(near(p.ns(false), 10.0), "the median of 0.5, 1 and 8 s over 100 M calls");
    assert!(near(p.factor(true), 1.5));
    assert!(near(p.ns(true), 5.0));
    assert_eq!((p.longest(), p.len()), (9.0, 3));
}

#[test]
fn nothing_has_no_calls() {
    let p = pairs("nothing", &[(1.0, 1.0)]);
    assert!(near(p.factor(false), 1.0));
    assert_eq!(p.ns(false), None);
    assert_eq!(pairs("nothing", &[]).factor(false), None);
}

#[test]
fn counts_of_a_report() {
    let json = r#"{"instructions":17,"blocks":3,"loads":4,"load_bytes":9,"stores":5,"threads":[{"blocks":1}]}"#;
    assert_eq!(Counts::parse(json), Some(Counts { insns: 17, blocks: 3, accesses: 9 }));
    assert_eq!(Counts::parse("{}"), None);
    assert_eq!(COUNTS.of(Unit::Access), Some(300_000_000));
    assert_eq!(COUNTS.of(Unit::Nothing), None);
}

#[test]
fn other_output_has_no_figures() {
    let kind = named("empty-block");
    let mut p = pairs("empty-block", &[(1.0, 1.0)]);
    p.add(kind, &sample(1.0, "crc 1", ""), &sample(1.0, "crc 2", ""));
    p.add(kind, &sample(1.0, "crc 1", ""), &sample(1.0, "crc 1", ""));
    assert_eq!(p.factor(false), None);
    assert!(p.wrong().unwrap().contains("output"));
    let mut p = pairs("empty-block", &[]);
    p.add(kind, &sample(1.0, "", ""), &Sample { status: 139, ..sample(1.0, "", "crashed") });
    assert_eq!(p.wrong(), Some("status 139 (plain 0) crashed"));
}

#[test]
fn a_wrong_count_has_no_figures() {
    let kind = named("call-insn");
    let add = |said: &str| {
        let mut p = Pairs::new(kind, Some(COUNTS));
        p.add(kind, &sample(1.0, "", ""), &sample(5.0, "", said));
        p.wrong().map(str::to_string)
    };
    assert_eq!(add("call-insn 1000000009"), None);
    assert!(add("call-insn 1002000000").unwrap().contains("counted 1000000000"));
    assert!(add("").is_some());
    let mut uncounted = Pairs::new(kind, None);
    uncounted.add(kind, &sample(1.0, "", ""), &sample(5.0, "", "call-insn 7"));
    assert!(near(uncounted.factor(false), 5.0), "without fluoro stat there is nothing to compare with");
    assert_eq!(uncounted.ns(false), None);
}

#[test]
fn figures_over_kernels() {
    let (a, b) = (pairs("empty-block", &[(1.0, 2.0)]), pairs("empty-block", &[(1.0, 8.0)]));
    let figures = Figures::of(&[("a", &a), ("b", &b)], false);
    assert!(near(figures.factor, 4.0));
    assert_eq!(figures.worst, Some(("b", 8.0)));
    assert!(near(figures.ns, 40.0), "8 s over 200 M calls");
    assert_eq!(figures.faster, None);
}

#[test]
fn a_kernel_without_figures_leaves_no_mean() {
    let (a, b) = (pairs("empty-block", &[(1.0, 2.0)]), pairs("empty-block", &[]));
    let figures = Figures::of(&[("a", &a), ("b", &b)], false);
    assert_eq!((figures.factor, figures.ns), (None, None));
    assert_eq!(figures.worst, Some(("a", 2.0)));
}

#[test]
fn the_reference_counts_only_with_the_same_output() {
    let mut p = pairs("inline-insn", &[]);
    let kind = named("inline-insn");
    let plain = sample(1.0, "crc", "");
    p.add(kind, &plain, &sample(2.0, "crc", "inline-insn 1000000000"));
    p.refer(&plain, &sample(9.0, "other", ""));
    assert_eq!(p.faster(false), None);
    p.refer(&plain, &sample(8.0, "crc", ""));
    assert!(near(p.faster(false), 4.0));
}
