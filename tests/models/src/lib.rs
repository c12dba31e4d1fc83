//! Models of stopping vCPUs: the gate and the jobs are the engine's own source, and so is how a plugin's library is kept
//! open while it is called (see `build.rs`). Around them are small copies of the run loop (`crates/engine/src/run.rs`),
//! of generated code with its poll, and of plugins that ask for resets. Shuttle runs them under many schedules with
//! sequentially consistent memory, which is what the protocol's locked instructions give.
#![cfg(test)]
#![forbid(unsafe_code)]

mod arena;
mod model;
mod tests;

/// Offsets in an arena, of which the model has only these words.
mod layout {
    pub const ARENA_LEN: usize = 2;
    pub const INSIDE: i32 = 0;
    pub const KICK: i32 = 1;
    pub const POLL: i32 = 2;
}

mod vcpu {
    pub fn offset(word: i32) -> usize {
        word as usize
    }
}

#[allow(dead_code, reason = "a model uses a part of it")]
mod gate {
    include!(concat!(env!("OUT_DIR"), "/gate.rs"));
}

mod jobs {
    use crate::model::Engine;
    use shuttle::sync::atomic::{AtomicBool, Ordering};
    use shuttle::sync::{Mutex, MutexGuard};
    include!(concat!(env!("OUT_DIR"), "/jobs.rs"));

    impl Jobs {
        pub fn ask(&self, job: Job) {
            self.push(job);
        }

        pub fn do_all(&self, engine: &Engine) {
            self.work_off(engine);
        }
    }
}

/// A plugin's library and who is in it.
mod plugin {
    use shuttle::sync::atomic::{AtomicBool, AtomicU32, Ordering};
    use std::sync::Mutex;
    include!(concat!(env!("OUT_DIR"), "/plugin.rs"));

    #[derive(Default)]
    pub struct Arguments;

    #[derive(Default)]
    pub struct Library(pub std::sync::atomic::AtomicU32);

    impl Library {
        fn close(&self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[derive(Default)]
    pub struct Plugin {
        inside: AtomicU32,
        close: AtomicBool,
        closing: AtomicBool,
        pub library: Library,
        arguments: Mutex<Arguments>,
    }
}
