//! Control and status registers that user mode reaches, one row each, and the names of all of them.

use crate::ext::{Ext, Exts};
use crate::helpers;
use crate::vars::FRM;
use guest::Place;
use ir::{Builder, Code, Op, Stop, Var, Width};

/// A register: how instructions read it into a temporary and write it, and how others see it. Writing ends the block.
pub struct Csr {
    pub number: u32,
    needs: Ext,
    pub read: fn(&mut Builder) -> Var,
    pub write: Option<fn(&mut Builder, Var)>,
    /// Reading without writing is refused.
    write_only: bool,
    /// For plugins and debuggers, who have every right.
    pub outside: Place,
}

static CSRS: &[Csr] = {
    use Ext::{F, Zicntr, Zkr};
    // table
    &[
        Csr::new(0x001, F, flags, Some(write_flags), outside::FLAGS),
        Csr::new(0x002, F, rounding, Some(write_rounding), outside::ROUNDING),
        Csr::new(0x003, F, fcsr, Some(write_fcsr), outside::FCSR),
        Csr { write_only: true, ..Csr::new(0x015, Zkr, seed, Some(ignore), outside::SEED) },
        Csr::new(0xc00, Zicntr, |b| read(b, Code::ReadCycles), None, outside::COUNTER),
        Csr::new(0xc01, Zicntr, |b| read(b, Code::ReadTime), None, outside::COUNTER),
        Csr::new(0xc02, Zicntr, |b| read(b, Code::ReadCycles), None, outside::COUNTER),
    ]
};

type Read = fn(&mut Builder) -> Var;
type Write = fn(&mut Builder, Var);

impl Csr {
    const fn new(number: u32, needs: Ext, read: Read, write: Option<Write>, outside: Place) -> Csr {
        Csr { number, needs, read, write, write_only: false, outside }
    }
}

/// What the registers are to those who do not execute instructions.
mod outside {
    use crate::helpers::{HELPERS, SEED as SEED_HELPER};
    use crate::vars::FRM;
    use guest::{Bank, Place};

    pub const FLAGS: Place = Place::Computed { read: |b| b.fp_flags(), write: Some(|b, v| b.set_fp_flags(v & 31)) };
    pub const ROUNDING: Place = Place::Computed { read: |b| b.get(FRM), write: Some(set_rounding) };
    pub const FCSR: Place = Place::Computed { read: |b| b.get(FRM) << 5 | b.fp_flags(), write: Some(set_fcsr) };
    pub const SEED: Place = Place::Computed { read: |_| seed(), write: Some(|_, _| ()) };
    pub const COUNTER: Place = Place::Computed { read: |b| b.ticks(), write: None };

    fn set_rounding(bank: &dyn Bank, mode: u64) {
        bank.set(FRM, mode & 7);
        bank.set_fp_round(mode & 7);
    }

    fn set_fcsr(bank: &dyn Bank, value: u64) {
        bank.set_fp_flags(value & 31);
        set_rounding(bank, value >> 5);
    }

    fn seed() -> u64 {
        (HELPERS[SEED_HELPER as usize].function)(0, 0, 0).0
    }
}

/// The registers of a CPU with these extensions, in the order of their numbers.
pub fn of(exts: Exts) -> impl Iterator<Item = &'static Csr> {
    CSRS.iter().filter(move |c| exts.has(c.needs))
}

/// The register with this number.
pub fn find(number: u32) -> Option<&'static Csr> {
    CSRS.iter().find(|c| c.number == number)
}

/// Whether `word` is an instruction on a control register.
pub fn accesses(word: u32) -> bool {
    const SYSTEM: u32 = 0x73;
    word & 0x7f == SYSTEM && word >> 12 & 3 != 0
}

/// Whether user mode may execute `word`, an instruction on a control register.
pub fn allowed(exts: Exts, word: u32) -> bool {
    let ok = |c: &Csr| exts.has(c.needs) && if writes(word) { c.write.is_some() } else { !c.write_only };
    find(word >> 20).is_some_and(ok)
}

/// Whether `word` writes its register: setting or clearing nothing is no write.
fn writes(word: u32) -> bool {
    const WRITE: u32 = 1;
    word >> 12 & 3 == WRITE || word >> 15 & 31 != 0
}

fn read(b: &mut Builder, code: Code) -> Var {
    let dst = b.temp();
    b.push(Op { dst, ..Op::new(code) });
    dst
}

fn flags(b: &mut Builder) -> Var {
    read(b, Code::ReadFlags)
}

fn rounding(b: &mut Builder) -> Var {
    let v = b.temp();
    b.mov(v, FRM);
    v
}

/// Rounding mode above the flags. Manual, 20.2.
fn fcsr(b: &mut Builder) -> Var {
    let (mode, flags) = (rounding(b), flags(b));
    b.alu_imm(Code::Shl, Width::W64, mode, mode, 5);
    b.alu(Code::Or, Width::W64, mode, mode, flags);
    mode
}

fn put_flags(b: &mut Builder, value: Var) {
    b.push(Op { a: value, ..Op::new(Code::WriteFlags) })
}

fn write_flags(b: &mut Builder, value: Var) {
    put_flags(b, value);
    b.jump(b.next_pc())
}

/// Blocks are translated for a rounding mode, so this one ends with a look for the next block's.
fn write_rounding(b: &mut Builder, value: Var) {
    let mode = b.temp();
    b.alu_imm(Code::And, Width::W64, mode, value, 7);
    b.push(Op { a: mode, ..Op::new(Code::WriteRound) });
    b.mov(FRM, mode);
    b.exit(Stop::Mode, b.next_pc())
}

fn write_fcsr(b: &mut Builder, value: Var) {
    put_flags(b, value);
    let mode = b.temp();
    b.alu_imm(Code::Shr, Width::W64, mode, value, 5);
    write_rounding(b, mode)
}

/// Sixteen bits of entropy and the state "ready". Manual, 32.4.1.
fn seed(b: &mut Builder) -> Var {
    let dst = b.temp();
    // Not `CallPure`: two reads must differ.
    let call = Op::new(Code::CallFlags);
    b.push(Op { dst, a: Var::ZERO, b: Var::ZERO, c: Var::ZERO, imm: helpers::SEED, ..call });
    dst
}

fn ignore(b: &mut Builder, _value: Var) {
    b.jump(b.next_pc())
}

/// Names that texts show, by number; see also [`RANGES`].
static NAMES: &[(u32, &str)] = &[
    (0x000, "ustatus"),
    (0x001, "fflags"),
    (0x002, "frm"),
    (0x003, "fcsr"),
    (0x004, "uie"),
    (0x005, "utvec"),
    (0x008, "vstart"),
    (0x009, "vxsat"),
    (0x00a, "vxrm"),
    (0x00f, "vcsr"),
    (0x011, "ssp"),
    (0x015, "seed"),
    (0x017, "jvt"),
    (0x040, "uscratch"),
    (0x041, "uepc"),
    (0x042, "ucause"),
    (0x043, "utval"),
    (0x044, "uip"),
    (0x100, "sstatus"),
    (0x104, "sie"),
    (0x105, "stvec"),
    (0x106, "scounteren"),
    (0x140, "sscratch"),
    (0x141, "sepc"),
    (0x142, "scause"),
    (0x143, "stval"),
    (0x144, "sip"),
    (0x180, "satp"),
    (0x200, "hstatus"),
    (0x202, "hedeleg"),
    (0x203, "hideleg"),
    (0x204, "hie"),
    (0x205, "htvec"),
    (0x240, "hscratch"),
    (0x241, "hepc"),
    (0x242, "hcause"),
    (0x243, "hbadaddr"),
    (0x244, "hip"),
    (0x300, "mstatus"),
    (0x301, "misa"),
    (0x302, "medeleg"),
    (0x303, "mideleg"),
    (0x304, "mie"),
    (0x305, "mtvec"),
    (0x306, "mcounteren"),
    (0x320, "mucounteren"),
    (0x321, "mscounteren"),
    (0x322, "mhcounteren"),
    (0x340, "mscratch"),
    (0x341, "mepc"),
    (0x342, "mcause"),
    (0x343, "mtval"),
    (0x344, "mip"),
    (0x380, "mbase"),
    (0x381, "mbound"),
    (0x382, "mibase"),
    (0x383, "mibound"),
    (0x384, "mdbase"),
    (0x385, "mdbound"),
    (0x780, "mtohost"),
    (0x781, "mfromhost"),
    (0x782, "mreset"),
    (0x783, "mipi"),
    (0x784, "miobase"),
    (0x7a0, "tselect"),
    (0x7a1, "tdata1"),
    (0x7a2, "tdata2"),
    (0x7a3, "tdata3"),
    (0x7a4, "tinfo"),
    (0x7b0, "dcsr"),
    (0x7b1, "dpc"),
    (0x7b2, "dscratch0"),
    (0x7b3, "dscratch1"),
    (0xb00, "mcycle"),
    (0xb01, "mtime"),
    (0xb02, "minstret"),
    (0xb80, "mcycleh"),
    (0xb81, "mtimeh"),
    (0xb82, "minstreth"),
    (0xc00, "cycle"),
    (0xc01, "time"),
    (0xc02, "instret"),
    (0xc20, "vl"),
    (0xc21, "vtype"),
    (0xc22, "vlenb"),
    (0xc80, "cycleh"),
    (0xc81, "timeh"),
    (0xc82, "instreth"),
    (0xd00, "scycle"),
    (0xd01, "stime"),
    (0xd02, "sinstret"),
    (0xd80, "scycleh"),
    (0xd81, "stimeh"),
    (0xd82, "sinstreth"),
    (0xe00, "hcycle"),
    (0xe01, "htime"),
    (0xe02, "hinstret"),
    (0xe80, "hcycleh"),
    (0xe81, "htimeh"),
    (0xe82, "hinstreth"),
    (0xf11, "mvendorid"),
    (0xf12, "marchid"),
    (0xf13, "mimpid"),
    (0xf14, "mhartid"),
];

/// Runs of names: first number, first index, count, what stands before and behind the index.
static RANGES: &[(u32, u32, u32, &str, &str)] = &[
    (0x323, 3, 29, "mhpmevent", ""),
    (0x3a0, 0, 16, "pmpcfg", ""),
    (0x3b0, 0, 64, "pmpaddr", ""),
    (0xb03, 3, 29, "mhpmcounter", ""),
    (0xb83, 3, 29, "mhpmcounter", "h"),
];

/// The name of register `number`, unless it is one of [`RANGES`] or has none.
pub fn name(number: u32) -> Option<&'static str> {
    NAMES.iter().find(|(n, _)| *n == number).map(|(_, name)| *name)
}

/// Appends the name of register `number`, as the plugin contract shows it (section 3.2).
pub fn show(number: u32, out: &mut String) {
    if let Some(name) = name(number) {
        return out.push_str(name);
    }
    let text = match RANGES.iter().find(|(first, _, count, ..)| (*first..first + count).contains(&number)) {
        Some((first, index, _, before, behind)) => format!("{before}{}{behind}", index + number - first),
        None => format!("{number:#05x}"),
    };
    out.push_str(&text)
}
