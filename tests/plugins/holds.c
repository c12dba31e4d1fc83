/*
 * Compares the value that each access reports with what memory holds right after it. Accesses by threads other than
 * the one that runs alone would race: the guests see to it that they do not.
 */
#include "kit.h"

static u64 right, wrong, atomic;
static __thread u64 last_pc, last_addr;
static __thread bool last_read;

static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data)
{
    unsigned shift = qemu_plugin_mem_size_shift(info);
    qemu_plugin_mem_value v = qemu_plugin_mem_get_value(info);
    bool store = qemu_plugin_mem_is_store(info);
    u64 now = 0, told = shift == 0 ? v.data.u8 : shift == 1 ? v.data.u16 : shift == 2 ? v.data.u32 : v.data.u64;
    if (shift > 3) return;
    /* A read that an atomic operation made cannot be checked: memory holds the new value already. */
    bool pair = store && last_read && last_pc == plain(data) && last_addr == addr;
    if (pair) __atomic_add_fetch(&atomic, 1, __ATOMIC_RELAXED);
    last_pc = plain(data);
    last_addr = addr;
    last_read = !store;
    if (!store) return;
    GByteArray *buf = g_byte_array_new();
    bool ok = qemu_plugin_read_memory_vaddr(addr, buf, 1u << shift);
    if (ok) memcpy(&now, buf->data, buf->len);
    __atomic_add_fetch(ok && now == told ? &right : &wrong, 1, __ATOMIC_RELAXED);
    if (!(ok && now == told))
        say("pc %" PRIx64 " address %" PRIx64 " told %" PRIx64 " holds %" PRIx64 "\n", plain(data), addr, told, now);
    g_byte_array_free(buf, TRUE);
}

static bool only_private;

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        const char *symbol = qemu_plugin_insn_symbol(insn);
        if (only_private && !(symbol && !strcmp(symbol, "private"))) continue;
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW,
                                         key(qemu_plugin_insn_vaddr(insn)));
    }
}

static void at_end(qemu_plugin_id_t id, void *data)
{
    say("right %" PRIu64 "\nwrong %" PRIu64 "\natomic %" PRIu64 "\n", right, wrong, atomic);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    only_private = !strcmp(value_of(argc, argv, "only", ""), "private");
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
