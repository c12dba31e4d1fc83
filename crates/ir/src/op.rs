//! The operations, one row each.
//!
//! An [`Op`] is a three-address instruction over *variables* ([`Var`]): guest registers, engine state and temporaries
//! of one guest instruction. It is not SSA: guest registers are the variables, so exact state at every operation that
//! can fault is simply "what the variables hold", and a lifter never knows where a host keeps them.
//!
//! Rules that the verifier enforces and every consumer relies on:
//! - `Var::ZERO` reads as zero and is never a destination.
//! - Temporaries live inside one guest instruction (between two `Insn` marks).
//! - Within one guest instruction no operation that may fault follows a write to a guest variable, so a fault always
//!   sees the state before the instruction.
//! - Block enders stand last.

use bits::Mem;

/// A variable of a block.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Var(pub u16);

impl Var {
    /// Reads as zero; never written.
    pub const ZERO: Var = Var(0);
    /// "The operand is `imm`" (allowed for operand `b` where the row says so), or "no operand".
    pub const IMM: Var = Var(0xffff);
    /// Guest variables are `1..GUEST_END`; which is what is the guest crate's business.
    pub const GUEST_END: u16 = 192;
    /// Number of variables; temporaries are `GUEST_END..COUNT`.
    pub const COUNT: u16 = 256;

    /// The `n`th temporary of the current guest instruction.
    ///
    /// # Panics
    /// If a guest instruction uses more than 64.
    pub const fn temp(n: u16) -> Var {
        assert!(n < Var::COUNT - Var::GUEST_END);
        Var(Var::GUEST_END + n)
    }

    pub const fn is_temp(self) -> bool {
        self.0 >= Var::GUEST_END && self.0 < Var::COUNT
    }

    pub const fn is_guest(self) -> bool {
        self.0 > 0 && self.0 < Var::GUEST_END
    }
}

impl std::fmt::Debug for Var {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Var::ZERO => write!(f, "zero"),
            Var::IMM => write!(f, "-"),
            v if v.is_temp() => write!(f, "t{}", v.0 - Var::GUEST_END),
            v => write!(f, "v{}", v.0),
        }
    }
}

/// Width of an integer operation and what happens to the upper half of a 32-bit result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Width {
    /// 64-bit operands and result.
    W64,
    /// Low 32 bits of the operands; the 32-bit result is sign-extended to 64.
    W32S,
    /// Low 32 bits of the operands; the 32-bit result is zero-extended to 64.
    W32Z,
}

impl Width {
    pub const ALL: [Width; 3] = [Width::W64, Width::W32S, Width::W32Z];

    /// 64 or 32.
    pub const fn bits(self) -> u32 {
        match self {
            Width::W64 => 64,
            _ => 32,
        }
    }

    /// Brings a raw result into the form that a variable of this width holds.
    pub const fn wrap(self, v: u64) -> u64 {
        match self {
            Width::W64 => v,
            Width::W32S => v as i32 as i64 as u64,
            Width::W32Z => v as u32 as u64,
        }
    }
}

/// A comparison of two integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Cond {
    Eq,
    Ne,
    Lt,
    Ge,
    Ltu,
    Geu,
}

impl Cond {
    pub const ALL: [Cond; 6] = [Cond::Eq, Cond::Ne, Cond::Lt, Cond::Ge, Cond::Ltu, Cond::Geu];

    /// The comparison that holds exactly when this one does not.
    pub const fn negate(self) -> Cond {
        match self {
            Cond::Eq => Cond::Ne,
            Cond::Ne => Cond::Eq,
            Cond::Lt => Cond::Ge,
            Cond::Ge => Cond::Lt,
            Cond::Ltu => Cond::Geu,
            Cond::Geu => Cond::Ltu,
        }
    }

    /// Whether it holds of two 64-bit values.
    pub const fn holds(self, a: u64, b: u64) -> bool {
        match self {
            Cond::Eq => a == b,
            Cond::Ne => a != b,
            Cond::Lt => (a as i64) < b as i64,
            Cond::Ge => a as i64 >= b as i64,
            Cond::Ltu => a < b,
            Cond::Geu => a >= b,
        }
    }
}

/// What an atomic read-modify-write does to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Rmw {
    Swap,
    Add,
    And,
    Or,
    Xor,
    MinS,
    MaxS,
    MinU,
    MaxU,
}

impl Rmw {
    pub const ALL: [Rmw; 9] =
        [Rmw::Swap, Rmw::Add, Rmw::And, Rmw::Or, Rmw::Xor, Rmw::MinS, Rmw::MaxS, Rmw::MinU, Rmw::MaxU];

    /// The new value of memory, given the old one and the operand, both already widened by the access kind (signed
    /// for `MinS`/`MaxS`, else either).
    pub fn apply(self, old: u64, operand: u64) -> u64 {
        match self {
            Rmw::Swap => operand,
            Rmw::Add => old.wrapping_add(operand),
            Rmw::And => old & operand,
            Rmw::Or => old | operand,
            Rmw::Xor => old ^ operand,
            Rmw::MinS => (old as i64).min(operand as i64) as u64,
            Rmw::MaxS => (old as i64).max(operand as i64) as u64,
            Rmw::MinU => old.min(operand),
            Rmw::MaxU => old.max(operand),
        }
    }
}

/// A floating-point format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Fmt {
    F32,
    F64,
}

/// A rounding mode. `Dyn` is the mode that the block was translated for (`Block::mode`'s guest-defined bits); the
/// lifter may only use it for the four modes that hosts have, other modes go through soft-float helpers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Round {
    /// The mode that is set in the host's control register now.
    Dyn,
    NearestEven,
    ToZero,
    Down,
    Up,
}

impl Round {
    pub const ALL: [Round; 5] = [Round::Dyn, Round::NearestEven, Round::ToZero, Round::Down, Round::Up];
}

/// Why generated code hands over to Rust at the end of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Stop {
    /// A system call instruction. `pc` stays at it.
    Syscall,
    /// A breakpoint instruction. `pc` stays at it.
    Breakpoint,
    /// An encoding that the guest CPU refuses. `pc` stays at it.
    Illegal,
    /// Instruction memory may have changed (`fence.i`); goes on behind it.
    FenceCode,
    /// The state that blocks are translated for may have changed (a write to a rounding mode); goes on behind it.
    Mode,
    /// A hint to let others run (`pause`, `wrs.*`); goes on behind it.
    Yield,
}

impl Stop {
    pub const ALL: [Stop; 6] =
        [Stop::Syscall, Stop::Breakpoint, Stop::Illegal, Stop::FenceCode, Stop::Mode, Stop::Yield];
}

/// How an indirect jump is meant, for prediction and profiling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Jump {
    Plain,
    Call,
    Return,
}

/// What an operation may do besides writing its destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effects(pub u8);

impl Effects {
    pub const PURE: Effects = Effects(0);
    /// May fault: every guest variable must be recoverable.
    pub const FAULTS: Effects = Effects(1);
    /// Ends the block.
    pub const ENDS: Effects = Effects(2);
    /// Raises sticky floating-point flags.
    pub const FLAGS: Effects = Effects(4);
    /// Calls out of generated code: caller-saved host registers are lost.
    pub const CALLS: Effects = Effects(8);
    /// Reads memory.
    pub const READS: Effects = Effects(16);
    /// Writes memory.
    pub const WRITES: Effects = Effects(32);
    /// Shows or changes state that is not in its operands (fences, probes, marks).
    pub const BARRIER: Effects = Effects(64);

    pub const fn with(self, other: Effects) -> Effects {
        Effects(self.0 | other.0)
    }

    pub const fn has(self, other: Effects) -> bool {
        self.0 & other.0 == other.0
    }
}

/// The class of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Not there.
    No,
    /// An integer variable.
    Int,
    /// An integer variable or `imm`.
    IntImm,
    /// A floating-point variable (64 raw bits).
    Float,
    /// An integer variable, or `Var::IMM` for none.
    IntOpt,
}

/// What the row of an operation says.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    pub name: &'static str,
    pub dst: Class,
    pub a: Class,
    pub b: Class,
    pub c: Class,
    pub d: Class,
    pub effects: Effects,
}

macro_rules! ops {
    ($( $(#[$doc:meta])* $name:ident ($($dst:ident)? = $a:ident $b:ident $c:ident $d:ident) $($eff:ident)*; )*) => {
        /// An operation code. The comment of each is its meaning; `ir::eval` is the meaning in Rust.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Code { $( $(#[$doc])* $name, )* }

        impl Code {
            /// Every code, in the order of the rows.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The row of this code.
            pub const fn info(self) -> &'static Info {
                const ROWS: &[Info] = &[$( Info {
                    name: stringify!($name),
                    dst: ops!(@class $($dst)?),
                    a: Class::$a, b: Class::$b, c: Class::$c, d: Class::$d,
                    effects: Effects(0 $(| Effects::$eff.0)*),
                } ),*];
                &ROWS[self as usize]
            }
        }
    };
    (@class) => { Class::No };
    (@class $c:ident) => { Class::$c };
}

ops! {
    // Marks and probes -------------------------------------------------------------------------------------------
    /// Start of a guest instruction: `imm` is its pc, `aux` its length in bytes.
    Insn(= No No No No) BARRIER;
    /// `cell += imm`; `ext` is a [`Cell`](crate::Cell). With `aux` 1 it stands directly before a `Branch` and counts only
    /// when the branch is not taken. This probe and the next four do nothing if there is an `a` and it is not zero.
    ScoreAdd(= IntOpt No No No) BARRIER;
    /// `cell -= imm` of an [`allowance`](crate::allowance); if it is negative then, the host settles it.
    ScoreDraw(= IntOpt No No No) BARRIER;
    /// `cell = imm`.
    ScoreStore(= IntOpt No No No) BARRIER;
    /// Calls `Block::calls[imm]`, if its condition holds.
    Callback(= IntOpt No No No) BARRIER;
    /// The same for an access to address `b` of value `d:c` (`d` may be `Var::IMM`: zero); `ext` describes it.
    MemCallback(= IntOpt Int Int IntOpt) BARRIER;

    // Integer, pure. Width in `width`. `b` may be `imm` ------------------------------------------------------------
    /// `dst = a`, or `imm` when `a` is `Var::IMM`.
    Mov(Int = IntImm No No No);
    Add(Int = Int IntImm No No);
    Sub(Int = Int IntImm No No);
    And(Int = Int IntImm No No);
    Or(Int = Int IntImm No No);
    Xor(Int = Int IntImm No No);
    /// `a & !b`
    AndNot(Int = Int IntImm No No);
    /// `a | !b`
    OrNot(Int = Int IntImm No No);
    /// `!(a ^ b)`
    Xnor(Int = Int IntImm No No);
    /// `a << (b mod width)`
    Shl(Int = Int IntImm No No);
    /// Logical right shift by `b mod width`.
    Shr(Int = Int IntImm No No);
    /// Arithmetic right shift by `b mod width`.
    Sar(Int = Int IntImm No No);
    Rotl(Int = Int IntImm No No);
    Rotr(Int = Int IntImm No No);
    Mul(Int = Int IntImm No No);
    /// Upper 64 bits of signed x signed. 64-bit only, like the next two.
    MulHS(Int = Int Int No No);
    /// Upper 64 bits of unsigned x unsigned.
    MulHU(Int = Int Int No No);
    /// Upper 64 bits of signed `a` x unsigned `b`.
    MulHSU(Int = Int Int No No);
    /// Signed division toward zero; by zero gives all ones; minimum by -1 gives minimum.
    DivS(Int = Int Int No No);
    /// Unsigned division; by zero gives all ones.
    DivU(Int = Int Int No No);
    /// Signed remainder with the sign of `a`; by zero gives `a`; minimum by -1 gives 0.
    RemS(Int = Int Int No No);
    /// Unsigned remainder; by zero gives `a`.
    RemU(Int = Int Int No No);
    MinS(Int = Int Int No No);
    MaxS(Int = Int Int No No);
    MinU(Int = Int Int No No);
    MaxU(Int = Int Int No No);
    /// `(a << imm) + b`, imm 1 to 3. 64-bit.
    ShlAdd(Int = Int Int No No);
    /// `(zext32(a) << imm) + b`, imm 0 to 3. 64-bit.
    ShlAddU(Int = Int Int No No);
    /// Extension of the low bits of `a` as `mem` says. (`I32` is RISC-V's `sext.w`.)
    Ext(Int = Int No No No);
    /// Leading zeros of the low `width` bits; `width` if none is set.
    Clz(Int = Int No No No);
    /// Trailing zeros of the low `width` bits; `width` if none is set.
    Ctz(Int = Int No No No);
    Popcnt(Int = Int No No No);
    /// Reverses the bytes of the 64-bit value.
    Bswap(Int = Int No No No);
    /// Reverses the bits inside each byte.
    Brev8(Int = Int No No No);
    /// Each byte becomes 0xff if it was not zero.
    OrcB(Int = Int No No No);
    /// `a | 1 << (b mod 64)`, and so on for the next three. 64-bit.
    BitSet(Int = Int IntImm No No);
    BitClr(Int = Int IntImm No No);
    BitInv(Int = Int IntImm No No);
    /// `(a >> (b mod 64)) & 1`
    BitExt(Int = Int IntImm No No);
    /// Low half of the carry-less product.
    Clmul(Int = Int Int No No);
    /// Upper half of the carry-less product.
    ClmulH(Int = Int Int No No);
    /// `cond(a, b) ? 1 : 0`, compared as 64 bits.
    SetCond(Int = Int IntImm No No);
    /// `cond(a, b) ? c : d`; `b` may be `imm`.
    Select(Int = Int IntImm Int Int);
    /// RISC-V `aes64es(a, b)` (and the five below): one half of an AES round over the 128-bit state `b:a`.
    AesEncLast(Int = Int Int No No);
    AesEnc(Int = Int Int No No);
    AesDecLast(Int = Int Int No No);
    AesDec(Int = Int Int No No);
    /// Inverse MixColumns of both columns in `a`.
    AesInvMix(Int = Int No No No);
    /// RISC-V `aes64ks1i(a, imm)`.
    AesKey1(Int = Int No No No);
    /// `dst = helper[imm](a, b, c)`, without effects. The helper is a row of `Guest::helpers`. Operands and result are
    /// raw 64 bits of variables of either class; an operand that is `Var::IMM` is passed as 0, `c` as `ext`.
    CallPure(Int = Int Int Int No) CALLS;
    /// As `CallPure`; the second result is or-ed into the sticky flags.
    CallFlags(Int = Int Int Int No) CALLS FLAGS;

    // Memory. Address = a + imm -----------------------------------------------------------------------------------
    /// `dst = mem[a + imm]`, widened as `mem` says.
    Load(Int = Int No No No) FAULTS READS;
    /// `mem[a + imm] = b`, low bytes as `mem` says.
    Store(= Int Int No No) FAULTS WRITES;
    /// Loads a float: `mem` U64 as it is, U32 and U16 with all upper bits set (RISC-V NaN boxing).
    LoadF(Float = Int No No No) FAULTS READS;
    /// Stores the low bytes of a float variable.
    StoreF(= Int Float No No) FAULTS WRITES;
    /// Load-reserved: as `Load`, and remembers address and value. Misaligned addresses fault.
    LoadRes(Int = Int No No No) FAULTS READS;
    /// Store-conditional of `b` at `a`: `dst` = 0 if stored, 1 if not. Compare-exchange on the reserved value.
    /// Without a matching reservation the address is still checked for writing.
    StoreCond(Int = Int Int No No) FAULTS READS WRITES;
    /// `dst = mem[a]; mem[a] = aux(dst, b)` atomically, sequentially consistent. Misaligned addresses fault, here (unless
    /// `ext` is 1) and in the other atomics; all of them need the right to write, whether they store or not.
    Amo(Int = Int Int No No) FAULTS READS WRITES;
    /// `dst = mem[a]; if dst == b then mem[a] = c`, compared at the access size. `b` is widened as `mem` says.
    Cas(Int = Int Int Int No) FAULTS READS WRITES;
    /// Compare-and-swap of 16 bytes, which must be aligned. `dst`, `b` and `c` each name a pair of variables (this one
    /// is the low half, the next number the high one; the pair of `Var::ZERO` is zero twice, and `dst` is `Var::IMM`
    /// if nobody wants it): `dst = mem[a]; if dst == b then mem[a] = c`. Rare: a host may keep pairs in memory only.
    CasPair(Int = Int Int Int No) FAULTS READS WRITES;
    /// Writes 0 to `imm` bytes at `a` (a power of two, and `a` is aligned down to it).
    ZeroBlock(= Int No No No) FAULTS WRITES;
    /// Orders memory accesses. `imm` bit 0: an earlier store must be ordered before a later load.
    Fence(= No No No No) BARRIER;

    // Floating point. Format in `fmt`; F32 operands are boxed: use `Unbox` first.
    // F32 results are boxed. NaN results are the canonical quiet NaN. Flags accumulate. ---------------------------
    FAdd(Float = Float Float No No) FLAGS;
    FSub(Float = Float Float No No) FLAGS;
    FMul(Float = Float Float No No) FLAGS;
    FDiv(Float = Float Float No No) FLAGS;
    FSqrt(Float = Float No No No) FLAGS;
    /// `(aux&1 ? -1 : 1) * a * b + (aux&2 ? -1 : 1) * c`, one rounding.
    FMulAdd(Float = Float Float Float No) FLAGS;
    /// IEEE 754-2019 minimumNumber: a NaN operand loses, -0 < +0.
    FMin(Float = Float Float No No) FLAGS;
    FMax(Float = Float Float No No) FLAGS;
    /// Quiet equality.
    FEq(Int = Float Float No No) FLAGS;
    /// Signalling less-than and less-or-equal.
    FLt(Int = Float Float No No) FLAGS;
    FLe(Int = Float Float No No) FLAGS;
    /// `a` with the sign of `b`; `aux` 1: its complement; 2: exclusive or of both signs.
    FSgn(Float = Float Float No No);
    /// RISC-V `fclass`: one bit of ten.
    FClass(Int = Float No No No);
    /// Replaces an F32 operand that is not NaN-boxed by the canonical NaN.
    Unbox(Float = Float No No No);
    /// F32 to F64 (`fmt` names the source) or F64 to F32.
    FCvtFF(Float = Float No No No) FLAGS;
    /// Float to integer; `mem` is the integer type (I32, U32, I64 is `U64` with `aux` 1, U64 is `U64`). Saturates; NaN
    /// gives the maximum. 32-bit results are sign-extended, the unsigned one too.
    FCvtFI(Int = Float No No No) FLAGS;
    /// Integer (type as above) to float.
    FCvtIF(Float = Int No No No) FLAGS;
    /// Raw bits of a float: `mem` says how many and how they are widened.
    FBits(Int = Float No No No);
    /// Float with these raw bits, boxed as `mem` says.
    FFromBits(Float = IntImm No No No);
    /// `dst = a`, all 64 bits.
    FMov(Float = Float No No No);
    /// The sticky flags, in the guest's order of bits (RISC-V: NV 16, DZ 8, OF 4, UF 2, NX 1).
    ReadFlags(Int = No No No No) BARRIER;
    /// Sets the sticky flags to the low five bits of `a`.
    WriteFlags(= IntImm No No No) BARRIER;
    /// Puts rounding mode `a` (RISC-V encoding) into the host's control register; 4 and above leave it nearest-even.
    WriteRound(= IntImm No No No) BARRIER;

    // State that the engine owns ----------------------------------------------------------------------------------
    /// The value that the last load-reserved read; chance if nothing is reserved.
    ReadReserved(Int = No No No No) BARRIER;
    /// Monotonic clock of the guest (RISC-V `time`), from the host's counter.
    ReadTime(Int = No No No No) BARRIER;
    /// Guest instructions executed by this vCPU, or a host counter that never goes back where nothing counts.
    ReadCycles(Int = No No No No) BARRIER;

    // Ends ------------------------------------------------------------------------------------------------------
    /// To `imm` if `cond(a, b)`, else to `ext`. `b` cannot be an immediate here.
    Branch(= Int Int No No) ENDS;
    /// To `imm`.
    Jump(= No No No No) ENDS;
    /// To `a`, with bit 0 cleared. `aux` is a [`Jump`].
    JumpInd(= Int No No No) ENDS;
    /// Hands over to Rust. `aux` is a [`Stop`]; `imm` the pc to report or to go on at.
    Exit(= No No No No) ENDS;
    /// A system call, number and first two arguments in `a` to `c`. The world may answer it in place, from the calling
    /// thread and without looking at anything else: `dst` is the result then, and the guest goes on at `ext`. Otherwise as
    /// `Exit` with [`Stop::Syscall`] and `imm`.
    Syscall(Int = Int Int Int No) ENDS CALLS;
}

/// One operation. Fields that a row does not use are `Var::IMM` or zero.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Op {
    pub code: Code,
    /// Integer width.
    pub width: Width,
    /// Access kind, extension kind or integer type of a conversion.
    pub mem: Mem,
    /// Comparison.
    pub cond: Cond,
    /// Floating-point format.
    pub fmt: Fmt,
    /// Rounding mode.
    pub round: Round,
    /// What the row says: [`Rmw`], [`Jump`], [`Stop`], instruction length, sign bits.
    pub aux: u8,
    pub dst: Var,
    pub a: Var,
    pub b: Var,
    pub c: Var,
    pub d: Var,
    /// Immediate operand, displacement or target.
    pub imm: i64,
    /// Second immediate: the fall-through of a branch, the cell of a probe.
    pub ext: u64,
}

impl Op {
    /// An operation with nothing but its code.
    pub const fn new(code: Code) -> Op {
        Op {
            code,
            width: Width::W64,
            mem: Mem::U64,
            cond: Cond::Eq,
            fmt: Fmt::F64,
            round: Round::Dyn,
            aux: 0,
            dst: Var::IMM,
            a: Var::IMM,
            b: Var::IMM,
            c: Var::IMM,
            d: Var::IMM,
            imm: 0,
            ext: 0,
        }
    }

    /// The read-modify-write of an `Amo`.
    pub fn rmw(&self) -> Rmw {
        Rmw::ALL[self.aux as usize]
    }

    /// The reason of an `Exit`.
    pub fn stop(&self) -> Stop {
        Stop::ALL[self.aux as usize]
    }
}
