//! Crates stand on floors; a crate may use those on lower floors only.

use super::House;
use crate::repo::File;

/// A workspace member, as its manifest says.
struct Member {
    name: String,
    floor: Option<u32>,
    /// Names of its dependencies, development ones excepted.
    dependencies: Vec<String>,
}

/// Crates that may lean on many others: the wiring and the tools.
const MANY: [&str; 2] = ["emu", "xtask"];

/// External packages that may be used, with their licences. Everything under `Cargo.lock` has to be here.
/// The second part is needed by tests only.
const EXTERNAL: &[(&str, &str)] = &[
    ("libc", "MIT OR Apache-2.0"),
    // Reads the machine code of plugins' functions; the other is its.
    ("iced-x86", "MIT"),
    ("lazy_static", "MIT OR Apache-2.0"),
    // Tests read gzipped tables and ELF files.
    ("flate2", "MIT OR Apache-2.0"),
    ("adler2", "0BSD OR MIT OR Apache-2.0"),
    ("cfg-if", "MIT OR Apache-2.0"),
    ("crc32fast", "MIT OR Apache-2.0"),
    ("memchr", "Unlicense OR MIT"),
    ("object", "MIT OR Apache-2.0"),
    ("miniz_oxide", "MIT OR Zlib OR Apache-2.0"),
    ("simd-adler32", "MIT"),
    ("zlib-rs", "Zlib"),
];

fn members(house: &House) -> Vec<Member> {
    let ours = |f: &&File| f.path.ends_with("/Cargo.toml") && f.crate_name().is_some();
    house.manifests.iter().filter(ours).filter_map(member).collect()
}

fn member(file: &File) -> Option<Member> {
    let mut section = "";
    let (mut name, mut floor, mut dependencies) = (None, None, Vec::new());
    for line in file.text.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        let (key, value) = (key.trim(), value.trim());
        match section {
            "package" if key == "name" => name = Some(value.trim_matches('"').to_string()),
            "package.metadata" if key == "floor" => floor = value.parse().ok(),
            "dependencies" => dependencies.push(key.split('.').next().unwrap_or(key).to_string()),
            _ => {}
        }
    }
    Some(Member { name: name?, floor, dependencies })
}

/// Every dependency's floor is strictly lower.
pub fn floors(house: &House) -> Vec<String> {
    let members = members(house);
    let mut complaints = Vec::new();
    for m in &members {
        let Some(floor) = m.floor else {
            complaints.push(format!("crate {}: has no package.metadata.floor", m.name));
            continue;
        };
        for d in &m.dependencies {
            let below = members.iter().find(|o| o.name == *d).and_then(|o| o.floor);
            if below.is_some_and(|b| b >= floor) {
                let b = below.unwrap_or_default();
                complaints.push(format!("crate {}: on floor {floor}, uses {d} on floor {b}", m.name));
            }
        }
    }
    complaints
}

/// At most eight dependencies inside the workspace.
pub fn fan_out(house: &House) -> Vec<String> {
    let members = members(house);
    let inside = |m: &Member| m.dependencies.iter().filter(|d| members.iter().any(|o| o.name == **d)).count();
    let many = members.iter().filter(|m| !MANY.contains(&m.name.as_str()) && inside(m) > 8);
    many.map(|m| format!("crate {}: uses {} crates of ours, more than 8", m.name, inside(m))).collect()
}

/// Only listed packages come from outside.
pub fn external(house: &House) -> Vec<String> {
    let packages = house.lock.split("[[package]]").filter(|p| p.contains("\nsource = "));
    let names = packages.filter_map(|p| p.split("name = \"").nth(1)?.split('"').next());
    let strange = names.filter(|n| !EXTERNAL.iter().any(|(known, _)| known == n));
    strange.map(|n| format!("Cargo.lock: package {n} is not in xtask/src/tidy/floors.rs with its licence")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(manifests: &[(&str, u32, &str)]) -> House {
        let manifests = manifests
            .iter()
            .map(|(name, floor, dependencies)| File {
                path: format!("crates/{name}/Cargo.toml"),
                text: format!(
                    "[package]\nname = \"{name}\"\n[package.metadata]\nfloor = {floor}\n[dependencies]\n{dependencies}"
                ),
            })
            .collect();
        let lock = "[[package]]\nname = \"evil\"\nversion = \"1\"\nsource = \"x\"\n[[package]]\nname = \"a\"\n".into();
        House { rust: vec![], manifests, docs: vec![], lock, root: ".".into() }
    }

    #[test]
    fn arrows_go_down() {
        let h = house(&[("a", 1, "b.workspace = true\n"), ("b", 1, ""), ("c", 2, "a = { path = \"../a\" }\n")]);
        assert_eq!(floors(&h), ["crate a: on floor 1, uses b on floor 1"]);
    }

    #[test]
    fn strangers_are_named() {
        assert_eq!(external(&house(&[])).len(), 1);
    }
}
