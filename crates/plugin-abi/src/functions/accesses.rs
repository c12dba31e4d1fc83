//! What a memory callback can ask about its access.

use super::{Function, Scope::System, Topic, row};

pub const TOPIC: Topic = Topic {
    title: "Memory accesses",
    about: "For use inside a memory callback, with the word it was given.",
    functions: ROWS,
};

// table
const ROWS: &[Function] = &[
    row!(qemu_plugin_mem_size_shift:
        2 "unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info)";
        "The access has 1 << this many bytes; 0 to 4.";
        "a call"),
    row!(qemu_plugin_mem_is_sign_extended:
        2 "bool qemu_plugin_mem_is_sign_extended(qemu_plugin_meminfo_t info)";
        "Whether it is a load whose value is widened with its sign.";
        "a call"),
    row!(qemu_plugin_mem_is_big_endian:
        2 "bool qemu_plugin_mem_is_big_endian(qemu_plugin_meminfo_t info)";
        "Whether the first byte is the most significant.";
        "a call"),
    row!(qemu_plugin_mem_is_store:
        2 "bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info)";
        "Whether it is a store; a load otherwise.";
        "a call"),
    row!(qemu_plugin_mem_get_value:
        4 "qemu_plugin_mem_value qemu_plugin_mem_get_value(qemu_plugin_meminfo_t info)";
        "The value loaded or stored, as the program sees it, cut to the access's size. `info` has to be the word of the \
         callback that is running.";
        "a call"),
    row!(qemu_plugin_get_hwaddr:
        2 "struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t vaddr)";
        "Where in a machine the access went. NULL for programs.";
        "a search in the TLB"; scope = System),
    row!(qemu_plugin_hwaddr_is_io:
        2 "bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *haddr)";
        "Whether that is a device. False for programs.";
        "a load"; scope = System),
    row!(qemu_plugin_hwaddr_phys_addr:
        2 "uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *haddr)";
        "The guest's physical address of it. 0 for programs.";
        "a load"; scope = System),
    row!(qemu_plugin_hwaddr_device_name:
        2 "const char *qemu_plugin_hwaddr_device_name(const struct qemu_plugin_hwaddr *h)";
        "The name of the device, or `RAM`. `Invalid` for programs. Do not free it.";
        "a load"; scope = System),
];
