/*
 * For `cargo xtask fuzz plugin-misuse`: calls functions of the interface in every callback, chosen by a seed, with
 * arguments that are mostly right and sometimes stale, NULL, foreign, made up or huge. The guest's registers and memory
 * are left alone.
 *   seed=N     decides everything
 *   wrong=N    one argument of so many is wrong (100)
 *   trace=1    says each call on stderr before it is made
 */
#include "kit.h"

static u64 seed, wrong, x;
static bool trace;
static __thread GByteArray *bytes;

/* What was handed out so far. */
static Tb *tb;
static Insn *insn;
static struct qemu_plugin_scoreboard *boards[8];
static struct qemu_plugin_register *registers[128];
static u64 register_count;
static qemu_plugin_meminfo_t info;
static bool have_info, begun;
static const void *clock_handle;

static u64 chance(void)
{
    x ^= x << 13;
    x ^= x >> 7;
    return x ^= x << 17;
}

/* Whether the next argument is a wrong one. */
static bool bad(void) { return chance() % wrong == 0; }

static u64 junk(void)
{
    static const u64 some[] = { 0, 1, 2, 7, 8, 16, 4095, 4096, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
                                0x7fffffffffff, 0x8000000000000000, (u64)-1, (u64)-8, (u64)-4096 };
    return chance() & 1 ? chance() : some[chance() % (sizeof some / sizeof *some)];
}

static u64 small(void) { return bad() ? junk() : chance() % 16; }
static qemu_plugin_id_t an_id(void) { return bad() ? junk() : self; }
static void *pointer(void *right) { return bad() ? (void *)(uintptr_t)junk() : right; }
static Tb *a_tb(void) { return pointer(tb); }
static Insn *an_insn(void) { return pointer(insn); }
static struct qemu_plugin_scoreboard *a_board(void)
{
    struct qemu_plugin_scoreboard **at = &boards[chance() % 8];
    if (!*at) *at = qemu_plugin_scoreboard_new(8 + chance() % 64 * 8);
    return pointer(*at);
}
static qemu_plugin_u64 a_cell(void) { return (qemu_plugin_u64){ a_board(), bad() ? junk() : 0 }; }
static GByteArray *an_array(void) { return bad() ? NULL : bytes; }
static void *a_register(void) { return pointer(register_count ? registers[chance() % register_count] : NULL); }
static int a_flag(void) { return bad() ? (int)junk() : (int)(chance() % 3); }
static const char *a_text(void) { return bad() ? NULL : chance() & 1 ? "" : "on"; }

static void some(const char *where);

static void on_udata(unsigned cpu, void *data) { some("execution"); }
static void on_cpu(qemu_plugin_id_t id, unsigned cpu)
{
    begun = true;
    some("vcpu");
}
static void on_simple(qemu_plugin_id_t id) { some("simple"); }
static void at_end(qemu_plugin_id_t id, void *data) { some("atexit"); }
static void on_mem(unsigned cpu, qemu_plugin_meminfo_t now, u64 addr, void *data)
{
    info = now;
    have_info = true;
    some("access");
}
static void on_call(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                    u64 a7, u64 a8) { some("syscall"); }
static void on_ret(qemu_plugin_id_t id, unsigned cpu, int64_t num, int64_t ret) { some("return"); }
static bool on_filter(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                      u64 a7, u64 a8, u64 *result)
{
    some("filter");
    return false;
}
static void on_trans(qemu_plugin_id_t id, Tb *now)
{
    /* Now and then the old ones are kept, to be stale. */
    if (!tb || !bad()) tb = now;
    size_t n = qemu_plugin_tb_n_insns(now);
    if (!insn || !bad()) insn = qemu_plugin_tb_get_insn(now, chance() % n);
    some("translation");
    some("translation");
}

#define ADD_OR_STORE ((enum qemu_plugin_op)(bad() ? (int)junk() : (int)(chance() & 1)))
#define CONDITION ((enum qemu_plugin_cond)(bad() ? (int)junk() : (int)(chance() % 8)))
#define DIRECTION ((enum qemu_plugin_mem_rw)(bad() ? (int)junk() : 1 + (int)(chance() % 3)))
#define CB(f) (bad() ? NULL : f)

static void learn_registers(void)
{
    GArray *list = qemu_plugin_get_registers();
    if (!list) return;
    for (register_count = 0; register_count < list->len && register_count < 128; register_count++)
        registers[register_count] = ((qemu_plugin_reg_descriptor *)list->data)[register_count].handle;
    g_array_free(list, 1);
}

/* Only in a translation callback is anything of a block valid. */
static void of_blocks(void)
{
    switch (chance() % 16) {
    case 0: qemu_plugin_register_vcpu_tb_exec_cb(a_tb(), CB(on_udata), a_flag(), NULL); break;
    case 1: qemu_plugin_register_vcpu_tb_exec_cond_cb(a_tb(), CB(on_udata), a_flag(), CONDITION, a_cell(), junk(), NULL); break;
    case 2: qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(a_tb(), ADD_OR_STORE, a_cell(), junk()); break;
    case 3: qemu_plugin_register_vcpu_insn_exec_cb(an_insn(), CB(on_udata), a_flag(), NULL); break;
    case 4: qemu_plugin_register_vcpu_insn_exec_cond_cb(an_insn(), CB(on_udata), a_flag(), CONDITION, a_cell(), junk(), NULL); break;
    case 5: qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(an_insn(), ADD_OR_STORE, a_cell(), junk()); break;
    case 6: qemu_plugin_register_vcpu_mem_cb(an_insn(), CB(on_mem), a_flag(), DIRECTION, NULL); break;
    case 7: qemu_plugin_register_vcpu_mem_inline_per_vcpu(an_insn(), DIRECTION, ADD_OR_STORE, a_cell(), junk()); break;
    case 8: qemu_plugin_tb_n_insns(a_tb()); break;
    case 9: qemu_plugin_tb_vaddr(a_tb()); break;
    case 10: qemu_plugin_tb_get_insn(a_tb(), small()); break;
    case 11: {
        char data[64];
        u64 n = chance() % sizeof data;
        qemu_plugin_insn_data(an_insn(), data, n);
        break;
    }
    case 12: qemu_plugin_insn_size(an_insn()), qemu_plugin_insn_vaddr(an_insn()); break;
    case 13: qemu_plugin_insn_haddr(an_insn()); break;
    case 14: free(qemu_plugin_insn_disas(an_insn())); break;
    default: qemu_plugin_insn_symbol(an_insn());
    }
}

static void of_plugins(void)
{
    switch (chance() % 16) {
    case 0: if (chance() % 8 == 0) qemu_plugin_reset(an_id(), chance() & 1 ? on_simple : NULL); break;
    case 1: if (chance() % 64 == 0) qemu_plugin_uninstall(an_id(), NULL); break;
    case 2: qemu_plugin_register_vcpu_init_cb(an_id(), CB(on_cpu)); break;
    case 3: qemu_plugin_register_vcpu_exit_cb(an_id(), CB(on_cpu)); break;
    case 4: qemu_plugin_register_vcpu_idle_cb(an_id(), CB(on_cpu)); break;
    case 5: qemu_plugin_register_vcpu_resume_cb(an_id(), CB(on_cpu)); break;
    case 6: qemu_plugin_register_flush_cb(an_id(), CB(on_simple)); break;
    case 7: qemu_plugin_register_atexit_cb(an_id(), CB(at_end), NULL); break;
    case 8: qemu_plugin_vcpu_for_each(an_id(), chance() % 4 ? NULL : on_cpu); break;
    case 9: qemu_plugin_register_vcpu_syscall_cb(an_id(), CB(on_call)); break;
    case 10: qemu_plugin_register_vcpu_syscall_ret_cb(an_id(), CB(on_ret)); break;
    case 11: qemu_plugin_register_vcpu_syscall_filter_cb(an_id(), CB(on_filter)); break;
    case 12: case 13: qemu_plugin_register_vcpu_tb_trans_cb(an_id(), CB(on_trans)); break;
    case 14: qemu_plugin_outs(bad() ? NULL : "chaos\n"); break;
    default: {
        bool result;
        qemu_plugin_bool_parse(a_text(), a_text(), bad() ? NULL : &result);
    }
    }
}

static void of_state(bool may_jump)
{
    if (!bytes) bytes = g_byte_array_new();
    g_byte_array_set_size(bytes, 0);
    switch (chance() % 16) {
    case 0: learn_registers(); break;
    case 1: case 2: qemu_plugin_read_register(a_register(), an_array()); break;
    case 3:                                     /* of a wrong length, or into nothing */
        if (bad()) qemu_plugin_write_register(a_register(), an_array());
        break;
    case 4:                                     /* where the guest could not be led astray by it */
        if (bad() && !may_jump) qemu_plugin_set_pc(junk());
        break;
    case 5: qemu_plugin_read_memory_vaddr(junk(), an_array(), chance() % 5000); break;
    case 6: if (bad()) qemu_plugin_read_memory_vaddr(junk(), an_array(), junk()); break;
    case 7: qemu_plugin_write_memory_vaddr(junk() | 0x8000000000000000, an_array()); break;
    case 8: qemu_plugin_read_memory_hwaddr(junk(), an_array(), chance() % 5000); break;
    case 9: qemu_plugin_write_memory_hwaddr(junk(), an_array()); break;
    case 10: {
        u64 to;
        qemu_plugin_translate_vaddr(junk(), bad() ? NULL : &to);
        break;
    }
    case 11:
        if (!clock_handle) clock_handle = qemu_plugin_request_time_control();
        qemu_plugin_update_ns(pointer((void *)clock_handle), junk());
        break;
    case 12: qemu_plugin_num_vcpus(), qemu_plugin_start_code(), qemu_plugin_end_code(), qemu_plugin_entry_code(); break;
    case 13: free((char *)qemu_plugin_path_to_binary()); break;
    default: {
        if (!have_info && !bad()) break;
        qemu_plugin_meminfo_t now = bad() ? (qemu_plugin_meminfo_t)junk() : info;
        qemu_plugin_mem_size_shift(now), qemu_plugin_mem_is_store(now), qemu_plugin_mem_is_sign_extended(now);
        if (chance() & 1) qemu_plugin_mem_get_value(now);
        void *h = pointer(qemu_plugin_get_hwaddr(now, junk()));
        qemu_plugin_hwaddr_is_io(h), qemu_plugin_hwaddr_phys_addr(h), qemu_plugin_hwaddr_device_name(h);
    }
    }
}

static void of_boards(void)
{
    if (!begun) return;
    u64 n = chance() % 8;
    unsigned cpu = bad() ? (unsigned)junk() : 0;
    switch (chance() % 8) {
    case 0: if (!boards[n] || bad()) boards[n] = qemu_plugin_scoreboard_new(bad() ? junk() : 8 + chance() % 4096); break;
    case 1:
        if (!boards[n]) break;
        qemu_plugin_scoreboard_free(pointer(boards[n]));
        if (!bad()) boards[n] = NULL;           /* else it is stale from now on */
        break;
    case 2: qemu_plugin_scoreboard_find(a_board(), cpu); break;
    case 3: qemu_plugin_u64_add(a_cell(), cpu, junk()); break;
    case 4: qemu_plugin_u64_set(a_cell(), cpu, junk()); break;
    case 5: qemu_plugin_u64_get(a_cell(), cpu); break;
    default: qemu_plugin_u64_sum(a_cell());
    }
}

static void some(const char *where)
{
    static __thread int depth;
    static __thread bool in_call;               /* where the pc may be set, also by what is called from there */
    if (depth > 2) return;
    if (!depth) in_call = !listed("translation+vcpu+simple+atexit+install", where);
    depth++;
    bool translating = !strcmp(where, "translation");
    int kind = chance() % 4;
    if (kind == 0 && !translating && !bad()) kind = 3;
    if (trace) fprintf(stderr, "chaos: in %s: kind %d, chance %" PRIx64 "\n", where, kind, x);
    switch (kind) {
    case 0: of_blocks(); break;
    case 1: of_plugins(); break;
    case 2: of_state(in_call); break;
    default: of_boards();
    }
    depth--;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *information, int argc, char **argv)
{
    self = id;
    seed = number_of(argc, argv, "seed", 1);
    wrong = number_of(argc, argv, "wrong", 100);
    trace = number_of(argc, argv, "trace", 0);
    x = (seed + 1) * 0x9e3779b97f4a7c15ull;
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_trans);
    qemu_plugin_register_vcpu_init_cb(id, on_cpu);
    qemu_plugin_register_vcpu_syscall_cb(id, on_call);
    qemu_plugin_register_vcpu_syscall_ret_cb(id, on_ret);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    if (chance() & 1) some("install");
    return 0;
}
