//! Physical memory and the clock.

use super::{Function, Scope::System, Topic, row};

pub const TOPIC: Topic = Topic {
    title: "Machines: physical memory and time",
    about: "For plugins of whole machines. For programs they say that there is nothing.",
    functions: ROWS,
};

// table
const ROWS: &[Function] = &[
    row!(qemu_plugin_read_memory_hwaddr:
        5 "enum qemu_plugin_hwaddr_operation_result qemu_plugin_read_memory_hwaddr(uint64_t addr, GByteArray *data, size_t len)";
        "Reads `len` bytes at a physical address into `data`. `QEMU_PLUGIN_HWADDR_OPERATION_ERROR` for programs.";
        "a call and a copy"; scope = System),
    row!(qemu_plugin_write_memory_hwaddr:
        5 "enum qemu_plugin_hwaddr_operation_result qemu_plugin_write_memory_hwaddr(uint64_t addr, GByteArray *data)";
        "Writes the bytes of `data` at a physical address. Not for the code whose translation callback is running. \
         `QEMU_PLUGIN_HWADDR_OPERATION_ERROR` for programs.";
        "a call and a copy; new translations if code was hit"; scope = System),
    row!(qemu_plugin_translate_vaddr:
        5 "bool qemu_plugin_translate_vaddr(uint64_t vaddr, uint64_t *hwaddr)";
        "The physical address that a virtual one stands for now. False if there is none, and for programs.";
        "a page walk"; scope = System),
    row!(qemu_plugin_request_time_control:
        4 "const void *qemu_plugin_request_time_control(void)";
        "The right to move the virtual clock, for the first plugin that asks; NULL for others.";
        "none"; scope = System;
        versions = "Programs' plugins get a handle whose updates change nothing; QEMU 10.0 gives them NULL."),
    row!(qemu_plugin_update_ns:
        4 "void qemu_plugin_update_ns(const void *handle, int64_t time)";
        "Moves the virtual clock forward to `time`, in nanoseconds from the start, and runs timers that are due.";
        "a call"; scope = System),
];
