//! The kinds of probe that `bench/plugins/factors.c` knows, and what each may cost.

/// What a kind of probe is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    Nothing,
    Block,
    Insn,
    Access,
}

/// One row of the table.
#[derive(Debug)]
pub struct Kind {
    /// As the plugin calls it.
    pub name: &'static str,
    /// As the page calls it.
    pub title: &'static str,
    pub unit: Unit,
    /// Whether the plugin tells at the end how often the probe ran.
    pub counts: bool,
    /// The most that a run may take, in times of the plain run.
    pub factor: Option<f64>,
    /// The most that a call may take, in nanoseconds.
    pub ns: Option<f64>,
    /// The factor once short callbacks are copied into the code.
    pub spliced: Option<f64>,
    /// Whether calls are so expensive that a part of the kernel's work is enough, see [`SHARE`].
    pub slow: bool,
}

/// The argument that makes a kernel do a part of its work (`bench/kernels/bench.h`).
pub const SHARE: &str = "/8";
/// How far a factor of 1 may be off: two plain runs differ as much.
pub const NOISE: f64 = 0.02;
/// How far the factor with two threads may be above that with one: both have their noise.
pub const THREADS_NOISE: f64 = 0.05;
/// The most that translation may take with every instruction instrumented, in times of the plain one.
pub const TRANSLATION: f64 = 3.0;
/// How much faster than the reference, with the same plugin file.
pub const FASTER: f64 = 3.0;

/// All kinds, in the order of the page.
pub const KINDS: [Kind; 15] = [
    kind("nothing", "plugin loaded, nothing subscribed", Unit::Nothing).at_most(1.0),
    kind("inline-block", "inline add per block", Unit::Block).counting().at_most(1.05),
    kind("inline-insn", "inline add per instruction", Unit::Insn).counting().at_most(1.08),
    kind("inline-mem", "inline add per access", Unit::Access).counting().at_most(1.15),
    kind("cond-block", "conditional callback per block that rarely fires, after an inline add", Unit::Block)
        .at_most(1.12),
    kind("empty-block", "empty callback per block", Unit::Block).at_most(1.6).ns(2.0),
    kind("empty-insn", "empty callback per instruction", Unit::Insn).at_most(5.0).ns(1.5).spliced(1.5),
    kind("empty-mem", "empty callback per access", Unit::Access).at_most(2.5).ns(2.0),
    kind("registers-block", "callback per block that reads 4 registers", Unit::Block).ns(25.0).slow(),
    kind("leaf-block", "callback per block that counts and calls nothing", Unit::Block).counting(),
    kind("leaf-insn", "callback per instruction that counts and calls nothing", Unit::Insn).counting(),
    kind("leaf-mem", "callback per access that counts and calls nothing", Unit::Access).counting(),
    kind("call-block", "callback per block that counts by a function of the interface", Unit::Block).counting().slow(),
    kind("call-insn", "callback per instruction that counts by a function of the interface", Unit::Insn)
        .counting()
        .slow(),
    kind("call-mem", "callback per access that counts by two functions of the interface", Unit::Access)
        .counting()
        .slow(),
];

const fn kind(name: &'static str, title: &'static str, unit: Unit) -> Kind {
    Kind { name, title, unit, counts: false, factor: None, ns: None, spliced: None, slow: false }
}

impl Kind {
    const fn counting(mut self) -> Kind {
        self.counts = true;
        self
    }

    const fn at_most(mut self, factor: f64) -> Kind {
        self.factor = Some(factor);
        self
    }

    const fn ns(mut self, ns: f64) -> Kind {
        self.ns = Some(ns);
        self
    }

    const fn spliced(mut self, factor: f64) -> Kind {
        self.spliced = Some(factor);
        self
    }

    const fn slow(mut self) -> Kind {
        self.slow = true;
        self
    }

    /// Whether the kind is measured on a kernel of this group.
    pub fn fits(&self, group: &str) -> bool {
        match group {
            "integer" => true,
            // Every instruction is instrumented.
            "translation" => self.unit == Unit::Insn,
            // The kinds with a wanted factor; the others write to one shared word of their own.
            "scaling" => self.factor.is_some(),
            _ => false,
        }
    }

    /// The goal in words; empty if there is none.
    pub fn wanted(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.factor.map(|f| format!("at most {f:.2}")));
        parts.extend(self.ns.map(|ns| format!("at most {ns} ns a call")));
        parts.extend(self.spliced.map(|f| format!("spliced at most {f:.2}")));
        parts.join(", ")
    }

    /// Whether the figures reach the goal, in a word; empty if there is none.
    pub fn reached(&self, factor: Option<f64>, ns: Option<f64>) -> &'static str {
        let limits = [(self.factor.map(|f| if f == 1.0 { f + NOISE } else { f }), factor), (self.ns, ns)];
        verdict(limits.iter().filter_map(|(limit, measured)| limit.map(|l| (*measured, l))))
    }
}

/// One word on measured values and their limits.
pub fn verdict(pairs: impl Iterator<Item = (Option<f64>, f64)>) -> &'static str {
    let pairs: Vec<_> = pairs.collect();
    let Some(measured) = pairs.iter().map(|(m, l)| m.map(|m| (m, *l))).collect::<Option<Vec<_>>>() else {
        return "not measured";
    };
    match measured.iter().all(|(m, l)| m <= l) {
        _ if measured.is_empty() => "",
        true => "yes",
        false => "**no**",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> &'static Kind {
        KINDS.iter().find(|k| k.name == name).unwrap()
    }

    #[test]
    fn a_goal_needs_all_its_figures() {
        let kind = named("empty-insn");
        assert_eq!(kind.wanted(), "at most 5.00, at most 1.5 ns a call, spliced at most 1.50");
        assert_eq!(kind.reached(Some(5.0), Some(1.5)), "yes");
        assert_eq!(kind.reached(Some(4.0), Some(1.6)), "**no**");
        assert_eq!(kind.reached(Some(5.1), Some(1.0)), "**no**");
        assert_eq!(kind.reached(Some(4.0), None), "not measured");
        assert_eq!(named("leaf-mem").reached(Some(9.0), Some(9.0)), "");
        assert_eq!(named("leaf-mem").wanted(), "");
    }

    #[test]
    fn a_plugin_without_probes_may_differ_by_noise_only() {
        assert_eq!(named("nothing").reached(Some(1.019), None), "yes");
        assert_eq!(named("nothing").reached(Some(1.03), None), "**no**");
    }

    #[test]
    fn groups_take_the_kinds_that_say_something_there() {
        let fitting = |group| KINDS.iter().filter(|k| k.fits(group)).map(|k| k.name).collect::<Vec<_>>();
        assert_eq!(fitting("integer").len(), KINDS.len());
        assert_eq!(fitting("translation"), ["inline-insn", "empty-insn", "leaf-insn", "call-insn"]);
        assert!(!fitting("scaling").iter().any(|n| n.starts_with("leaf")));
        assert!(fitting("fp").is_empty());
    }

    #[test]
    fn the_plugin_knows_every_kind() {
        let source = include_str!("../../../../bench/plugins/factors.c");
        for kind in &KINDS {
            assert!(source.contains(&format!("\"{}\"", kind.name)), "{}", kind.name);
        }
    }
}
