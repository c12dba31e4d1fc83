use crate::model::Step::{self, *};
use crate::model::{Engine, Vcpu};
use crate::plugin::Plugin;
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::thread::{self, JoinHandle};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// Runs a model under many schedules. A run that does not come to an end fails.
fn check(model: impl Fn() + Send + Sync + 'static) {
    let times =
        |otherwise| std::env::var("MODEL_RUNS").map_or(otherwise, |v| v.parse().expect("MODEL_RUNS is a number"));
    let mut config = shuttle::Config::new();
    config.max_steps = shuttle::MaxSteps::FailAfter(100_000);
    let model = Arc::new(model);
    let again = model.clone();
    shuttle::Runner::new(RandomScheduler::new(times(2000)), config.clone()).run(move || model());
    shuttle::Runner::new(PctScheduler::new(3, times(2000)), config).run(move || again());
}

fn start(engine: &Arc<Engine>, vcpu: Vcpu, script: &'static [Step]) -> JoinHandle<usize> {
    let engine = engine.clone();
    thread::spawn(move || engine.live(vcpu, script))
}

/// Two vCPUs whose plugins ask in callbacks of blocks, and one that only runs.
#[test]
fn work_asked_for_in_blocks_is_done_before_the_next_block() {
    check(|| {
        let engine = Engine::new();
        let scripts: [&[Step]; 3] =
            [&[Block, Ask, Block, Ask, Call, Block], &[Ask, Block], &[Block, Block, Call, Block]];
        let threads: Vec<_> = scripts.into_iter().map(|s| start(&engine, engine.join(), s)).collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(engine.truth.done.load(SeqCst), 3);
    });
}

/// Callbacks about system calls run while their vCPU is outside, also while another one's work is done.
#[test]
fn work_asked_for_outside_is_not_lost() {
    check(|| {
        let engine = Engine::new();
        let scripts: [&[Step]; 2] = [&[AskInCall, Block, AskInCall, Block], &[Ask, Block, Ask, Block]];
        let threads: Vec<_> = scripts.into_iter().map(|s| start(&engine, engine.join(), s)).collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(engine.truth.done.load(SeqCst), 4);
    });
}

/// A thread without a vCPU works alone at once, while vCPUs come, run and go.
#[test]
fn an_outsider_works_alone() {
    check(|| {
        let engine = Engine::new();
        let first = start(&engine, engine.join(), &[Block, Block, Ask, Block]);
        let late = {
            let engine = engine.clone();
            thread::spawn(move || engine.live(engine.join(), &[Block, Call, Block]))
        };
        engine.gate.exclusive(|| {
            assert!(engine.gate.is_mine());
            engine.work();
        });
        assert!(!engine.gate.is_mine());
        first.join().unwrap();
        late.join().unwrap();
        assert_eq!(engine.truth.done.load(SeqCst), 2);
    });
}

/// A kick reaches a vCPU wherever it is: going in, running without end, aside for another one's work.
#[test]
fn kicks_are_not_lost() {
    check(|| {
        let engine = Engine::new();
        let spinning = engine.join();
        let index = spinning.index;
        let spinning = start(&engine, spinning, &[Call, Spin, Block]);
        let asking = start(&engine, engine.join(), &[Ask, Block, AskInCall]);
        // One at any time, and one when it spins.
        engine.gate.kick(index);
        while !engine.truth.spinning.load(SeqCst) {
            thread::yield_now();
        }
        engine.gate.kick(index);
        asking.join().unwrap();
        assert!(spinning.join().unwrap() >= 1);
    });
}

/// A library is closed once, when nobody is in it, and nobody goes in later.
#[test]
fn a_library_is_closed_when_nobody_is_in_it() {
    check(|| {
        let plugin = Arc::new(Plugin::default());
        let caller = |plugin: Arc<Plugin>| {
            move || {
                for _ in 0..2 {
                    if plugin.enter() {
                        assert_eq!(plugin.library.0.load(SeqCst), 0, "closed while it is called");
                        thread::yield_now();
                        assert_eq!(plugin.library.0.load(SeqCst), 0, "closed while it is called");
                        plugin.leave();
                    }
                }
            }
        };
        let callers: Vec<_> = (0..2).map(|_| thread::spawn(caller(plugin.clone()))).collect();
        plugin.close();
        for thread in callers {
            thread.join().unwrap();
        }
        assert_eq!(plugin.library.0.load(SeqCst), 1);
        assert!(!plugin.enter());
    });
}
