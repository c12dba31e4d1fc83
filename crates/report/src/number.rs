//! Numbers as people read them.

/// Digits in groups of three: `412,338,901`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A quantity with a unit of powers of 1000: `705.6 MB`, `17 B`; rates get three digits: `2.31 G/s`.
fn scaled(value: f64, unit: &str) -> (f64, String) {
    const STEPS: [&str; 6] = ["", "k", "M", "G", "T", "P"];
    let mut value = value;
    let mut step = 0;
    while value >= 999.95 && step + 1 < STEPS.len() {
        value /= 1000.0;
        step += 1;
    }
    (value, format!("{}{unit}", STEPS[step]))
}

/// `705.6 MB`.
pub fn bytes(n: u64) -> String {
    if n < 1000 {
        return format!("{n} B");
    }
    let (value, unit) = scaled(n as f64, "B");
    format!("{value:.1} {unit}")
}

/// `2.31 G/s`; `-` if no time has passed.
pub fn rate(count: u64, seconds: f64) -> String {
    if seconds <= 0.0 {
        return "-".to_string();
    }
    let (value, unit) = scaled(count as f64 / seconds, "");
    let places = if value < 10.0 { 2 } else { 1 };
    format!("{value:.places$} {unit}/s")
}

/// `21.4 %`; `-` of nothing.
pub fn percent(part: f64, whole: f64) -> String {
    if whole <= 0.0 {
        return "-".to_string();
    }
    format!("{:.1} %", 100.0 * part / whole)
}

/// `1 thread`, `2 threads`.
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(412338901), "412,338,901");
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn units() {
        assert_eq!(bytes(17), "17 B");
        assert_eq!(bytes(705_612_345), "705.6 MB");
        assert_eq!(bytes(999_999), "1.0 MB");
        assert_eq!(rate(412_338_901, 0.178), "2.32 G/s");
        assert_eq!(rate(5, 0.0), "-");
        assert_eq!(percent(1.0, 3.0), "33.3 %");
        assert_eq!(percent(1.0, 0.0), "-");
    }
}
