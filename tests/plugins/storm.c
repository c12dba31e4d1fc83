/*
 * Resets itself again and again, from whatever callback chance picks, on whatever thread; each time it registers other
 * things than before.
 *   seed=N       for chance
 *   every=N      callbacks between two requests, on average (500)
 *   resets=N     after so many it does what `then` says; 0: never
 *   then=rest|uninstall
 * What was registered before a reset must never be delivered after it: such callbacks are counted as stale.
 */
#include <sys/resource.h>
#include "kit.h"

static u64 seed, every, most, resets, stale, delivered, resident_early;
static bool asked, uninstalls;
static struct qemu_plugin_scoreboard *board;

static u64 chance(void)
{
    static __thread u64 x;
    if (!x) x = (seed + 1) * 0x9e3779b97f4a7c15ull ^ (u64)(uintptr_t)&x;
    x ^= x << 13;
    x ^= x >> 7;
    return x ^= x << 17;
}

static void listen(void);

/* Pages in memory. */
static u64 resident(void)
{
    unsigned long total, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu %lu", &total, &pages) != 2) abort();
    fclose(file);
    return pages;
}

static void report(const char *how)
{
    say("%s %" PRIu64 " resets %" PRIu64 " stale %" PRIu64 " delivered %" PRIu64 " grown %" PRId64 "\n", how, self, resets,
        stale, delivered, resident_early ? (int64_t)(resident() - resident_early) : 0);
}

static void was_reset(qemu_plugin_id_t id)
{
    resets++;
    if (resets == 20) resident_early = resident();
    if (board) qemu_plugin_scoreboard_free(board);
    board = NULL;
    listen();
    __atomic_store_n(&asked, false, __ATOMIC_SEQ_CST);
}

static void was_uninstalled(qemu_plugin_id_t id) { report("uninstalled"); }

static void told(void)
{
    __atomic_fetch_add(&delivered, 1, __ATOMIC_RELAXED);
    if (chance() % every || __atomic_exchange_n(&asked, true, __ATOMIC_SEQ_CST)) return;
    if (!most || resets < most)
        qemu_plugin_reset(self, was_reset);
    else if (uninstalls)
        qemu_plugin_uninstall(self, was_uninstalled);
}

/* `when` is the number of resets before the registration. A vCPU in a system call does not stop for a reset, so there is
 * no such number there. */
static void hit(u64 when)
{
    if (when != resets) __atomic_fetch_add(&stale, 1, __ATOMIC_RELAXED);
    told();
}

static void on_block(unsigned cpu, void *data) { hit(plain(data)); }
static void on_access(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data) { hit(plain(data)); }
static void on_call(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                    u64 a7, u64 a8) { told(); }
static void on_ret(qemu_plugin_id_t id, unsigned cpu, int64_t num, int64_t ret) { told(); }
static void on_init(qemu_plugin_id_t id, unsigned cpu) { told(); }
static void on_flush(qemu_plugin_id_t id) {}

static void on_trans(qemu_plugin_id_t id, Tb *tb)
{
    u64 kind = resets + seed, n = qemu_plugin_tb_n_insns(tb);
    hit(resets);
    Insn *insn = qemu_plugin_tb_get_insn(tb, chance() % n);
    qemu_plugin_u64 cell = qemu_plugin_scoreboard_u64(board);
    if (kind & 1) qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, cell, 1);
    if (kind & 2)
        qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, on_block, QEMU_PLUGIN_CB_RW_REGS, QEMU_PLUGIN_COND_GE, cell, 10,
                                                  key(resets));
    else
        qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, key(resets));
    if (kind & 4) qemu_plugin_register_vcpu_insn_exec_cb(insn, on_block, QEMU_PLUGIN_CB_R_REGS, key(resets));
    if (kind & 8)
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, key(resets));
}

static void at_end(qemu_plugin_id_t id, void *data) { report("storm"); }

static void listen(void)
{
    board = qemu_plugin_scoreboard_new(8);
    qemu_plugin_register_vcpu_init_cb(self, on_init);
    qemu_plugin_register_vcpu_tb_trans_cb(self, on_trans);
    if (resets & 1) qemu_plugin_register_vcpu_syscall_cb(self, on_call);
    if (resets & 2) qemu_plugin_register_vcpu_syscall_ret_cb(self, on_ret);
    if (resets & 4) qemu_plugin_register_flush_cb(self, on_flush);
    qemu_plugin_register_atexit_cb(self, at_end, NULL);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    self = id;
    seed = number_of(argc, argv, "seed", 1);
    every = number_of(argc, argv, "every", 500);
    most = number_of(argc, argv, "resets", 0);
    uninstalls = !strcmp(value_of(argc, argv, "then", "rest"), "uninstall");
    listen();
    return 0;
}
