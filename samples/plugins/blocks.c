/* Counts the blocks and instructions that a guest executes. */
#include <inttypes.h>
#include <stdio.h>

#include <qemu-plugin.h>

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* An element of the scoreboard: what one vCPU has done. */
typedef struct {
    uint64_t blocks;
    uint64_t insns;
} Counts;

static struct qemu_plugin_scoreboard *board;

#define COUNTER(member) qemu_plugin_scoreboard_u64_in_struct(board, Counts, member)

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    uint64_t n = qemu_plugin_tb_n_insns(tb);
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, COUNTER(blocks), 1);
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, COUNTER(insns), n);
}

static void at_end(qemu_plugin_id_t id, void *userdata)
{
    (void)id;
    (void)userdata;
    char line[100];
    snprintf(line, sizeof line, "%" PRIu64 " blocks, %" PRIu64 " instructions\n", qemu_plugin_u64_sum(COUNTER(blocks)),
             qemu_plugin_u64_sum(COUNTER(insns)));
    qemu_plugin_outs(line);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    (void)info;
    (void)argc;
    (void)argv;
    board = qemu_plugin_scoreboard_new(sizeof(Counts));
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
