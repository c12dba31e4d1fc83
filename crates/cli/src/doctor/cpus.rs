//! `fluoro doctor --cpu`: the CPU models and extensions that `--cpu` takes.

use emu::cpu;

/// The list, wrapped.
pub fn text() -> String {
    let mut out = String::from("models\n");
    for name in cpu::models() {
        let extensions = cpu::extensions_of(name).unwrap_or_default();
        out += &if name == cpu::DEFAULT {
            format!("  {name} (the default): every extension below\n")
        } else {
            wrapped(&format!("  {name}:"), extensions.into_iter())
        };
    }
    out += "extensions, to be added with ,+NAME or taken away with ,-NAME\n";
    out + &wrapped(" ", cpu::extensions())
}

/// Words in lines of at most 100 columns.
fn wrapped<'a>(start: &str, words: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    let mut line = start.to_string();
    for word in words {
        if line.len() + 1 + word.len() > 100 {
            out += &line;
            out.push('\n');
            line = String::from("   ");
        }
        line.push(' ');
        line += word;
    }
    out + &line + "\n"
}
