/* Tells its installs apart by their ids: loaded under two spellings it is one object that is installed twice. */
#include "kit.h"

static int installs;
static qemu_plugin_id_t ids[8];

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    for (int i = 1; i <= installs; i++)
        if (ids[i] == id) say("trans of %d\n", i);
}

static void at_end(qemu_plugin_id_t id, void *data)
{
    if (id == ids[1]) say("ids differ %d\n", ids[1] != ids[2]);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    ids[++installs] = id;
    say("installs %d\n", installs);
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
