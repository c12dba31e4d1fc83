/* Forks while a second thread runs; the child makes a thread of its own. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void *sleeps(void *data)
{
    for (;;) pause();
}
static void *works(void *data) { return data; }

int main(void)
{
    pthread_t t;
    pthread_create(&t, 0, sleeps, 0);
    pid_t child = fork();
    if (child == 0) {
        void *result = 0;
        int failed = pthread_create(&t, 0, works, &t) || pthread_join(t, &result) || result != &t;
        _exit(failed ? 1 : 6);
    }
    int status;
    waitpid(child, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
}
