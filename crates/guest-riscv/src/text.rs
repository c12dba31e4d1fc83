//! Texts in the format of the plugin contract, section 3.2.

use crate::cpu::Decoder;
use crate::insn::{self, aliases};
use guest::{Alias, Insn, Table};
use std::sync::LazyLock;

/// What is shown for encodings that nobody knows.
const UNKNOWN: &str = "illegal                 ";

/// Texts do not depend on the chosen extensions.
struct Texts {
    decoder: Decoder,
    words: Vec<&'static Alias>,
    find_word: Table,
    halves: Table,
}

static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    let words: Vec<&Alias> = insn::ALIASES.iter().copied().flatten().collect();
    let find_word = alias_table(words.iter().copied(), crate::cpu::key, crate::cpu::KEY_BITS);
    let halves = alias_table(aliases::HALVES.iter(), crate::cpu::short_key, crate::cpu::SHORT_KEY_BITS);
    Texts { decoder: Decoder::new(crate::ext::Exts::MAX), words, find_word, halves }
});

fn alias_table(aliases: impl Iterator<Item = &'static Alias> + Clone, key: fn(u32) -> usize, bits: u32) -> Table {
    Table::new(key, bits, aliases.zip(0..).map(|(a, n)| (a.shape, n)))
}

/// Appends the text of the instruction whose bits in memory are `raw`.
pub fn show(pc: u64, raw: u32, out: &mut String) {
    let t = &*TEXTS;
    if raw & 3 != 3 {
        let half = raw & 0xffff;
        if let Some(n) = t.halves.find(half) {
            return aliases::HALVES[n as usize].text.show(pc, half, out);
        }
        if let Some(text) = t.decoder.short(half).and_then(|s| s.text) {
            return text.show(pc, half, out);
        }
    }
    let insn = t.decoder.decode(raw);
    let word = insn.map_or(raw, |i| i.word);
    match (t.find_word.find(word), insn) {
        (Some(n), _) if word & 3 == 3 => t.words[n as usize].text.show(pc, word, out),
        (_, Some(Insn { row, word, .. })) => t.decoder.row(row).text.show(pc, word, out),
        _ => out.push_str(UNKNOWN),
    }
}
