/*
 * Prints the events it is asked for, one a line, in the order in which they come.
 *   on=A+B+…   init exit idle resume trans tb insn mem sys ret flush atexit
 *   tag=NAME   begins every line
 *   rw=R|W     which accesses (both)
 *   from=A:B   only instructions and blocks that begin at A..B-1
 */
#include "kit.h"

static const char *on, *tag;
static enum qemu_plugin_mem_rw rw = QEMU_PLUGIN_MEM_RW;
static u64 low, high = UINT64_MAX;

static void event(const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    say("%s%s\n", tag, line);
}

static void init(qemu_plugin_id_t id, unsigned cpu) { event("init %u num %d", cpu, qemu_plugin_num_vcpus()); }
static void gone(qemu_plugin_id_t id, unsigned cpu) { event("exit %u num %d", cpu, qemu_plugin_num_vcpus()); }
static void idle(qemu_plugin_id_t id, unsigned cpu) { event("idle %u", cpu); }
static void resume(qemu_plugin_id_t id, unsigned cpu) { event("resume %u", cpu); }
static void flush(qemu_plugin_id_t id) { event("flush"); }
static void each(qemu_plugin_id_t id, unsigned cpu) { event("each %u", cpu); }

static void at_end(qemu_plugin_id_t id, void *data)
{
    event("atexit num %d%s", qemu_plugin_num_vcpus(), data == &on && id == self ? "" : " with wrong arguments");
    if (listed(on, "each")) qemu_plugin_vcpu_for_each(id, each);
}

static void block(unsigned cpu, void *data) { event("tb %u %" PRIx64, cpu, plain(data)); }
static void insn(unsigned cpu, void *data) { event("insn %u %" PRIx64, cpu, plain(data)); }

static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data)
{
    qemu_plugin_mem_value v = qemu_plugin_mem_get_value(info);
    static const char *const letters[] = { "R", "W" };
    u64 value = 0;
    switch (v.type) {
    case QEMU_PLUGIN_MEM_VALUE_U8: value = v.data.u8; break;
    case QEMU_PLUGIN_MEM_VALUE_U16: value = v.data.u16; break;
    case QEMU_PLUGIN_MEM_VALUE_U32: value = v.data.u32; break;
    case QEMU_PLUGIN_MEM_VALUE_U64: value = v.data.u64; break;
    default: value = v.data.u128.low; break;
    }
    event("mem %u %" PRIx64 " %s%d%s%s %" PRIx64 " = %" PRIx64 "%s", cpu, plain(data),
          letters[qemu_plugin_mem_is_store(info)], 1 << qemu_plugin_mem_size_shift(info),
          qemu_plugin_mem_is_sign_extended(info) ? "s" : "", qemu_plugin_mem_is_big_endian(info) ? "be" : "", addr,
          value, (unsigned)v.type == qemu_plugin_mem_size_shift(info) ? "" : " of another size");
}

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    size_t n = qemu_plugin_tb_n_insns(tb);
    u64 pc = qemu_plugin_tb_vaddr(tb);
    if (listed(on, "trans") && pc >= low && pc < high) event("trans %" PRIx64 " %zu", pc, n);
    if (listed(on, "tb") && pc >= low && pc < high)
        qemu_plugin_register_vcpu_tb_exec_cb(tb, block, QEMU_PLUGIN_CB_NO_REGS, key(pc));
    for (size_t i = 0; i < n; i++) {
        Insn *one = qemu_plugin_tb_get_insn(tb, i);
        u64 at = qemu_plugin_insn_vaddr(one);
        if (at < low || at >= high) continue;
        if (listed(on, "insn")) qemu_plugin_register_vcpu_insn_exec_cb(one, insn, QEMU_PLUGIN_CB_NO_REGS, key(at));
        if (listed(on, "mem")) qemu_plugin_register_vcpu_mem_cb(one, on_access, QEMU_PLUGIN_CB_NO_REGS, rw, key(at));
    }
}

static void call(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                 u64 a7, u64 a8)
{
    event("sys %u %" PRId64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64
          " %" PRIx64, cpu, num, a1, a2, a3, a4, a5, a6, a7, a8);
}

static void result(qemu_plugin_id_t id, unsigned cpu, int64_t num, int64_t ret)
{
    bool pid = (num == 220 || num == 260) && ret > 0;
    if (pid) event("ret %u %" PRId64 " pid", cpu, num);
    else event("ret %u %" PRId64 " %" PRId64, cpu, num, ret);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    self = id;
    on = value_of(argc, argv, "on", "");
    tag = value_of(argc, argv, "tag", "");
    const char *which = value_of(argc, argv, "rw", "RW");
    rw = !strcmp(which, "R") ? QEMU_PLUGIN_MEM_R : !strcmp(which, "W") ? QEMU_PLUGIN_MEM_W : QEMU_PLUGIN_MEM_RW;
    const char *range = value_of(argc, argv, "from", NULL);
    if (range) sscanf(range, "%" SCNx64 ":%" SCNx64, &low, &high);
    if (listed(on, "init")) qemu_plugin_register_vcpu_init_cb(id, init);
    if (listed(on, "exit")) qemu_plugin_register_vcpu_exit_cb(id, gone);
    if (listed(on, "idle")) qemu_plugin_register_vcpu_idle_cb(id, idle);
    if (listed(on, "resume")) qemu_plugin_register_vcpu_resume_cb(id, resume);
    if (listed(on, "flush")) qemu_plugin_register_flush_cb(id, flush);
    if (listed(on, "atexit")) qemu_plugin_register_atexit_cb(id, at_end, &on);
    if (listed(on, "sys")) qemu_plugin_register_vcpu_syscall_cb(id, call);
    if (listed(on, "ret")) qemu_plugin_register_vcpu_syscall_ret_cb(id, result);
    if (listed(on, "trans") || listed(on, "tb") || listed(on, "insn") || listed(on, "mem"))
        qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    return 0;
}
