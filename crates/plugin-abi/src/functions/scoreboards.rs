//! Memory with an element for each vCPU.

use super::{Function, Topic, row};

pub const TOPIC: Topic = Topic {
    title: "Scoreboards",
    about: "A scoreboard is an array with one element per vCPU, so counting in it needs no locks and no atomics. It grows \
            when more vCPUs begin. `qemu_plugin_u64` names one counter of each element; make it with the macros \
            `qemu_plugin_scoreboard_u64` and `qemu_plugin_scoreboard_u64_in_struct`.",
    functions: ROWS,
};

// table
const ROWS: &[Function] = &[
    row!(qemu_plugin_scoreboard_new:
        2 "struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t element_size)";
        "A new scoreboard, all zero. May be called at any time.";
        "memory for at least 16 elements"),
    row!(qemu_plugin_scoreboard_free:
        2 "void qemu_plugin_scoreboard_free(struct qemu_plugin_scoreboard *score)";
        "Gives it back. Translations may still count in it, so free it in the atexit or the reset callback.";
        "none"),
    row!(qemu_plugin_scoreboard_find:
        2 "void *qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard *score, unsigned int vcpu_index)";
        "The element of a vCPU. The index must be below `qemu_plugin_num_vcpus`, so it cannot be used during install. The \
         pointer is valid until the scoreboard grows, which happens before the callback of a new vCPU.";
        "a call"),
    row!(qemu_plugin_u64_add:
        2 "void qemu_plugin_u64_add(qemu_plugin_u64 entry, unsigned int vcpu_index, uint64_t added)";
        "Adds to the cell of a vCPU. Not atomic: a vCPU's callbacks should touch their own cell.";
        "a call"),
    row!(qemu_plugin_u64_get:
        2 "uint64_t qemu_plugin_u64_get(qemu_plugin_u64 entry, unsigned int vcpu_index)";
        "Reads the cell of a vCPU.";
        "a call"),
    row!(qemu_plugin_u64_set:
        2 "void qemu_plugin_u64_set(qemu_plugin_u64 entry, unsigned int vcpu_index, uint64_t val)";
        "Writes the cell of a vCPU.";
        "a call"),
    row!(qemu_plugin_u64_sum:
        2 "uint64_t qemu_plugin_u64_sum(qemu_plugin_u64 entry)";
        "The sum of the cells of all vCPUs, ended ones included. 0 during install.";
        "a load per vCPU"),
];
