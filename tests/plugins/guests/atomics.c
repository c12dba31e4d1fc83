/* Atomic operations in `private` while a second thread exists that touches nothing of it. */
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

static volatile int go;
static uint64_t cell = 100;

__attribute__((noinline)) uint64_t private(void)
{
    uint64_t old = 0, bad = 1;
    asm volatile("amoadd.d %0, %2, (%1)\n"      /* 105 */
                 "amoswap.d %0, %2, (%1)\n"     /* 5 */
                 "amoxor.d %0, %2, (%1)\n"      /* 0 */
                 "amomax.d %0, %2, (%1)\n"      /* 5 */
                 "amoadd.w %0, %2, (%1)\n"      /* 10 */
                 "amominu.w %0, %2, (%1)\n"     /* 5 */
                 "lr.d %0, (%1)\n"
                 "addi %0, %0, 1\n"
                 "sc.d %0, %0, (%1)\n"          /* 6 */
                 "amoor.d %0, %2, (%1)\n"       /* 7 */
                 "amoand.d %0, %2, (%1)\n"      /* 5 */
                 : "=&r"(old) : "r"(&cell), "r"(5ul) : "memory");
    return cell == 5 ? 0 : bad;
}

static void *idle(void *data)
{
    while (!go) usleep(100);
    return 0;
}

int main(void)
{
    pthread_t t;
    pthread_create(&t, 0, idle, 0);
    uint64_t result = private();
    go = 1;
    pthread_join(t, 0);
    return result;
}
