/*
 * Reading and writing guest memory at the first system call NUM=64 (write): a2 points to its text.
 *   do=read | write | later
 *   write: to=ADDR bytes=HEX     writes these bytes at every execution of at=PC
 */
#include "kit.h"

#define V5 (QEMU_PLUGIN_VERSION >= 5)

static const char *act, *bytes;
static u64 at, to;

static void look(const char *what, GByteArray *buf, u64 addr, size_t len)
{
    bool ok = qemu_plugin_read_memory_vaddr(addr, buf, len);
    say("%s %zu -> %d length %u", what, len, ok, buf->len);
    if (ok) say(" '%.*s'", (int)buf->len, buf->data);
    say("\n");
}

static void reads(u64 text, u64 len)
{
    GByteArray *buf = g_byte_array_new();
    g_byte_array_append(buf, (const guint8 *)"old!", 4);
    look("nothing", buf, text, 0);
    look("text", buf, text, len);
    look("one", buf, text, 1);
    look("null", buf, 0, 3);
    look("wraps", buf, UINT64_MAX - 3, 8);
    look("top", buf, UINT64_MAX - 7, 8);
    look("beyond", buf, 1ull << 50, 8);
    look("protected", buf, to, 5);
    look("into a hole", buf, to + 4095, 2);
    look("again", buf, text, len);
    g_byte_array_free(buf, TRUE);
}

#if V5
static void put(const char *what, u64 addr, const void *data, guint n)
{
    GByteArray *buf = g_byte_array_new();
    g_byte_array_append(buf, data, n);
    say("%s %u -> %d\n", what, n, qemu_plugin_write_memory_vaddr(addr, buf));
    g_byte_array_free(buf, TRUE);
}

static void later(u64 text)
{
    u64 physical = 77;
    GByteArray *buf = g_byte_array_new();
    say("translate %d %" PRIu64 "\n", qemu_plugin_translate_vaddr(text, &physical), physical);
    say("read physical %d\n", qemu_plugin_read_memory_hwaddr(text, buf, 4));
    g_byte_array_append(buf, (const guint8 *)"xy", 2);
    say("write physical %d\n", qemu_plugin_write_memory_hwaddr(text, buf));
    g_byte_array_free(buf, TRUE);
}

static void patch(unsigned cpu, void *data)
{
    uint8_t code[16];
    guint n = strlen(bytes) / 2;
    for (guint i = 0; i < n; i++) sscanf(bytes + 2 * i, "%2hhx", &code[i]);
    put("patched", to, code, n);
}

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        if (qemu_plugin_insn_vaddr(insn) == at)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, patch, QEMU_PLUGIN_CB_RW_REGS, NULL);
    }
}
#endif

static void call(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                 u64 a7, u64 a8)
{
    static bool done;
    if (num != 64 || done) return;
    done = true;
    if (!strcmp(act, "read")) reads(a2, a3);
#if V5
    if (!strcmp(act, "write")) {
        put("text", a2, "HELLO", 5);
        put("nowhere", 0, "HELLO", 5);
        put("protected", to, "12345", 5);
        GByteArray *buf = g_byte_array_new();
        look("text", buf, a2, a3);
        look("protected", buf, to, 5);
        g_byte_array_free(buf, TRUE);
    }
    if (!strcmp(act, "later")) later(a2);
#endif
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    act = value_of(argc, argv, "do", "read");
    bytes = value_of(argc, argv, "bytes", "");
    at = number_of(argc, argv, "at", 0);
    to = number_of(argc, argv, "to", 0);
#if V5
    if (!strcmp(act, "patch")) qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
#endif
    qemu_plugin_register_vcpu_syscall_cb(id, call);
    return 0;
}
