/*
 * Prints what can be asked about blocks, instructions and the program.
 *   ask=insns|text|symbols|data|code|handles
 */
#include "kit.h"

static const char *ask;

static void hex(char *to, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) to += sprintf(to, "%02x", bytes[i]);
}

static void one(Tb *tb, Insn *insn)
{
    uint8_t bytes[8] = { 0 };
    char shown[20] = "";
    size_t size = qemu_plugin_insn_size(insn), got = qemu_plugin_insn_data(insn, bytes, sizeof bytes);
    hex(shown, bytes, got);
    if (!strcmp(ask, "insns")) {
        const uint8_t *host = qemu_plugin_insn_haddr(insn);
        say("insn %" PRIx64 " size %zu data %s haddr %s\n", qemu_plugin_insn_vaddr(insn), size, shown,
            host && !memcmp(host, bytes, size) ? "same" : "differs");
    }
    if (!strcmp(ask, "text")) {
        char *text = qemu_plugin_insn_disas(insn);
        say("%" PRIx64 " '%s'\n", qemu_plugin_insn_vaddr(insn), text);
        g_free(text);
    }
    if (!strcmp(ask, "symbols")) {
        const char *symbol = qemu_plugin_insn_symbol(insn);
        say("%" PRIx64 " %s\n", qemu_plugin_insn_vaddr(insn), symbol ? symbol : "(null)");
    }
    if (!strcmp(ask, "data")) {
        uint8_t part[8];
        for (size_t n = 0; n <= 6; n++) {
            memset(part, 0xee, sizeof part);
            size_t copied = qemu_plugin_insn_data(insn, part, n);
            char text[20] = "";
            hex(text, part, 6);
            say("%" PRIx64 " %zu -> %zu %s\n", qemu_plugin_insn_vaddr(insn), n, copied, text);
        }
    }
}

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    size_t n = qemu_plugin_tb_n_insns(tb);
    if (!strcmp(ask, "insns"))
        say("tb %" PRIx64 " n %zu past %s far %s first %s\n", qemu_plugin_tb_vaddr(tb), n,
            qemu_plugin_tb_get_insn(tb, n) ? "there" : "null",
            qemu_plugin_tb_get_insn(tb, (size_t)-1) ? "there" : "null",
            qemu_plugin_tb_get_insn(tb, 0) == qemu_plugin_tb_get_insn(tb, 0) ? "same" : "differs");
    for (size_t i = 0; i < n; i++) one(tb, qemu_plugin_tb_get_insn(tb, i));
}

static void init(qemu_plugin_id_t id, unsigned cpu)
{
    char *path = (char *)qemu_plugin_path_to_binary(), *again = (char *)qemu_plugin_path_to_binary();
    say("path %s copies %s\n", path, path != again && !strcmp(path, again) ? "differ" : "shared");
    say("start %" PRIx64 " end %" PRIx64 " entry %" PRIx64 "\n", qemu_plugin_start_code(), qemu_plugin_end_code(),
        qemu_plugin_entry_code());
    g_free(path);
    g_free(again);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    ask = value_of(argc, argv, "ask", "insns");
    if (!strcmp(ask, "code")) qemu_plugin_register_vcpu_init_cb(id, init);
    else qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    return 0;
}
