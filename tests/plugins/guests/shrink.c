/* Two threads at a time, then none, then one. */
#include <pthread.h>
#include <unistd.h>

static pthread_barrier_t both;

static void *meets(void *data)
{
    pthread_barrier_wait(&both);
    return data;
}
static void *works(void *data) { return data; }

int main(void)
{
    pthread_t one, two, last;
    pthread_barrier_init(&both, 0, 2);
    pthread_create(&one, 0, meets, 0);
    pthread_create(&two, 0, meets, 0);
    pthread_join(one, 0);
    pthread_join(two, 0);
    usleep(100 * 1000);         /* joined is not quite gone */
    pthread_create(&last, 0, works, 0);
    pthread_join(last, 0);
    return 0;
}
