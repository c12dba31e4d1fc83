//! Registrations: what is to happen when blocks and instructions are executed.

use super::{Function, Topic, row};

pub const TOPIC: Topic = Topic {
    title: "Instrumentation",
    about: "The translation callback is shown each block before it is translated, and registers there what is to happen \
            whenever it is executed. Registrations hold for that translation; when the block is translated again, the \
            callback is called again. For one block or instruction, callbacks and inline operations happen in the order \
            of their registration: first those of the block, then for each instruction its own, then its accesses'.",
    functions: ROWS,
};

// table
const ROWS: &[Function] = &[
    row!(qemu_plugin_register_vcpu_tb_trans_cb:
        2 "void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_tb_trans_cb_t cb)";
        "`cb` is shown each block before it is translated. The same code may be shown many times: after a flush, for \
         another state of the vCPU, when the first thread starts. The handles are valid inside the callback only. \
         Registered while the guest runs, it sees what is translated from then on.";
        "one call per translation"),
    row!(qemu_plugin_register_vcpu_tb_exec_cb:
        2 "void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, qemu_plugin_vcpu_udata_cb_t cb, enum qemu_plugin_cb_flags flags, void *userdata)";
        "`cb` runs each time the block is entered, before its first instruction. `flags` says what it does with registers.";
        "a call per execution; with register access also the write-back of cached registers"),
    row!(qemu_plugin_register_vcpu_tb_exec_cond_cb:
        3 "void qemu_plugin_register_vcpu_tb_exec_cond_cb(struct qemu_plugin_tb *tb, qemu_plugin_vcpu_udata_cb_t cb, enum qemu_plugin_cb_flags flags, enum qemu_plugin_cond cond, qemu_plugin_u64 entry, uint64_t imm, void *userdata)";
        "As the plain form, if at that moment the vCPU's cell `entry` compares with `imm` as `cond` says, unsigned.";
        "a load, a compare and a branch per execution; the call only if it holds"),
    row!(qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu:
        2 "void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(struct qemu_plugin_tb *tb, enum qemu_plugin_op op, qemu_plugin_u64 entry, uint64_t imm)";
        "Adds `imm` to the vCPU's cell, or stores it there, each time the block is entered. No call is made.";
        "a few host instructions; often the cheapest way to count"),
    row!(qemu_plugin_register_vcpu_insn_exec_cb:
        2 "void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, qemu_plugin_vcpu_udata_cb_t cb, enum qemu_plugin_cb_flags flags, void *userdata)";
        "`cb` runs each time before the instruction. If that faults, it has been counted, and is counted again when it is \
         tried again.";
        "a call per execution"),
    row!(qemu_plugin_register_vcpu_insn_exec_cond_cb:
        3 "void qemu_plugin_register_vcpu_insn_exec_cond_cb(struct qemu_plugin_insn *insn, qemu_plugin_vcpu_udata_cb_t cb, enum qemu_plugin_cb_flags flags, enum qemu_plugin_cond cond, qemu_plugin_u64 entry, uint64_t imm, void *userdata)";
        "As the plain form, if the vCPU's cell compares with `imm` as `cond` says.";
        "a load, a compare and a branch per execution; the call only if it holds"),
    row!(qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu:
        2 "void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *insn, enum qemu_plugin_op op, qemu_plugin_u64 entry, uint64_t imm)";
        "Adds to or stores into the vCPU's cell each time before the instruction.";
        "a few host instructions per execution"),
    row!(qemu_plugin_register_vcpu_mem_cb:
        2 "void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, qemu_plugin_vcpu_mem_cb_t cb, enum qemu_plugin_cb_flags flags, enum qemu_plugin_mem_rw rw, void *userdata)";
        "`cb` runs after each successful access of the instruction that `rw` names, before its next access. An atomic \
         operation is a load and then a store. Fetches and accesses by the kernel are not shown.";
        "a call per access"),
    row!(qemu_plugin_register_vcpu_mem_inline_per_vcpu:
        2 "void qemu_plugin_register_vcpu_mem_inline_per_vcpu(struct qemu_plugin_insn *insn, enum qemu_plugin_mem_rw rw, enum qemu_plugin_op op, qemu_plugin_u64 entry, uint64_t imm)";
        "Adds to or stores into the vCPU's cell after each access of the instruction that `rw` names.";
        "a few host instructions per access"),
];
