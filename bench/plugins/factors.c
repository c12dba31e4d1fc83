/*
 * One kind of probe on everything, for `cargo xtask bench --plugins`: what=KIND says which, one of the table below.
 * At the end it says how often the probe ran, as far as the kind counts that, else 0.
 */
#include <qemu-plugin.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static struct qemu_plugin_scoreboard *board;
static qemu_plugin_u64 cell, stores;
static uint64_t simple;
static struct qemu_plugin_register *registers[4];

/* Empty: an emulator may see that and leave the calls away. */
static void on_point(unsigned int vcpu, void *data) {}
static void on_access(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t addr, void *data) {}

/* Leaves: they call nothing. Right for one thread only. */
static void on_leaf(unsigned int vcpu, void *data)
{
    simple++;
}

static void on_access_leaf(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t addr, void *data)
{
    simple++;
}

/* Callbacks that call something: nothing is known about what they do. */
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
    qemu_plugin_u64_add(qemu_plugin_mem_is_store(info) ? stores : cell, vcpu, 1);
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

/* Probes: what is registered on a block, or on an instruction. */
static void block_inline(struct qemu_plugin_tb *tb)
{
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, cell, 1);
}

static void block_cond(struct qemu_plugin_tb *tb)
{
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, cell, qemu_plugin_tb_n_insns(tb));
    qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, on_rare, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_COND_GE, cell, 10000000,
                                              NULL);
}

static void insn_inline(struct qemu_plugin_insn *insn)
{
    qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, QEMU_PLUGIN_INLINE_ADD_U64, cell, 1);
}

static void mem_inline(struct qemu_plugin_insn *insn)
{
    qemu_plugin_register_vcpu_mem_inline_per_vcpu(insn, QEMU_PLUGIN_MEM_RW, QEMU_PLUGIN_INLINE_ADD_U64, cell, 1);
}

#define BLOCK(name, callback, flags) \
    static void name(struct qemu_plugin_tb *tb) { qemu_plugin_register_vcpu_tb_exec_cb(tb, callback, flags, NULL); }
#define INSN(name, callback) \
    static void name(struct qemu_plugin_insn *insn) \
    { \
        qemu_plugin_register_vcpu_insn_exec_cb(insn, callback, QEMU_PLUGIN_CB_NO_REGS, NULL); \
    }
#define MEM(name, callback) \
    static void name(struct qemu_plugin_insn *insn) \
    { \
        qemu_plugin_register_vcpu_mem_cb(insn, callback, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL); \
    }

BLOCK(block_empty, on_point, QEMU_PLUGIN_CB_NO_REGS)
BLOCK(block_leaf, on_leaf, QEMU_PLUGIN_CB_NO_REGS)
BLOCK(block_call, on_call, QEMU_PLUGIN_CB_NO_REGS)
BLOCK(block_registers, on_registers, QEMU_PLUGIN_CB_R_REGS)
INSN(insn_empty, on_point)
INSN(insn_leaf, on_leaf)
INSN(insn_call, on_call)
MEM(mem_empty, on_access)
MEM(mem_leaf, on_access_leaf)
MEM(mem_call, on_access_call)

/* Chosen once: translation is measured too, and no name is compared there. */
static const struct kind {
    const char *name;
    void (*block)(struct qemu_plugin_tb *tb);
    void (*insn)(struct qemu_plugin_insn *insn);
} kinds[] = {
    { "nothing", NULL, NULL },
    { "inline-block", block_inline, NULL },
    { "inline-insn", NULL, insn_inline },
    { "inline-mem", NULL, mem_inline },
    { "cond-block", block_cond, NULL },
    { "empty-block", block_empty, NULL },
    { "empty-insn", NULL, insn_empty },
    { "empty-mem", NULL, mem_empty },
    { "leaf-block", block_leaf, NULL },
    { "leaf-insn", NULL, insn_leaf },
    { "leaf-mem", NULL, mem_leaf },
    { "call-block", block_call, NULL },
    { "call-insn", NULL, insn_call },
    { "call-mem", NULL, mem_call },
    { "registers-block", block_registers, NULL },
};
static const struct kind *kind = kinds;

static void on_block(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    if (kind->block) {
        kind->block(tb);
    }
    if (kind->insn) {
        size_t n = qemu_plugin_tb_n_insns(tb);
        for (size_t i = 0; i < n; i++) {
            kind->insn(qemu_plugin_tb_get_insn(tb, i));
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
    uint64_t count = simple + qemu_plugin_u64_sum(cell) + qemu_plugin_u64_sum(stores);
    snprintf(line, sizeof line, "%s %" PRIu64 "\n", kind->name, count);
    qemu_plugin_outs(line);
}

static const struct kind *named(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!strcmp(kinds[i].name, name)) {
            return &kinds[i];
        }
    }
    return NULL;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (!strncmp(argv[i], "what=", 5) && !(kind = named(argv[i] + 5))) {
            fprintf(stderr, "factors: %s: no such kind\n", argv[i]);
            return -1;
        }
    }
    if (kind == kinds) {
        return 0;
    }
    board = qemu_plugin_scoreboard_new(2 * sizeof(uint64_t));
    cell = qemu_plugin_scoreboard_u64(board);
    stores = cell;
    stores.offset += sizeof(uint64_t);
    if (kind->block == block_registers) {
        qemu_plugin_register_vcpu_init_cb(id, on_vcpu);
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
    return 0;
}
