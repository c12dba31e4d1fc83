//! Extensions: one row each, and what Linux tells programs about them.

/// Makes the enumeration and its table. A row: name, what users type, its bit in Linux's `hwprobe` key `IMA_EXT_0` (if
/// it has one and user mode can use the extension), whether it stays out of `/proc/cpuinfo`, what comes with it.
macro_rules! extensions {
    ($(
        $(#[$doc:meta])*
        $name:ident $text:literal $(hwprobe $bit:literal)? $([$hidden:ident])? $(=> $($implied:ident)*)?;
    )*) => {
        /// An extension of the base instruction set. Its number is its bit in an [`Exts`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Ext { $($(#[$doc])* $name),* }

        impl Ext {
            /// Every extension, in the order in which Linux lists them.
            pub const ALL: &'static [Ext] = &[$(Ext::$name),*];

            const ROWS: &'static [Row] = &[$(Row {
                text: $text,
                hwprobe: 0 $(| 1 << $bit)?,
                hidden: extensions!(@hidden $($hidden)?),
                implied: &[$($(Ext::$implied),*)?],
            }),*];
        }
    };
    (@hidden) => { false };
    (@hidden hidden) => { true };
}

/// What the row of an extension says.
struct Row {
    text: &'static str,
    hwprobe: u64,
    hidden: bool,
    implied: &'static [Ext],
}

extensions! {
    I "i";
    M "m" => Zmmul;
    A "a" => Zaamo Zalrsc;
    F "f" => Zicsr;
    D "d" hwprobe 0 => F;
    C "c" hwprobe 1 => Zca;
    /// Its instructions are refused in user mode, so programs are not told of it.
    Zicbom "zicbom" [hidden];
    Zicbop "zicbop";
    Zicboz "zicboz" hwprobe 6;
    /// Landing pads: off until a program asks, and asking is refused.
    Zicfilp "zicfilp" [hidden];
    /// Shadow stacks: the same.
    Zicfiss "zicfiss" [hidden];
    Zicntr "zicntr" hwprobe 50;
    Zicond "zicond" hwprobe 35;
    Zicsr "zicsr";
    Zifencei "zifencei";
    Zihintntl "zihintntl" hwprobe 29;
    Zihintpause "zihintpause" hwprobe 36;
    Zihpm "zihpm" hwprobe 51;
    Zimop "zimop" hwprobe 42;
    Zmmul "zmmul";
    Zaamo "zaamo" hwprobe 56;
    Zabha "zabha" hwprobe 58;
    Zacas "zacas" hwprobe 34;
    Zalrsc "zalrsc" hwprobe 57;
    Zama16b "zama16b";
    Zawrs "zawrs" hwprobe 48;
    Zfa "zfa" hwprobe 32 => F;
    Zfbfmin "zfbfmin" hwprobe 52 => F;
    Zfh "zfh" hwprobe 27 => Zfhmin;
    Zfhmin "zfhmin" hwprobe 28 => F;
    Zca "zca" hwprobe 43;
    Zcb "zcb" hwprobe 44 => Zca;
    Zcd "zcd" hwprobe 45 => Zca D;
    Zcmop "zcmop" hwprobe 47 => Zca;
    Zba "zba" hwprobe 3;
    Zbb "zbb" hwprobe 4;
    Zbc "zbc" hwprobe 7;
    Zbkb "zbkb" hwprobe 8;
    Zbkc "zbkc" hwprobe 9;
    Zbkx "zbkx" hwprobe 10;
    Zbs "zbs" hwprobe 5;
    Zknd "zknd" hwprobe 11;
    Zkne "zkne" hwprobe 12;
    Zknh "zknh" hwprobe 13;
    Zkr "zkr" => Zicsr;
    Zksed "zksed" hwprobe 14;
    Zksh "zksh" hwprobe 15;
    Ztso "ztso" hwprobe 33;
    Svinval "svinval" [hidden];
}

/// Names for several extensions at once.
pub static BUNDLES: &[(&str, &[Ext])] = {
    use Ext::*;
    &[
        ("g", &[I, M, A, F, D, Zicsr, Zifencei]),
        ("b", &[Zba, Zbb, Zbs]),
        ("zk", &[Zbkb, Zbkc, Zbkx, Zkne, Zknd, Zknh, Zkr]),
        ("zkn", &[Zbkb, Zbkc, Zbkx, Zkne, Zknd, Zknh]),
        ("zks", &[Zbkb, Zbkc, Zbkx, Zksed, Zksh]),
        ("zce", &[Zcb]),
    ]
};

impl Ext {
    /// The name that users type, e.g. `zba`.
    pub const fn name(self) -> &'static str {
        Ext::ROWS[self as usize].text
    }

    /// The extension with this name.
    pub fn from_name(name: &str) -> Option<Ext> {
        Ext::ALL.iter().copied().find(|e| e.name() == name)
    }

    const fn row(self) -> &'static Row {
        &Ext::ROWS[self as usize]
    }
}

/// A set of extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exts(pub u128);

impl Exts {
    /// Everything that exists.
    pub const MAX: Exts = Exts((1 << Ext::ALL.len()) - 1);
    /// The base instruction set, which cannot be taken away.
    pub const BASE: Exts = Exts(1 << Ext::I as u32);

    pub const fn has(self, ext: Ext) -> bool {
        self.0 >> ext as u32 & 1 != 0
    }

    /// The set with `ext` and what it implies. (C and D together imply Zcd.)
    pub fn with(self, ext: Ext) -> Exts {
        let set = ext.row().implied.iter().fold(Exts(self.0 | 1 << ext as u32), |set, &e| set.with(e));
        if set.has(Ext::C) && set.has(Ext::D) { Exts(set.0 | 1 << Ext::Zcd as u32) } else { set }
    }

    /// The set without `ext`, without what cannot be there without it, and without what came with it alone.
    pub fn without(self, ext: Ext) -> Exts {
        let off = match ext {
            Ext::I => return self,
            Ext::M => &[Ext::M, Ext::Zmmul][..],
            Ext::A => &[Ext::A, Ext::Zaamo, Ext::Zalrsc],
            Ext::C => &[Ext::C, Ext::Zca],
            _ => &[ext],
        };
        off.iter().fold(self, |set, &e| set.remove(e))
    }

    fn remove(self, ext: Ext) -> Exts {
        let set = Exts(self.0 & !(1 << ext as u32));
        let needy = Ext::ALL.iter().filter(|e| set.has(**e) && e.row().implied.contains(&ext));
        needy.fold(set, |set, &e| set.remove(e))
    }

    pub fn iter(self) -> impl Iterator<Item = Ext> {
        Ext::ALL.iter().copied().filter(move |&e| self.has(e))
    }

    /// The line `isa` of Linux's `/proc/cpuinfo`: `rv64imafdc_zicntr_…`.
    pub fn isa_string(self) -> String {
        let shown = self.iter().filter(|e| !e.row().hidden);
        let one = |all: String, e: Ext| all + if e.name().len() > 1 { "_" } else { "" } + e.name();
        shown.fold(String::from("rv64"), one)
    }

    /// Linux's `AT_HWCAP`: a bit per letter.
    pub fn hwcap(self) -> u64 {
        let letters = self.iter().filter(|e| e.name().len() == 1);
        letters.map(|e| 1 << (e.name().as_bytes()[0] - b'a')).fold(0, |all, bit: u64| all | bit)
    }

    /// The value of Linux's `riscv_hwprobe` key `IMA_EXT_0` (Documentation/arch/riscv/hwprobe.rst). Single precision
    /// without double is not supported by Linux, so there is no bit for it.
    pub fn hwprobe_ima_ext_0(self) -> u64 {
        self.iter().fold(0, |all, e| all | e.row().hwprobe)
    }

    /// The value of a `riscv_hwprobe` key that depends on the CPU; `None` for keys that do not (7: highest address, 8:
    /// frequency of the clock) and for unknown ones.
    pub fn hwprobe(self, key: i64) -> Option<u64> {
        const IMA: u64 = 1;
        const MISALIGNED_FAST: u64 = 3;
        const MISALIGNED_UNSUPPORTED: u64 = 4;
        let ima = self.has(Ext::M) && self.has(Ext::A);
        match key {
            // Vendor, architecture and implementation: none.
            0..=2 => Some(0),
            3 => Some(if ima { IMA } else { 0 }),
            4 => Some(self.hwprobe_ima_ext_0()),
            // Misaligned accesses, the old key and the new one.
            5 | 9 => Some(MISALIGNED_FAST),
            6 => Some(if self.has(Ext::Zicboz) { crate::insn::zi::CACHE_BLOCK as u64 } else { 0 }),
            // Misaligned vector accesses.
            10 => Some(MISALIGNED_UNSUPPORTED),
            // Extensions of a vendor: none.
            11 => Some(0),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn implications() {
        let set = Exts::BASE.with(Ext::Zfh).with(Ext::C);
        assert!(set.has(Ext::F) && set.has(Ext::Zicsr) && set.has(Ext::Zca) && !set.has(Ext::D));
        let set = set.with(Ext::D);
        assert!(set.has(Ext::Zcd));
        let set = set.without(Ext::F);
        assert!(!set.has(Ext::D) && !set.has(Ext::Zfh) && !set.has(Ext::Zcd) && set.has(Ext::Zca));
        assert!(!set.without(Ext::C).has(Ext::Zca));
    }

    /// The values that Linux shows for the reference's `rv64` (its bits of instructions that user mode has).
    #[test]
    fn what_linux_says() {
        let g = [Ext::M, Ext::A, Ext::D, Ext::C].iter().fold(Exts::BASE, |s, &e| s.with(e));
        assert_eq!(g.hwcap(), 0x112d);
        assert_eq!(g.isa_string(), "rv64imafdc_zicsr_zmmul_zaamo_zalrsc_zca_zcd");
        let rv64 = crate::Riscv::parse("rv64").unwrap().exts();
        assert_eq!(rv64.hwprobe_ima_ext_0() & 0xf_ffff_ffff, 0x1_2000_00fb);
        assert_eq!(rv64.hwprobe(6), Some(64));
    }
}
