//! The vectors as text: one line per case, the results of all five rounding modes on it.
//!
//! `f32_add 3f800000 33800000 = 3f800000/1 3f800000/1 3f800000/1 3f800001/1 3f800001/1` gives operation, operands,
//! and per mode (RISC-V's order: RNE RTZ RDN RUP RMM) result and flags (NV 16, DZ 8, OF 4, UF 2, NX 1), all in hex.
//! One result alone stands for five equal ones. The names are those of Berkeley SoftFloat's functions.
//!
//! This file is shared by the generator and by the tests that read what it wrote.

/// An operand or result type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    F16,
    Bf16,
    F32,
    F64,
    I32,
    U32,
    I64,
    U64,
}

impl Type {
    const NAMES: [(Type, &'static str); 8] = [
        (Type::F16, "f16"),
        (Type::Bf16, "bf16"),
        (Type::F32, "f32"),
        (Type::F64, "f64"),
        (Type::I32, "i32"),
        (Type::U32, "ui32"),
        (Type::I64, "i64"),
        (Type::U64, "ui64"),
    ];

    pub fn name(self) -> &'static str {
        Type::NAMES.iter().find(|t| t.0 == self).unwrap().1
    }

    fn parse(name: &str) -> Option<Type> {
        Type::NAMES.iter().find(|t| t.1 == name).map(|t| t.0)
    }

    pub fn is_float(self) -> bool {
        matches!(self, Type::F16 | Type::Bf16 | Type::F32 | Type::F64)
    }
}

macro_rules! verbs {
    ($($verb:ident $name:literal $operands:literal;)*) => {
        /// What is done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Verb { $($verb,)* /** Conversion to another type. */ To(Type) }

        const VERBS: &[(Verb, &str, usize)] = &[$((Verb::$verb, $name, $operands)),*];
    };
}

verbs! {
    Add "add" 2;
    Sub "sub" 2;
    Mul "mul" 2;
    Div "div" 2;
    Sqrt "sqrt" 1;
    MulAdd "mulAdd" 3;
    Eq "eq" 2;
    Lt "lt" 2;
    Le "le" 2;
    LtQuiet "lt_quiet" 2;
    LeQuiet "le_quiet" 2;
    // What follows is not in SoftFloat; the generator makes it from what is.
    Min "min" 2;
    Max "max" 2;
    Minimum "minimum" 2;
    Maximum "maximum" 2;
    RoundToInt "roundToInt" 1;
    RoundToIntExact "roundToIntExact" 1;
    ToIntModular "toIntModular" 1;
}

/// An operation on a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    pub on: Type,
    pub verb: Verb,
}

impl Operation {
    /// Every operation that the vectors cover.
    pub fn all() -> Vec<Operation> {
        let floats = [Type::F16, Type::F32, Type::F64];
        let ints = [Type::I32, Type::U32, Type::I64, Type::U64];
        let mut all = Vec::new();
        for on in floats {
            let only_f64 = |verb: Verb| verb == Verb::ToIntModular;
            all.extend(VERBS.iter().filter(|v| on == Type::F64 || !only_f64(v.0)).map(|v| Operation { on, verb: v.0 }));
            all.extend(floats.iter().filter(|&&to| to != on).map(|&to| Operation { on, verb: Verb::To(to) }));
            all.extend(ints.iter().map(|&to| Operation { on, verb: Verb::To(to) }));
            all.extend(ints.iter().map(|&int| Operation { on: int, verb: Verb::To(on) }));
        }
        all.push(Operation { on: Type::F32, verb: Verb::To(Type::Bf16) });
        all.push(Operation { on: Type::Bf16, verb: Verb::To(Type::F32) });
        all
    }

    pub fn operands(self) -> usize {
        VERBS.iter().find(|v| v.0 == self.verb).map_or(1, |v| v.2)
    }

    pub fn name(self) -> String {
        match self.verb {
            Verb::To(to) => format!("{}_to_{}", self.on.name(), to.name()),
            verb => format!("{}_{}", self.on.name(), VERBS.iter().find(|v| v.0 == verb).unwrap().1),
        }
    }

    pub fn parse(name: &str) -> Option<Operation> {
        let (on, verb) = name.split_once('_')?;
        let verb = match verb.strip_prefix("to_") {
            Some(to) => Verb::To(Type::parse(to)?),
            None => VERBS.iter().find(|v| v.1 == verb)?.0,
        };
        Some(Operation { on: Type::parse(on)?, verb })
    }
}

/// Result bits and flags.
pub type Outcome = (u64, u64);

/// A line of the vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    pub operation: Operation,
    /// Unused ones are zero.
    pub operands: [u64; 3],
    /// By rounding mode.
    pub outcomes: [Outcome; 5],
}

impl Case {
    #[allow(dead_code)] // The generator's half.
    pub fn print(&self) -> String {
        let operands: Vec<String> =
            self.operands[..self.operation.operands()].iter().map(|a| format!("{a:x}")).collect();
        let same = self.outcomes.iter().all(|o| *o == self.outcomes[0]);
        let shown = if same { &self.outcomes[..1] } else { &self.outcomes[..] };
        let outcomes: Vec<String> = shown.iter().map(|(bits, flags)| format!("{bits:x}/{flags:x}")).collect();
        format!("{} {} = {}", self.operation.name(), operands.join(" "), outcomes.join(" "))
    }

    #[allow(dead_code)] // The tests' half.
    pub fn parse(line: &str) -> Option<Case> {
        let (left, right) = line.split_once(" = ")?;
        let mut words = left.split(' ');
        let operation = Operation::parse(words.next()?)?;
        let mut operands = [0; 3];
        for operand in &mut operands[..operation.operands()] {
            *operand = u64::from_str_radix(words.next()?, 16).ok()?;
        }
        let mut outcomes = Vec::new();
        for word in right.split(' ') {
            let (bits, flags) = word.split_once('/')?;
            outcomes.push((u64::from_str_radix(bits, 16).ok()?, u64::from_str_radix(flags, 16).ok()?));
        }
        if outcomes.len() == 1 {
            outcomes = vec![outcomes[0]; 5];
        }
        Some(Case { operation, operands, outcomes: outcomes.try_into().ok()? })
    }
}
