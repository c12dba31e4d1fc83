//! The result of `fluoro stat`: what a guest did, in total and by thread, as a table or as JSON.

use crate::json::{Object, Value};
use crate::number::{bytes, grouped, percent, plural, rate};

/// What was counted of one thread, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub instructions: u64,
    /// Executions of blocks.
    pub blocks: u64,
    pub loads: u64,
    pub stores: u64,
    pub load_bytes: u64,
    pub store_bytes: u64,
    /// Conditional branches, taken or not.
    pub branches: u64,
    pub branches_taken: u64,
    pub system_calls: u64,
    /// Faults that the guest could see.
    pub faults: u64,
    /// Those of them that went to a handler of the guest's.
    pub faults_handled: u64,
}

impl Counts {
    /// Adds another thread's counts.
    pub fn add(&mut self, other: &Counts) {
        self.instructions += other.instructions;
        self.blocks += other.blocks;
        self.loads += other.loads;
        self.stores += other.stores;
        self.load_bytes += other.load_bytes;
        self.store_bytes += other.store_bytes;
        self.branches += other.branches;
        self.branches_taken += other.branches_taken;
        self.system_calls += other.system_calls;
        self.faults += other.faults;
        self.faults_handled += other.faults_handled;
    }

    fn members(&self, object: Object) -> Object {
        object
            .number("instructions", self.instructions)
            .number("blocks", self.blocks)
            .number("loads", self.loads)
            .number("load_bytes", self.load_bytes)
            .number("stores", self.stores)
            .number("store_bytes", self.store_bytes)
            .number("branches", self.branches)
            .number("branches_taken", self.branches_taken)
            .number("system_calls", self.system_calls)
            .number("faults", self.faults)
            .number("faults_handled", self.faults_handled)
    }
}

/// Counts of one vCPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The vCPU's index. A later thread may continue with the index of an ended one.
    pub index: u32,
    pub counts: Counts,
}

/// What the run cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Times {
    pub elapsed_s: f64,
    pub user_s: f64,
    pub system_s: f64,
    /// The largest resident size.
    pub resident_bytes: u64,
}

/// Everything about a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Stat {
    /// The program as the user named it.
    pub program: String,
    /// The guest architecture.
    pub guest: String,
    /// One entry a vCPU index: as many as there were threads at once.
    pub threads: Vec<Thread>,
    /// Blocks translated, and the time that took, summed over threads.
    pub translations: u64,
    pub translation_s: f64,
    pub times: Times,
}

/// Columns in which a count is right-aligned.
const COUNT: usize = 15;
/// Columns of what was counted.
const WHAT: usize = 20;

impl Stat {
    /// The sum over all threads.
    pub fn total(&self) -> Counts {
        let mut total = Counts::default();
        self.threads.iter().for_each(|t| total.add(&t.counts));
        total
    }

    /// The table, ending with a newline. With `per_thread`, a block for each thread comes before the totals.
    pub fn text(&self, per_thread: bool) -> String {
        let threads = plural(self.threads.len() as u64, "thread", "threads");
        let mut out = format!("\n fluoro stat: {} ({}, {threads})\n\n", self.program, self.guest);
        if per_thread {
            for thread in &self.threads {
                out += &format!(" thread {}\n", thread.index);
                self.rows(&thread.counts, &mut out);
                out.push('\n');
            }
            out += " total\n";
        }
        self.rows(&self.total(), &mut out);
        let translating = format!("{} of the time", percent(self.translation_s, self.times.elapsed_s));
        row(self.translations, "translations", &translating, &mut out);
        let Times { elapsed_s, user_s, system_s, resident_bytes } = self.times;
        let memory = bytes(resident_bytes);
        out += &format!(
            "\n{elapsed_s:COUNT$.3} s elapsed      {user_s:.3} s user      {system_s:.3} s system      {memory}\n\n"
        );
        out
    }

    /// The rows that a thread has too.
    fn rows(&self, c: &Counts, out: &mut String) {
        let share = |n: u64| percent(n as f64, c.instructions as f64);
        let per_block = if c.blocks == 0 { 0.0 } else { c.instructions as f64 / c.blocks as f64 };
        let accesses = |n: u64, size: u64| format!("{:>6}  {:>10}", share(n), bytes(size));
        let taken = percent(c.branches_taken as f64, c.branches as f64);
        let handled = if c.faults == 0 { String::new() } else { format!("{} handled by the guest", c.faults_handled) };
        row(c.instructions, "instructions", &rate(c.instructions, self.times.elapsed_s), out);
        row(c.blocks, "blocks", &format!("{per_block:.1} instructions each"), out);
        row(c.loads, "loads", &accesses(c.loads, c.load_bytes), out);
        row(c.stores, "stores", &accesses(c.stores, c.store_bytes), out);
        row(c.branches, "branches", &format!("{taken} taken"), out);
        row(c.system_calls, if c.system_calls == 1 { "system call" } else { "system calls" }, "", out);
        row(c.faults, if c.faults == 1 { "fault" } else { "faults" }, &handled, out);
    }

    /// One JSON object, ending with a newline.
    pub fn json(&self) -> String {
        let threads: Vec<Value> = self
            .threads
            .iter()
            .map(|t| t.counts.members(Object::new().number("thread", t.index.into())).into_value())
            .collect();
        let object = Object::new()
            .text("program", &self.program)
            .text("guest", &self.guest)
            .number("thread_count", self.threads.len() as u64);
        self.total()
            .members(object)
            .number("translations", self.translations)
            .decimal("translation_s", self.translation_s, 6)
            .decimal("elapsed_s", self.times.elapsed_s, 6)
            .decimal("user_s", self.times.user_s, 6)
            .decimal("system_s", self.times.system_s, 6)
            .number("resident_bytes", self.times.resident_bytes)
            .list("threads", threads)
            .finish()
            + "\n"
    }
}

fn row(count: u64, what: &str, derived: &str, out: &mut String) {
    let line = format!("{:>COUNT$}  {what:WHAT$}{derived}", grouped(count));
    *out += line.trim_end();
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Stat {
        let counts = Counts {
            instructions: 412_338_901,
            blocks: 61_020_114,
            loads: 88_201_447,
            stores: 30_411_209,
            load_bytes: 705_611_576,
            store_bytes: 243_289_672,
            branches: 58_112_530,
            branches_taken: 41_434_234,
            system_calls: 17,
            faults: 1,
            faults_handled: 1,
        };
        let times = Times { elapsed_s: 0.178, user_s: 0.176, system_s: 0.002, resident_bytes: 6_100_000 };
        Stat {
            program: "./samples/crc32".into(),
            guest: "riscv64".into(),
            threads: vec![Thread { index: 0, counts }],
            translations: 1204,
            translation_s: 0.001_958,
            times,
        }
    }

    #[test]
    fn the_table() {
        let expected = "
 fluoro stat: ./samples/crc32 (riscv64, 1 thread)

    412,338,901  instructions        2.32 G/s
     61,020,114  blocks              6.8 instructions each
     88,201,447  loads               21.4 %    705.6 MB
     30,411,209  stores               7.4 %    243.3 MB
     58,112,530  branches            71.3 % taken
             17  system calls
              1  fault               1 handled by the guest
          1,204  translations        1.1 % of the time

          0.178 s elapsed      0.176 s user      0.002 s system      6.1 MB

";
        assert_eq!(sample().text(false), expected);
    }

    #[test]
    fn threads_add_up() {
        let mut stat = sample();
        stat.threads.push(Thread { index: 1, counts: Counts { instructions: 99, ..Counts::default() } });
        let text = stat.text(true);
        assert!(text.contains("(riscv64, 2 threads)") && text.contains(" thread 1\n"), "{text}");
        assert_eq!(text.matches("instructions   ").count(), 3, "{text}");
        assert!(text.contains("    412,339,000  instructions"), "{text}");
    }

    #[test]
    fn json_holds_what_the_table_shows() {
        let json = sample().json();
        for member in [
            "\"instructions\":412338901",
            "\"store_bytes\":243289672",
            "\"elapsed_s\":0.178000",
            "\"resident_bytes\":6100000",
            "\"threads\":[{\"thread\":0,\"instructions\":412338901",
        ] {
            assert!(json.contains(member), "{member} in {json}");
        }
        assert!(json.ends_with("}\n"));
    }
}
