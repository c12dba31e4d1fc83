//! Operands: edge values of each type in a fixed order, and reproducible random ones that lean toward edges.

use crate::format::Type;

/// Exponent and fraction bits.
fn shape(t: Type) -> (u32, u32) {
    match t {
        Type::F16 => (5, 10),
        Type::Bf16 => (8, 7),
        Type::F32 => (8, 23),
        _ => (11, 52),
    }
}

/// Interesting values of a type, most interesting first.
pub fn edges(t: Type) -> Vec<u64> {
    if t.is_float() { float_edges(t) } else { int_edges(t) }
}

fn float_edges(t: Type) -> Vec<u64> {
    let (exponent_bits, fraction_bits) = shape(t);
    let bias = (1u64 << (exponent_bits - 1)) - 1;
    let sign = 1u64 << (exponent_bits + fraction_bits);
    let infinity = ((1u64 << exponent_bits) - 1) << fraction_bits;
    let normal = 1u64 << fraction_bits;
    let one = bias << fraction_bits;
    let two_to = |n: i64| {
        let field = bias as i64 + n;
        (field > 0 && field < (1 << exponent_bits) - 1).then(|| (field as u64) << fraction_bits)
    };

    let mut magnitudes = vec![0, one, infinity, infinity | normal >> 1, infinity | 1];
    // Ends of the subnormals and normals, and neighbours; values next to one.
    magnitudes.extend([1, normal, normal - 1, infinity - 1, one + 1, one - 1, normal + 1, 2, infinity - 2]);
    // Halves and thirds, full and sparse fractions.
    magnitudes.extend([one - normal, one + (normal >> 1), one + 2 * normal - 1, one + normal / 3, normal >> 1]);
    // Products and quotients that fall to the ends of the range; half of the precision.
    let half = fraction_bits as i64 / 2;
    for n in [-(bias as i64) / 2, bias as i64 / 2, 1 - bias as i64 + fraction_bits as i64, -half, half] {
        magnitudes.extend(two_to(n).iter().flat_map(|&x| [x, x + 1]));
    }
    // Around the ends of the integer types.
    for n in [31, 32, 63, 64] {
        magnitudes.extend(two_to(n).iter().flat_map(|&x| [x, x - 1, x + 1]));
    }
    magnitudes.extend(two_to(fraction_bits as i64).iter().flat_map(|&x| [x, x - 1, x + 1, x - normal + 1]));
    // The lowest fraction bit at the top of what a modular conversion keeps, and beyond.
    for n in 29..=33 {
        magnitudes.extend(two_to(n + fraction_bits as i64).iter().flat_map(|&x| [x + 1, x - 1, x + 3]));
    }
    // NaNs with payloads.
    magnitudes.extend([infinity | (normal - 1), infinity | normal >> 2 | 5]);

    let mut all = Vec::new();
    for m in magnitudes {
        for value in [m, m | sign] {
            if !all.contains(&value) {
                all.push(value);
            }
        }
    }
    all
}

fn int_edges(t: Type) -> Vec<u64> {
    let mut all = vec![0, 1, u64::MAX];
    for k in 1..64 {
        for v in [1u64 << k, (1u64 << k) - 1, (1u64 << k) + 1, (1u64 << k).wrapping_neg(), !(1u64 << k)] {
            all.push(v);
        }
    }
    // Ties and values beside them, at each precision.
    for precision in [11, 24, 53] {
        for k in precision..64 {
            let tie = 1u64 << k | 1 << (k - precision);
            all.extend([tie, tie + 1, tie - 1, tie | 1 << (k - precision + 1)]);
        }
    }
    let narrow = matches!(t, Type::I32 | Type::U32);
    let mut all: Vec<u64> = all.into_iter().map(|v| if narrow { v as i32 as u64 } else { v }).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A small generator (xorshift64*): the same numbers everywhere and always.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 33) % n
    }

    /// An operand: one in eight an edge, else random with a fraction that is often sparse or a run of ones.
    pub fn operand(&mut self, t: Type, edges: &[u64]) -> u64 {
        if self.below(8) == 0 {
            return edges[self.below(edges.len() as u64) as usize];
        }
        if !t.is_float() {
            let v = (self.next() >> self.below(64)).wrapping_mul(if self.below(2) == 0 { 1 } else { u64::MAX });
            return if matches!(t, Type::I32 | Type::U32) { v as i32 as u64 } else { v };
        }
        let (exponent_bits, fraction_bits) = shape(t);
        let fraction = match self.below(4) {
            0 => self.next(),
            1 => 1 << self.below(fraction_bits as u64) | 1 << self.below(fraction_bits as u64),
            2 => u64::MAX << self.below(fraction_bits as u64),
            _ => !(u64::MAX << self.below(fraction_bits as u64)) ^ 1 << self.below(fraction_bits as u64),
        } & ((1 << fraction_bits) - 1);
        let exponent = match self.below(3) {
            0 => self.next(),
            // Near one, so that sums cancel and integers are in reach; near the ends.
            1 => (1 << (exponent_bits - 1)) + self.below(fraction_bits as u64 * 2 + 16) - fraction_bits as u64,
            _ => self.below(4).wrapping_sub(2),
        } & ((1 << exponent_bits) - 1);
        self.below(2) << (exponent_bits + fraction_bits) | exponent << fraction_bits | fraction
    }

    /// Three operands of which the third often nearly cancels the product of the others.
    pub fn triple(&mut self, t: Type, edges: &[u64], product: impl Fn(u64, u64) -> u64) -> [u64; 3] {
        let (exponent_bits, fraction_bits) = shape(t);
        let (a, b) = (self.operand(t, edges), self.operand(t, edges));
        let c = match self.below(2) {
            0 => self.operand(t, edges),
            _ => {
                let near = product(a, b) ^ 1 << (exponent_bits + fraction_bits);
                near.wrapping_add(self.below(3)).wrapping_sub(1) & (u64::MAX >> (63 - exponent_bits - fraction_bits))
            }
        };
        [a, b, c]
    }
}
