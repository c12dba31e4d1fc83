/*
 * Version 6: system call filters, and discontinuities (5 too).
 *   do=filter num=N result=N    answers this call instead of the kernel
 *   do=pass                     looks and lets through
 *   do=discon                   listens to all discontinuities
 */
#include "kit.h"

static const char *act, *tag;
static u64 number, answer;

#if QEMU_PLUGIN_VERSION >= 6
static bool filter(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                   u64 a7, u64 a8, u64 *sysret)
{
    say("%sfilter %u %" PRId64 " %" PRIx64 " %" PRIx64 " %" PRIx64 "\n", tag, cpu, num, a1, a2, a3);
    if (strcmp(act, "filter") || (u64)num != number) return false;
    *sysret = answer;
    return true;
}
#endif
static void call(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                 u64 a7, u64 a8) { say("%scall %" PRId64 "\n", tag, num); }
static void ret(qemu_plugin_id_t id, unsigned cpu, int64_t num, int64_t value)
{
    say("%sret %" PRId64 " %" PRId64 "\n", tag, num, value);
}
static void discon(qemu_plugin_id_t id, unsigned cpu, enum qemu_plugin_discon_type type, u64 from, u64 to)
{
    say("discon %d\n", type);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    act = value_of(argc, argv, "do", "filter");
    tag = value_of(argc, argv, "tag", "");
    number = number_of(argc, argv, "num", 64);
    answer = number_of(argc, argv, "result", 0);
    qemu_plugin_register_vcpu_syscall_cb(id, call);
    qemu_plugin_register_vcpu_syscall_ret_cb(id, ret);
#if QEMU_PLUGIN_VERSION >= 6
    if (strcmp(act, "discon")) qemu_plugin_register_vcpu_syscall_filter_cb(id, filter);
#endif
    if (!strcmp(act, "discon")) qemu_plugin_register_vcpu_discon_cb(id, QEMU_PLUGIN_DISCON_ALL, discon);
    return 0;
}
