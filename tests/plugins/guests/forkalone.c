/* Forks while a second thread runs; the child ends without making one. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void *sleeps(void *data)
{
    for (;;) pause();
}

int main(void)
{
    pthread_t t;
    pthread_create(&t, 0, sleeps, 0);
    pid_t child = fork();
    if (child == 0) _exit(6);
    int status;
    waitpid(child, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
}
