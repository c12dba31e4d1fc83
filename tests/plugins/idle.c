/*
 * Nothing is subscribed to, until the plugin's own thread watches translation: when the guest has written a byte to
 * descriptor 101. When that is done, the guest can read one from descriptor 102.
 */
#include "kit.h"

enum { ASKED = 100, ASK = 101, DONE = 102, SAY_DONE = 103 };

static void on_trans(qemu_plugin_id_t id, Tb *tb)
{
    say("trans %" PRIx64 " %zu\n", qemu_plugin_tb_vaddr(tb), qemu_plugin_tb_n_insns(tb));
}

static void *watch(void *data)
{
    char byte;
    if (read(ASKED, &byte, 1) != 1) return NULL;
    qemu_plugin_register_vcpu_tb_trans_cb(self, on_trans);
    if (write(SAY_DONE, &byte, 1) != 1) say("the guest is gone\n");
    return NULL;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    int ask[2], done[2];
    pthread_t thread;
    self = id;
    if (pipe(ask) || pipe(done)) return -1;
    if (dup2(ask[0], ASKED) < 0 || dup2(ask[1], ASK) < 0 || dup2(done[0], DONE) < 0 || dup2(done[1], SAY_DONE) < 0)
        return -1;
    return pthread_create(&thread, NULL, watch, NULL);
}
