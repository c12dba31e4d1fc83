/*
 * Counts blocks, instructions, loads and stores inline, and says at the end of each process what it came to:
 * "total …" in the one that loaded it, "child …" in those that were forked.
 *   slow=1  counts by callbacks too ("called …")
 */
#include "kit.h"

typedef struct { u64 blocks, insns, loads, stores, both, blocks2, insns2, loads2, stores2; } Cells;

static struct qemu_plugin_scoreboard *board;
static pid_t home;
static u64 slow;
#define CELL(m) qemu_plugin_scoreboard_u64_in_struct(board, Cells, m)
#define ADD QEMU_PLUGIN_INLINE_ADD_U64

static void on_block(unsigned cpu, void *data) { qemu_plugin_u64_add(CELL(blocks2), cpu, 1); }
static void on_insn(unsigned cpu, void *data) { qemu_plugin_u64_add(CELL(insns2), cpu, 1); }
static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data)
{
    qemu_plugin_u64_add(qemu_plugin_mem_is_store(info) ? CELL(stores2) : CELL(loads2), cpu, 1);
}

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, ADD, CELL(blocks), 1);
    if (slow) qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, NULL);
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD, CELL(insns), 1);
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_R, ADD, CELL(loads), 1);
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_W, ADD, CELL(stores), 1);
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_RW, ADD, CELL(both), 1);
        if (!slow) continue;
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, QEMU_PLUGIN_CB_NO_REGS, NULL);
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
    }
}

#define SUM(m) qemu_plugin_u64_sum(CELL(m))

static void at_end(qemu_plugin_id_t id, void *data)
{
    const char *where = getpid() == home ? "total" : "child";
    say("%s %" PRIu64 " insns %" PRIu64 " loads %" PRIu64 " stores %" PRIu64 " both %" PRIu64 "\n", where, SUM(blocks),
        SUM(insns), SUM(loads), SUM(stores), SUM(both));
    if (slow && getpid() == home)
        say("called %" PRIu64 " insns %" PRIu64 " loads %" PRIu64 " stores %" PRIu64 "\n", SUM(blocks2), SUM(insns2),
            SUM(loads2), SUM(stores2));
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    home = getpid();
    slow = number_of(argc, argv, "slow", 0);
    board = qemu_plugin_scoreboard_new(sizeof(Cells));
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
