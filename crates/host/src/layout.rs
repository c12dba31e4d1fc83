//! The layout of a vCPU's arena: what generated code finds at constant distances from the state register.
//!
//! The state register points [`BIAS`] bytes into the arena so that the slots of the first 32 variables have 8-bit
//! displacements (decision D2). All constants below are displacements from the state register.

use ir::Var;

/// Distance of the state register from the arena's first byte.
pub const BIAS: i32 = 128;

/// The slot of a variable.
pub const fn slot(var: Var) -> i32 {
    var.0 as i32 * 8 - BIAS
}

const ENGINE: i32 = 2048 - BIAS;

/// Guest pc where Rust takes over or goes on. 8 bytes, like all that follow.
pub const PC: i32 = ENGINE;
/// Address behind the link stub that asked for a target.
pub const LINK_FROM: i32 = ENGINE + 8;
/// The guest's floating-point control register (4 bytes).
pub const GUEST_CONTROL: i32 = ENGINE + 16;
/// Ours (4 bytes).
pub const HOST_CONTROL: i32 = ENGINE + 20;
/// Sticky flags raised by helpers, in the guest's order.
pub const SOFT_FLAGS: i32 = ENGINE + 24;
/// Reserved address of the last load-reserved, or [`NO_RESERVATION`].
pub const RESERVED_ADDR: i32 = ENGINE + 32;
/// The value that it read.
pub const RESERVED_VALUE: i32 = ENGINE + 40;
/// Scratch for emitters.
pub const SPILL: i32 = ENGINE + 48;
/// Address, kind and host pc of the last host fault, written by the signal handler.
pub const FAULT_ADDR: i32 = ENGINE + 64;
pub const FAULT_SIGNAL: i32 = ENGINE + 72;
pub const FAULT_HOST_PC: i32 = ENGINE + 80;
pub const FAULT_ERROR: i32 = ENGINE + 88;
/// Not 0: this vCPU shall leave generated code.
pub const KICK: i32 = ENGINE + 96;
/// Not 0 while the vCPU is, or is about to be, in generated code.
pub const INSIDE: i32 = ENGINE + 104;
/// The vCPU's index.
pub const INDEX: i32 = ENGINE + 112;
/// Stack pointer to go on with, and where, when a callback does not return but leaves (`set_pc`).
pub const CALL_SP: i32 = ENGINE + 120;
pub const CALL_ABANDON: i32 = ENGINE + 128;
/// The callback that runs: its tag (0: none), function and last argument.
pub const CALL_TAG: i32 = ENGINE + 136;
pub const CALL_FUNCTION: i32 = ENGINE + 144;
pub const CALL_DATA: i32 = ENGINE + 152;
/// Description of the access that a callback is about, and its value (16 bytes).
pub const ACCESS_INFO: i32 = ENGINE + 160;
pub const ACCESS_VALUE: i32 = ENGINE + 168;
/// Not 0: floating-point variables are in their slots and the host's control register is in force. Blocks that need them
/// in registers fetch them.
pub const FLOATS_AWAY: i32 = ENGINE + 184;
/// What [`FLOATS_AWAY`] is on entry to generated code.
pub const FLOATS_AT_ENTRY: i32 = ENGINE + 192;
/// While flags are watched: the sticky flags of the host's control register, in the guest's order (4 bytes);
/// [`NOT_WATCHED`] otherwise. Reading the control register has to wait for all arithmetic before it, so a guest that
/// often asks for flags runs with the exceptions of those that are not set unmasked: the first that would be raised traps,
/// and until then this word is right.
pub const WATCHED_FLAGS: i32 = ENGINE + 200;
/// Value of [`WATCHED_FLAGS`] while every exception is masked.
pub const NOT_WATCHED: i32 = -1;
/// While flags are watched: the control register with all exceptions masked, and the same flags (4 bytes).
pub const MASKED_CONTROL: i32 = ENGINE + 208;
/// After how many more reads flags are watched (4 bytes), and what that starts from the next time (4 bytes).
pub const WATCH_LEFT: i32 = ENGINE + 216;
pub const WATCH_PERIOD: i32 = ENGINE + 220;
/// The first period, by what each trap multiplies it, and the last one.
pub const WATCH_PERIODS: (u64, u64, u64) = (8, 4, 1 << 24);
/// The engine's address, and the allowance that it has to settle.
pub const ENGINE_AT: i32 = ENGINE + 224;
pub const SETTLED: i32 = ENGINE + 232;
/// Guest pc of the block whose callback runs, if not generated code but the evaluator has called it.
pub const CALL_BLOCK: i32 = ENGINE + 240;

/// Value of [`RESERVED_ADDR`] when nothing is reserved: odd, so it equals no aligned address.
pub const NO_RESERVATION: u64 = u64::MAX;

/// The page that generated code reads at block heads inside loops; protecting it stops the vCPU.
pub const POLL: i32 = 4096 - BIAS;

/// The jump cache: pairs of guest pc and host address.
pub const JUMP_CACHE: i32 = 8192 - BIAS;
/// Pairs in it.
pub const JUMP_CACHE_LEN: usize = 4096;
/// Bits of the pc that choose the pair, before scaling by 8 (instructions are at least 2 bytes apart).
pub const JUMP_CACHE_MASK: i32 = ((JUMP_CACHE_LEN - 1) << 1) as i32;
/// What an empty pair has for a pc: one that belongs into another pair, so that no target whatever (0, 1, odd ones)
/// finds it.
pub const fn no_pc(pair: usize) -> u64 {
    if pair == 0 { 2 } else { 0 }
}

/// Where the scores begin.
pub const SCORES: i32 = 8192 + (JUMP_CACHE_LEN * 16) as i32 - BIAS;
/// Bytes of the scores that `fluoro stat` counts in, and of those that scoreboards live in, which follow.
pub const STAT_LEN: usize = 32 << 20;
pub const BOARDS_LEN: usize = 32 << 20;
/// Where the scoreboards begin.
pub const BOARDS: i32 = SCORES + STAT_LEN as i32;
/// Bytes reserved for scores.
pub const SCORES_LEN: usize = STAT_LEN + BOARDS_LEN;
/// Bytes of an arena.
pub const ARENA_LEN: usize = 8192 + JUMP_CACHE_LEN * 16 + SCORES_LEN;

/// 16-byte constants that emitters use as memory operands, written once when an arena is made.
pub const CONSTANTS: [(i32, u64, u64); 9] = [
    (BOX_F32, 0xffff_ffff_0000_0000, 0),
    (BOX_F16, 0xffff_ffff_ffff_0000, 0),
    (NAN_F64, 0x7ff8_0000_0000_0000, 0),
    (NAN_F32, 0xffff_ffff_7fc0_0000, 0),
    (MAGNITUDE_F64, 0x7fff_ffff_ffff_ffff, 0),
    (SIGN_F64, 0x8000_0000_0000_0000, 0),
    (MAGNITUDE_F32, 0xffff_ffff_7fff_ffff, 0),
    (SIGN_F32, 0x8000_0000, 0),
    (ZERO, 0, 0),
];

/// Upper bits of a boxed 32-bit float.
pub const BOX_F32: i32 = CONSTANT_BASE;
/// Upper bits of a boxed 16-bit float.
pub const BOX_F16: i32 = CONSTANT_BASE + 16;
/// Canonical NaNs.
pub const NAN_F64: i32 = CONSTANT_BASE + 32;
pub const NAN_F32: i32 = CONSTANT_BASE + 48;
/// All but the sign.
pub const MAGNITUDE_F64: i32 = CONSTANT_BASE + 64;
pub const SIGN_F64: i32 = CONSTANT_BASE + 80;
pub const MAGNITUDE_F32: i32 = CONSTANT_BASE + 96;
pub const SIGN_F32: i32 = CONSTANT_BASE + 112;
pub const ZERO: i32 = CONSTANT_BASE + 128;

/// 64 bytes: the guest's sticky flags for each state of the host's.
pub const FLAGS_TO_GUEST: i32 = CONSTANT_BASE + 144;
/// 32 bytes: the host's sticky flags for each state of the guest's.
pub const FLAGS_TO_HOST: i32 = CONSTANT_BASE + 208;

const CONSTANT_BASE: i32 = 3072 - BIAS;
