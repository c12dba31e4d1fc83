/*
 * Scoreboards: many, large, freed and made again, seen through every function.
 *   do=basics | many:N | large:N | reuse:N | threads
 */
#include "kit.h"

static const char *act;
static struct qemu_plugin_scoreboard **boards, *board;
static u64 n_boards, ticks;
static u64 *first_cell;
static u64 moved, dirty;

static void basics(void)
{
    typedef struct { uint8_t tag; uint32_t small; u64 a, b; } Odd;
    struct qemu_plugin_scoreboard *odd = qemu_plugin_scoreboard_new(sizeof(Odd));
    qemu_plugin_u64 a = qemu_plugin_scoreboard_u64_in_struct(odd, Odd, a), b = qemu_plugin_scoreboard_u64_in_struct(odd, Odd, b);
    Odd *mine = qemu_plugin_scoreboard_find(odd, 0);
    say("zero %d\n", mine->tag == 0 && mine->small == 0 && mine->a == 0 && mine->b == 0);
    qemu_plugin_u64_set(a, 0, UINT64_MAX);
    qemu_plugin_u64_add(a, 0, 3);
    qemu_plugin_u64_set(b, 0, 77);
    say("wrapped %" PRIu64 " other %" PRIu64 "\n", qemu_plugin_u64_get(a, 0), qemu_plugin_u64_sum(b));
    say("through the pointer %" PRIu64 " %" PRIu64 " tag %d\n", mine->a, mine->b, mine->tag);
    mine->a = 5;
    say("written %" PRIu64 "\n", qemu_plugin_u64_sum(a));
    qemu_plugin_scoreboard_free(odd);
    for (size_t size = 1; size < 70; size++) {
        struct qemu_plugin_scoreboard *any = qemu_plugin_scoreboard_new(size);
        uint8_t *cells = qemu_plugin_scoreboard_find(any, 0);
        for (size_t i = 0; i < size; i++) dirty += cells[i] != 0;
        memset(cells, 0xff, size);
        qemu_plugin_scoreboard_free(any);
    }
    say("dirty %" PRIu64 "\n", dirty);
}

static void add(unsigned cpu, void *data) { ticks++; }

/* Every block adds to a board of its own choice. */
static void trans(qemu_plugin_id_t id, Tb *tb)
{
    static u64 turn;
    qemu_plugin_register_vcpu_tb_exec_cb(tb, add, QEMU_PLUGIN_CB_NO_REGS, NULL);
    struct qemu_plugin_scoreboard *of = boards ? boards[turn++ * 7919 % n_boards] : board;
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64, qemu_plugin_scoreboard_u64(of), 1);
}

static void make(u64 n, size_t size)
{
    n_boards = n;
    boards = calloc(n, sizeof *boards);
    for (u64 i = 0; i < n; i++) boards[i] = qemu_plugin_scoreboard_new(size);
}

/* Each thread marks its element and finds the neighbours at the stride. */
static void init(qemu_plugin_id_t id, unsigned cpu)
{
    if (!strcmp(act, "basics")) basics();
    if (strcmp(act, "threads")) return;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    uint8_t *base = qemu_plugin_scoreboard_find(board, 0), *mine = qemu_plugin_scoreboard_find(board, cpu);
    if (mine != base + cpu * 24) moved++;
    for (int i = 8; i < 24; i++) dirty += mine[i] != 0 && mine[i] != 0xa5;
    memset(mine + 8, 0xa5, 16);
    pthread_mutex_unlock(&lock);
}

static void at_end(qemu_plugin_id_t id, void *data)
{
    u64 sum = 0;
    for (u64 i = 0; i < n_boards; i++) sum += qemu_plugin_u64_sum(qemu_plugin_scoreboard_u64(boards[i]));
    if (board) sum = qemu_plugin_u64_sum(qemu_plugin_scoreboard_u64(board));
    if (strcmp(act, "threads")) say("agree %d some %d\n", sum == ticks, sum > 0);
    else say("vcpus %d stride wrong %" PRIu64 " dirty %" PRIu64 "\n", qemu_plugin_num_vcpus(), moved, dirty);
    for (u64 i = 0; i < n_boards; i++) qemu_plugin_scoreboard_free(boards[i]);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    act = value_of(argc, argv, "do", "basics");
    u64 n = strchr(act, ':') ? strtoull(strchr(act, ':') + 1, NULL, 0) : 0;
    if (!strncmp(act, "many", 4)) make(n, 8);
    if (!strncmp(act, "large", 5)) make(n, 1 << 20);
    if (!strncmp(act, "reuse", 5)) {
        for (u64 i = 0; i < n; i++) qemu_plugin_scoreboard_free(qemu_plugin_scoreboard_new(1 + i % 4096));
        make(10, 8);
    }
    if (!strcmp(act, "threads")) board = qemu_plugin_scoreboard_new(24);
    if (strcmp(act, "basics")) qemu_plugin_register_vcpu_tb_trans_cb(id, trans);
    qemu_plugin_register_vcpu_init_cb(id, init);
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
