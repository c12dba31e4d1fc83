//! From a line to what it says.

/// A place in the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    X(u16),
    F(u16),
    Frm,
    Fflags,
    Pc,
    /// Address and bytes.
    Mem(u64, u32),
    /// Only after: the access at this address failed.
    Fault,
}

/// A line of an `.ins` file.
#[derive(Debug, Default)]
pub struct Line {
    /// Encodings with their lengths.
    pub words: Vec<(u32, u32)>,
    pub texts: Vec<String>,
    pub before: Vec<(Place, u64)>,
    pub after: Vec<(Place, u64)>,
    /// The reason of a hand-over, in lower case.
    pub stop: Option<String>,
}

/// Understands a line.
pub fn parse(line: &str) -> Result<Line, String> {
    let mut out = Line::default();
    let (words, rest) = line.strip_prefix('[').and_then(|l| l.split_once(']')).ok_or("no [words]")?;
    for word in words.split_whitespace() {
        let raw = u32::from_str_radix(word, 16).map_err(|_| format!("bad word {word}"))?;
        out.words.push((raw, word.len() as u32 / 2));
    }
    let mut rest = rest.trim();
    while let Some((text, behind)) = rest.strip_prefix('"').and_then(|r| r.split_once('"')) {
        out.texts.push(text.into());
        rest = behind.trim();
    }
    if out.texts.len() != out.words.len() {
        return Err("a text for each word is wanted".into());
    }
    let (before, after) = rest.split_once("=>").ok_or("no =>")?;
    out.before = parts(before).map(assignment).collect::<Result<_, _>>()?;
    for part in parts(after) {
        match part.strip_prefix("stop = ") {
            Some(reason) => out.stop = Some(reason.into()),
            None => out.after.push(assignment(part)?),
        }
    }
    Ok(out)
}

fn parts(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|p| !p.is_empty())
}

fn assignment(part: &str) -> Result<(Place, u64), String> {
    let (name, value) = part.split_once(" = ").ok_or_else(|| format!("`{part}` is no assignment"))?;
    let value = number(value).ok_or_else(|| format!("bad number {value}"))?;
    let place = place(name).ok_or_else(|| format!("unknown place {name}"))?;
    Ok((place, value))
}

fn place(name: &str) -> Option<Place> {
    match name {
        "pc" => return Some(Place::Pc),
        "frm" => return Some(Place::Frm),
        "fflags" => return Some(Place::Fflags),
        "fault" => return Some(Place::Fault),
        _ => {}
    }
    if let Some((size, addr)) = name.strip_prefix('u').and_then(|n| n.split_once('[')) {
        let bits: u32 = size.parse().ok()?;
        return Some(Place::Mem(number(addr.strip_suffix(']')?)?, bits / 8));
    }
    let index = || name[1..].parse().ok().filter(|&n: &u16| n < 32);
    match name.as_bytes()[0] {
        b'x' => index().map(Place::X),
        b'f' => index().map(Place::F),
        _ => None,
    }
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    match (text.strip_prefix("0x"), text.strip_prefix('-')) {
        (Some(hex), _) => u64::from_str_radix(hex, 16).ok(),
        (_, Some(digits)) => digits.parse::<u64>().ok().map(u64::wrapping_neg),
        _ => text.parse().ok(),
    }
}
