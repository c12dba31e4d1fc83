/*
 * Callbacks that do nothing but count in variables of the plugin; every system call says what they have come to.
 *   way=leaf     nothing but that
 *   way=opaque   the same, through a pointer: nobody can know what it does
 *   way=mixed    both by turns, and a leaf that looks at the counter
 */
#include "kit.h"

static u64 blocks, insns, accesses, seen;
static const char *way;
static bool turn;

static void leaf_block(unsigned cpu, void *data) { blocks++; }
static void leaf_insn(unsigned cpu, void *data) { insns++; }
static void leaf_access(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data) { accesses += 3; }
static void leaf_look(unsigned cpu, void *data) { seen = seen * 31 + insns; }

static qemu_plugin_vcpu_udata_cb_t volatile hidden_block = leaf_block, hidden_insn = leaf_insn, hidden_look = leaf_look;
static qemu_plugin_vcpu_mem_cb_t volatile hidden_access = leaf_access;

static void on_block(unsigned cpu, void *data) { hidden_block(cpu, data); }
static void on_insn(unsigned cpu, void *data) { hidden_insn(cpu, data); }
static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data)
{
    hidden_access(cpu, info, addr, data);
}
static void on_look(unsigned cpu, void *data) { hidden_look(cpu, data); }

/* Whether the next one is a leaf. */
static bool leaf(void)
{
    if (!strcmp(way, "mixed")) return turn = !turn;
    return !strcmp(way, "leaf");
}

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    qemu_plugin_register_vcpu_tb_exec_cb(tb, leaf() ? leaf_block : on_block, QEMU_PLUGIN_CB_NO_REGS, NULL);
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, leaf() ? leaf_insn : on_insn, QEMU_PLUGIN_CB_NO_REGS, NULL);
        qemu_plugin_register_vcpu_mem_cb(insn, leaf() ? leaf_access : on_access, QEMU_PLUGIN_CB_NO_REGS,
                                         QEMU_PLUGIN_MEM_RW, NULL);
        if (qemu_plugin_insn_vaddr(insn) % 12 == 0)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, leaf() ? leaf_look : on_look, QEMU_PLUGIN_CB_NO_REGS, NULL);
    }
}

static void on_call(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                    u64 a7, u64 a8)
{
    say("call %" PRId64 " blocks %" PRIu64 " insns %" PRIu64 " accesses %" PRIu64 " seen %" PRIx64 "\n", num, blocks,
        insns, accesses, seen);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    way = value_of(argc, argv, "way", "leaf");
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_vcpu_syscall_cb(id, on_call);
    return 0;
}
