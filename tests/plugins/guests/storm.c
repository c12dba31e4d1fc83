/*
 * Threads that do private work of a known size: storm THREADS ROUNDS. In each round a thread executes `work` once:
 * 10002 instructions, 2000 loads, 2000 stores, 2001 blocks. Prints the sum of what all have worked out.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

long work(void);
__asm__(
    ".option push\n.option norvc\n"
    ".globl work\n.type work, @function\n"
    "work: li t0, 2000\n"
    "1: sd t0, -16(sp)\n"
    "ld t1, -16(sp)\n"
    "add a0, a0, t1\n"
    "addi t0, t0, -1\n"
    "bnez t0, 1b\n"
    "ret\n"
    ".size work, .-work\n"
    ".option pop\n");

static int rounds;
static long sum;

static void *thread(void *unused)
{
    long own = 0;
    for (int i = 0; i < rounds; i++) {
        register long a0 __asm__("a0") = own;
        __asm__ volatile("call work" : "+r"(a0) : : "t0", "t1", "ra", "memory");
        own = a0;
        getppid();
    }
    __atomic_fetch_add(&sum, own, __ATOMIC_RELAXED);
    return NULL;
}

int main(int argc, char **argv)
{
    static pthread_t threads[256];
    int n = atoi(argv[1]);
    rounds = atoi(argv[2]);
    for (int i = 0; i < n; i++)
        if (pthread_create(&threads[i], NULL, thread, NULL)) return 1;
    for (int i = 0; i < n; i++) pthread_join(threads[i], NULL);
    printf("sum %ld\n", sum);
    return 0;
}
