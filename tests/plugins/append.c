/* Appends what happens to out=FILE, so that programs that follow each other by exec can be seen. */
#include <fcntl.h>
#include "kit.h"

static const char *out;

static void note(const char *what)
{
    int fd = open(out, O_WRONLY | O_CREAT | O_APPEND, 0666);
    dprintf(fd, "%s\n", what);
    close(fd);
}

static void init(qemu_plugin_id_t id, unsigned cpu) { note(cpu ? "init more" : "init 0"); }
static void gone(qemu_plugin_id_t id, unsigned cpu) { note("exit"); }
static void flush(qemu_plugin_id_t id) { note("flush"); }
static void at_end(qemu_plugin_id_t id, void *data) { note("atexit"); }
static void call(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                 u64 a7, u64 a8)
{
    if (num == 221) note("exec");
}
static void ret(qemu_plugin_id_t id, unsigned cpu, int64_t num, int64_t value)
{
    if (num == 221) note("exec returned");
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    out = value_of(argc, argv, "out", "/dev/null");
    note("install");
    qemu_plugin_register_vcpu_init_cb(id, init);
    qemu_plugin_register_vcpu_exit_cb(id, gone);
    qemu_plugin_register_flush_cb(id, flush);
    qemu_plugin_register_vcpu_syscall_cb(id, call);
    qemu_plugin_register_vcpu_syscall_ret_cb(id, ret);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
