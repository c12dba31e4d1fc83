/*
 * Tells of each flush; board=1: with a scoreboard.
 */
#include "kit.h"

static void flush(qemu_plugin_id_t id) { say("flush\n"); }

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    if (number_of(argc, argv, "board", 0)) qemu_plugin_scoreboard_new(8);
    qemu_plugin_register_flush_cb(id, flush);
    return 0;
}
