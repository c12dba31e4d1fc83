/*
 * Prints everything that can be asked about an access: the raw word, the accessors, the value, the host side.
 */
#include "kit.h"

static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data)
{
    qemu_plugin_mem_value v = qemu_plugin_mem_get_value(info);
    struct qemu_plugin_hwaddr *hw = qemu_plugin_get_hwaddr(info, addr);
    say("%" PRIx64 " raw %x shift %u signed %d big %d store %d type %d value %" PRIx64 " high %" PRIx64 "\n", plain(data),
        info, qemu_plugin_mem_size_shift(info), qemu_plugin_mem_is_sign_extended(info),
        qemu_plugin_mem_is_big_endian(info), qemu_plugin_mem_is_store(info), v.type,
        v.type == 0 ? v.data.u8 : v.type == 1 ? v.data.u16 : v.type == 2 ? v.data.u32 : v.data.u64,
        v.type == 4 ? v.data.u128.high : 0);
    if (hw || qemu_plugin_hwaddr_is_io(hw) || qemu_plugin_hwaddr_phys_addr(hw) ||
        strcmp(qemu_plugin_hwaddr_device_name(hw), "Invalid"))
        say("hwaddr wrong\n");
}

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW,
                                         key(qemu_plugin_insn_vaddr(insn)));
    }
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    return 0;
}
