/*
 * Counts what is executed in the guest's function `work`, inline and by callbacks, and says both at the end.
 */
#include "kit.h"

typedef struct { u64 blocks, insns, loads, stores; } Cells;

static struct qemu_plugin_scoreboard *inline_board, *called_board;
#define CELL(m) qemu_plugin_scoreboard_u64_in_struct(inline_board, Cells, m)
#define CALLED(m) qemu_plugin_scoreboard_u64_in_struct(called_board, Cells, m)
#define ADD QEMU_PLUGIN_INLINE_ADD_U64

static void on_block(unsigned cpu, void *data) { qemu_plugin_u64_add(CALLED(blocks), cpu, 1); }
static void on_insn(unsigned cpu, void *data) { qemu_plugin_u64_add(CALLED(insns), cpu, 1); }
static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data)
{
    qemu_plugin_u64_add(qemu_plugin_mem_is_store(info) ? CALLED(stores) : CALLED(loads), cpu, 1);
}

static bool in_work(Insn *insn)
{
    const char *name = qemu_plugin_insn_symbol(insn);
    return name && !strcmp(name, "work");
}

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    if (in_work(qemu_plugin_tb_get_insn(tb, 0))) {
        qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, ADD, CELL(blocks), 1);
        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, NULL);
    }
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        if (!in_work(insn)) continue;
        qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD, CELL(insns), 1);
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_R, ADD, CELL(loads), 1);
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_W, ADD, CELL(stores), 1);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, QEMU_PLUGIN_CB_NO_REGS, NULL);
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
    }
}

#define FOUR(CELL) \
    qemu_plugin_u64_sum(CELL(blocks)), qemu_plugin_u64_sum(CELL(insns)), qemu_plugin_u64_sum(CELL(loads)), \
        qemu_plugin_u64_sum(CELL(stores))

static void at_end(qemu_plugin_id_t id, void *data)
{
    say("inline %" PRIu64 " insns %" PRIu64 " loads %" PRIu64 " stores %" PRIu64 "\n", FOUR(CELL));
    say("called %" PRIu64 " insns %" PRIu64 " loads %" PRIu64 " stores %" PRIu64 "\n", FOUR(CALLED));
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    inline_board = qemu_plugin_scoreboard_new(sizeof(Cells));
    called_board = qemu_plugin_scoreboard_new(sizeof(Cells));
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
