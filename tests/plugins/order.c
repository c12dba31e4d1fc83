/*
 * Everything that can be asked for on a block and on the instruction and accesses at=PC, interleaved: prints what runs
 * with the cell as it is seen there. The cells begin with 0.
 */
#include "kit.h"

static struct qemu_plugin_scoreboard *board;
static u64 at;

typedef struct { u64 block, insn, mem; } Cells;
#define CELL(m) qemu_plugin_scoreboard_u64_in_struct(board, Cells, m)

static void show(unsigned cpu, const char *what, const char *name)
{
    say("%s %s block %" PRIu64 " insn %" PRIu64 " mem %" PRIu64 "\n", what, name, qemu_plugin_u64_get(CELL(block), cpu),
        qemu_plugin_u64_get(CELL(insn), cpu), qemu_plugin_u64_get(CELL(mem), cpu));
}
static void on_block(unsigned cpu, void *data) { show(cpu, "block", data); }
static void on_insn(unsigned cpu, void *data) { show(cpu, "insn", data); }
static void on_mem(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data)
{
    show(cpu, qemu_plugin_mem_is_store(info) ? "store" : "load", data);
}

#define NO QEMU_PLUGIN_CB_NO_REGS
#define ADD QEMU_PLUGIN_INLINE_ADD_U64
#define STORE QEMU_PLUGIN_INLINE_STORE_U64

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        if (qemu_plugin_insn_vaddr(insn) != at) continue;
        /* Registered out of order on purpose: accesses, instruction, block. What counts is the place they sit at. */
        qemu_plugin_register_vcpu_mem_cb(insn, on_mem, NO, QEMU_PLUGIN_MEM_R, "first");
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_RW, ADD, CELL(mem), 1);
        qemu_plugin_register_vcpu_mem_cb(insn, on_mem, NO, QEMU_PLUGIN_MEM_W, "second");
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_W, STORE, CELL(mem), 40);
        qemu_plugin_register_vcpu_mem_cb(insn, on_mem, NO, QEMU_PLUGIN_MEM_RW, "third");

        qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, STORE, CELL(insn), 5);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, NO, "stored");
        qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD, CELL(insn), 2);
        qemu_plugin_register_vcpu_insn_exec_cond_cb(insn, on_insn, NO, QEMU_PLUGIN_COND_EQ, CELL(insn), 7, "equals 7");
        qemu_plugin_register_vcpu_insn_exec_cond_cb(insn, on_insn, NO, QEMU_PLUGIN_COND_EQ, CELL(insn), 5, "equals 5");
        qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD, CELL(insn), (u64)-8);
        qemu_plugin_register_vcpu_insn_exec_cond_cb(insn, on_insn, NO, QEMU_PLUGIN_COND_GT, CELL(insn), (u64)-2, "is -1");

        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, NO, "first");
        qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, ADD, CELL(block), 1);
        qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, on_block, NO, QEMU_PLUGIN_COND_GE, CELL(block), 2, "at least 2");
        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_R_REGS, "second");
        qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, ADD, CELL(block), 0);
        qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, on_block, QEMU_PLUGIN_CB_RW_REGS, QEMU_PLUGIN_COND_ALWAYS,
                                                  CELL(block), 0, "last");
    }
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    at = number_of(argc, argv, "at", 0);
    board = qemu_plugin_scoreboard_new(sizeof(Cells));
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    return 0;
}
