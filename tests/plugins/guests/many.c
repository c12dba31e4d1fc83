/* Sixty-four threads that come, work, make code run that was written just before, and go. */
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>

typedef uint64_t (*Code)(void);

static void *works(void *data)
{
    uint32_t *page = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uintptr_t bad = 0;
    for (uint32_t i = 0; i < 30; i++) {
        page[0] = 0x00000513 | i << 20;         /* li a0, i */
        page[1] = 0x00008067;                   /* ret */
        __builtin___clear_cache((char *)page, (char *)(page + 2));
        asm volatile("fence.i");
        for (int k = 0; k < 20; k++) bad |= ((Code)page)() != i;
    }
    munmap(page, 4096);
    return (void *)bad;
}

int main(void)
{
    pthread_t t[64];
    uintptr_t bad = 0;
    for (int i = 0; i < 64; i++)
        if (pthread_create(&t[i], 0, works, 0)) return 1;
    for (int i = 0; i < 64; i++) {
        void *result;
        pthread_join(t[i], &result);
        bad |= (uintptr_t)result;
    }
    return bad ? 2 : 0;
}
