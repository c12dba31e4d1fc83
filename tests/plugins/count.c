/*
 * Counts blocks, instructions, loads and stores in several ways at once. The seed decides which ways are used on which
 * block, instruction and access, so that one run mixes plain, conditional and inline forms; at the end every way that
 * was used must have come to what per-instruction callbacks say.
 *   seed=N   0: all ways everywhere
 *   ways=1   only the plain callbacks (the truth)
 */
#include "kit.h"

typedef struct { u64 blocks, insns, insns2, insns_of_block, loads, stores, both, first, cond; } Cells;

static struct qemu_plugin_scoreboard *board;
static u64 seed, ways = 3;
#define CELL(m) qemu_plugin_scoreboard_u64_in_struct(board, Cells, m)
#define ADD QEMU_PLUGIN_INLINE_ADD_U64

/* What callbacks counted, a cell a vCPU too: several threads may run. */
typedef struct { u64 blocks, insns, loads, stores, missing_loads, cond; } Truth;
static struct qemu_plugin_scoreboard *truth;
#define TRUE_CELL(m) qemu_plugin_scoreboard_u64_in_struct(truth, Truth, m)

static u64 dice(u64 pc, u64 salt)
{
    u64 x = (pc * 0x9e3779b97f4a7c15ull) ^ (seed * 0xbf58476d1ce4e5b9ull) ^ (salt * 0x94d049bb133111ebull);
    x ^= x >> 31;
    x *= 0xd6e8feb86659fd93ull;
    return x >> 32;
}

static void on_block(unsigned cpu, void *data) { qemu_plugin_u64_add(TRUE_CELL(blocks), cpu, 1); }
static void on_insn(unsigned cpu, void *data) { qemu_plugin_u64_add(TRUE_CELL(insns), cpu, 1); }
static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data)
{
    qemu_plugin_u64_add(qemu_plugin_mem_is_store(info) ? TRUE_CELL(stores) : TRUE_CELL(loads), cpu, 1);
}
static void on_cond(unsigned cpu, void *data)
{
    qemu_plugin_u64_add(TRUE_CELL(cond), cpu, qemu_plugin_u64_get(CELL(cond), cpu));
    qemu_plugin_u64_set(CELL(cond), cpu, 0);
}
/* Counts inside a callback what inline adds count elsewhere. */
static void add_insn(unsigned cpu, void *data) { qemu_plugin_u64_add(CELL(insns), cpu, plain(data)); }

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    u64 pc = qemu_plugin_tb_vaddr(tb), n = qemu_plugin_tb_n_insns(tb);
    if (ways & 1) qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, dice(pc, 1) % 3, NULL);
    if (ways & 2) {
        qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, ADD, CELL(blocks), 1);
        qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, ADD, CELL(insns_of_block), n);
    }
    for (u64 i = 0; i < n; i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        u64 at = qemu_plugin_insn_vaddr(insn), d = dice(at, 2);
        if (ways & 1) {
            if (ways & 2 && d & 1) qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD, CELL(insns2), 1);
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, dice(at, 3) % 3, NULL);
            qemu_plugin_register_vcpu_mem_cb(insn, on_access, dice(at, 4) % 3, QEMU_PLUGIN_MEM_RW, NULL);
            if (ways & 2 && !(d & 1)) qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD, CELL(insns2), 1);
        }
        if (!(ways & 2)) continue;
        switch (seed ? d / 2 % 4 : 0) {
        case 0: qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD, CELL(insns), 1); break;
        case 1: qemu_plugin_register_vcpu_insn_exec_cb(insn, add_insn, QEMU_PLUGIN_CB_NO_REGS, key(1)); break;
        case 2:                                 /* in two parts */
            qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD, CELL(insns), 5);
            qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD, CELL(insns), (u64)-4);
            break;
        default:                                /* through a cell that is emptied now and then */
            qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD, CELL(cond), 1);
            qemu_plugin_register_vcpu_insn_exec_cond_cb(insn, on_cond, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_COND_GE,
                                                        CELL(cond), 1 + dice(at, 5) % 9, NULL);
        }
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_R, ADD, CELL(loads), 1);
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_W, ADD, CELL(stores), 1);
        qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_RW, ADD, CELL(both), 1);
    }
}

static void at_end(qemu_plugin_id_t id, void *data)
{
    if (ways & 1)
        say("callbacks %" PRIu64 " insns %" PRIu64 " loads %" PRIu64 " stores %" PRIu64 "\n",
            qemu_plugin_u64_sum(TRUE_CELL(blocks)), qemu_plugin_u64_sum(TRUE_CELL(insns)),
            qemu_plugin_u64_sum(TRUE_CELL(loads)), qemu_plugin_u64_sum(TRUE_CELL(stores)));
    if (!(ways & 2)) return;
    u64 insns = qemu_plugin_u64_sum(CELL(insns)) + qemu_plugin_u64_sum(CELL(cond)) + qemu_plugin_u64_sum(TRUE_CELL(cond));
    say("inline %" PRIu64 " insns %" PRIu64 " loads %" PRIu64 " stores %" PRIu64 "\n", qemu_plugin_u64_sum(CELL(blocks)),
        insns, qemu_plugin_u64_sum(CELL(loads)), qemu_plugin_u64_sum(CELL(stores)));
    say("both %" PRIu64 "\n", qemu_plugin_u64_sum(CELL(both)));
    say("by-block %" PRIu64 "\n", qemu_plugin_u64_sum(CELL(insns_of_block)));
    if (ways & 1) say("again %" PRIu64 "\n", qemu_plugin_u64_sum(CELL(insns2)));
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    seed = number_of(argc, argv, "seed", 0);
    ways = number_of(argc, argv, "ways", 3);
    board = qemu_plugin_scoreboard_new(sizeof(Cells));
    truth = qemu_plugin_scoreboard_new(sizeof(Truth));
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
