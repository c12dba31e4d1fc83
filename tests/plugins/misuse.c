/*
 * What a plugin should not do. Each way is named with do=…; the kind of callback with in=…; after=N: at the Nth such;
 * tell=1: writes "!" to the standard output before
 */
#include <pthread.h>
#include <signal.h>
#include "kit.h"

static const char *act, *in;
static Tb *kept_tb;
static Insn *kept_insn;
static bool done, tell;
static u64 after, calls;

static void nothing(unsigned cpu, void *data) {}
static void end_nothing(qemu_plugin_id_t id, void *data) {}

#define IS(word) (!strcmp(act, word))

static volatile int depth;

/* Until the stack runs over: each frame is kept by what is done after the call. */
static void recurse(volatile int *up)
{
    volatile int here[1000];
    here[0] = up ? *up : 0;
    if (depth >= 0) recurse(here);
    depth += here[0] != 0;
}

static void *on_its_own(void *data)
{
    qemu_plugin_u64_sum((qemu_plugin_u64){ NULL, 0 });
    return NULL;
}

static void wrong(void)
{
    if (__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED) < after || __atomic_exchange_n(&done, true, __ATOMIC_RELAXED)) return;
    if (tell && write(1, "!", 1) != 1) return;
    if (IS("crash")) *(volatile int *)0 = 1;
    if (IS("libc")) {
        size_t (*volatile length)(const char *) = strlen;
        length((char *)(uintptr_t)8);
    }
    if (IS("jump")) ((void (*)(void))(uintptr_t)16)();
    if (IS("abort")) abort();
    if (IS("recurse")) recurse(0);
    if (IS("loop")) {
        alarm(1);
        for (;;) qemu_plugin_num_vcpus();
    }
    if (IS("spin")) for (;;) __asm__ volatile ("");
    if (IS("sleep") || IS("print")) {
        if (IS("print") && write(1, "before", 6) != 6) return;
        for (;;) pause();
    }
    if (IS("fill")) for (int i = 0; i < 50000; i++) qemu_plugin_outs("0123456789 0123456789 0123456789 0123456789 0123456789\n");
    if (IS("wait")) for (int i = 0; i < 25; i++) usleep(100 * 1000);
    if (IS("thread")) {
        pthread_t thread;
        pthread_create(&thread, NULL, on_its_own, NULL);
        pthread_join(thread, NULL);
    }
    if (IS("exit")) exit(7);
    if (IS("_exit")) _exit(9);
    if (IS("id")) qemu_plugin_register_atexit_cb(self + 12345, end_nothing, NULL);
    if (IS("id-reset")) qemu_plugin_reset(self ^ 0x5555, NULL);
    if (IS("id-uninstall")) qemu_plugin_uninstall(0, NULL);
    if (IS("null-tb")) say("n %zu\n", qemu_plugin_tb_n_insns(NULL));
    if (IS("null-insn")) say("size %zu\n", qemu_plugin_insn_size(NULL));
    if (IS("null-register")) qemu_plugin_register_vcpu_insn_exec_cb(NULL, nothing, QEMU_PLUGIN_CB_NO_REGS, NULL);
    if (IS("null-board")) say("sum %" PRIu64 "\n", qemu_plugin_u64_sum((qemu_plugin_u64){ NULL, 0 }));
    if (IS("null-text")) qemu_plugin_outs(NULL);
    if (IS("stale-tb")) qemu_plugin_register_vcpu_tb_exec_cb(kept_tb, nothing, QEMU_PLUGIN_CB_NO_REGS, NULL);
    if (IS("stale-insn")) say("vaddr %" PRIx64 "\n", qemu_plugin_insn_vaddr(kept_insn));
    if (IS("beyond")) qemu_plugin_scoreboard_find(qemu_plugin_scoreboard_new(8), 1000);
    if (IS("freed-board")) {
        struct qemu_plugin_scoreboard *board = qemu_plugin_scoreboard_new(8);
        qemu_plugin_scoreboard_free(board);
        qemu_plugin_scoreboard_free(board);
    }
    if (IS("handle")) {
        GByteArray *buf = g_byte_array_new();
        say("read %d\n", qemu_plugin_read_register((void *)(uintptr_t)0x123456, buf));
    }
    if (IS("op")) {
        qemu_plugin_u64 cell = { qemu_plugin_scoreboard_new(8), 0 };
        qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(kept_tb, 7, cell, 1);
    }
    if (IS("far")) {
        qemu_plugin_u64 cell = { qemu_plugin_scoreboard_new(8), 0 };
        qemu_plugin_u64_add(cell, 0, 1);
        qemu_plugin_u64_get((qemu_plugin_u64){ cell.score, SIZE_MAX - 7 }, 0);
    }
    if (IS("time")) qemu_plugin_update_ns(&done, 1);
    if (IS("null-buffer")) qemu_plugin_read_memory_vaddr(0x10000, NULL, 4);
}

static void on_block(unsigned cpu, void *data) { if (!strcmp(in, "tb")) wrong(); }
static void on_insn(unsigned cpu, void *data) { if (!strcmp(in, "insn")) wrong(); }
static void on_mem(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data) { if (!strcmp(in, "mem")) wrong(); }
static void on_call(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                    u64 a7, u64 a8) { if (!strcmp(in, "sys")) wrong(); }
static void on_ret(qemu_plugin_id_t id, unsigned cpu, int64_t num, int64_t ret) { if (!strcmp(in, "ret")) wrong(); }
static void on_init(qemu_plugin_id_t id, unsigned cpu) { if (!strcmp(in, "init")) wrong(); }
static void at_end(qemu_plugin_id_t id, void *data)
{
    if (!strcmp(in, "atexit")) wrong();
    say("atexit\n");
}

/* Calls nothing, so an emulator may call it in another way than the others. */
static void on_spin(unsigned cpu, void *data) { for (;;) __asm__ volatile (""); }
static void on_bang(unsigned cpu, void *data) { *(volatile int *)data = 1; }

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    if (IS("leaf")) qemu_plugin_register_vcpu_tb_exec_cb(tb, on_spin, 0, (void *)0x55d0);
    if (!kept_tb) {
        kept_tb = tb;
        kept_insn = qemu_plugin_tb_get_insn(tb, 0);
    }
    if (!strcmp(in, "trans")) wrong();
    int flags = 0;
    if (IS("flags")) flags = 9;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, flags, (void *)0x55d0);
    if (IS("null-callback")) qemu_plugin_register_vcpu_tb_exec_cb(tb, NULL, 0, NULL);
    if (IS("leaf-crash")) {
        qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_tb_get_insn(tb, 1), on_bang, 0, (void *)0x7d0);
        return;
    }
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, 0, (void *)0x55d0);
        qemu_plugin_register_vcpu_mem_cb(insn, on_mem, 0, QEMU_PLUGIN_MEM_RW, (void *)0x55d0);
    }
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    self = id;
    act = value_of(argc, argv, "do", "");
    in = value_of(argc, argv, "in", "tb");
    tell = number_of(argc, argv, "tell", 0);
    after = number_of(argc, argv, "after", 1);
    if (!strcmp(in, "install")) wrong();
    qemu_plugin_register_vcpu_init_cb(id, on_init);
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_vcpu_syscall_cb(id, on_call);
    qemu_plugin_register_vcpu_syscall_ret_cb(id, on_ret);
    if (!IS("no-end")) qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
