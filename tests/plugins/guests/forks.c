/* A child that works for itself; its status is the parent's. */
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    volatile unsigned sum = 0;
    for (unsigned i = 0; i < 1000; i++) sum += i;
    pid_t child = fork();
    if (child == 0) {
        for (unsigned i = 0; i < 2000; i++) sum ^= i;
        _exit(6);
    }
    int status;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}
