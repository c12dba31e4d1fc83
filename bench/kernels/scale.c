// The same work by as many threads as -DTHREADS says: independent sums with a shared counter touched now and then.
#include "bench.h"
#include <pthread.h>
#include <stdatomic.h>
#define PIECES 64
#ifndef THREADS
#define THREADS 1
#endif

static atomic_int next_piece;
static uint64_t results[PIECES];
static long steps;

static void *work(void *unused) {
    static uint32_t tables[THREADS][1024];
    static atomic_int thread;
    uint32_t *table = tables[atomic_fetch_add(&thread, 1)];
    for (int piece; (piece = atomic_fetch_add(&next_piece, 1)) < PIECES;) {
        uint64_t seed = (uint64_t)piece + 1, sum = 0;
        memset(table, 0, sizeof *tables);
        for (long i = 0; i < steps; i++) {
            uint64_t x = next_random(&seed);
            uint32_t *t = &table[x & 1023];
            sum += *t += (uint32_t)(x >> 32) / (((uint32_t)x & 255) | 1);
        }
        results[piece] = sum;
    }
    return unused;
}

int main(int argc, char **argv) {
    pthread_t others[THREADS];
    uint64_t sum = 0;
    steps = rounds(argc, argv, 1500000);
    for (int i = 1; i < THREADS; i++) check(pthread_create(&others[i], NULL, work, NULL) == 0, "a thread");
    work(NULL);
    for (int i = 1; i < THREADS; i++) pthread_join(others[i], NULL);
    for (int i = 0; i < PIECES; i++) sum = mix(sum, results[i]);
    return finish("scale", sum);
}
