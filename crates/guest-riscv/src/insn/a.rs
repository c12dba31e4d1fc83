//! Atomic memory operations, load-reserved and store-conditional. Manual, chapters 14 and 16.
//!
//! The ordering bits add nothing: operations on memory are sequentially consistent (`ir::Code::Amo`), and the house
//! keeps total store order everywhere else (Ztso).

use super::prelude::*;

/// Load-reserved. Without a destination it still reserves.
fn load_reserved(b: &mut Builder, mem: Mem, rd: Var, rs1: Var) {
    let dst = if rd == Var::ZERO { b.temp() } else { rd };
    b.push(Op { mem, dst, a: rs1, ..Op::new(Code::LoadRes) })
}

/// Store-conditional. Without a destination it still stores.
fn store_conditional(b: &mut Builder, mem: Mem, rd: Var, rs1: Var, rs2: Var) {
    let dst = if rd == Var::ZERO { b.temp() } else { rd };
    b.push(Op { mem, dst, a: rs1, b: rs2, ..Op::new(Code::StoreCond) })
}

/// Compare-and-swap: `rd` is compared at the access size, whatever its upper bits hold.
fn compare_and_swap(b: &mut Builder, mem: Mem, rd: Var, rs1: Var, rs2: Var) {
    if rd == Var::ZERO || mem == Mem::U64 {
        return b.cas(mem, rd, rs1, rd, rs2);
    }
    let old = b.temp();
    b.ext(mem, old, rd);
    b.cas(mem, rd, rs1, old, rs2)
}

/// Compare-and-swap of 16 bytes in pairs of registers, which must begin with an even one. Zacas, 16.2.
fn compare_and_swap_pair(b: &mut Builder, rd: Var, rs1: Var, rs2: Var) {
    if (rd.0 | rs2.0) & 1 != 0 {
        return b.exit(Stop::Illegal, b.pc);
    }
    b.cas_pair(rd, rs1, rd, rs2)
}

insns! { pub ROWS;
    lr_w "00010 aqrl:2 00000 rs1:5 010 rd:5 0101111" Zalrsc "lr.w{aqrl} {rd},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X) { load_reserved(b, Mem::I32, rd, rs1) }
    lr_d "00010 aqrl:2 00000 rs1:5 011 rd:5 0101111" Zalrsc "lr.d{aqrl} {rd},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X) { load_reserved(b, Mem::U64, rd, rs1) }
    sc_w "00011 aqrl:2 rs2:5 rs1:5 010 rd:5 0101111" Zalrsc "sc.w{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { store_conditional(b, Mem::I32, rd, rs1, rs2) }
    sc_d "00011 aqrl:2 rs2:5 rs1:5 011 rd:5 0101111" Zalrsc "sc.d{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { store_conditional(b, Mem::U64, rd, rs1, rs2) }

    amoswap_w "00001 aqrl:2 rs2:5 rs1:5 010 rd:5 0101111" Zaamo "amoswap.w{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Swap, Mem::I32, rd, rs1, rs2) }
    amoadd_w "00000 aqrl:2 rs2:5 rs1:5 010 rd:5 0101111" Zaamo "amoadd.w{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Add, Mem::I32, rd, rs1, rs2) }
    amoxor_w "00100 aqrl:2 rs2:5 rs1:5 010 rd:5 0101111" Zaamo "amoxor.w{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Xor, Mem::I32, rd, rs1, rs2) }
    amoand_w "01100 aqrl:2 rs2:5 rs1:5 010 rd:5 0101111" Zaamo "amoand.w{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::And, Mem::I32, rd, rs1, rs2) }
    amoor_w "01000 aqrl:2 rs2:5 rs1:5 010 rd:5 0101111" Zaamo "amoor.w{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Or, Mem::I32, rd, rs1, rs2) }
    amomin_w "10000 aqrl:2 rs2:5 rs1:5 010 rd:5 0101111" Zaamo "amomin.w{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MinS, Mem::I32, rd, rs1, rs2) }
    amomax_w "10100 aqrl:2 rs2:5 rs1:5 010 rd:5 0101111" Zaamo "amomax.w{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MaxS, Mem::I32, rd, rs1, rs2) }
    amominu_w "11000 aqrl:2 rs2:5 rs1:5 010 rd:5 0101111" Zaamo "amominu.w{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MinU, Mem::I32, rd, rs1, rs2) }
    amomaxu_w "11100 aqrl:2 rs2:5 rs1:5 010 rd:5 0101111" Zaamo "amomaxu.w{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MaxU, Mem::I32, rd, rs1, rs2) }
    amoswap_d "00001 aqrl:2 rs2:5 rs1:5 011 rd:5 0101111" Zaamo "amoswap.d{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Swap, Mem::U64, rd, rs1, rs2) }
    amoadd_d "00000 aqrl:2 rs2:5 rs1:5 011 rd:5 0101111" Zaamo "amoadd.d{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Add, Mem::U64, rd, rs1, rs2) }
    amoxor_d "00100 aqrl:2 rs2:5 rs1:5 011 rd:5 0101111" Zaamo "amoxor.d{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Xor, Mem::U64, rd, rs1, rs2) }
    amoand_d "01100 aqrl:2 rs2:5 rs1:5 011 rd:5 0101111" Zaamo "amoand.d{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::And, Mem::U64, rd, rs1, rs2) }
    amoor_d "01000 aqrl:2 rs2:5 rs1:5 011 rd:5 0101111" Zaamo "amoor.d{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Or, Mem::U64, rd, rs1, rs2) }
    amomin_d "10000 aqrl:2 rs2:5 rs1:5 011 rd:5 0101111" Zaamo "amomin.d{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MinS, Mem::U64, rd, rs1, rs2) }
    amomax_d "10100 aqrl:2 rs2:5 rs1:5 011 rd:5 0101111" Zaamo "amomax.d{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MaxS, Mem::U64, rd, rs1, rs2) }
    amominu_d "11000 aqrl:2 rs2:5 rs1:5 011 rd:5 0101111" Zaamo "amominu.d{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MinU, Mem::U64, rd, rs1, rs2) }
    amomaxu_d "11100 aqrl:2 rs2:5 rs1:5 011 rd:5 0101111" Zaamo "amomaxu.d{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MaxU, Mem::U64, rd, rs1, rs2) }
}

insns! {
    /// Bytes and halfwords (Zabha), and compare-and-swap (Zacas).
    pub SMALL_ROWS;
    amoswap_b "00001 aqrl:2 rs2:5 rs1:5 000 rd:5 0101111" Zabha "amoswap.b{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Swap, Mem::I8, rd, rs1, rs2) }
    amoadd_b "00000 aqrl:2 rs2:5 rs1:5 000 rd:5 0101111" Zabha "amoadd.b{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Add, Mem::I8, rd, rs1, rs2) }
    amoxor_b "00100 aqrl:2 rs2:5 rs1:5 000 rd:5 0101111" Zabha "amoxor.b{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Xor, Mem::I8, rd, rs1, rs2) }
    amoand_b "01100 aqrl:2 rs2:5 rs1:5 000 rd:5 0101111" Zabha "amoand.b{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::And, Mem::I8, rd, rs1, rs2) }
    amoor_b "01000 aqrl:2 rs2:5 rs1:5 000 rd:5 0101111" Zabha "amoor.b{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Or, Mem::I8, rd, rs1, rs2) }
    amomin_b "10000 aqrl:2 rs2:5 rs1:5 000 rd:5 0101111" Zabha "amomin.b{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MinS, Mem::I8, rd, rs1, rs2) }
    amomax_b "10100 aqrl:2 rs2:5 rs1:5 000 rd:5 0101111" Zabha "amomax.b{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MaxS, Mem::I8, rd, rs1, rs2) }
    amominu_b "11000 aqrl:2 rs2:5 rs1:5 000 rd:5 0101111" Zabha "amominu.b{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MinU, Mem::I8, rd, rs1, rs2) }
    amomaxu_b "11100 aqrl:2 rs2:5 rs1:5 000 rd:5 0101111" Zabha "amomaxu.b{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MaxU, Mem::I8, rd, rs1, rs2) }
    amoswap_h "00001 aqrl:2 rs2:5 rs1:5 001 rd:5 0101111" Zabha "amoswap.h{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Swap, Mem::I16, rd, rs1, rs2) }
    amoadd_h "00000 aqrl:2 rs2:5 rs1:5 001 rd:5 0101111" Zabha "amoadd.h{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Add, Mem::I16, rd, rs1, rs2) }
    amoxor_h "00100 aqrl:2 rs2:5 rs1:5 001 rd:5 0101111" Zabha "amoxor.h{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Xor, Mem::I16, rd, rs1, rs2) }
    amoand_h "01100 aqrl:2 rs2:5 rs1:5 001 rd:5 0101111" Zabha "amoand.h{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::And, Mem::I16, rd, rs1, rs2) }
    amoor_h "01000 aqrl:2 rs2:5 rs1:5 001 rd:5 0101111" Zabha "amoor.h{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::Or, Mem::I16, rd, rs1, rs2) }
    amomin_h "10000 aqrl:2 rs2:5 rs1:5 001 rd:5 0101111" Zabha "amomin.h{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MinS, Mem::I16, rd, rs1, rs2) }
    amomax_h "10100 aqrl:2 rs2:5 rs1:5 001 rd:5 0101111" Zabha "amomax.h{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MaxS, Mem::I16, rd, rs1, rs2) }
    amominu_h "11000 aqrl:2 rs2:5 rs1:5 001 rd:5 0101111" Zabha "amominu.h{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MinU, Mem::I16, rd, rs1, rs2) }
    amomaxu_h "11100 aqrl:2 rs2:5 rs1:5 001 rd:5 0101111" Zabha "amomaxu.h{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { b.amo(Rmw::MaxU, Mem::I16, rd, rs1, rs2) }
    amocas_b "00101 aqrl:2 rs2:5 rs1:5 000 rd:5 0101111" Zabha and Zacas "amocas.b{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { compare_and_swap(b, Mem::I8, rd, rs1, rs2) }
    amocas_h "00101 aqrl:2 rs2:5 rs1:5 001 rd:5 0101111" Zabha and Zacas "amocas.h{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { compare_and_swap(b, Mem::I16, rd, rs1, rs2) }
    amocas_w "00101 aqrl:2 rs2:5 rs1:5 010 rd:5 0101111" Zacas "amocas.w{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { compare_and_swap(b, Mem::I32, rd, rs1, rs2) }
    amocas_d "00101 aqrl:2 rs2:5 rs1:5 011 rd:5 0101111" Zacas "amocas.d{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { compare_and_swap(b, Mem::U64, rd, rs1, rs2) }
    amocas_q "00101 aqrl:2 rs2:5 rs1:5 100 rd:5 0101111" Zacas "amocas.q{aqrl} {rd},{rs2},({rs1})"
        (b, aqrl: AqRl, rd: X, rs1: X, rs2: X) { compare_and_swap_pair(b, rd, rs1, rs2) }
}
