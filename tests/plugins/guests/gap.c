/* The first of two threads ends while the second goes on; then a third begins. */
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

static sem_t started, end_first, never;

static void *first(void *data)
{
    sem_post(&started);
    sem_wait(&end_first);
    return 0;
}
static void *second(void *data)
{
    sem_post(&started);
    sem_wait(&never);
    return 0;
}

int main(void)
{
    pthread_t a, b, c;
    sem_init(&started, 0, 0);
    sem_init(&end_first, 0, 0);
    sem_init(&never, 0, 0);
    pthread_create(&a, 0, first, 0);
    sem_wait(&started);
    pthread_create(&b, 0, second, 0);
    sem_wait(&started);
    sem_post(&end_first);
    pthread_join(a, 0);
    pthread_create(&c, 0, second, 0);
    sem_wait(&started);
    _exit(0);
}
