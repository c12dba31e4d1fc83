// Two threads count in shared words: fetch-add, exchange, compare-and-swap loops, and or.
#include "bench.h"
#include <pthread.h>
#include <stdatomic.h>

static long times;
static atomic_long counter, swapped, best, flags;
static _Atomic int32_t narrow;

static void *work(void *which) {
    long me = (long)which, kept = 0;
    for (long i = 0; i < times; i++) {
        atomic_fetch_add(&counter, i & 3);
        atomic_fetch_add_explicit(&narrow, 1, memory_order_relaxed);
        kept += atomic_exchange(&swapped, i) & 0;
        long seen = atomic_load(&best), mine = i * 2 + me;
        while (seen < mine && !atomic_compare_exchange_weak(&best, &seen, mine)) {}
        if ((i & 63) == 0) atomic_fetch_or(&flags, 1L << (i >> 6 & 31));
    }
    return (void *)kept;
}

int main(int argc, char **argv) {
    pthread_t other;
    uint64_t sum = 0;
    times = rounds(argc, argv, 1500000);
    check(pthread_create(&other, NULL, work, (void *)1) == 0, "a thread");
    work((void *)0);
    pthread_join(other, NULL);
    check(narrow == (int32_t)(2 * times), "no increment was lost");
    sum = mix(sum, (uint64_t)atomic_load(&counter));
    sum = mix(sum, (uint64_t)atomic_load(&best));
    sum = mix(sum, (uint64_t)atomic_load(&flags));
    return finish("atomics", sum);
}
