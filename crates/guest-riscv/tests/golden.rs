//! Texts and legality of encodings against recordings of the reference: a committed sample of 39,288 encodings, and the
//! whole corpus of 630,498 where it lies beside the repository.

use flate2::read::GzDecoder;
use guest::{Guest, Insn};
use guest_riscv::Riscv;
use ir::{Builder, Code, Op, Stop};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// One recorded encoding.
struct Line {
    raw: u32,
    pc: u64,
    text: String,
    /// `i` where the reference's `max` refuses it, `-` where it was not tried.
    max: u8,
    /// The same for `rv64`.
    rv64: u8,
}

fn lines(path: &Path) -> impl Iterator<Item = Vec<String>> + use<> {
    let file = File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let split = |l: std::io::Result<String>| l.unwrap().split('\t').map(String::from).collect();
    BufReader::new(GzDecoder::new(file)).lines().map(split)
}

/// The sample (every third of the 16-bit encodings, every 31st of the others, without those of Vector; the columns of
/// both recordings in one file), and the whole corpus if it is there.
fn corpus() -> Vec<Line> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut rows: Vec<Vec<String>> = lines(&here.join("tests/golden/sample.tsv.gz")).collect();
    let whole = here.join("../../../shared/golden/disas");
    if whole.exists() {
        let legal = lines(&whole.join("legal.tsv.gz"));
        let join = |(t, l): (Vec<String>, Vec<String>)| {
            assert_eq!(t[0], l[0], "the two files go together");
            [&t[..], &l[1..]].concat()
        };
        rows.extend(lines(&whole.join("riscv64.tsv.gz")).zip(legal).map(join));
    }
    rows.iter().map(|r| line(r)).collect()
}

fn line(row: &[String]) -> Line {
    let hex = |s: &str| u64::from_str_radix(s, 16).unwrap();
    Line {
        raw: hex(&row[0]) as u32,
        pc: hex(&row[1]),
        text: row[2].clone(),
        max: row[3].as_bytes()[0],
        rv64: row[4].as_bytes()[0],
    }
}

/// Encodings of the vector extensions, which have no rows yet.
fn vector(raw: u32) -> bool {
    let (opcode, funct3) = (raw & 0x7f, raw >> 12 & 7);
    matches!(opcode, 0x57 | 0x77) || (matches!(opcode, 0x07 | 0x27) && matches!(funct3, 0 | 5..=7)) || vector_csr(raw)
}

/// Whether it accesses a control register of the vector extensions.
fn vector_csr(raw: u32) -> bool {
    raw & 0x7f == 0x73 && raw >> 12 & 3 != 0 && matches!(raw >> 20, 0x008..=0x00a | 0x00f | 0xc20..=0xc22)
}

/// Counts by the first word of the recorded text, printed for whoever looks for what is missing.
#[derive(Default)]
struct Wrong {
    counts: BTreeMap<String, (u32, String)>,
}

impl Wrong {
    fn add(&mut self, text: &str, example: String) {
        let name = text.split(' ').next().unwrap().to_string();
        self.counts.entry(name).or_insert((0, example)).0 += 1;
    }

    fn assert_none(&self, what: &str, of: usize) {
        for (name, (n, example)) in &self.counts {
            println!("{n:6} {name:16} {example}");
        }
        let total: u32 = self.counts.values().map(|(n, _)| n).sum();
        assert!(total == 0, "{total} wrong {what} of {of}");
        println!("{of} {what} right");
    }
}

#[test]
fn texts() {
    let cpu = Riscv::new(guest_riscv::ext::Exts::MAX);
    let lines: Vec<Line> = corpus().into_iter().filter(|l| !vector(l.raw)).collect();
    let mut wrong = Wrong::default();
    let mut text = String::new();
    for l in &lines {
        text.clear();
        cpu.text(l.pc, cpu.decode(l.raw).as_ref(), l.raw, &mut text);
        if text != l.text {
            wrong.add(&l.text, format!("{:08x}: is {text:?}, not {:?}", l.raw, l.text));
        }
    }
    assert!(lines.len() > 30_000);
    wrong.assert_none("texts", lines.len());
}

/// Whether the guest refuses an encoding, by decoding or by what it lifts to.
fn refused(cpu: &Riscv, b: &mut Builder, raw: u32, pc: u64) -> bool {
    let Some(insn) = cpu.decode(raw) else { return true };
    lift(cpu, b, &insn, pc).get(1).is_some_and(is_illegal)
}

fn lift<'b>(cpu: &Riscv, b: &'b mut Builder, insn: &Insn, pc: u64) -> &'b [Op] {
    b.start(pc, 0);
    b.insn(pc, insn.len as u32);
    cpu.lift(insn, b);
    &b.block.ops
}

fn is_illegal(op: &Op) -> bool {
    op.code == Code::Exit && op.stop() == Stop::Illegal
}

fn check_legality(model: &str, recorded: fn(&Line) -> u8) {
    let cpu = Riscv::parse(model).unwrap();
    let lines: Vec<Line> = corpus().into_iter().filter(|l| !vector(l.raw) && recorded(l) != b'-').collect();
    let mut b = Builder::default();
    let mut wrong = Wrong::default();
    for l in &lines {
        let illegal = refused(&cpu, &mut b, l.raw, l.pc);
        if illegal != (recorded(l) == b'i') {
            wrong.add(&l.text, format!("{:08x} {}", l.raw, if illegal { "refused" } else { "accepted" }));
        }
    }
    assert!(lines.len() > 30_000);
    wrong.assert_none("verdicts", lines.len());
}

#[test]
fn legality_of_max() {
    check_legality("max", |l| l.max);
}

#[test]
fn legality_of_rv64() {
    check_legality("rv64", |l| l.rv64);
}
