//! `fluoro doctor --cpu`: the CPU models and extensions that `--cpu` takes.

use emu::cpu;

/// The list, wrapped.
pub fn text() -> String {
    let mut out = String::from("models\n");
    for (name, meaning) in cpu::MODELS {
        out += &format!("  {name:6}  {meaning}\n");
    }
    out += "extensions, to be added with ,+NAME or taken away with ,-NAME\n";
    let mut line = String::from(" ");
    for name in cpu::extensions() {
        if line.len() + 1 + name.len() > 80 {
            out += &line;
            out.push('\n');
            line = String::from(" ");
        }
        line.push(' ');
        line += name;
    }
    out += &line;
    out.push('\n');
    out
}
