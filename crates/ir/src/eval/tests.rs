//! Cases whose results were taken from manuals, not from the evaluator.

use super::*;
use crate::text::{parse_block, parse_op};

/// Executes one operation over `v1`, `v2`, `v3` and returns `v9`.
fn eval(text: &str, vars: [u64; 3]) -> u64 {
    let mut state = State::new(0);
    state.vars[1..4].copy_from_slice(&vars);
    let mut memory = Window::new(0, 0);
    let mut env = Env { memory: &mut memory, helpers: &[], answer: &no_answer, time: 0, cycles: 0 };
    step(&parse_op(text).unwrap(), &mut state, &mut env).unwrap();
    state.vars[9]
}

#[test]
fn every_code_has_exactly_one_family() {
    for code in Code::ALL {
        let mut op = Op::new(*code);
        // Something that every family can compute with.
        (op.a, op.b, op.c, op.d, op.dst) = (Var(1), Var(1), Var(1), Var(1), Var(2));
        let mut memory = Window::new(0, 16);
        op.imm = if *code == Code::CasPair { 15 } else { 1 };
        let helper: HelperFn = &|_, _, _| (0, 0);
        let helpers = [helper, helper];
        let mut env = Env { memory: &mut memory, helpers: &helpers, answer: &no_answer, time: 0, cycles: 0 };
        let pure = PURE.iter().filter(|f| f(&op, [1, 1, 1, 1]).is_some()).count();
        let acting = ACTING.iter().filter(|f| f(&op, &mut State::new(1), &mut env).is_some()).count();
        assert_eq!(pure + acting, 1, "{code:?}");
    }
}

#[test]
fn division_follows_the_manual() {
    let min = i64::MIN as u64;
    let cases = [
        ("v9 = divs v1, v2", [7, -2i64 as u64, 0], -3i64 as u64),
        ("v9 = divs v1, v2", [7, 0, 0], u64::MAX),
        ("v9 = divs v1, v2", [min, u64::MAX, 0], min),
        ("v9 = rems v1, v2", [min, u64::MAX, 0], 0),
        ("v9 = rems v1, v2", [-7i64 as u64, 2, 0], -1i64 as u64),
        ("v9 = divs.32s v1, v2", [0x8000_0000, 0xffff_ffff, 0], 0xffff_ffff_8000_0000),
        ("v9 = rems.32s v1, v2", [0x8000_0000, 0, 0], 0xffff_ffff_8000_0000),
        ("v9 = divu.32s v1, v2", [0xffff_ffff_ffff_ffff, 1, 0], u64::MAX),
        ("v9 = remu.32z v1, v2", [0x1_ffff_fffe, 0, 0], 0xffff_fffe),
        ("v9 = divu v1, zero", [5, 0, 0], u64::MAX),
    ];
    for (text, vars, expected) in cases {
        assert_eq!(eval(text, vars), expected, "{text} {vars:x?}");
    }
}

#[test]
fn integers() {
    let neg = u64::MAX;
    let cases = [
        ("v9 = mulhs v1, v2", [neg, neg, 0], 0),
        ("v9 = mulhu v1, v2", [neg, neg, 0], neg - 1),
        ("v9 = mulhsu v1, v2", [neg, neg, 0], neg),
        ("v9 = sar.32s v1, 33", [0x8000_0000, 0, 0], 0xffff_ffff_c000_0000),
        ("v9 = shr.32s v1, 0", [0x8000_0000, 0, 0], 0xffff_ffff_8000_0000),
        ("v9 = shl.32z v1, 31", [3, 0, 0], 0x8000_0000),
        ("v9 = rotr.32s v1, v2", [1, 32 + 1, 0], 0xffff_ffff_8000_0000),
        ("v9 = rotl v1, v2", [1 << 63, 65, 0], 1),
        ("v9 = clz.32s v1", [0xf_0000_0000, 0, 0], 32),
        ("v9 = ctz.32s v1", [0xf_0000_0000, 0, 0], 32),
        ("v9 = ctz v1", [0, 0, 0], 64),
        ("v9 = shladdu v1, v2 imm=3", [0xffff_ffff_0000_0001, 1, 0], 9),
        ("v9 = orcb v1", [0x0100_0000_8000_0001, 0, 0], 0xff00_0000_ff00_00ff),
        ("v9 = brev8 v1", [0x0180, 0, 0], 0x8001),
        ("v9 = bitext v1, 65", [2, 0, 0], 1),
        ("v9 = setcond.lt v1, 0", [neg, 0, 0], 1),
        ("v9 = select.geu v1, v2, v3, zero", [1, neg, 7], 0),
        ("v9 = ext.i16 v1", [0x1_8000, 0, 0], 0xffff_ffff_ffff_8000),
        ("v9 = clmul v1, v2", [3, 3, 0], 5),
        ("v9 = clmulh v1, v2", [1 << 63, 6, 0], 3),
    ];
    for (text, vars, expected) in cases {
        assert_eq!(eval(text, vars), expected, "{text} {vars:x?}");
    }
}

/// FIPS 197, appendix B: the first round of the example, state after AddRoundKey 19 3d e3 be a0 f4 e2 2b ...
#[test]
fn aes_round_of_the_standard() {
    let le = |hex: &str| u64::from_str_radix(hex, 16).unwrap().swap_bytes();
    let (a, b) = (le("193de3bea0f4e22b"), le("9ac68d2ae9f84808"));
    assert_eq!(eval("v9 = aesenclast v1, v2", [a, b, 0]), le("d4bf5d30e0b452ae"));
    assert_eq!(eval("v9 = aesenclast v1, v2", [b, a, 0]), le("b84111f11e2798e5"));
    assert_eq!(eval("v9 = aesenc v1, v2", [a, b, 0]), le("046681e5e0cb199a"));
    let (x, y) = (le("d4bf5d30e0b452ae"), le("b84111f11e2798e5"));
    assert_eq!(eval("v9 = aesdeclast v1, v2", [x, y, 0]), a);
    assert_eq!(eval("v9 = aesinvmix v1", [le("046681e5e0cb199a"), 0, 0]), x);
}

/// FIPS 197, appendix A.1: temp 09cf4f3c, after RotWord and SubWord 8a84eb01, after Rcon 8b84eb01.
#[test]
fn aes_key_schedule_of_the_standard() {
    let a = (0x3c4f_cf09u64) << 32;
    assert_eq!(eval("v9 = aeskey1 v1 imm=0", [a, 0, 0]), 0x01eb_848b_01eb_848b);
    assert_eq!(eval("v9 = aeskey1 v1 imm=10", [a, 0, 0]), 0xeb84_8a01_eb84_8a01);
}

/// A block over a window of 64 writable and 64 readable bytes at 0x1000, with `v1` = 0x1000.
fn run_block(body: &str, vars: &[(u16, u64)]) -> (Outcome, State, Window) {
    let block = parse_block(&format!("block 0x100\ninsn pc=0x100 len=4\n{body}")).unwrap();
    let mut state = State::new(2);
    state.vars[1] = 0x1000;
    vars.iter().for_each(|(n, v)| state.vars[*n as usize] = *v);
    let mut memory = Window::new(0x1000, 128);
    memory.writable = 64;
    memory.bytes[..8].copy_from_slice(&0x8877_6655_4433_2211u64.to_le_bytes());
    let helper: HelperFn = &|a, b, c| (a + b + c, 0x11);
    let mut env = Env { memory: &mut memory, helpers: &[helper], answer: &no_answer, time: 7, cycles: 8 };
    let outcome = run(&block, &mut state, &mut env);
    (outcome, state, memory)
}

#[test]
fn loads_and_stores() {
    let (outcome, state, memory) = run_block(
        "v2 = load.i8 [v1+7]\nv3 = load.u16 [v1+1]\nv40 = loadf.u32 [v1]\nstore.u16 [v1+16], v1\njump to=0x104",
        &[],
    );
    assert_eq!(outcome, Outcome::Next(0x104));
    assert_eq!((state.vars[2], state.vars[3]), (0xffff_ffff_ffff_ff88, 0x3322));
    assert_eq!(state.vars[40], 0xffff_ffff_4433_2211);
    assert_eq!(memory.bytes[16..19], [0, 0x10, 0]);
}

#[test]
fn faults_name_the_first_byte_and_keep_earlier_instructions() {
    let body = "v2 = mov 5\ninsn pc=0x104 len=4\nt0 = mov 9\nstore.u64 [v1+60], t0\njump to=0x108";
    let (outcome, state, memory) = run_block(body, &[]);
    let fault = Fault { addr: 0x1040, write: true, misaligned: false };
    assert_eq!(outcome, Outcome::Fault { pc: 0x104, fault });
    assert_eq!(state.vars[2], 5);
    assert!(memory.bytes[60..].iter().all(|b| *b == 0));
}

#[test]
fn atomics() {
    let (_, state, memory) = run_block("v2 = amo.i32.mins [v1], v3\njump to=0x104", &[(3, u64::MAX)]);
    assert_eq!((state.vars[2], memory.bytes[3], memory.bytes[4]), (0x4433_2211, 0xff, 0x55));
    let (_, state, memory) = run_block("v2 = cas.i32 [v1], v3, v4\njump to=0x104", &[(3, 0xf_4433_2211), (4, 1)]);
    assert_eq!((state.vars[2], memory.bytes[0]), (0x4433_2211, 1));
    let pair = "v2 = loadres.i32 [v1]\nv3 = storecond.i32 [v1], zero\nv4 = storecond.i32 [v1], v1\njump to=0x104";
    let (_, state, memory) = run_block(pair, &[]);
    assert_eq!((state.vars[3], state.vars[4], memory.bytes[0]), (0, 1, 0));
    let (outcome, ..) = run_block("v2 = loadres.i32 [v1]\njump to=0x104", &[(1, 0x1002)]);
    let fault = Fault { addr: 0x1002, write: false, misaligned: true };
    assert_eq!(outcome, Outcome::Fault { pc: 0x100, fault });
    let (outcome, ..) = run_block("v2 = amo.u8.or [v1], zero\njump to=0x104", &[(1, 0x1040)]);
    let fault = Fault { addr: 0x1040, write: true, misaligned: false };
    assert_eq!(outcome, Outcome::Fault { pc: 0x100, fault });
    let (_, _, memory) = run_block("zeroblock v1 imm=8\njump to=0x104", &[(1, 0x1003)]);
    assert_eq!(memory.bytes[..9], [0; 9]);
}

#[test]
fn floats() {
    let one = 0x3ff0_0000_0000_0000;
    let body = "v40 = fdiv.f64 v41, v42\nv2 = readflags\nwriteflags 2\nv43 = fadd.f32 v44, v45\njump to=4";
    let (_, state, _) = run_block(body, &[(41, one), (44, 0x3f80_0000), (45, 0xffff_ffff_3f80_0000)]);
    assert_eq!((state.vars[40], state.vars[2]), (0x7ff0_0000_0000_0000, 8));
    assert_eq!((state.vars[43], state.flags), (0xffff_ffff_4000_0000, 2));
    let body = "writeround 3\nv40 = fcvtff.f64 v41\nv2 = fcvtfi.f64.i32 v42\nv3 = fcvtfi.f64.rtz.u32 v43\njump to=4";
    let (_, state, _) = run_block(body, &[(41, one + 1), (42, 0x7ff8 << 48), (43, 0x41ef_ffff_ffe0_0000)]);
    assert_eq!(state.vars[40], 0xffff_ffff_3f80_0001);
    assert_eq!((state.vars[2], state.vars[3], state.flags), (0x7fff_ffff, u64::MAX, 17));
    let body = "v40 = fsgn.f32 v41, v42 aux=1\nv43 = unbox.f32 v42\nv44 = ffrombits.u16 0x3c00\njump to=4";
    let (_, state, _) = run_block(body, &[(41, 0x3f80_0000), (42, 0x0000_0001_3f80_0000)]);
    assert_eq!((state.vars[40], state.vars[43]), (0xffff_ffff_bf80_0000, 0xffff_ffff_7fc0_0000));
    assert_eq!(state.vars[44], 0xffff_ffff_ffff_3c00);
}

#[test]
fn state_and_ends() {
    let body = "scoreadd add=3 cell=8\nscoreadd add=-1 cell=8\nv2 = callflags v1, v1, - helper=0 ext=0x200000000000000\n\
                v3 = readtime\nexit.mode pc=0x104";
    let (outcome, state, _) = run_block(body, &[]);
    assert_eq!(outcome, Outcome::Stop { stop: Stop::Mode, pc: 0x104 });
    assert_eq!((state.scores[1], state.vars[2], state.vars[3]), (2, 0x0200_0000_0000_2000, 7));
    assert_eq!(state.flags, 0x11);
    let (outcome, ..) = run_block("branch.lt v2, zero to=0x200 else=0x104", &[(2, u64::MAX)]);
    assert_eq!(outcome, Outcome::Next(0x200));
    let (outcome, ..) = run_block("jumpind.call v2", &[(2, 0x201)]);
    assert_eq!(outcome, Outcome::Next(0x200));
}
