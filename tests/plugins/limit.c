/*
 * A condition that a counter of instructions reaches a limit, on every block, checked against a count of the plugin's own:
 *   limit=N   cond=ge|gt   where=block (one add of all) | insn (an add before each, the condition at the block's head)
 *   then=reset | keep | back (just below) | half (by an add) | find (asks for the address)
 *   leaf=1 (the callback calls nothing)   second=N (a second limit)
 *   begin=N (each counter's first value)   late=N (the first N blocks that are shown have no condition)
 * Prints how often it fired, and how often wrongly.
 */
#include "kit.h"

#define MOST 64
static struct qemu_plugin_scoreboard *board;
static u64 limit, second, begin, late, shown, own[MOST], fired, early, missed, wrong, fired_second;
static bool pending[MOST], insns, leaf;
static enum qemu_plugin_cond cond;
static const char *then;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
#define CELL qemu_plugin_scoreboard_u64(board)

static bool reached(u64 n) { return cond == QEMU_PLUGIN_COND_GE ? n >= limit : n > limit; }

static void account(unsigned cpu, void *n) { own[cpu] += plain(n); }

static void check(unsigned cpu, void *data)
{
    if (pending[cpu]) __atomic_fetch_add(&missed, 1, __ATOMIC_RELAXED);
    pending[cpu] = reached(own[cpu]);
}

static void on_limit_leaf(unsigned cpu, void *data)
{
    __atomic_fetch_add(&fired, 1, __ATOMIC_RELAXED);
    pending[cpu] = false;
}

static void set(unsigned cpu, u64 n)
{
    own[cpu] = n;
    qemu_plugin_u64_set(CELL, cpu, n);
}

static void on_limit(unsigned cpu, void *data)
{
    pthread_mutex_lock(&lock);
    fired++;
    early += !reached(own[cpu]);
    pending[cpu] = false;
    wrong += qemu_plugin_u64_get(CELL, cpu) != own[cpu];
    if (!strcmp(then, "reset")) set(cpu, 0);
    if (!strcmp(then, "back")) set(cpu, limit - 50);
    if (!strcmp(then, "half")) {
        own[cpu] -= limit / 2;
        qemu_plugin_u64_add(CELL, cpu, -(limit / 2));
    }
    if (!strcmp(then, "find")) {
        u64 *at = qemu_plugin_scoreboard_find(board, cpu);
        wrong += *at != own[cpu];
        own[cpu] = *at = 0;
    }
    wrong += qemu_plugin_u64_get(CELL, cpu) != own[cpu];
    pthread_mutex_unlock(&lock);
}

static void on_second(unsigned cpu, void *data) { __atomic_fetch_add(&fired_second, 1, __ATOMIC_RELAXED); }

static void on_init(qemu_plugin_id_t id, unsigned cpu) { set(cpu, begin); }

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    bool has_condition = __atomic_add_fetch(&shown, 1, __ATOMIC_RELAXED) > late;
    size_t n = qemu_plugin_tb_n_insns(tb);
    if (!insns) qemu_plugin_register_vcpu_tb_exec_cb(tb, account, QEMU_PLUGIN_CB_NO_REGS, key(n));
    if (has_condition) qemu_plugin_register_vcpu_tb_exec_cb(tb, check, QEMU_PLUGIN_CB_NO_REGS, NULL);
    if (!insns) qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, CELL, n);
    if (has_condition)
        qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, leaf ? on_limit_leaf : on_limit, QEMU_PLUGIN_CB_NO_REGS, cond, CELL, limit, NULL);
    if (second)
        qemu_plugin_register_vcpu_tb_exec_cond_cb(tb, on_second, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_COND_GE, CELL, second, NULL);
    if (!insns) return;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, account, QEMU_PLUGIN_CB_NO_REGS, key(n));
    for (size_t i = 0; i < n; i++)
        qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(qemu_plugin_tb_get_insn(tb, i), QEMU_PLUGIN_INLINE_ADD_U64, CELL, 1);
}

static void at_end(qemu_plugin_id_t id, void *data)
{
    u64 sum = 0;
    for (int i = 0; i < qemu_plugin_num_vcpus(); i++) sum += own[i];
    wrong += sum != qemu_plugin_u64_sum(CELL);
    say("often %d early %" PRIu64 " missed %" PRIu64 " wrong %" PRIu64 " second %d\n", fired >= 3, early, missed, wrong,
        fired_second > 0);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    limit = number_of(argc, argv, "limit", 300000);
    begin = number_of(argc, argv, "begin", 0);
    late = number_of(argc, argv, "late", 0);
    second = number_of(argc, argv, "second", 0);
    leaf = number_of(argc, argv, "leaf", 0);
    then = value_of(argc, argv, "then", "reset");
    cond = !strcmp(value_of(argc, argv, "cond", "ge"), "ge") ? QEMU_PLUGIN_COND_GE : QEMU_PLUGIN_COND_GT;
    insns = !strcmp(value_of(argc, argv, "where", "block"), "insn");
    board = qemu_plugin_scoreboard_new(8);
    if (begin) qemu_plugin_register_vcpu_init_cb(id, on_init);
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
