// Two threads share a queue behind a mutex and condition variables, and a counter behind a lock that is mostly free.
#include "bench.h"
#include <pthread.h>
#define ROOM 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, own[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied = PTHREAD_COND_INITIALIZER;
static long queue[ROOM], put_at, taken, times, counts[2];

static void private_work(int me) {
    for (int i = 0; i < 40; i++) {
        pthread_mutex_lock(&own[me]);
        counts[me] += i;
        pthread_mutex_unlock(&own[me]);
    }
}

static void *produce(void *unused) {
    for (long i = 0; i < times; i++) {
        private_work(1);
        pthread_mutex_lock(&lock);
        while (put_at - taken == ROOM) pthread_cond_wait(&emptied, &lock);
        queue[put_at++ % ROOM] = i * 7;
        pthread_cond_signal(&filled);
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

int main(int argc, char **argv) {
    pthread_t other;
    uint64_t sum = 0;
    times = rounds(argc, argv, 60000);
    check(pthread_create(&other, NULL, produce, NULL) == 0, "a thread");
    for (long i = 0; i < times; i++) {
        private_work(0);
        pthread_mutex_lock(&lock);
        while (put_at == taken) pthread_cond_wait(&filled, &lock);
        sum = mix(sum, (uint64_t)queue[taken++ % ROOM]);
        pthread_cond_signal(&emptied);
        pthread_mutex_unlock(&lock);
    }
    pthread_join(other, NULL);
    check(counts[0] == 780 * times && counts[1] == 780 * times, "no count was lost");
    return finish("mutex", sum);
}
