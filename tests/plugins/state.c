/*
 * Registers: reading in every kind of callback, writing, setting the program counter.
 *   do=list       the list with sizes, at vcpu_init
 *   do=append     reading into one array that grows
 *   do=pc         the program counter in block, instruction and access callbacks, and system calls
 *   do=read       at=PC reg=NAME[+NAME...]: their values before every execution of that instruction
 *   do=flags      what reading comes to in each kind of callback
 *   do=start      pc, a0, sp and tp of each vCPU at vcpu_init
 *   do=write      at=PC reg=NAME value=N [len=N] [flags=N]: writes it before that instruction
 *   do=empty, do=zero   writes nothing to a0, and 1 to the zero register
 *   do=setpc      at=PC to=PC where=block|insn|mem|sys
 *   do=readonly   writes every register that says it is read-only
 */
#include "kit.h"

#define V5 (QEMU_PLUGIN_VERSION >= 5)
#define V6 (QEMU_PLUGIN_VERSION >= 6)

static const char *act, *reg, *where;
static u64 at, to, value, len, flags, times;
static GArray *list;

static qemu_plugin_reg_descriptor *entry(guint i) { return &g_array_index(list, qemu_plugin_reg_descriptor, i); }

static qemu_plugin_reg_descriptor *find(const char *name)
{
    for (guint i = 0; i < list->len; i++)
        if (!strcmp(entry(i)->name, name)) return entry(i);
    return NULL;
}

/* The value, and what the function returned. */
static u64 get(const char *name, int *returned)
{
    u64 v = 0;
    GByteArray *bytes = g_byte_array_new();
    *returned = qemu_plugin_read_register(find(name)->handle, bytes);
    memcpy(&v, bytes->data, bytes->len < 8 ? bytes->len : 8);
    g_byte_array_free(bytes, TRUE);
    return v;
}

#if V5
static int put(const char *name, u64 v, size_t n)
{
    GByteArray *bytes = g_byte_array_new();
    uint8_t all[16] = { 0 };
    memcpy(all, &v, 8);
    g_byte_array_append(bytes, all, n);
    int returned = qemu_plugin_write_register(find(name)->handle, bytes);
    g_byte_array_free(bytes, TRUE);
    return returned;
}
#endif

static void show_list(void)
{
    GByteArray *all = g_byte_array_new();
    say("element %u registers %u\n", g_array_get_element_size(list), list->len);
    for (guint i = 0; i < list->len; i++) {
        qemu_plugin_reg_descriptor *d = entry(i);
        guint before = all->len;
        int returned = qemu_plugin_read_register(d->handle, all);
#if V6
        say("reg %s %s %u returned %d readonly %d null %d\n", d->name, d->feature, all->len - before, returned,
            d->is_readonly, d->handle == NULL);
#else
        say("reg %s %s %u returned %d null %d\n", d->name, d->feature, all->len - before, returned, d->handle == NULL);
#endif
    }
    g_byte_array_free(all, TRUE);
}

static void show_append(void)
{
    GByteArray *all = g_byte_array_new();
    g_byte_array_append(all, (const guint8 *)"head", 4);
    qemu_plugin_read_register(find("zero")->handle, all);
    say("after zero %u\n", all->len);
    qemu_plugin_read_register(find("pc")->handle, all);
    u64 pc;
    memcpy(&pc, all->data + 12, 8);
    say("after pc %u head %.4s pc %" PRIx64 "\n", all->len, all->data, pc);
    /* The list ends with zeroes behind its last element. */
    static const char zeroes[sizeof(qemu_plugin_reg_descriptor)];
    say("zero-terminated %d\n", !memcmp(entry(list->len), zeroes, sizeof zeroes));
    /* Names are the same strings in every list. */
    GArray *again = qemu_plugin_get_registers();
    qemu_plugin_reg_descriptor *second = &g_array_index(again, qemu_plugin_reg_descriptor, 5);
    say("lists %s names %s\n", again == list ? "shared" : "differ", second->name == entry(5)->name ? "same" : "differ");
    g_array_free(again, TRUE);
    g_byte_array_free(all, TRUE);
}

static void check_pc(const char *what, unsigned cpu, u64 wanted)
{
    int returned;
    u64 pc = get("pc", &returned);
    say("%s %" PRIx64 " pc %" PRIx64 "%s\n", what, wanted, pc, pc == wanted ? "" : " differs");
}
static void pc_block(unsigned cpu, void *data) { check_pc("block", cpu, plain(data)); }
static void pc_insn(unsigned cpu, void *data) { check_pc("insn", cpu, plain(data)); }
static void pc_mem(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data) { check_pc("mem", cpu, plain(data)); }

static void read_flag(const char *what)
{
    int returned;
    get("sp", &returned);
    say("%s %d\n", what, returned);
}
static bool shown[20];
static void flag(u64 n, const char *what)
{
    if (!shown[n]) read_flag(what);
    shown[n] = true;
}
static const char *const block_flags[] = { "block no", "block r", "block rw", "block pc" };
static const char *const insn_flags[] = { "insn no", "insn r", "insn rw", "insn pc" };
static const char *const mem_flags[] = { "mem no", "mem r", "mem rw", "mem pc" };
static void flag_block(unsigned cpu, void *data) { flag(plain(data), block_flags[plain(data)]); }
static void flag_insn(unsigned cpu, void *data) { flag(4 + plain(data), insn_flags[plain(data)]); }
static void flag_mem(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data)
{
    flag(8 + plain(data), mem_flags[plain(data)]);
}
static void flag_call(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                      u64 a7, u64 a8) { flag(12, "syscall"); }
static void flag_ret(qemu_plugin_id_t id, unsigned cpu, int64_t num, int64_t ret) { flag(13, "return"); }
static void flag_end(qemu_plugin_id_t id, void *data) { flag(14, "atexit"); }

static void read_one(unsigned cpu, void *data)
{
    int returned;
    for (guint i = 0; i < list->len; i++)
        if (listed(reg, entry(i)->name)) say("%s %" PRIx64 "\n", entry(i)->name, get(entry(i)->name, &returned));
}

#if V5
static void write_one(unsigned cpu, void *data)
{
    int returned, wrote;
    u64 before = get(reg, &returned);
    wrote = put(reg, value, len);
    say("write %s returned %d before %" PRIx64 " after %" PRIx64 "\n", reg, wrote, before, get(reg, &returned));
}
#endif

#if V6
static void leave(const char *what)
{
    if (times++) return;
    say("leaving %s\n", what);
    qemu_plugin_set_pc(to);
    say("still there\n");
}
static void leave_exec(unsigned cpu, void *data) { leave(data); }
static void leave_mem(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data) { leave("mem"); }
static void leave_call(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                       u64 a7, u64 a8) { if ((u64)num == value) leave("syscall"); }
static void leave_ret(qemu_plugin_id_t id, unsigned cpu, int64_t num, int64_t ret)
{
    say("ret %" PRId64 " %" PRId64 "\n", num, ret);
    if (!strcmp(where, "ret") && (u64)num == value) leave("return");
}
static void passed(unsigned cpu, void *data) { say("insn %" PRIx64 "\n", plain(data)); }
static void passed_mem(unsigned cpu, qemu_plugin_meminfo_t info, u64 addr, void *data) { say("second mem\n"); }
#endif

static void call_pc(qemu_plugin_id_t id, unsigned cpu, int64_t num, u64 a1, u64 a2, u64 a3, u64 a4, u64 a5, u64 a6,
                    u64 a7, u64 a8)
{
    int returned;
    say("syscall %" PRId64 " pc %" PRIx64 "\n", num, get("pc", &returned));
}

static void trans(qemu_plugin_id_t id, Tb *tb)
{
    enum qemu_plugin_cb_flags r = QEMU_PLUGIN_CB_R_REGS;
    if (!strcmp(act, "pc")) qemu_plugin_register_vcpu_tb_exec_cb(tb, pc_block, r, key(qemu_plugin_tb_vaddr(tb)));
    if (!strcmp(act, "flags"))
        for (u64 f = 0; f < (V6 ? 4 : 3); f++) qemu_plugin_register_vcpu_tb_exec_cb(tb, flag_block, f, key(f));
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        Insn *insn = qemu_plugin_tb_get_insn(tb, i);
        u64 pc = qemu_plugin_insn_vaddr(insn);
        if (!strcmp(act, "pc")) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, pc_insn, r, key(pc));
            qemu_plugin_register_vcpu_mem_cb(insn, pc_mem, r, QEMU_PLUGIN_MEM_RW, key(pc));
        }
        if (!strcmp(act, "flags"))
            for (u64 f = 0; f < (V6 ? 4 : 3); f++) {
                qemu_plugin_register_vcpu_insn_exec_cb(insn, flag_insn, f, key(f));
                qemu_plugin_register_vcpu_mem_cb(insn, flag_mem, f, QEMU_PLUGIN_MEM_RW, key(f));
            }
#if V6
        if (!strcmp(act, "setpc")) qemu_plugin_register_vcpu_insn_exec_cb(insn, passed, QEMU_PLUGIN_CB_NO_REGS, key(pc));
#endif
        if (pc != at) continue;
        if (!strcmp(act, "read")) qemu_plugin_register_vcpu_insn_exec_cb(insn, read_one, r, NULL);
#if V5
        if (!strcmp(act, "write"))
            qemu_plugin_register_vcpu_insn_exec_cb(insn, write_one, flags, NULL);
#endif
#if V6
        if (strcmp(act, "setpc")) continue;
        if (!strcmp(where, "insn"))
            qemu_plugin_register_vcpu_insn_exec_cb(insn, leave_exec, QEMU_PLUGIN_CB_RW_REGS_PC, "insn");
        if (!strcmp(where, "rw"))
            qemu_plugin_register_vcpu_insn_exec_cb(insn, leave_exec, QEMU_PLUGIN_CB_RW_REGS, "insn");
        if (!strcmp(where, "mem")) {
            qemu_plugin_register_vcpu_mem_cb(insn, leave_mem, QEMU_PLUGIN_CB_RW_REGS_PC, QEMU_PLUGIN_MEM_RW, NULL);
            qemu_plugin_register_vcpu_mem_cb(insn, passed_mem, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
        }
        if (!strcmp(where, "block") && i == 0)
            qemu_plugin_register_vcpu_tb_exec_cb(tb, leave_exec, QEMU_PLUGIN_CB_RW_REGS_PC, "block");
        if (!strcmp(where, "no"))               /* not allowed under these flags */
            qemu_plugin_register_vcpu_insn_exec_cb(insn, leave_exec, QEMU_PLUGIN_CB_R_REGS, "insn");
#endif
    }
}

static void init(qemu_plugin_id_t id, unsigned cpu)
{
    int r;
    if (!cpu) list = qemu_plugin_get_registers();
    if (!strcmp(act, "start"))
        say("start %u pc %" PRIx64 " a0 %" PRIx64 " sp %" PRIx64 " tp %" PRIx64 "\n", cpu, get("pc", &r), get("a0", &r),
            get("sp", &r), get("tp", &r));
    if (cpu) return;
    if (!strcmp(act, "list")) show_list();
    if (!strcmp(act, "append")) show_append();
    if (!strcmp(act, "flags")) read_flag("init");
#if V5
    if (!strcmp(act, "empty")) say("empty %d\n", put("a0", 1, 0));
    if (!strcmp(act, "zero")) {
        int wrote = put("zero", 1, 8);
        say("zero %d reads %" PRIu64 "\n", wrote, get("zero", &r));
    }
#endif
#if V6
    if (!strcmp(act, "readonly"))
        for (guint i = 0; i < list->len; i++)
            if (entry(i)->is_readonly) say("writing %s %d\n", entry(i)->name, put(entry(i)->name, 0, 8));
#endif
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    act = value_of(argc, argv, "do", "list");
    reg = value_of(argc, argv, "reg", "a0");
    where = value_of(argc, argv, "where", "insn");
    at = number_of(argc, argv, "at", 0);
    to = number_of(argc, argv, "to", 0);
    value = number_of(argc, argv, "value", 0);
    len = number_of(argc, argv, "len", 8);
    flags = number_of(argc, argv, "flags", QEMU_PLUGIN_CB_RW_REGS);
    qemu_plugin_register_vcpu_init_cb(id, init);
    qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    if (!strcmp(act, "pc")) qemu_plugin_register_vcpu_syscall_cb(id, call_pc);
    if (!strcmp(act, "flags")) {
        qemu_plugin_register_vcpu_syscall_cb(id, flag_call);
        qemu_plugin_register_vcpu_syscall_ret_cb(id, flag_ret);
        qemu_plugin_register_atexit_cb(id, flag_end, NULL);
    }
#if V6
    if (!strcmp(act, "setpc")) {
        if (!strcmp(where, "sys")) qemu_plugin_register_vcpu_syscall_cb(id, leave_call);
        qemu_plugin_register_vcpu_syscall_ret_cb(id, leave_ret);
    }
#endif
    return 0;
}
