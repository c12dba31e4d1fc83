/*
 * The slots of events: replacing, removing, adding later.
 *   do=replace   each slot is registered twice, the second time with another function
 *   do=remove    each slot is registered and then taken back
 *   do=late      translation is watched from the second system call on, until three blocks were seen
 *   do=late-ret  returns of system calls are watched from inside the second call on
 *   do=nothing   a conditional callback that never fires and nothing else
 */
#include "kit.h"

static const char *act, *tag;
static int blocks;

static void first(const char *what) { say("%sold %s\n", tag, what); }
static void second(const char *what) { say("%snew %s\n", tag, what); }

#define PAIR(name, arguments)                                   \
    static void old_##name arguments { first(#name); }          \
    static void new_##name arguments { second(#name); }

#define CALL_ARGUMENTS                                                                                                \
    (qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6, u64 a7, u64 a8)

PAIR(init, (qemu_plugin_id_t id, unsigned cpu))
PAIR(call, CALL_ARGUMENTS)
PAIR(ret, (qemu_plugin_id_t id, unsigned cpu, int64_t num, int64_t ret))
PAIR(trans, (qemu_plugin_id_t id, Tb *tb))

static void old_end(qemu_plugin_id_t id, void *data) { say("%sold end %s\n", tag, (char *)data); }
static void new_end(qemu_plugin_id_t id, void *data) { say("%snew end %s\n", tag, (char *)data); }

static void late_trans(qemu_plugin_id_t id, Tb *tb)
{
    say("trans %" PRIx64 "\n", qemu_plugin_tb_vaddr(tb));
    if (++blocks == 3) qemu_plugin_register_vcpu_tb_trans_cb(id, NULL);
}

static void late_ret(qemu_plugin_id_t id, unsigned cpu, int64_t num, int64_t ret) { say("ret %" PRId64 "\n", num); }

static void late_call CALL_ARGUMENTS
{
    static int calls;
    say("call %" PRId64 "\n", num);
    if (++calls != 2) return;
    if (!strcmp(act, "late")) qemu_plugin_register_vcpu_tb_trans_cb(id, late_trans);
    else qemu_plugin_register_vcpu_syscall_ret_cb(id, late_ret);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    act = value_of(argc, argv, "do", "replace");
    tag = value_of(argc, argv, "tag", "");
    if (!strcmp(act, "late") || !strcmp(act, "late-ret")) {
        qemu_plugin_register_vcpu_syscall_cb(id, late_call);
        return 0;
    }
    qemu_plugin_register_vcpu_init_cb(id, old_init);
    qemu_plugin_register_vcpu_tb_trans_cb(id, old_trans);
    qemu_plugin_register_vcpu_syscall_cb(id, old_call);
    qemu_plugin_register_vcpu_syscall_ret_cb(id, old_ret);
    qemu_plugin_register_atexit_cb(id, old_end, "one");
    bool replace = !strcmp(act, "replace");
    qemu_plugin_register_vcpu_init_cb(id, replace ? new_init : NULL);
    qemu_plugin_register_vcpu_tb_trans_cb(id, replace ? new_trans : NULL);
    qemu_plugin_register_vcpu_syscall_cb(id, replace ? new_call : NULL);
    qemu_plugin_register_vcpu_syscall_ret_cb(id, replace ? new_ret : NULL);
    qemu_plugin_register_atexit_cb(id, replace ? new_end : NULL, "two");
    return 0;
}
