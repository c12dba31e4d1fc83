//! `fluoro plugin check FILE…`: whether plugins would load. They are looked at, not run.

use super::usage;
use crate::parse::Line;
use crate::say::{self, Failure, OURS};
use emu::check::{CheckError, Report};
use report::json::Object;
use std::ffi::OsString;
use std::path::Path;

pub fn check(line: &Line, files: &[OsString]) -> Result<u8, Failure> {
    if files.is_empty() {
        return Err(usage("check: no file is named".to_string()));
    }
    let results: Vec<_> = files.iter().map(|f| (f, emu::check::check(Path::new(f)))).collect();
    if line.settings.json {
        let plugins = results.iter().map(|(file, result)| as_json(&file.to_string_lossy(), result)).collect();
        say::result(&(Object::new().list("plugins", plugins).finish() + "\n"))?;
    } else {
        for (_, result) in &results {
            match result {
                Ok(report) => drop(say::result(&format!("{report}\n"))?),
                Err(error) => say::line(error),
            }
        }
    }
    Ok(if results.iter().all(|(_, r)| r.is_ok()) { 0 } else { OURS })
}

fn as_json(file: &str, result: &Result<Report, CheckError>) -> report::json::Value {
    let object = Object::new().text("file", file);
    match result {
        Ok(r) => {
            let object =
                object.boolean("loads", true).number("api_version", r.version as u64).text("machine", &r.machine);
            let object = object.number("functions_used", r.functions.len() as u64).boolean("needs_glib", r.needs_glib);
            let libraries = r.libraries.iter().map(|l| report::json::Value::from(l.as_str())).collect();
            let object = object.list("libraries", libraries);
            object.list("notes", r.notes().map(report::json::Value::from).collect())
        }
        Err(e) => object.boolean("loads", false).text("reason", &e.what),
    }
    .into_value()
}
