//! Counts blocks, instructions, loads and stores by callbacks and inline, and looks at registers, symbols, memory and
//! system calls, all through the crate `qemu-plugin`. Says at the end what it saw, in the words of `count.c`.
//!
//! With `upper=on`, in the newest version of the interface only, the text that the guest writes to its standard output
//! is made upper case in the guest's memory.

use qemu_plugin::*;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number that callbacks count up.
struct Count(AtomicU64);

impl Count {
    const fn new() -> Count {
        Count(AtomicU64::new(0))
    }

    fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

static BLOCKS: Count = Count::new();
static INSNS: Count = Count::new();
static LOADS: Count = Count::new();
static STORES: Count = Count::new();
static VALUES: Count = Count::new();
static FIRED: Count = Count::new();
static CALLS: Count = Count::new();
static RETURNS: Count = Count::new();
static WRITTEN: Count = Count::new();
static REGISTERS: Count = Count::new();
static READABLE: Count = Count::new();
static NAMED: Count = Count::new();
static BYTES: Count = Count::new();

/// Cells that are counted up inline.
#[derive(Clone, Copy)]
struct Cells {
    blocks: PluginU64,
    insns: PluginU64,
    loads: PluginU64,
    stores: PluginU64,
    /// Blocks since the conditional callback last fired.
    since: PluginU64,
}

// SAFETY: only handed to the emulator, which takes a board from any thread.
unsafe impl Send for Cells {}
// SAFETY: see above.
unsafe impl Sync for Cells {}

static CELLS: OnceLock<Cells> = OnceLock::new();

/// After so many blocks the conditional callback fires.
const OFTEN: u64 = 1000;

fn cells() -> Cells {
    *CELLS.get_or_init(|| {
        // SAFETY: only wants a size.
        let score = unsafe { sys::qemu_plugin_scoreboard_new(5 * 8) };
        let cell = |offset| PluginU64 { score, offset };
        Cells { blocks: cell(0), insns: cell(8), loads: cell(16), stores: cell(24), since: cell(32) }
    })
}

struct Counter {
    upper: bool,
}

const ADD: PluginOp = PluginOp::QEMU_PLUGIN_INLINE_ADD_U64;

/// What is to happen when this instruction is executed.
fn watch(insn: Instruction) {
    let c = cells();
    BYTES.add(insn.data().len() as u64);
    insn.register_execute_callback(|_| INSNS.add(1));
    insn.register_memory_access_callback(
        |_, info, _| {
            if info.is_store() { &STORES } else { &LOADS }.add(1);
            let size = match info.value() {
                MemValue::U8(_) => 0,
                MemValue::U16(_) => 1,
                MemValue::U32(_) => 2,
                MemValue::U64(_) => 3,
                MemValue::U128(_) => 4,
            };
            VALUES.add((size == info.size_shift()) as u64);
        },
        MemRW::QEMU_PLUGIN_MEM_RW,
    );
    qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD, c.insns, 1);
}

impl HasCallbacks for Counter {
    fn on_vcpu_init(&mut self, _: PluginId, _: VCPUIndex) -> Result<()> {
        let registers = qemu_plugin_get_registers()?;
        REGISTERS.add(registers.len() as u64);
        for register in registers {
            let mut bytes = register.read()?;
            READABLE.add((!bytes.is_empty()) as u64);
            #[cfg(feature = "v5")]
            if register.name == "t3" {
                register.write(&mut bytes)?;
            }
            bytes.clear();
        }
        Ok(())
    }

    fn on_translation_block_translate(&mut self, _: PluginId, tb: TranslationBlock) -> Result<()> {
        let c = cells();
        tb.register_execute_callback(|_| BLOCKS.add(1));
        let fire = move |vcpu| {
            FIRED.add(qemu_plugin_u64_get(cells().since, vcpu));
            qemu_plugin_u64_set(cells().since, vcpu, 0);
        };
        tb.register_conditional_execute_callback(fire, PluginCondition::QEMU_PLUGIN_COND_GE, c.since, OFTEN);
        let first = tb.instruction(0)?;
        assert!(first.vaddr() == tb.vaddr() && !first.disas()?.is_empty());
        NAMED.add(first.symbol()?.is_some() as u64);
        qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(first, ADD, c.since, 1);
        tb.instructions().for_each(watch);
        for insn in tb.instructions() {
            qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, MemRW::QEMU_PLUGIN_MEM_R, ADD, c.loads, 1);
        }
        for insn in tb.instructions() {
            qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, MemRW::QEMU_PLUGIN_MEM_W, ADD, c.stores, 1);
        }
        qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, ADD, c.blocks, 1);
        Ok(())
    }

    fn on_syscall(
        &mut self,
        _: PluginId,
        _: VCPUIndex,
        number: i64,
        descriptor: u64,
        address: u64,
        length: u64,
        _: u64,
        _: u64,
        _: u64,
        _: u64,
        _: u64,
    ) -> Result<()> {
        CALLS.add(1);
        if number == WRITE && descriptor == 1 {
            let mut bytes = vec![0; length as usize];
            qemu_plugin_read_memory_vaddr(address, &mut bytes)?;
            WRITTEN.add(length);
            #[cfg(feature = "v5")]
            if self.upper {
                bytes.make_ascii_uppercase();
                qemu_plugin_write_memory_vaddr(address, &mut bytes)?;
            }
        }
        Ok(())
    }

    fn on_syscall_return(&mut self, _: PluginId, _: VCPUIndex, _: i64, _: i64) -> Result<()> {
        RETURNS.add(1);
        Ok(())
    }
}

/// The number of the system call `write` in the guest.
const WRITE: i64 = 64;

impl Register for Counter {
    fn register(&mut self, id: PluginId, args: &Args, info: &Info) -> Result<()> {
        assert_eq!(info.target_name, "riscv64");
        self.upper = matches!(args.parsed.get("upper"), Some(Value::Bool(true)));
        qemu_plugin_register_atexit_cb(id, |_| report())
    }
}

/// The guest has ended.
fn report() {
    let c = cells();
    let sum = qemu_plugin_scoreboard_sum;
    let lines = [
        format!("callbacks {} insns {} loads {} stores {}", BLOCKS.get(), INSNS.get(), LOADS.get(), STORES.get()),
        format!("inline {} insns {} loads {} stores {}", sum(c.blocks), sum(c.insns), sum(c.loads), sum(c.stores)),
        format!("conditional {}", FIRED.get() + sum(c.since)),
        format!("values {}", VALUES.get()),
        format!("calls {} returns {} written {}", CALLS.get(), RETURNS.get(), WRITTEN.get()),
        format!("registers {} readable {}", REGISTERS.get(), READABLE.get()),
        format!("named {} bytes {}", NAMED.get(), BYTES.get()),
    ];
    qemu_plugin_outs(lines.join("\n") + "\n").expect("a plain text");
}

register!(Counter { upper: false });
