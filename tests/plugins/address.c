/*
 * Addresses of scoreboards' elements that are asked for late, when inline operations have long been counting: elements lie
 * one behind the other, and each holds what its counter is, whichever vCPU looks.
 */
#include "kit.h"

typedef struct { u64 tag, insns, pad; } Cell;
static struct qemu_plugin_scoreboard *board;
static u64 blocks, looks, moved, stale;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
#define INSNS qemu_plugin_scoreboard_u64_in_struct(board, Cell, insns)

static void look(unsigned cpu, void *data)
{
    if (__atomic_add_fetch(&blocks, 1, __ATOMIC_RELAXED) % 3) return;
    pthread_mutex_lock(&lock);
    looks++;
    char *first = qemu_plugin_scoreboard_find(board, 0);
    for (int i = 0; i < qemu_plugin_num_vcpus(); i++) {
        Cell *cell = qemu_plugin_scoreboard_find(board, i);
        moved += (char *)cell - first != i * (long)sizeof *cell;
        u64 before = qemu_plugin_u64_get(INSNS, i), seen = __atomic_load_n(&cell->insns, __ATOMIC_SEQ_CST);
        stale += seen < before || seen > qemu_plugin_u64_get(INSNS, i);
    }
    pthread_mutex_unlock(&lock);
}

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    size_t n = qemu_plugin_tb_n_insns(tb);
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, INSNS, n);
    /* Most blocks have no callback, so that their adds may be kept apart. */
    if (qemu_plugin_tb_vaddr(tb) % 8 == 0)
        qemu_plugin_register_vcpu_tb_exec_cb(tb, look, QEMU_PLUGIN_CB_NO_REGS, NULL);
}

static void at_end(qemu_plugin_id_t id, void *data)
{
    u64 found = 0;
    for (int i = 0; i < qemu_plugin_num_vcpus(); i++) found += ((Cell *)qemu_plugin_scoreboard_find(board, i))->insns;
    say("some %d moved %" PRIu64 " stale %" PRIu64 " sum %d\n", looks > 0, moved, stale,
        found == qemu_plugin_u64_sum(INSNS));
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    board = qemu_plugin_scoreboard_new(sizeof(Cell));
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
