//! Texts in the format of the plugin contract, section 3.2.

use crate::cpu::{Decoder, KEY_BITS, SHORT_KEY_BITS, key, short_key};
use crate::ext::Exts;
use crate::insn;
use guest::{Alias, Table, Text};
use std::sync::LazyLock;

/// What is shown for encodings that nobody knows.
const UNKNOWN: &str = "illegal                 ";

/// Texts do not depend on the chosen extensions.
struct Texts {
    decoder: Decoder,
    /// Texts that come before those of the rows.
    first: Aliases,
    /// Texts of words that have no row.
    last: Aliases,
    halves: Aliases,
}

/// A list of texts with its decoder.
struct Aliases {
    list: Vec<&'static Alias>,
    table: Table,
}

impl Aliases {
    fn new(lists: &[&'static [Alias]], key: fn(u32) -> usize, bits: u32) -> Aliases {
        let list: Vec<&Alias> = lists.iter().copied().flatten().collect();
        let table = Table::new(key, bits, list.iter().zip(0..).map(|(a, n)| (a.shape, n)));
        Aliases { list, table }
    }

    fn find(&self, word: u32) -> Option<&'static Text> {
        self.table.find(word).map(|n| &self.list[n as usize].text)
    }
}

static TEXTS: LazyLock<Texts> = LazyLock::new(|| Texts {
    decoder: Decoder::new(Exts::MAX),
    first: Aliases::new(insn::ALIASES, key, KEY_BITS),
    last: Aliases::new(insn::REFUSED, key, KEY_BITS),
    halves: Aliases::new(&[insn::aliases::HALVES], short_key, SHORT_KEY_BITS),
});

/// Appends the text of the instruction whose bits in memory are `raw`.
pub fn show(pc: u64, raw: u32, out: &mut String) {
    let (found, word) = if raw & 3 == 3 { (of_word(raw), raw) } else { of_half(raw & 0xffff) };
    match found {
        Some(text) => text.show(pc, word, out),
        None => out.push_str(UNKNOWN),
    }
}

/// The text of a compressed instruction: of its own, or that of its long form; and the bits that it shows.
fn of_half(half: u32) -> (Option<&'static Text>, u32) {
    let own = || TEXTS.decoder.short(half).and_then(|s| s.text.as_ref());
    match TEXTS.halves.find(half).or_else(own) {
        Some(text) => (Some(text), half),
        None => TEXTS.decoder.find(half).map_or((None, half), |i| (of_word(i.word), i.word)),
    }
}

fn of_word(word: u32) -> Option<&'static Text> {
    let own = || TEXTS.decoder.find(word).map(|i| &TEXTS.decoder.row(i.row).text);
    TEXTS.first.find(word).or_else(own).or_else(|| TEXTS.last.find(word))
}
