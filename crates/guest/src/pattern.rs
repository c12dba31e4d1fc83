//! Encodings in the manual's own notation, understood at compile time.
//!
//! A pattern lists the bits of an instruction from the highest to the lowest, separated by blanks:
//! - `0110011`: fixed bits;
//! - `rs1:5`: a field of five bits;
//! - `imm[12|10:5]`: bits 12 and 10 to 5 of a field whose other bits stand elsewhere in the word.
//!
//! A field that is written out twice in full (`rs:5 rs:5`) means: both places hold the same bits. Whatever is wrong
//! with a pattern (a missing bit, a field that is not an operand) is a compile error, because rows parse their
//! pattern in a `const`.

/// A run of bits of a field: `len` bits of the word from `at` up are bits `to..to + len` of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub at: u8,
    pub len: u8,
    pub to: u8,
}

/// Where the bits of an operand stand in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    parts: [Part; Field::PARTS],
    count: u8,
    /// Bits of the operand, counted from bit 0 (a branch offset `imm[12|…]` has 13).
    width: u8,
}

impl Field {
    /// The most scattered field is RISC-V's `c.j`.
    const PARTS: usize = 8;
    pub(crate) const NONE: Field = Field { parts: [Part { at: 0, len: 0, to: 0 }; Field::PARTS], count: 0, width: 0 };

    /// The operand, zero-extended.
    #[inline]
    pub const fn unsigned(&self, word: u32) -> u64 {
        let (mut value, mut i) = (0, 0);
        while i < self.count as usize {
            let p = self.parts[i];
            value |= ((word >> p.at) as u64 & ((1 << p.len) - 1)) << p.to;
            i += 1;
        }
        value
    }

    /// The operand, sign-extended from its highest bit.
    #[inline]
    pub const fn signed(&self, word: u32) -> i64 {
        bits::sext(self.unsigned(word), self.width as u32) as i64
    }

    const fn with(mut self, part: Part) -> Field {
        self.parts[self.count as usize] = part;
        self.count += 1;
        if part.to + part.len > self.width {
            self.width = part.to + part.len;
        }
        self
    }
}

/// A parsed pattern with the places of `N` operands, in the order in which their names were given.
#[derive(Clone, Copy, Debug)]
pub struct Pattern<const N: usize> {
    /// The fixed bits.
    pub mask: u32,
    /// Their values.
    pub value: u32,
    pub fields: [Field; N],
    /// Two places of so many bits that must be equal: low bit of the first, of the second, length (0: no condition).
    pub same: (u8, u8, u8),
}

impl<const N: usize> Pattern<N> {
    /// Understands `text`, a pattern of `bits` bits (16 or 32), whose fields are `names`.
    ///
    /// # Panics
    /// (At compile time.) If the bits do not add up, or the fields are not the operands.
    pub const fn parse(text: &str, bits: u8, names: [&str; N]) -> Pattern<N> {
        let mut p = Pattern { mask: 0, value: 0, fields: [Field::NONE; N], same: (0, 0, 0) };
        let t = text.as_bytes();
        let (mut at, mut i) = (bits as i32, 0);
        while i < t.len() {
            match t[i] {
                b' ' => i += 1,
                b'0' | b'1' => {
                    at -= 1;
                    assert!(at >= 0, "the pattern is too long");
                    p.mask |= 1 << at;
                    p.value |= ((t[i] - b'0') as u32) << at;
                    i += 1;
                }
                _ => (i, at) = p.field(t, i, at, &names),
            }
        }
        assert!(at == 0, "the pattern is too short");
        let mut i = 0;
        while i < N {
            assert!(p.fields[i].count > 0, "an operand is not a field of the pattern");
            i += 1;
        }
        p
    }

    /// Takes a field that begins at `t[i]` and ends below bit `at`; gives the place behind it and its lowest bit.
    const fn field(&mut self, t: &[u8], start: usize, at: i32, names: &[&str; N]) -> (usize, i32) {
        let mut i = start;
        while t[i] != b':' && t[i] != b'[' {
            i += 1;
            assert!(i < t.len(), "a field wants `:bits` or `[bits]`");
        }
        let index = index_of(t, start, i, names);
        if t[i] == b':' {
            let (len, end) = number(t, i + 1);
            return (end, self.part(index, at, len, 0));
        }
        let mut at = at;
        while t[i] != b']' {
            let (high, end) = number(t, i + 1);
            let (low, end) = if t[end] == b':' { number(t, end + 1) } else { (high, end) };
            at = self.part(index, at, high + 1 - low, low);
            i = end;
        }
        (i + 1, at)
    }

    /// Adds `len` bits below bit `at` to field `index`; gives their lowest bit.
    const fn part(&mut self, index: usize, at: i32, len: u8, to: u8) -> i32 {
        let at = at - len as i32;
        assert!(at >= 0, "the pattern is too long");
        let f = self.fields[index];
        if to == 0 && f.count == 1 && f.parts[0].to == 0 && f.parts[0].len == len {
            assert!(self.same.2 == 0, "only one field may be written twice");
            self.same = (f.parts[0].at, at as u8, len);
        } else {
            self.fields[index] = f.with(Part { at: at as u8, len, to });
        }
        at
    }
}

/// The operand whose name is `t[start..end]`.
const fn index_of<const N: usize>(t: &[u8], start: usize, end: usize, names: &[&str; N]) -> usize {
    let mut n = 0;
    while n < N {
        if equal(t, start, end, names[n].as_bytes()) {
            return n;
        }
        n += 1;
    }
    panic!("a field of the pattern is not an operand")
}

const fn equal(t: &[u8], start: usize, end: usize, name: &[u8]) -> bool {
    if end - start != name.len() {
        return false;
    }
    let mut i = 0;
    while i < name.len() {
        if t[start + i] != name[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// A decimal number at `t[i]` and the place behind it.
const fn number(t: &[u8], mut i: usize) -> (u8, usize) {
    let (start, mut n) = (i, 0);
    while i < t.len() && t[i].is_ascii_digit() {
        n = n * 10 + (t[i] - b'0');
        i += 1;
    }
    assert!(i > start, "a number is missing");
    (n, i)
}

/// Whether every `{name}` of a text template is an operand (`{@name}` too). For use in a `const`.
///
/// # Panics
/// (At compile time.) If not.
pub const fn check_text<const N: usize>(text: &str, names: [&str; N]) {
    let t = text.as_bytes();
    let mut i = 0;
    while i < t.len() {
        if t[i] == b'{' {
            let start = if t[i + 1] == b'@' { i + 2 } else { i + 1 };
            while t[i] != b'}' {
                i += 1;
            }
            index_of(t, start, i, &names);
        }
        i += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch() {
        const P: Pattern<3> =
            Pattern::parse("imm[12|10:5] rs2:5 rs1:5 000 imm[4:1|11] 1100011", 32, ["rs1", "rs2", "imm"]);
        assert_eq!((P.mask, P.value), (0x707f, 0x63));
        let word = 0xfe20_8ee3; // beq ra,sp,-4
        assert_eq!(P.fields[0].unsigned(word), 1);
        assert_eq!(P.fields[1].unsigned(word), 2);
        assert_eq!(P.fields[2].signed(word), -4);
    }

    #[test]
    fn equal_fields() {
        const P: Pattern<2> = Pattern::parse("0010000 rs:5 rs:5 000 rd:5 1010011", 32, ["rd", "rs"]);
        assert_eq!(P.same, (20, 15, 5));
    }

    #[test]
    #[should_panic(expected = "too short")]
    fn a_missing_bit() {
        Pattern::parse("imm:12 rs1:5 00 rd:5 0010011", 32, ["rd", "rs1", "imm"]);
    }

    #[test]
    #[should_panic(expected = "not an operand")]
    fn a_misspelt_field() {
        Pattern::parse("imm:12 rs:5 000 rd:5 0010011", 32, ["rd", "rs1", "imm"]);
    }
}
