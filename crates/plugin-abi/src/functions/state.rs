//! Registers, memory, the program, output and arguments.

use super::{Function, Scope::User, Topic, row};

pub const TOPIC: Topic = Topic {
    title: "Registers, memory and the program",
    about: "Registers, memory and the code's range belong to the current vCPU: use these functions from the vCPU's init \
            callback on, in its callbacks. From version 5 on a register can be read only in a callback that was \
            registered with a flag for it; system call, vCPU and translation callbacks may always.",
    functions: ROWS,
};

// table
const ROWS: &[Function] = &[
    row!(qemu_plugin_get_registers:
        2 "GArray *qemu_plugin_get_registers(void)";
        "A new array of `qemu_plugin_reg_descriptor`, one for each register. Free it with `g_array_free`; the strings in it \
         live for ever. A handle may be NULL: pass it on, do not test it.";
        "builds the list: call it once per vCPU";
        versions = "From version 6 on the elements have `is_readonly` and are 32 bytes long instead of 24."),
    row!(qemu_plugin_read_register:
        2 "int qemu_plugin_read_register(struct qemu_plugin_register *handle, GByteArray *buf)",
        6 "bool qemu_plugin_read_register(struct qemu_plugin_register *handle, GByteArray *buf)";
        "Appends the register's bytes, in the target's order, to `buf`.";
        "a call and a copy; the callback needs `QEMU_PLUGIN_CB_R_REGS` or more";
        versions = "Returns the number of bytes, or -1; from version 6 on true or false. Up to version 4 flags were not \
                    checked and the value could be stale without one."),
    row!(qemu_plugin_write_register:
        5 "int qemu_plugin_write_register(struct qemu_plugin_register *handle, GByteArray *buf)",
        6 "bool qemu_plugin_write_register(struct qemu_plugin_register *handle, GByteArray *buf)";
        "Sets the register from `buf`, which has at least its length. The callback needs `QEMU_PLUGIN_CB_RW_REGS`. The \
         program counter is changed with `qemu_plugin_set_pc` instead.";
        "a call and a copy; registers are read again after the callback";
        versions = "Returns the number of bytes, or -1; from version 6 on true or false."),
    row!(qemu_plugin_set_pc:
        6 "void qemu_plugin_set_pc(uint64_t vaddr)";
        "Goes on at `vaddr` and does not return: the rest of the block and later callbacks of the same event do not \
         happen. The callback needs `QEMU_PLUGIN_CB_RW_REGS_PC`. In a system call callback the call is not made.";
        "leaves the block"),
    row!(qemu_plugin_read_memory_vaddr:
        4 "bool qemu_plugin_read_memory_vaddr(uint64_t addr, GByteArray *data, size_t len)";
        "Makes `data` `len` bytes long and fills it with the guest's memory at `addr`, whatever its protection. False if \
         part of it is not there (the array has its new length then) or if `len` is 0.";
        "a call and a copy"),
    row!(qemu_plugin_write_memory_vaddr:
        5 "bool qemu_plugin_write_memory_vaddr(uint64_t addr, GByteArray *data)";
        "Writes the bytes of `data` to the guest's memory at `addr`, whatever its protection. Translations of code that is \
         hit are dropped.";
        "a call and a copy; new translations if code was hit"),
    row!(qemu_plugin_outs:
        2 "void qemu_plugin_outs(const char *string)";
        "Writes the string to the plugin log, if there is one (`-d plugin`). It is not a format and gets no line break.";
        "a write"),
    row!(qemu_plugin_bool_parse:
        2 "bool qemu_plugin_bool_parse(const char *name, const char *val, bool *ret)";
        "Turns `on`, `yes`, `true`, `y` and `off`, `no`, `false`, `n` into `*ret`. Anything else gives false and leaves \
         `*ret` alone.";
        "a call"),
    row!(qemu_plugin_path_to_binary:
        2 "const char *qemu_plugin_path_to_binary(void)";
        "The program's path as given on the command line, a new copy: free it with `g_free`. NULL for machines.";
        "a copy"; scope = User;
        versions = "QEMU 10.0 lacks it for programs: plugins that need it load here, not there."),
    row!(qemu_plugin_start_code:
        2 "uint64_t qemu_plugin_start_code(void)";
        "The lowest address of the program's code. 0 for machines.";
        "a load"; scope = User; versions = "QEMU 10.0 lacks it for programs."),
    row!(qemu_plugin_end_code:
        2 "uint64_t qemu_plugin_end_code(void)";
        "The end of the program's code. 0 for machines.";
        "a load"; scope = User; versions = "QEMU 10.0 lacks it for programs."),
    row!(qemu_plugin_entry_code:
        2 "uint64_t qemu_plugin_entry_code(void)";
        "Where execution begins: the interpreter's entry for a dynamic program, else the program's. 0 for machines.";
        "a load"; scope = User; versions = "QEMU 10.0 lacks it for programs."),
];
