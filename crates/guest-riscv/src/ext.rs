//! Extensions: one row each.

/// Makes the enumeration and its table.
macro_rules! extensions {
    ($( $name:ident $text:literal $(=> $($implied:ident)*)?; )*) => {
        /// An extension of the base instruction set. Its number is its bit in an [`Exts`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Ext { $($name),* }

        impl Ext {
            /// Every extension, in the order in which Linux lists them.
            pub const ALL: &'static [Ext] = &[$(Ext::$name),*];

            /// The name that users type, e.g. `zba`.
            pub const fn name(self) -> &'static str {
                const NAMES: &[&str] = &[$($text),*];
                NAMES[self as usize]
            }

            /// Extensions that come with this one.
            const fn implied(self) -> &'static [Ext] {
                const LISTS: &[&[Ext]] = &[$(&[$($(Ext::$implied),*)?]),*];
                LISTS[self as usize]
            }
        }
    };
}

extensions! {
    I "i";
    M "m" => Zmmul;
    A "a" => Zaamo Zalrsc;
    F "f" => Zicsr;
    D "d" => F;
    C "c";
    Zicbom "zicbom";
    Zicbop "zicbop";
    Zicboz "zicboz";
    Zicfilp "zicfilp";
    Zicfiss "zicfiss";
    Zicntr "zicntr";
    Zicond "zicond";
    Zicsr "zicsr";
    Zifencei "zifencei";
    Zihintntl "zihintntl";
    Zihintpause "zihintpause";
    Zihpm "zihpm";
    Zimop "zimop";
    Zmmul "zmmul";
    Zaamo "zaamo";
    Zabha "zabha";
    Zacas "zacas";
    Zalrsc "zalrsc";
    Zama16b "zama16b";
    Zawrs "zawrs";
    Zfa "zfa" => F;
    Zfbfmin "zfbfmin" => F;
    Zfh "zfh" => Zfhmin;
    Zfhmin "zfhmin" => F;
    Zcb "zcb";
    Zcmop "zcmop";
    Zba "zba";
    Zbb "zbb";
    Zbc "zbc";
    Zbkb "zbkb";
    Zbkc "zbkc";
    Zbkx "zbkx";
    Zbs "zbs";
    Zknd "zknd";
    Zkne "zkne";
    Zknh "zknh";
    Zkr "zkr";
    Zksed "zksed";
    Zksh "zksh";
    Ztso "ztso";
}

/// A set of extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exts(pub u128);

impl Exts {
    /// Everything that exists.
    pub const MAX: Exts = Exts((1 << Ext::ALL.len()) - 1);

    pub const fn has(self, ext: Ext) -> bool {
        self.0 >> ext as u32 & 1 != 0
    }

    /// The set with `ext` and what it implies.
    pub fn with(self, ext: Ext) -> Exts {
        ext.implied().iter().fold(Exts(self.0 | 1 << ext as u32), |set, &e| set.with(e))
    }

    /// The set without `ext` and without what cannot be there without it.
    pub fn without(self, ext: Ext) -> Exts {
        let set = Exts(self.0 & !(1 << ext as u32));
        let needy = Ext::ALL.iter().filter(|e| set.has(**e) && e.implied().contains(&ext));
        needy.fold(set, |set, &e| set.without(e))
    }
}
