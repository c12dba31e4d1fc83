/* Prints the first accesses to memory that a guest makes, and counts all. Arguments: kind=r|w|rw, limit=N. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qemu-plugin.h>

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

static enum qemu_plugin_mem_rw kind = QEMU_PLUGIN_MEM_RW;
static uint64_t limit = 20, seen;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void print_value(char *to, size_t size, qemu_plugin_mem_value v)
{
    switch (v.type) {
    case QEMU_PLUGIN_MEM_VALUE_U8: snprintf(to, size, "0x%02" PRIx8, v.data.u8); break;
    case QEMU_PLUGIN_MEM_VALUE_U16: snprintf(to, size, "0x%04" PRIx16, v.data.u16); break;
    case QEMU_PLUGIN_MEM_VALUE_U32: snprintf(to, size, "0x%08" PRIx32, v.data.u32); break;
    case QEMU_PLUGIN_MEM_VALUE_U64: snprintf(to, size, "0x%016" PRIx64, v.data.u64); break;
    case QEMU_PLUGIN_MEM_VALUE_U128:
        snprintf(to, size, "0x%016" PRIx64 "%016" PRIx64, v.data.u128.high, v.data.u128.low);
        break;
    }
}

/* The instruction whose address is the user data has made an access. */
static void access_made(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t address, void *userdata)
{
    pthread_mutex_lock(&lock);
    if (seen++ < limit) {
        char value[40], line[160];
        print_value(value, sizeof value, qemu_plugin_mem_get_value(info));
        snprintf(line, sizeof line, "%u 0x%" PRIx64 " %s %u 0x%" PRIx64 " %s\n", vcpu, (uint64_t)(uintptr_t)userdata,
                 qemu_plugin_mem_is_store(info) ? "store" : "load", 1u << qemu_plugin_mem_size_shift(info), address,
                 value);
        qemu_plugin_outs(line);
    }
    pthread_mutex_unlock(&lock);
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        void *pc = (void *)(uintptr_t)qemu_plugin_insn_vaddr(insn);
        qemu_plugin_register_vcpu_mem_cb(insn, access_made, QEMU_PLUGIN_CB_NO_REGS, kind, pc);
    }
}

static void at_end(qemu_plugin_id_t id, void *userdata)
{
    (void)id;
    (void)userdata;
    char line[60];
    snprintf(line, sizeof line, "%" PRIu64 " accesses\n", seen);
    qemu_plugin_outs(line);
}

static bool argument(const char *text)
{
    if (!strcmp(text, "kind=r")) kind = QEMU_PLUGIN_MEM_R;
    else if (!strcmp(text, "kind=w")) kind = QEMU_PLUGIN_MEM_W;
    else if (!strcmp(text, "kind=rw")) kind = QEMU_PLUGIN_MEM_RW;
    else if (!strncmp(text, "limit=", 6)) limit = strtoull(text + 6, NULL, 0);
    else return false;
    return true;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!argument(argv[i])) {
            fprintf(stderr, "accesses: %s: not an argument; there are kind=r|w|rw and limit=N\n", argv[i]);
            return -1;
        }
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
