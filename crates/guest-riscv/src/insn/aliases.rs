//! Texts without meaning: pseudo-instructions, and encodings that are shown under a name but not executed.
//!
//! The first that fits wins, and all of them come before the rows' own texts. The names are those of the plugin
//! contract, section 3.2.

use crate::operand::*;
use guest::aliases;

aliases! {
    /// Pseudo-instructions, for 32-bit words and for compressed instructions in their long form.
    pub WORDS, 32;
    "imm[20|10:1|11|19:12] 00000 1101111" "j {imm}{@imm}" (imm: S);
    "imm:12 00001 000 00000 1100111" "ret" (imm: S);
    "000000000000 rs1:5 000 00000 1100111" "jr {rs1}" (rs1: X);
    "imm[12|10:5] 00000 rs1:5 000 imm[4:1|11] 1100011" "beqz {rs1},{imm}{@imm}" (rs1: X, imm: S);
    "imm[12|10:5] 00000 rs1:5 001 imm[4:1|11] 1100011" "bnez {rs1},{imm}{@imm}" (rs1: X, imm: S);
    "imm[12|10:5] 00000 rs1:5 100 imm[4:1|11] 1100011" "bltz {rs1},{imm}{@imm}" (rs1: X, imm: S);
    "imm[12|10:5] rs2:5 00000 100 imm[4:1|11] 1100011" "bgtz {rs2},{imm}{@imm}" (rs2: X, imm: S);
    "imm[12|10:5] rs2:5 00000 101 imm[4:1|11] 1100011" "blez {rs2},{imm}{@imm}" (rs2: X, imm: S);
    "imm[12|10:5] 00000 rs1:5 101 imm[4:1|11] 1100011" "bgez {rs1},{imm}{@imm}" (rs1: X, imm: S);
    "000000000000 00000 000 00000 0010011" "nop" ();
    "000000000000 rs1:5 000 rd:5 0010011" "mv {rd},{rs1}" (rd: X, rs1: X);
    "000000000000 rs1:5 000 rd:5 0011011" "sext.w {rd},{rs1}" (rd: X, rs1: X);
    "000000000001 rs1:5 011 rd:5 0010011" "seqz {rd},{rs1}" (rd: X, rs1: X);
    "111111111111 rs1:5 100 rd:5 0010011" "not {rd},{rs1}" (rd: X, rs1: X);
    "0100000 rs2:5 00000 000 rd:5 0110011" "neg {rd},{rs2}" (rd: X, rs2: X);
    "0100000 rs2:5 00000 000 rd:5 0111011" "negw {rd},{rs2}" (rd: X, rs2: X);
    "0000000 00000 rs1:5 010 rd:5 0110011" "sltz {rd},{rs1}" (rd: X, rs1: X);
    "0000000 rs2:5 00000 010 rd:5 0110011" "sgtz {rd},{rs2}" (rd: X, rs2: X);
    "0000000 rs2:5 00000 011 rd:5 0110011" "snez {rd},{rs2}" (rd: X, rs2: X);
    "imm:20 00000 0010111" "lpad {imm}" (imm: U);
    "000000000011 rs1:5 001 rd:5 1110011" "fscsr {rd},{rs1}" (rd: X, rs1: X);
    "000000000010 rs1:5 001 rd:5 1110011" "fsrm {rd},{rs1}" (rd: X, rs1: X);
    "000000000001 rs1:5 001 rd:5 1110011" "fsflags {rd},{rs1}" (rd: X, rs1: X);
    "000000000010 imm:5 101 rd:5 1110011" "fsrmi {rd},{imm}" (rd: X, imm: U);
    "000000000001 imm:5 101 rd:5 1110011" "fsflagsi {rd},{imm}" (rd: X, imm: U);
    "000000000011 00000 010 rd:5 1110011" "frcsr {rd}" (rd: X);
    "000000000010 00000 010 rd:5 1110011" "frrm {rd}" (rd: X);
    "000000000001 00000 010 rd:5 1110011" "frflags {rd}" (rd: X);
    "110000000000 00000 010 rd:5 1110011" "rdcycle {rd}" (rd: X);
    "110000000001 00000 010 rd:5 1110011" "rdtime {rd}" (rd: X);
    "110000000010 00000 010 rd:5 1110011" "rdinstret {rd}" (rd: X);
    "110010000000 00000 010 rd:5 1110011" "rdcycleh {rd}" (rd: X);
    "110010000001 00000 010 rd:5 1110011" "rdtimeh {rd}" (rd: X);
    "110010000010 00000 010 rd:5 1110011" "rdinstreth {rd}" (rd: X);
    "1100111 00001 00000 100 00000 1110011" "sspush ra" ();
    "1100111 00101 00000 100 00000 1110011" "sspush t0" ();
    "1100110111 n:2 00000 100 rd:5 1110011" "ssrdp {rd}" (n: U, rd: X);
}

aliases! {
    /// Instructions of privileged modes and of RV128, and variants with bits set that RV64 wants clear: shown, refused.
    pub REFUSED, 32;
    "000000000010 00000 000 00000 1110011" "uret" ();
    "000100000010 00000 000 00000 1110011" "sret" ();
    "001000000010 00000 000 00000 1110011" "hret" ();
    "001100000010 00000 000 00000 1110011" "mret" ();
    "011110110010 00000 000 00000 1110011" "dret" ();
    "000100000101 00000 000 00000 1110011" "wfi" ();
    "000100000100 rs1:5 000 00000 1110011" "sfence.vm {rs1}" (rs1: X);
    "0001001 rs2:5 rs1:5 000 00000 1110011" "sfence.vma {rs1},{rs2}" (rs1: X, rs2: X);
    "imm:12 rs1:5 111 rd:5 0000011" "ldu {rd},{imm}({rs1})" (rd: X, rs1: X, imm: S);
    "imm[11:5] rs2:5 rs1:5 100 imm[4:0] 0100011" "sq {rs2},{imm}({rs1})" (rs1: X, rs2: X, imm: S);
    "imm:12 rs1:5 000 rd:5 1011011" "addid {rd},{rs1},{imm}" (rd: X, rs1: X, imm: S);
    "000000 shamt:6 rs1:5 001 rd:5 1011011" "sllid {rd},{rs1},{shamt}" (rd: X, rs1: X, shamt: U);
    "000000 shamt:6 rs1:5 101 rd:5 1011011" "srlid {rd},{rs1},{shamt}" (rd: X, rs1: X, shamt: U);
    "010000 shamt:6 rs1:5 101 rd:5 1011011" "sraid {rd},{rs1},{shamt}" (rd: X, rs1: X, shamt: U);
    "0000000 rs2:5 rs1:5 000 rd:5 1111011" "addd {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0100000 rs2:5 rs1:5 000 rd:5 1111011" "subd {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0000000 rs2:5 rs1:5 001 rd:5 1111011" "slld {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0000000 rs2:5 rs1:5 101 rd:5 1111011" "srld {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0100000 rs2:5 rs1:5 101 rd:5 1111011" "srad {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0000001 rs2:5 rs1:5 000 rd:5 1111011" "muld {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0000001 rs2:5 rs1:5 100 rd:5 1111011" "divd {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0000001 rs2:5 rs1:5 101 rd:5 1111011" "divud {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0000001 rs2:5 rs1:5 110 rd:5 1111011" "remd {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0000001 rs2:5 rs1:5 111 rd:5 1111011" "remud {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "00000 shamt:7 rs1:5 001 rd:5 0010011" "slli {rd},{rs1},{shamt}" (rd: X, rs1: X, shamt: U);
    "00000 shamt:7 rs1:5 101 rd:5 0010011" "srli {rd},{rs1},{shamt}" (rd: X, rs1: X, shamt: U);
    "01000 shamt:7 rs1:5 101 rd:5 0010011" "srai {rd},{rs1},{shamt}" (rd: X, rs1: X, shamt: U);
    "01100 shamt:7 rs1:5 101 rd:5 0010011" "rori {rd},{rs1},{shamt}" (rd: X, rs1: X, shamt: U);
    "00101 shamt:7 rs1:5 001 rd:5 0010011" "bseti {rd},{rs1},{shamt}" (rd: X, rs1: X, shamt: U);
    "01001 shamt:7 rs1:5 001 rd:5 0010011" "bclri {rd},{rs1},{shamt}" (rd: X, rs1: X, shamt: U);
    "01101 shamt:7 rs1:5 001 rd:5 0010011" "binvi {rd},{rs1},{shamt}" (rd: X, rs1: X, shamt: U);
    "01001 shamt:7 rs1:5 101 rd:5 0010011" "bexti {rd},{rs1},{shamt}" (rd: X, rs1: X, shamt: U);
    "0000001 shamt:5 rs1:5 001 rd:5 0011011" "slliw {rd},{rs1},{shamt}" (rd: X, rs1: X, shamt: U);
    "0110001 00000 rs1:5 001 rd:5 0011011" "clzw {rd},{rs1}" (rd: X, rs1: X);
    "0110001 00001 rs1:5 001 rd:5 0011011" "ctzw {rd},{rs1}" (rd: X, rs1: X);
    "0110001 00010 rs1:5 001 rd:5 0011011" "cpopw {rd},{rs1}" (rd: X, rs1: X);
    "000010001111 rs1:5 001 rd:5 0010011" "zip {rd},{rs1}" (rd: X, rs1: X);
    "000010001111 rs1:5 101 rd:5 0010011" "unzip {rd},{rs1}" (rd: X, rs1: X);
    "0101000 rs2:5 rs1:5 000 rd:5 0110011" "sha512sum0r {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0101001 rs2:5 rs1:5 000 rd:5 0110011" "sha512sum1r {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0101010 rs2:5 rs1:5 000 rd:5 0110011" "sha512sig0l {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0101011 rs2:5 rs1:5 000 rd:5 0110011" "sha512sig1l {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0101110 rs2:5 rs1:5 000 rd:5 0110011" "sha512sig0h {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
    "0101111 rs2:5 rs1:5 000 rd:5 0110011" "sha512sig1h {rd},{rs1},{rs2}" (rd: X, rs1: X, rs2: X);
}

aliases! {
    /// Encodings whose text does not follow from their meaning.
    pub ODD, 32;
    // The reference tells cache block operations apart by bits 17 to 21, and takes the others for `lq`.
    "high:10 00 000 low:2 010 rd:5 0001111" "cbo.inval {low}" (high: U, low: Rs1, rd: X);
    "high:10 00 001 low:2 010 rd:5 0001111" "cbo.clean {low}" (high: U, low: Rs1, rd: X);
    "high:10 00 010 low:2 010 rd:5 0001111" "cbo.flush {low}" (high: U, low: Rs1, rd: X);
    "high:10 00 100 low:2 010 rd:5 0001111" "cbo.zero {low}" (high: U, low: Rs1, rd: X);
    "imm:12 rs1:5 010 rd:5 0001111" "lq {rd},{imm}({rs1})" (rd: X, rs1: X, imm: S);
    // It takes the selector of these for a register.
    "000100000100 rs1:5 001 rd:5 0010011" "sha512sum0 {rd},{rs1},tp" (rd: X, rs1: X);
    "000100000101 rs1:5 001 rd:5 0010011" "sha512sum1 {rd},{rs1},t0" (rd: X, rs1: X);
    "000100000110 rs1:5 001 rd:5 0010011" "sha512sig0 {rd},{rs1},t1" (rd: X, rs1: X);
    "000100000111 rs1:5 001 rd:5 0010011" "sha512sig1 {rd},{rs1},t2" (rd: X, rs1: X);
    // It forgets an operand.
    "0010100 rs2:5 rs1:5 100 rd:5 0110011" "xperm8 {rd},{rs1}" (rd: X, rs1: X, rs2: X);
    // It shows no destination where a byte is chosen, and looks at no funct3.
    "byte:2 10001 rs2:5 rs1:5 f3:3 rd:5 0110011" "aes32esi {rs1},{rs2},{byte}" (byte: U, f3: U, rd: X, rs1: X, rs2: X);
    "byte:2 10011 rs2:5 rs1:5 f3:3 rd:5 0110011" "aes32esmi {rs1},{rs2},{byte}" (byte: U, f3: U, rd: X, rs1: X, rs2: X);
    "byte:2 10101 rs2:5 rs1:5 f3:3 rd:5 0110011" "aes32dsi {rs1},{rs2},{byte}" (byte: U, f3: U, rd: X, rs1: X, rs2: X);
    "byte:2 10111 rs2:5 rs1:5 f3:3 rd:5 0110011" "aes32dsmi {rs1},{rs2},{byte}" (byte: U, f3: U, rd: X, rs1: X, rs2: X);
    "byte:2 11000 rs2:5 rs1:5 f3:3 rd:5 0110011" "sm4ed {rs1},{rs2},{byte}" (byte: U, f3: U, rd: X, rs1: X, rs2: X);
    "byte:2 11010 rs2:5 rs1:5 f3:3 rd:5 0110011" "sm4ks {rs1},{rs2},{byte}" (byte: U, f3: U, rd: X, rs1: X, rs2: X);
    "00101 low:7 rs1:5 101 rd:5 0010011" "orc.b {rd},{rs1}" (low: U, rd: X, rs1: X);
}

aliases! {
    /// Atomic operations on 16 bytes, which only RV128 has, and the shadow stack's swap, which is off.
    pub ATOMICS, 32;
    "00000 aqrl:2 rs2:5 rs1:5 100 rd:5 0101111" "amoadd.q{aqrl} {rd},{rs2},({rs1})" (aqrl: AqRl, rd: X, rs1: X, rs2: X);
    "00001 aqrl:2 rs2:5 rs1:5 100 rd:5 0101111" "amoswap.q{aqrl} {rd},{rs2},({rs1})"
        (aqrl: AqRl, rd: X, rs1: X, rs2: X);
    "00010 aqrl:2 00000 rs1:5 100 rd:5 0101111" "lr.q{aqrl} {rd},({rs1})" (aqrl: AqRl, rd: X, rs1: X);
    "00011 aqrl:2 rs2:5 rs1:5 100 rd:5 0101111" "sc.q{aqrl} {rd},{rs2},({rs1})" (aqrl: AqRl, rd: X, rs1: X, rs2: X);
    "00100 aqrl:2 rs2:5 rs1:5 100 rd:5 0101111" "amoxor.q{aqrl} {rd},{rs2},({rs1})" (aqrl: AqRl, rd: X, rs1: X, rs2: X);
    "01000 aqrl:2 rs2:5 rs1:5 100 rd:5 0101111" "amoor.q{aqrl} {rd},{rs2},({rs1})" (aqrl: AqRl, rd: X, rs1: X, rs2: X);
    "01100 aqrl:2 rs2:5 rs1:5 100 rd:5 0101111" "amoand.q{aqrl} {rd},{rs2},({rs1})" (aqrl: AqRl, rd: X, rs1: X, rs2: X);
    "10000 aqrl:2 rs2:5 rs1:5 100 rd:5 0101111" "amomin.q{aqrl} {rd},{rs2},({rs1})" (aqrl: AqRl, rd: X, rs1: X, rs2: X);
    "10100 aqrl:2 rs2:5 rs1:5 100 rd:5 0101111" "amomax.q{aqrl} {rd},{rs2},({rs1})" (aqrl: AqRl, rd: X, rs1: X, rs2: X);
    "11000 aqrl:2 rs2:5 rs1:5 100 rd:5 0101111" "amominu.q{aqrl} {rd},{rs2},({rs1})"
        (aqrl: AqRl, rd: X, rs1: X, rs2: X);
    "11100 aqrl:2 rs2:5 rs1:5 100 rd:5 0101111" "amomaxu.q{aqrl} {rd},{rs2},({rs1})"
        (aqrl: AqRl, rd: X, rs1: X, rs2: X);
    "01001 aqrl:2 rs2:5 rs1:5 010 rd:5 0101111" "ssamoswap.w{aqrl} {rd},{rs2},({rs1})"
        (aqrl: AqRl, rd: X, rs1: X, rs2: X);
    "01001 aqrl:2 rs2:5 rs1:5 011 rd:5 0101111" "ssamoswap.d{aqrl} {rd},{rs2},({rs1})"
        (aqrl: AqRl, rd: X, rs1: X, rs2: X);
}

aliases! {
    /// For compressed instructions whose text is not that of the long form: hints, and reserved encodings that are
    /// shown as if they were not.
    pub HALVES, 16;
    "000 0 00000 00000 01" "nop" ();
    "000 0 rd:5 00000 01" "illegal" (rd: X);
    "001 0 00000 00000 01" "sext.w zero,zero" ();
    "001 imm[5] 00000 imm[4:0] 01" "addiw zero,zero,{imm}" (imm: S);
    "100 0 00 rd:3 00000 01" "illegal" (rd: Xc);
    "100 0 01 rd:3 00000 01" "illegal" (rd: Xc);
    "000 0 rd:5 00000 10" "illegal" (rd: X);
    "010 imm[5] 00000 imm[4:2|7:6] 10" "lw zero,{imm}(sp)" (imm: U);
    "011 imm[5] 00000 imm[4:3|8:6] 10" "ld zero,{imm}(sp)" (imm: U);
    "100 0 00000 00000 10" "jr zero" ();
}
