/* Only what every version from 2 on has, so that one source can be built for each: counts, and reads registers. */
#include "kit.h"

static struct qemu_plugin_scoreboard *board;
#define CELL qemu_plugin_scoreboard_u64(board)

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, QEMU_PLUGIN_INLINE_ADD_U64, CELL, 1);
#if QEMU_PLUGIN_VERSION >= 3
        uint8_t first;
        qemu_plugin_insn_data(insn, &first, 1);
        if (i == 0) say("byte %02x\n", first);
#endif
    }
}

static void init(qemu_plugin_id_t id, unsigned cpu)
{
    GArray *list = qemu_plugin_get_registers();
    GByteArray *bytes = g_byte_array_new();
    qemu_plugin_reg_descriptor *sixth = &g_array_index(list, qemu_plugin_reg_descriptor, 5);
    say("element %u sixth %s\n", g_array_get_element_size(list), sixth->name);
    int returned = qemu_plugin_read_register(sixth->handle, bytes);
    say("returned %d length %u\n", returned, bytes->len);
    g_byte_array_free(bytes, TRUE);
    g_array_free(list, TRUE);
}

static void at_end(qemu_plugin_id_t id, void *data) { say("insns %" PRIu64 "\n", qemu_plugin_u64_sum(CELL)); }

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    board = qemu_plugin_scoreboard_new(8);
    qemu_plugin_register_vcpu_init_cb(id, init);
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
