/* The main thread leaves with a raw exit; the other waits for that and ends the program. */
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_t main_thread;

static void *works(void *data)
{
    pthread_join(main_thread, 0);
    _exit(3);
}

int main(void)
{
    pthread_t t;
    main_thread = pthread_self();
    pthread_create(&t, 0, works, 0);
    syscall(SYS_exit, 0);
    return 1;
}
