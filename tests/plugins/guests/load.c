/* Eight threads that compute, jump about, load and store. */
#include <pthread.h>
#include <stdint.h>

static uint64_t mix(uint64_t x) { return (x ^ x >> 29) * 0x9e3779b97f4a7c15ull; }

static void *works(void *data)
{
    volatile uint64_t cells[64] = { 0 };
    uint64_t x = (uintptr_t)data;
    for (int i = 0; i < 40000; i++) {
        x = mix(x + i);
        if (x & 1) cells[x % 64] += x;
        else if (x & 2) cells[x % 61] ^= i;
        else x = mix(x);
    }
    return 0;
}

int main(void)
{
    pthread_t t[8];
    for (uintptr_t i = 0; i < 8; i++)
        if (pthread_create(&t[i], 0, works, (void *)i)) return 1;
    for (int i = 0; i < 8; i++) pthread_join(t[i], 0);
    return 0;
}
