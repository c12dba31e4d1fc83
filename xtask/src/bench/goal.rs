//! What the project means to reach, group by group, and whether a run reached it.

/// One line of the table of goals.
pub struct Goal {
    pub group: &'static str,
    pub title: &'static str,
    /// At least this many times as fast as the reference (geometric mean).
    pub faster: f64,
    /// At most this many times native time (geometric mean); infinite where native says nothing.
    pub native: f64,
    /// No single row may be slower than the reference by more than noise: the least factor of a row.
    pub each: f64,
}

/// The groups in the order of the page.
pub const GOALS: [Goal; 7] = [
    goal("integer", "Integer", 2.3, 2.0, 1.0),
    goal("calls", "Calls and indirect jumps", 4.0, 2.5, 0.0),
    goal("fp", "Floating point", 8.0, 2.0, 0.0),
    goal("memory", "Memory, atomics, locks", 1.5, 1.6, 0.0),
    goal("translation", "Translation of blocks that run once", 5.0, f64::INFINITY, 0.0),
    goal("startup", "Start-up", 0.0, f64::INFINITY, 0.0),
    goal("programs", "Real programs", 2.0, f64::INFINITY, 1.3),
];

const fn goal(group: &'static str, title: &'static str, faster: f64, native: f64, each: f64) -> Goal {
    Goal { group, title, faster, native, each }
}

/// At most this many seconds of processor time over native for an empty static program.
pub const STATIC_START: f64 = 0.0015;
/// Start-up beside the reference's: static, dynamic.
pub const START_FACTORS: [(&str, f64); 2] = [("true-static", 5.0), ("true-dynamic", 4.0)];
/// `fluoro stat` over the plain run.
pub const STAT: f64 = 1.10;
/// How far the gain of a second thread may stay behind native's.
pub const SCALING: f64 = 0.05;
/// The least gain of a second native thread at which the scaling row is a measurement at all.
pub const NATIVE_GAIN: f64 = 1.7;
