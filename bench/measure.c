// measure REPORT SECONDS TIMES PROGRAM [ARGUMENT...]
//
// Starts PROGRAM TIMES times, one after the other, and writes one line to the file REPORT:
//   wall-ns user-us system-us peak-kib status
// summed over the starts (the peak is the largest, the status the last that was not 0, 128 + n for signal n, and
// 124 when SECONDS had passed). A small program of its own, because Linux counts the memory of the process that
// forks into the peak of its child: started from a large one, every program looks large.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;
static volatile sig_atomic_t late;

static void too_late(int signal) {
    (void)signal;
    late = 1;
    kill(-child, SIGKILL);
}

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static long long microseconds(struct timeval t) { return t.tv_sec * 1000000LL + t.tv_usec; }

int main(int argc, char **argv) {
    long long wall = 0, user = 0, system = 0;
    long peak = 0;
    int result = 0;
    if (argc < 5) {
        fputs("usage: measure REPORT SECONDS TIMES PROGRAM [ARGUMENT...]\n", stderr);
        return 2;
    }
    signal(SIGALRM, too_late);
    for (int times = atoi(argv[3]); times > 0; times--) {
        struct rusage used;
        int status;
        long long before = now();
        child = fork();
        if (child == 0) {
            setpgid(0, 0);
            execv(argv[4], argv + 4);
            perror(argv[4]);
            _exit(127);
        }
        alarm((unsigned)atoi(argv[2]));
        while (wait4(child, &status, 0, &used) < 0 && errno == EINTR) {}
        alarm(0);
        kill(-child, SIGKILL); // whatever it left behind
        wall += now() - before;
        user += microseconds(used.ru_utime);
        system += microseconds(used.ru_stime);
        if (used.ru_maxrss > peak) peak = used.ru_maxrss;
        if (status) result = late ? 124 : WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        if (late) break;
    }
    FILE *report = fopen(argv[1], "w");
    if (!report) {
        perror(argv[1]);
        return 2;
    }
    fprintf(report, "%lld %lld %lld %ld %d\n", wall, user, system, peak, result);
    return fclose(report) != 0;
}
