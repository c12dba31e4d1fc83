//! What a translation callback can ask about its block and the instructions in it.

use super::{Function, Topic, row};

pub const TOPIC: Topic = Topic {
    title: "Blocks and instructions",
    about: "For use inside the translation callback, where the handles are valid.",
    functions: ROWS,
};

// table
const ROWS: &[Function] = &[
    row!(qemu_plugin_tb_n_insns:
        2 "size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb)";
        "How many instructions the block has, at least 1.";
        "a load"),
    row!(qemu_plugin_tb_vaddr:
        2 "uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb)";
        "The guest address of its first instruction.";
        "a load"),
    row!(qemu_plugin_tb_get_insn:
        2 "struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx)";
        "Its instruction number `idx`, counted from 0; NULL if there is none.";
        "a load"),
    row!(qemu_plugin_insn_data:
        2 "const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn)",
        3 "size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *dest, size_t len)";
        "Copies the instruction's bytes, at most `len`, to `dest` and returns how many.";
        "a copy";
        versions = "Version 2 returned a pointer to the bytes."),
    row!(qemu_plugin_insn_size:
        2 "size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn)";
        "How many bytes the instruction has.";
        "a load"),
    row!(qemu_plugin_insn_vaddr:
        2 "uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn)";
        "The guest address of the instruction.";
        "a load"),
    row!(qemu_plugin_insn_haddr:
        2 "void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn)";
        "Where its bytes are in the host's memory; NULL in a machine if they are not in RAM.";
        "an addition"),
    row!(qemu_plugin_insn_disas:
        2 "char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *insn)";
        "The instruction as text, without address and bytes. Free it with `g_free`.";
        "formats a string"),
    row!(qemu_plugin_insn_symbol:
        2 "const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *insn)";
        "The name of the function that the instruction is in, or NULL. Do not free it.";
        "a search in the sorted symbols"),
];
