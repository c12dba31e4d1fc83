//! Texts in the format of the plugin contract, section 3.2.

use crate::cpu::Decoder;
use crate::insn::aliases;
use guest::{Alias, Insn, Table};
use std::sync::LazyLock;

/// What is shown for encodings that nobody knows.
const UNKNOWN: &str = "illegal                 ";

/// Texts do not depend on the chosen extensions.
struct Texts {
    decoder: Decoder,
    words: Table,
    halves: Table,
}

static TEXTS: LazyLock<Texts> = LazyLock::new(|| Texts {
    decoder: Decoder::new(crate::ext::Exts::MAX),
    words: alias_table(aliases::WORDS, crate::cpu::key, crate::cpu::KEY_BITS),
    halves: alias_table(aliases::HALVES, crate::cpu::short_key, crate::cpu::SHORT_KEY_BITS),
});

fn alias_table(aliases: &'static [Alias], key: fn(u32) -> usize, bits: u32) -> Table {
    Table::new(key, bits, aliases.iter().zip(0..).map(|(a, n)| (a.shape, n)))
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
    match (t.words.find(word), insn) {
        (Some(n), _) if word & 3 == 3 => aliases::WORDS[n as usize].text.show(pc, word, out),
        (_, Some(Insn { row, word, .. })) => t.decoder.row(row).text.show(pc, word, out),
        _ => out.push_str(UNKNOWN),
    }
}
