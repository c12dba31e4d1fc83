//! The arithmetic: runs with a probe, each divided by the plain run right before it.

use super::kind::{Kind, Unit};
use crate::bench::sample::{Sample, geomean, median, member};

/// A probe may run this much more or less often than `fluoro stat` counts: the C library looks at the environment.
const COUNTS_DIFFER: f64 = 1e-3;

/// How often things happen in a kernel, as `fluoro stat` counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub insns: u64,
    pub blocks: u64,
    pub accesses: u64,
}

impl Counts {
    /// Out of the report of `fluoro stat --json`.
    pub fn parse(json: &str) -> Option<Counts> {
        let get = |name| member(json, name);
        Some(Counts { insns: get("instructions")?, blocks: get("blocks")?, accesses: get("loads")? + get("stores")? })
    }

    /// How often a probe on such a thing runs.
    pub fn of(&self, unit: Unit) -> Option<u64> {
        match unit {
            Unit::Nothing => None,
            Unit::Block => Some(self.blocks),
            Unit::Insn => Some(self.insns),
            Unit::Access => Some(self.accesses),
        }
    }
}

/// All runs of one kernel with one kind of probe; user time in seconds.
#[derive(Default, Debug)]
pub struct Pairs {
    plain: Vec<f64>,
    probed: Vec<f64>,
    /// The reference with the same plugin, if it was asked for.
    reference: Option<f64>,
    /// How often the probe ran.
    calls: Option<u64>,
    /// The first thing that was wrong; then there are no figures.
    wrong: Option<String>,
}

impl Pairs {
    /// Of a kernel in which these things happen.
    pub fn new(kind: &Kind, counts: Option<Counts>) -> Pairs {
        Pairs { calls: counts.and_then(|c| c.of(kind.unit)), ..Pairs::default() }
    }

    /// Takes one plain run and the run behind it, which must show the same and have counted right.
    pub fn add(&mut self, kind: &Kind, plain: &Sample, probed: &Sample) {
        self.plain.push(plain.user);
        self.probed.push(probed.user);
        let wrong = differs(plain, probed).or_else(|| self.miscounted(kind, &probed.complaint));
        self.wrong = self.wrong.take().or(wrong);
    }

    /// Takes the reference's run, which is left out if it shows something else.
    pub fn refer(&mut self, plain: &Sample, reference: &Sample) {
        self.reference = Some(reference.user).filter(|_| differs(plain, reference).is_none());
    }

    /// What the plugin said at the end against what `fluoro stat` has counted.
    fn miscounted(&self, kind: &Kind, said: &str) -> Option<String> {
        let calls = self.calls.filter(|_| kind.counts)?;
        let own = said.strip_prefix(kind.name).and_then(|n| n.trim().parse::<u64>().ok());
        let right = own.is_some_and(|n| n.abs_diff(calls) as f64 <= calls as f64 * COUNTS_DIFFER);
        (!right).then(|| format!("the plugin said '{said}', fluoro stat counted {calls}"))
    }

    /// What makes these runs worthless, if anything.
    pub fn wrong(&self) -> Option<&str> {
        self.wrong.as_deref()
    }

    /// Seconds of the longest run with the probe.
    pub fn longest(&self) -> f64 {
        self.probed.iter().copied().fold(0.0, f64::max)
    }

    /// Runs done so far.
    pub fn len(&self) -> usize {
        self.probed.len()
    }

    /// Combines each pair, then takes the median; of the smallest times instead if `min`.
    fn combine(&self, min: bool, f: impl Fn(f64, f64) -> f64) -> Option<f64> {
        if self.wrong.is_some() {
            return None;
        }
        let least = |v: &[f64]| v.iter().copied().min_by(f64::total_cmp);
        if min {
            return Some(f(least(&self.plain)?, least(&self.probed)?));
        }
        median(&self.plain.iter().zip(&self.probed).map(|(a, b)| f(*a, *b)).collect::<Vec<_>>())
    }

    /// Times of the plain run.
    pub fn factor(&self, min: bool) -> Option<f64> {
        self.combine(min, |plain, probed| probed / plain).filter(|f| f.is_finite() && *f > 0.0)
    }

    /// Seconds that the probes took, and how often they ran.
    fn added(&self, min: bool) -> Option<(f64, f64)> {
        Some((self.combine(min, |plain, probed| probed - plain)?, self.calls.filter(|n| *n > 0)? as f64))
    }

    /// Nanoseconds a call.
    pub fn ns(&self, min: bool) -> Option<f64> {
        self.added(min).map(|(seconds, calls)| seconds * 1e9 / calls)
    }

    /// Times as fast as the reference.
    pub fn faster(&self, min: bool) -> Option<f64> {
        self.combine(min, |_, probed| probed).zip(self.reference).map(|(own, other)| other / own)
    }
}

fn differs(plain: &Sample, other: &Sample) -> Option<String> {
    if plain.status != other.status {
        return Some(format!("status {} (plain {}) {}", other.status, plain.status, other.complaint));
    }
    (plain.output != other.output).then(|| "other output than the plain run".to_string())
}

/// The figures of one kind over several kernels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures<'a> {
    /// Geometric mean of the factors.
    pub factor: Option<f64>,
    /// The kernel with the largest factor.
    pub worst: Option<(&'a str, f64)>,
    /// Nanoseconds a call: all that was added, divided by all calls.
    pub ns: Option<f64>,
    /// Geometric mean.
    pub faster: Option<f64>,
}

impl<'a> Figures<'a> {
    /// None of them if a kernel's runs were wrong: a mean without the bad ones would look better than it is.
    pub fn of(rows: &[(&'a str, &Pairs)], min: bool) -> Figures<'a> {
        let factors: Option<Vec<f64>> = rows.iter().map(|(_, p)| p.factor(min)).collect();
        let added: Option<Vec<(f64, f64)>> = rows.iter().map(|(_, p)| p.added(min)).collect();
        let faster: Option<Vec<f64>> = rows.iter().map(|(_, p)| p.faster(min)).collect();
        let named = rows.iter().filter_map(|(name, p)| p.factor(min).map(|f| (*name, f)));
        let sums = added.unwrap_or_default().iter().fold((0.0, 0.0), |sum, a| (sum.0 + a.0, sum.1 + a.1));
        Figures {
            factor: factors.and_then(|f| geomean(&f)),
            worst: named.max_by(|a, b| a.1.total_cmp(&b.1)),
            ns: (sums.1 > 0.0).then(|| sums.0 * 1e9 / sums.1),
            faster: faster.and_then(|f| geomean(&f)),
        }
    }
}

#[cfg(test)]
mod tests;
