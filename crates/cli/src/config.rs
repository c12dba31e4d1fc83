//! The verb `config`: which settings hold for the verbs that run a guest, and who said so.

use crate::layers::{self, Origin, Outside};
use crate::parse::Line;
use crate::say::{self, Failure};
use crate::verbs::Verb;
use report::json::Object;

/// Prints one line a setting that is not the default.
pub fn config(line: &Line) -> Result<u8, Failure> {
    line.at_most(0, "takes no arguments")?;
    let mut held: Vec<(&str, String, String)> = Vec::new();
    let outside = Outside::of_process(false);
    for verb in [Verb::Run, Verb::Stat] {
        let (_, given) = layers::apply(verb, Vec::new(), &outside)?;
        for g in given {
            let from = match &g.origin {
                Origin::File(path, _) => path.display().to_string(),
                other => other.to_string(),
            };
            let row = (g.option.long, g.value.to_string_lossy().into_owned(), from);
            if !held.contains(&row) {
                held.push(row);
            }
        }
    }
    say::result(&if line.settings.json { as_json(&held) } else { as_text(&held) })
}

fn as_text(held: &[(&str, String, String)]) -> String {
    if held.is_empty() {
        return "no variable and no fluoro.toml sets anything; the defaults hold\n".to_string();
    }
    let width = held.iter().map(|(name, ..)| name.len()).max().unwrap_or(0);
    held.iter().map(|(name, value, from)| format!("{name:width$} = {value}    from {from}\n")).collect()
}

fn as_json(held: &[(&str, String, String)]) -> String {
    let mut settings = Vec::new();
    for (name, value, from) in held {
        settings.push(Object::new().text("name", name).text("value", value).text("from", from).into_value());
    }
    Object::new().list("settings", settings).finish() + "\n"
}
