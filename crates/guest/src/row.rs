//! One row per instruction: encoding, text, extension and meaning stand side by side, and everything else derives.
//!
//! [`insns!`](crate::insns) makes a static list of [`Row`]s:
//!
//! ```text
//! insns! { pub ROWS;
//!     /// Adds. Manual section 2.4.1.
//!     addi "imm:12 rs1:5 000 rd:5 0010011" I "addi {rd},{rs1},{imm}" (b, rd: X, rs1: X, imm: S) {
//!         b.alu_imm(Code::Add, Width::W64, rd, rs1, imm)
//!     }
//! }
//! ```
//!
//! Fields are matched to arguments by name; the argument's type (an [`Operand`]) says what the body gets and how the
//! text shows it. `Ext` must be in scope: the extensions are its variants (`Zbb or Zbkb`: any of them; `Zabha and
//! Zacas`: both). A row that nests in another says `refines NAME` and stands before it.

use crate::Field;
use ir::Builder;

/// A kind of operand: what a lift body gets for it and how it looks in a text.
pub trait Operand {
    type Value;
    /// The operand's value in `word`.
    fn get(field: &Field, word: u32) -> Self::Value;
    /// Appends the operand's text.
    fn show(field: &Field, word: u32, out: &mut String);
}

/// An operand of a row, for texts.
#[derive(Clone, Copy)]
pub struct Arg {
    pub name: &'static str,
    pub field: Field,
    pub show: fn(&Field, u32, &mut String),
}

/// A text template and the operands that it names.
///
/// `{rd}` is an operand; the first blank pads to column 24; `{@imm}` pads to column 48 and shows pc plus the signed
/// operand as an absolute address.
#[derive(Clone, Copy)]
pub struct Text {
    pub template: &'static str,
    pub args: &'static [Arg],
}

/// Sets of extensions: an instruction exists if one of `any` is on and all of `all` are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    pub any: u128,
    pub all: u128,
}

impl Needs {
    /// Whether the set `on` has what is needed.
    pub const fn met(self, on: u128) -> bool {
        self.any & on != 0 && self.all & on == self.all
    }
}

/// Bits that an encoding fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub mask: u32,
    pub value: u32,
    /// See [`Pattern::same`](crate::Pattern::same).
    pub same: (u8, u8, u8),
}

impl Shape {
    /// Whether `word` has this shape.
    pub const fn fits(&self, word: u32) -> bool {
        let (a, b, len) = self.same;
        word & self.mask == self.value && ((word >> a) ^ (word >> b)) & ((1 << len) - 1) == 0
    }
}

/// An instruction.
pub struct Row {
    /// The row's name: the mnemonic with underscores.
    pub name: &'static str,
    pub shape: Shape,
    pub needs: Needs,
    /// The row whose encoding space this one is cut out of.
    pub refines: Option<&'static str>,
    pub text: Text,
    /// Lifts a word of this shape.
    pub lift: fn(&mut Builder, u32),
}

/// A short encoding of another instruction.
pub struct Short {
    pub name: &'static str,
    pub shape: Shape,
    pub needs: Needs,
    pub refines: Option<&'static str>,
    /// A text of its own; else that of the long form is shown.
    pub text: Option<Text>,
    /// The long form of a word of this shape. 0 (never an instruction) if this one is reserved.
    pub expand: fn(u32) -> u32,
}

/// A text for a shape, without meaning: pseudo-instructions, and encodings that are shown but not executed.
pub struct Alias {
    pub shape: Shape,
    pub text: Text,
}

/// Makes a list of [`Row`](crate::Row)s; see the module `row`.
#[macro_export]
macro_rules! insns {
    ($(#[$meta:meta])* $vis:vis $rows:ident; $(
        $(#[$doc:meta])* $name:ident $pattern:literal $ext:ident $(or $alt:ident)* $(and $also:ident)*
        $(refines $general:ident)? $text:literal ($b:ident $(, $arg:ident: $ty:ty)*) $body:block
    )*) => {
        $(#[$meta])* $vis static $rows: &[$crate::Row] = &[$({
            const P: $crate::Pattern<{ $crate::count!($($arg)*) }> =
                $crate::Pattern::parse($pattern, 32, [$(stringify!($arg)),*]);
            #[allow(unused_variables, clippy::needless_pass_by_ref_mut)]
            fn lift($b: &mut $crate::Builder, word: u32) {
                let [$($arg),*] = P.fields;
                $(let $arg = <$ty as $crate::Operand>::get(&$arg, word);)*
                $body
            }
            $crate::Row {
                name: stringify!($name),
                shape: $crate::Shape { mask: P.mask, value: P.value, same: P.same },
                needs: $crate::Needs {
                    any: 1 << Ext::$ext as u32 $(| 1 << Ext::$alt as u32)*,
                    all: 0 $(| 1 << Ext::$also as u32)*,
                },
                refines: $crate::option!($(stringify!($general))?),
                text: $crate::text!(P, $text, $($arg: $ty),*),
                lift,
            }
        }),*];
    };
}

/// Makes a list of [`Short`](crate::Short)s: like `insns!`, with 16-bit patterns, an optional text, and a body that
/// gives the long form.
#[macro_export]
macro_rules! shorts {
    ($(#[$meta:meta])* $vis:vis $rows:ident; $(
        $(#[$doc:meta])* $name:ident $pattern:literal $ext:ident $(or $alt:ident)* $(and $also:ident)*
        $(refines $general:ident)? $($text:literal)? ($($arg:ident: $ty:ty),*) $body:block
    )*) => {
        $(#[$meta])* $vis static $rows: &[$crate::Short] = &[$({
            const P: $crate::Pattern<{ $crate::count!($($arg)*) }> =
                $crate::Pattern::parse($pattern, 16, [$(stringify!($arg)),*]);
            #[allow(unused_variables)]
            fn expand(word: u32) -> u32 {
                let [$($arg),*] = P.fields;
                $(let $arg = <$ty as $crate::Operand>::get(&$arg, word);)*
                $body
            }
            $crate::Short {
                name: stringify!($name),
                shape: $crate::Shape { mask: P.mask, value: P.value, same: P.same },
                needs: $crate::Needs {
                    any: 1 << Ext::$ext as u32 $(| 1 << Ext::$alt as u32)*,
                    all: 0 $(| 1 << Ext::$also as u32)*,
                },
                refines: $crate::option!($(stringify!($general))?),
                text: $crate::own_text!(($($text)?) P, $($arg: $ty),*),
                expand,
            }
        }),*];
    };
}

/// Makes a list of [`Alias`](crate::Alias)es of `bits` bits: pattern, text, operands.
#[macro_export]
macro_rules! aliases {
    ($(#[$meta:meta])* $vis:vis $rows:ident, $bits:literal;
     $( $pattern:literal $text:literal ($($arg:ident: $ty:ty),*); )*) => {
        $(#[$meta])* $vis static $rows: &[$crate::Alias] = &[$({
            const P: $crate::Pattern<{ $crate::count!($($arg)*) }> =
                $crate::Pattern::parse($pattern, $bits, [$(stringify!($arg)),*]);
            $crate::Alias {
                shape: $crate::Shape { mask: P.mask, value: P.value, same: P.same },
                text: $crate::text!(P, $text, $($arg: $ty),*),
            }
        }),*];
    };
}

/// A [`Text`](crate::Text) over the fields of pattern `P`. Part of the row macros.
#[doc(hidden)]
#[macro_export]
macro_rules! text {
    ($p:ident, $text:literal, $($arg:ident: $ty:ty),*) => {{
        const _: () = $crate::check_text($text, [$(stringify!($arg)),*]);
        const ARGS: &[$crate::Arg] = {
            const NAMES: [&str; $crate::count!($($arg)*)] = [$(stringify!($arg)),*];
            const SHOW: [fn(&$crate::Field, u32, &mut String); $crate::count!($($arg)*)] =
                [$(<$ty as $crate::Operand>::show),*];
            &$crate::args($p.fields, NAMES, SHOW)
        };
        $crate::Text { template: $text, args: ARGS }
    }};
}

/// A text, or none. Part of the row macros.
#[doc(hidden)]
#[macro_export]
macro_rules! own_text {
    (() $($rest:tt)*) => {
        None
    };
    (($text:literal) $p:ident, $($rest:tt)*) => {
        Some($crate::text!($p, $text, $($rest)*))
    };
}

/// Counts identifiers. Part of the row macros.
#[doc(hidden)]
#[macro_export]
macro_rules! count {
    ($($x:ident)*) => { <[&str]>::len(&[$(stringify!($x)),*]) };
}

/// Zero or one value as an `Option`. Part of the row macros.
#[doc(hidden)]
#[macro_export]
macro_rules! option {
    () => {
        None
    };
    ($x:expr) => {
        Some($x)
    };
}

/// Joins what is known of the operands. Part of the row macros.
#[doc(hidden)]
pub const fn args<const N: usize>(
    fields: [Field; N],
    names: [&'static str; N],
    show: [fn(&Field, u32, &mut String); N],
) -> [Arg; N] {
    let mut all = [const { Arg { name: "", field: Field::NONE, show: nothing } }; N];
    let mut i = 0;
    while i < N {
        all[i] = Arg { name: names[i], field: fields[i], show: show[i] };
        i += 1;
    }
    all
}

fn nothing(_: &Field, _: u32, _: &mut String) {}

/// Column of the operands in a text.
const OPERANDS: usize = 24;
/// Column of the target address.
const TARGET: usize = 48;

impl Text {
    /// Appends the text of `word` at `pc`.
    pub fn show(&self, pc: u64, word: u32, out: &mut String) {
        let start = out.len();
        let (name, operands) = self.template.split_once(' ').unwrap_or((self.template, ""));
        self.fill(name, word, out);
        pad(out, start + OPERANDS);
        let (operands, target) = operands.split_once("{@").unwrap_or((operands, ""));
        self.fill(operands, word, out);
        if let Some(name) = target.strip_suffix('}') {
            pad(out, start + TARGET);
            let target = pc.wrapping_add_signed(self.arg(name).field.signed(word));
            out.push_str(&format!("# {target:#x}"));
        }
    }

    fn fill(&self, template: &str, word: u32, out: &mut String) {
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').expect("checked at compile time");
            out.push_str(before);
            let arg = self.arg(name);
            (arg.show)(&arg.field, word, out);
            rest = behind;
        }
        out.push_str(rest);
    }

    fn arg(&self, name: &str) -> &Arg {
        self.args.iter().find(|a| a.name == name).expect("checked at compile time")
    }
}

fn pad(out: &mut String, column: usize) {
    while out.len() < column {
        out.push(' ');
    }
}
