//! Events in the life of the plugin, its vCPUs and the guest.

use super::{Function, Scope::System, Scope::User, Topic, row};

pub const TOPIC: Topic = Topic {
    title: "Lifecycle and events",
    about: "A plugin has one callback per event: registering again replaces it, registering NULL takes it away. If several \
            plugins are loaded, the last one is called first. Threads of a program are vCPUs.",
    functions: ROWS,
};

// table
const ROWS: &[Function] = &[
    row!(qemu_plugin_uninstall:
        2 "void qemu_plugin_uninstall(qemu_plugin_id_t id, qemu_plugin_simple_cb_t cb)";
        "Asks for the plugin's removal. When the vCPUs have left the current blocks, all translations are dropped, all \
         registrations go, `cb` is called, and the file is closed. Until then callbacks still come. The atexit callback \
         will not. During install it is an error that ends the run: return non-zero there instead.";
        "stops all vCPUs once and has everything translated again"),
    row!(qemu_plugin_reset:
        2 "void qemu_plugin_reset(qemu_plugin_id_t id, qemu_plugin_simple_cb_t cb)";
        "Takes all registrations of the plugin back, as `qemu_plugin_uninstall` does, but keeps it loaded with its id, \
         arguments and scoreboards. `cb` is called when that is done and may register anew.";
        "stops all vCPUs once and has everything translated again"),
    row!(qemu_plugin_register_vcpu_init_cb:
        2 "void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_simple_cb_t cb)";
        "`cb` runs on each new vCPU before its first instruction. Registers can be listed and read there, and memory.";
        "one call per vCPU"),
    row!(qemu_plugin_register_vcpu_exit_cb:
        2 "void qemu_plugin_register_vcpu_exit_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_simple_cb_t cb)";
        "`cb` runs when a thread ends by the exit system call while others go on. The end of the whole program does not \
         call it: use the atexit callback for that.";
        "one call per vCPU"),
    row!(qemu_plugin_register_vcpu_idle_cb:
        2 "void qemu_plugin_register_vcpu_idle_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_simple_cb_t cb)";
        "`cb` runs before a vCPU of a machine sleeps because it has nothing to do.";
        "one call per sleep"; scope = System),
    row!(qemu_plugin_register_vcpu_resume_cb:
        2 "void qemu_plugin_register_vcpu_resume_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_simple_cb_t cb)";
        "`cb` runs when a sleeping vCPU of a machine goes on.";
        "one call per sleep"; scope = System),
    row!(qemu_plugin_register_flush_cb:
        2 "void qemu_plugin_register_flush_cb(qemu_plugin_id_t id, qemu_plugin_simple_cb_t cb)";
        "`cb` runs after all translations were dropped: code memory was full, the first extra thread began, a scoreboard \
         grew, or a plugin was reset. Data kept for translated blocks can be freed there. All other vCPUs stand still \
         meanwhile.";
        "one call per flush"),
    row!(qemu_plugin_register_atexit_cb:
        2 "void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_plugin_udata_cb_t cb, void *userdata)";
        "`cb` runs when the guest ends: by exit, by a signal that dumps core, or by a failed install. It is the place \
         for the report. It runs in forked children as well. Destructors and buffered files of the plugin are not \
         flushed afterwards, so close files there.";
        "one call per process"),
    row!(qemu_plugin_vcpu_for_each:
        2 "void qemu_plugin_vcpu_for_each(qemu_plugin_id_t id, qemu_plugin_vcpu_simple_cb_t cb)";
        "Calls `cb` for each vCPU that is alive, in no particular order, before it returns.";
        "one call per vCPU"),
    row!(qemu_plugin_num_vcpus:
        2 "int qemu_plugin_num_vcpus(void)";
        "The largest index of a vCPU so far, plus one. 0 during install. It never shrinks; the index of an ended thread \
         may be used again.";
        "a load"),
    row!(qemu_plugin_register_vcpu_syscall_cb:
        2 "void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_syscall_cb_t cb)";
        "`cb` runs before each system call of the program, with its number and eight argument words, of which six mean \
         something. Unknown numbers are shown as well. A call that a signal interrupted and that is made again is shown \
         again.";
        "one call per system call"; scope = User),
    row!(qemu_plugin_register_vcpu_syscall_ret_cb:
        2 "void qemu_plugin_register_vcpu_syscall_ret_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_syscall_ret_cb_t cb)";
        "`cb` runs after each system call with its result; errors are negative error numbers. -512 stands for a call that \
         is to be restarted, -513 for the return from a signal handler. Calls that do not return (exit, a successful \
         execve) are not shown.";
        "one call per system call"; scope = User),
    row!(qemu_plugin_register_vcpu_syscall_filter_cb:
        6 "void qemu_plugin_register_vcpu_syscall_filter_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_syscall_filter_cb_t cb)";
        "`cb` runs after the system call callbacks and may take the call over: if it returns true, `*sysret` is the result \
         and the call is not made. The first plugin that takes it is the last one asked. The callbacks for results \
         follow as ever.";
        "one call per system call"; scope = User),
    row!(qemu_plugin_register_vcpu_discon_cb:
        5 "void qemu_plugin_register_vcpu_discon_cb(qemu_plugin_id_t id, enum qemu_plugin_discon_type type, qemu_plugin_vcpu_discon_cb_t cb)";
        "`cb` runs after an interrupt, an exception or a call served by the host has moved the program counter: `from_pc` \
         is where the vCPU was, `to_pc` where it is now. Each bit of `type` is a slot of its own. Programs have no such \
         events.";
        "one call per event"; scope = System; versions = "Came with QEMU 10.2 without a new version number."),
];
