/* How many instructions have a symbol, written to out=FILE. */
#include "kit.h"

static const char *out;
static u64 named;

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
        if (qemu_plugin_insn_symbol(qemu_plugin_tb_get_insn(tb, i))) named++;
}

static void at_end(qemu_plugin_id_t id, void *data)
{
    FILE *f = fopen(out, "w");
    if (!f) return;
    fprintf(f, "symbols %" PRIu64 "\n", named);
    fclose(f);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    out = value_of(argc, argv, "out", "/dev/null");
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
