/*
 * Counts blocks, instructions, loads and stores inline, and says at the end of each process what it came to:
 * "total …" in the one that loaded it, "child …" in those that were forked.
 * Accesses of store-conditionals are counted apart, as "conditional": `fluoro stat` leaves them out.
 */
#include "kit.h"

typedef struct { u64 blocks, insns, loads, stores, both, conditional; } Cells;

static struct qemu_plugin_scoreboard *board;
static pid_t home;
#define CELL(m) qemu_plugin_scoreboard_u64_in_struct(board, Cells, m)
#define ADD QEMU_PLUGIN_INLINE_ADD_U64

static bool is_store_conditional(Insn *insn)
{
    uint32_t raw = 0;
    qemu_plugin_insn_data(insn, &raw, sizeof raw);
    return (raw & 0x7f) == 0x2f && raw >> 27 == 3;
}

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, ADD, CELL(blocks), 1);
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD, CELL(insns), 1);
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_RW, ADD, CELL(both), 1);
        if (is_store_conditional(insn)) {
            qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_RW, ADD, CELL(conditional), 1);
            continue;
        }
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_R, ADD, CELL(loads), 1);
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_W, ADD, CELL(stores), 1);
    }
}

#define SUM(m) qemu_plugin_u64_sum(CELL(m))

static void at_end(qemu_plugin_id_t id, void *data)
{
    const char *where = getpid() == home ? "total" : "child";
    say("%s %" PRIu64 " insns %" PRIu64 " loads %" PRIu64 " stores %" PRIu64 "\n", where, SUM(blocks), SUM(insns),
        SUM(loads), SUM(stores));
    u64 apart = SUM(loads) + SUM(stores) + SUM(conditional);
    if (apart != SUM(both)) say("wrong %" PRIu64 " and %" PRIu64 " accesses\n", apart, SUM(both));
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    home = getpid();
    board = qemu_plugin_scoreboard_new(sizeof(Cells));
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
