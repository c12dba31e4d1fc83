/*
 * One kind of probe on everything, for `cargo xtask bench --plugins`: what=KIND says which.
 * At the end it says how often its callbacks ran, if they count.
 */
#include <qemu-plugin.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static struct qemu_plugin_scoreboard *board;
static qemu_plugin_u64 cell;
static struct qemu_plugin_register *registers[4];

/* The empty callbacks are called all the same. */
static void on_point(unsigned int vcpu, void *data) {}
static void on_access(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t addr, void *data) {}

/* A callback that calls something: nothing is known about what it does. */
static void on_rare(unsigned int vcpu, void *data)
{
    qemu_plugin_u64_set(cell, vcpu, 0);
}

static void on_call(unsigned int vcpu, void *data)
{
    qemu_plugin_u64_add(cell, vcpu, 1);
}

static void on_access_call(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t addr, void *data)
{
    qemu_plugin_u64_add(cell, vcpu, qemu_plugin_mem_is_store(info));
}

static void on_registers(unsigned int vcpu, void *data)
{
    static __thread GByteArray *bytes;
    if (!bytes) {
        bytes = g_byte_array_new();
    }
    g_byte_array_set_size(bytes, 0);
    for (int i = 0; i < 4; i++) {
        qemu_plugin_read_register(registers[i], bytes);
    }
}

static const char *what = "nothing";

#define IS(name) (!strcmp(what, name))

static void on_block(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    size_t n = qemu_plugin_tb_n_insns(tb);
    if (IS("inline-block")) {
        qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, cell, 1);
    } else if (IS("cond-block")) {
        qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, cell, n);
        qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, on_rare, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_COND_GE, cell,
                                                  10000000, NULL);
    } else if (IS("empty-block")) {
        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_point, QEMU_PLUGIN_CB_NO_REGS, NULL);
    } else if (IS("call-block")) {
        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_call, QEMU_PLUGIN_CB_NO_REGS, NULL);
    } else if (IS("registers-block")) {
        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_registers, QEMU_PLUGIN_CB_R_REGS, NULL);
    }
    for (size_t i = 0; i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        if (IS("inline-insn")) {
            qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, QEMU_PLUGIN_INLINE_ADD_U64, cell, 1);
        } else if (IS("inline-mem")) {
            qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_RW, QEMU_PLUGIN_INLINE_ADD_U64, cell,
                                                          1);
        } else if (IS("empty-insn")) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_point, QEMU_PLUGIN_CB_NO_REGS, NULL);
        } else if (IS("call-insn")) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_call, QEMU_PLUGIN_CB_NO_REGS, NULL);
        } else if (IS("empty-mem")) {
            qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
        } else if (IS("call-mem")) {
            qemu_plugin_register_vcpu_mem_cb(insn, on_access_call, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
        }
    }
}

static void on_vcpu(qemu_plugin_id_t id, unsigned int vcpu)
{
    GArray *list = qemu_plugin_get_registers();
    for (int i = 0; i < 4; i++) {
        registers[i] = ((qemu_plugin_reg_descriptor *)list->data)[10 + i].handle;
    }
    g_array_free(list, 1);
}

static void on_end(qemu_plugin_id_t id, void *data)
{
    char line[64];
    snprintf(line, sizeof line, "%s %" PRIu64 "\n", what, qemu_plugin_u64_sum(cell));
    qemu_plugin_outs(line);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (!strncmp(argv[i], "what=", 5)) {
            what = strdup(argv[i] + 5);
        }
    }
    if (IS("nothing")) {
        return 0;
    }
    board = qemu_plugin_scoreboard_new(sizeof(uint64_t));
    cell = qemu_plugin_scoreboard_u64(board);
    if (IS("registers-block")) {
        qemu_plugin_register_vcpu_init_cb(id, on_vcpu);
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
    return 0;
}
