//! Sections of a page: two verbs write `BENCHMARKS.md`, and neither may lose what the other one wrote.

/// The part of a page under `## TITLE`, with that line and all blank lines at its end cut off.
pub fn of<'a>(page: &'a str, title: &str) -> Option<&'a str> {
    let (from, to) = place(page, title)?;
    Some(page[from..to].trim_end())
}

/// The page with this section, which begins with its own `## TITLE`, in the place of the old one, or at the end.
pub fn with(page: &str, title: &str, section: &str) -> String {
    let section = section.trim();
    match place(page, title) {
        Some((from, to)) if to < page.len() => format!("{}{section}\n\n{}", &page[..from], &page[to..]),
        Some((from, _)) => format!("{}{section}\n", &page[..from]),
        None => format!("{}\n\n{section}\n", page.trim_end()),
    }
}

/// Where the section begins and ends.
fn place(page: &str, title: &str) -> Option<(usize, usize)> {
    let head = format!("## {title}");
    let mut at = 0;
    let mut from = None;
    for line in page.split_inclusive('\n') {
        match from {
            None if line.trim_end() == head => from = Some(at),
            Some(from) if line.starts_with("## ") => return Some((from, at)),
            _ => (),
        }
        at += line.len();
    }
    from.map(|from| (from, at))
}

#[cfg(test)]
mod tests {
    use super::{of, with};

    const PAGE: &str = "# Page\n\n## One\n\n1\n\n### Deep\n\n## Two\n\n2\n";

    #[test]
    fn a_section_ends_before_the_next_of_its_level() {
        assert_eq!(of(PAGE, "One"), Some("## One\n\n1\n\n### Deep"));
        assert_eq!(of(PAGE, "Two"), Some("## Two\n\n2"));
        assert_eq!(of(PAGE, "Deep"), None);
    }

    #[test]
    fn the_other_sections_stay() {
        assert_eq!(with(PAGE, "One", "## One\n\nnew\n"), "# Page\n\n## One\n\nnew\n\n## Two\n\n2\n");
        assert_eq!(with(PAGE, "Two", "## Two\n\nnew"), "# Page\n\n## One\n\n1\n\n### Deep\n\n## Two\n\nnew\n");
        assert_eq!(with("# Page\n\n\n", "New", "## New\n\n3\n"), "# Page\n\n## New\n\n3\n");
    }

    #[test]
    fn writing_twice_is_writing_once() {
        let once = with(PAGE, "One", "## One\n\nnew");
        assert_eq!(with(&once, "One", "## One\n\nnew"), once);
    }
}
