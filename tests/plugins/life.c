/*
 * Reset and uninstall, asked for in one kind of callback.
 *   do=reset|uninstall
 *   in=init|trans|tb|insn|mem|sys|ret|flush
 *   after=N    at the Nth such callback (1)
 *   times=N    as many resets in all, each asked for in the same kind of callback; then nothing (reset)
 *   then=uninstall   after the last reset, uninstalls
 *   silent=1   uninstalls without a callback
 */
#include "kit.h"

static const char *act, *in, *then;
static u64 after, times, hits, resets, silent;
static bool asked, gone;
static u64 insns;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void listen(void);

static void was_reset(qemu_plugin_id_t id)
{
    say("reset %" PRIu64 " id %d vcpus %d\n", ++resets, id == self, qemu_plugin_num_vcpus() > 0);
    hits = 0;
    asked = false;
    if (resets < times || *then) listen();
}

static void was_uninstalled(qemu_plugin_id_t id)
{
    say("uninstalled id %d after %" PRIu64 " resets\n", id == self, resets);
    gone = true;
}

static void hit(const char *what)
{
    if (strcmp(in, what)) return;
    pthread_mutex_lock(&lock);
    bool now = !asked && ++hits == after;
    if (now) asked = true;
    pthread_mutex_unlock(&lock);
    if (gone) say("late %s\n", what);
    if (!now) return;
    say("asked in %s\n", what);
    if (!strcmp(act, "uninstall") || (*then && resets == times)) {
        qemu_plugin_uninstall(self, silent ? NULL : was_uninstalled);
        qemu_plugin_uninstall(self, was_uninstalled);   /* ignored */
        qemu_plugin_reset(self, was_reset);             /* ignored */
    } else {
        qemu_plugin_reset(self, was_reset);
        qemu_plugin_reset(self, was_reset);             /* ignored */
    }
}

static void on_block(unsigned cpu, void *data) { hit("tb"); }
static void on_insn(unsigned cpu, void *data) { insns++; hit("insn"); }
static void on_mem(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data) { hit("mem"); }
static void on_init(qemu_plugin_id_t id, unsigned cpu) { hit("init"); }
static void on_flush(qemu_plugin_id_t id) { hit("flush"); }
static void on_call(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                    u64 a7, u64 a8) { hit("sys"); }
static void on_ret(qemu_plugin_id_t id, unsigned cpu, int64_t num, int64_t ret) { hit("ret"); }

static void on_trans(qemu_plugin_id_t id, Tb *tb)
{
    hit("trans");
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, NULL);
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, QEMU_PLUGIN_CB_NO_REGS, NULL);
        qemu_plugin_register_vcpu_mem_cb(insn, on_mem, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
    }
}

static void at_end(qemu_plugin_id_t id, void *data) { say("atexit resets %" PRIu64 "\n", resets); }

static void listen(void)
{
    qemu_plugin_register_vcpu_init_cb(self, on_init);
    qemu_plugin_register_vcpu_tb_trans_cb(self, on_trans);
    qemu_plugin_register_vcpu_syscall_cb(self, on_call);
    qemu_plugin_register_vcpu_syscall_ret_cb(self, on_ret);
    if (!strcmp(in, "flush")) qemu_plugin_register_flush_cb(self, on_flush);
    qemu_plugin_register_atexit_cb(self, at_end, NULL);
}

__attribute__((destructor)) static void unloaded(void) { say("unloaded\n"); }

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    self = id;
    act = value_of(argc, argv, "do", "reset");
    in = value_of(argc, argv, "in", "tb");
    then = value_of(argc, argv, "then", "");
    after = number_of(argc, argv, "after", 1);
    times = number_of(argc, argv, "times", 1);
    silent = number_of(argc, argv, "silent", 0);
    listen();
    return 0;
}
