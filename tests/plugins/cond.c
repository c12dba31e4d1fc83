/*
 * A conditional callback on every block for one condition and one number, after an inline operation:
 *   cond=0..7 imm=N op=add|store by=N start=N   where=block|insn (every instruction)
 * Prints how often it fired and the cell at the end.
 */
#include "kit.h"

static struct qemu_plugin_scoreboard *board;
static enum qemu_plugin_cond cond;
static enum qemu_plugin_op op;
static u64 imm, by, start, fired, seen;
static bool insns;
#define CELL qemu_plugin_scoreboard_u64(board)

static void hit(unsigned cpu, void *data) { fired++; }
static void count(unsigned cpu, void *data) { seen++; }

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    if (!insns) {
        qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, op, CELL, by);
        qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, hit, QEMU_PLUGIN_CB_NO_REGS, cond, CELL, imm, NULL);
        qemu_plugin_register_vcpu_tb_exec_cb(tb, count, QEMU_PLUGIN_CB_NO_REGS, NULL);
        return;
    }
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, op, CELL, by);
        qemu_plugin_register_vcpu_insn_exec_cond_cb(insn, hit, QEMU_PLUGIN_CB_NO_REGS, cond, CELL, imm, NULL);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, count, QEMU_PLUGIN_CB_NO_REGS, NULL);
    }
}

static void init(qemu_plugin_id_t id, unsigned cpu) { qemu_plugin_u64_set(CELL, cpu, start); }

static void at_end(qemu_plugin_id_t id, void *data)
{
    say("fired %" PRIu64 " of %" PRIu64 " cell %" PRIu64 "\n", fired, seen, qemu_plugin_u64_sum(CELL));
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    cond = number_of(argc, argv, "cond", 1);
    imm = number_of(argc, argv, "imm", 0);
    by = number_of(argc, argv, "by", 1);
    start = number_of(argc, argv, "start", 0);
    op = !strcmp(value_of(argc, argv, "op", "add"), "add") ? QEMU_PLUGIN_INLINE_ADD_U64 : QEMU_PLUGIN_INLINE_STORE_U64;
    insns = !strcmp(value_of(argc, argv, "where", "block"), "insn");
    board = qemu_plugin_scoreboard_new(8);
    qemu_plugin_register_vcpu_init_cb(id, init);
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
