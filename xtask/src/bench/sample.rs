//! What one run cost, and the samples of one row.

use std::path::Path;

/// Who runs the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Column {
    Native,
    Fluoro,
    /// `fluoro stat`: the same with everything counted.
    Stat,
    Qemu,
}

impl Column {
    /// In the order of a round.
    pub const ALL: [Column; 4] = [Column::Native, Column::Fluoro, Column::Stat, Column::Qemu];

    fn index(self) -> usize {
        Column::ALL.iter().position(|c| *c == self).expect("ALL holds every column")
    }
}

/// One measurement, in seconds and bytes, for a single start of the program.
#[derive(Clone, Debug)]
pub struct Sample {
    pub wall: f64,
    pub user: f64,
    pub system: f64,
    pub peak: u64,
    pub status: i32,
    pub output: Vec<u8>,
    /// The last line of standard error.
    pub complaint: String,
}

impl Sample {
    /// Reads the line of `bench/measure.c`.
    pub fn parse(line: &str, times: u32, output: Vec<u8>, errors: &[u8]) -> Option<Sample> {
        let fields: Vec<f64> = line.split_whitespace().map(|f| f.parse().ok()).collect::<Option<_>>()?;
        let [wall, user, system, peak, status] = fields[..] else { return None };
        let times = f64::from(times);
        let complaint = String::from_utf8_lossy(errors).lines().last().unwrap_or("").to_string();
        Some(Sample {
            wall: wall * 1e-9 / times,
            user: user * 1e-6 / times,
            system: system * 1e-6 / times,
            peak: peak as u64 * 1024,
            status: status as i32,
            output,
            complaint,
        })
    }
}

/// All samples of one program, by column.
#[derive(Default)]
pub struct Row {
    samples: [Vec<Sample>; 4],
    /// Instructions that the guest executed, as `fluoro stat` counted them.
    pub instructions: Option<u64>,
    /// Blocks that were translated.
    pub translations: Option<u64>,
}

/// Which time of a sample a group compares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Time {
    User,
    UserAndSystem,
    Wall,
}

impl Time {
    /// Of a group: short programs live mostly in the kernel, and threads are about wall time.
    pub fn of(group: &str) -> Time {
        match group {
            "startup" | "translation" => Time::UserAndSystem,
            "scaling" => Time::Wall,
            _ => Time::User,
        }
    }

    fn take(self, s: &Sample) -> f64 {
        match self {
            Time::User => s.user,
            Time::UserAndSystem => s.user + s.system,
            Time::Wall => s.wall,
        }
    }
}

/// The middle of some values; of an even number, the mean of the two in the middle.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    match n {
        0 => None,
        _ if n % 2 == 1 => Some(sorted[n / 2]),
        _ => Some((sorted[n / 2 - 1] + sorted[n / 2]) / 2.0),
    }
}

/// The geometric mean.
pub fn geomean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    Some((values.iter().map(|v| v.ln()).sum::<f64>() / values.len() as f64).exp())
}

impl Row {
    pub fn add(&mut self, column: Column, sample: Sample) {
        self.samples[column.index()].push(sample);
    }

    /// Takes the counts out of the report of the last `fluoro stat`.
    pub fn count(&mut self, report: &Path) {
        if self.samples[Column::Stat.index()].is_empty() {
            return;
        }
        let text = std::fs::read_to_string(report).unwrap_or_default();
        self.instructions = member(&text, "instructions");
        self.translations = member(&text, "translations");
        let _ = std::fs::remove_file(report);
    }

    /// What is wrong with this row in a column, if anything: a status or an output unlike native's.
    pub fn wrong(&self, column: Column) -> Option<String> {
        let native = self.samples[Column::Native.index()].first()?;
        let bad =
            self.samples[column.index()].iter().find(|s| s.status != native.status || s.output != native.output)?;
        Some(if bad.status == native.status {
            format!("other output than native: {}", first_line(&bad.output))
        } else {
            format!("status {} (native {}) {}", bad.status, native.status, bad.complaint).trim_end().to_string()
        })
    }

    /// The time to compare, if there are samples and all are right.
    pub fn time(&self, column: Column, time: Time, min: bool) -> Option<f64> {
        if self.wrong(column).is_some() {
            return None;
        }
        let times: Vec<f64> = self.samples[column.index()].iter().map(|s| time.take(s)).collect();
        if min { times.into_iter().min_by(f64::total_cmp) } else { median(&times) }
    }

    /// The median of the peaks of memory, in bytes.
    pub fn peak(&self, column: Column) -> Option<u64> {
        let peaks: Vec<f64> = self.samples[column.index()].iter().map(|s| s.peak as f64).collect();
        median(&peaks).map(|p| p as u64)
    }
}

fn first_line(output: &[u8]) -> String {
    String::from_utf8_lossy(output).lines().next().unwrap_or("nothing").chars().take(60).collect()
}

/// The number behind `"name":` in a JSON object, without a parser: the report has each total before the threads.
pub fn member(json: &str, name: &str) -> Option<u64> {
    let behind = json.split_once(&format!("\"{name}\":"))?.1.trim_start();
    let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(user: f64, output: &str, status: i32) -> Sample {
        let output = output.as_bytes().to_vec();
        Sample { wall: user, user, system: 0.0, peak: 4096, status, output, complaint: String::new() }
    }

    #[test]
    fn means() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0]), Some(2.5));
        assert_eq!(median(&[]), None);
        assert!((geomean(&[2.0, 8.0]).unwrap() - 4.0).abs() < 1e-12);
    }

    #[test]
    fn a_line_of_the_measuring_program() {
        let s = Sample::parse("4000000000 2000000 500000 100 137\n", 2, vec![], b"one\ntwo\n").unwrap();
        assert_eq!((s.wall, s.user, s.system, s.peak, s.status), (2.0, 1.0, 0.25, 102400, 137));
        assert_eq!(s.complaint, "two");
        assert!(Sample::parse("1 2", 1, vec![], b"").is_none());
    }

    #[test]
    fn a_wrong_output_has_no_time() {
        let mut row = Row::default();
        row.add(Column::Native, sample(1.0, "crc 1", 0));
        row.add(Column::Fluoro, sample(2.0, "crc 1", 0));
        row.add(Column::Qemu, sample(0.5, "crc 2", 0));
        assert_eq!(row.time(Column::Fluoro, Time::User, false), Some(2.0));
        assert_eq!(row.time(Column::Qemu, Time::User, false), None);
        assert!(row.wrong(Column::Qemu).unwrap().contains("crc 2"));
        row.add(Column::Fluoro, sample(2.0, "crc 1", 139));
        assert!(row.wrong(Column::Fluoro).unwrap().contains("139"));
    }

    #[test]
    fn members_of_a_report() {
        let json = "{\"instructions\":17,\"translations\": 4,\"threads\":[{\"instructions\":9}]}";
        assert_eq!(member(json, "instructions"), Some(17));
        assert_eq!(member(json, "translations"), Some(4));
        assert_eq!(member(json, "loads"), None);
    }
}
