/* Twenty threads, one after the other. */
#include <pthread.h>

static void *works(void *data) { return data; }

int main(void)
{
    for (int i = 0; i < 20; i++) {
        pthread_t t;
        if (pthread_create(&t, 0, works, 0) || pthread_join(t, 0)) return 1;
    }
    return 0;
}
