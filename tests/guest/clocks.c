/* Clocks and the CPU's number, which the vDSO answers without a system call. */
#include "check.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>

static const clockid_t clocks[] = {
	CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,
	CLOCK_TAI, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
};
enum { COUNT = sizeof clocks / sizeof clocks[0] };

static long long ns(struct timespec t) { return t.tv_sec * 1000000000LL + t.tv_nsec; }
static long long library(clockid_t which)
{
	struct timespec t = { -1, -1 };
	must(clock_gettime(which, &t));
	need(t.tv_nsec >= 0 && t.tv_nsec < 1000000000, "clock %d: %ld ns", which, t.tv_nsec);
	return ns(t);
}
static long long call(clockid_t which)
{
	struct timespec t;
	must((int)syscall(SYS_clock_gettime, which, &t));
	return ns(t);
}

static void library_and_call_agree(void)
{
	for (int k = 0; k < COUNT; k++)
		for (int i = 0; i < 2000; i++) {
			long long a = library(clocks[k]), b = call(clocks[k]), c = library(clocks[k]);
			need(a <= b && b <= c, "clock %d: %lld, by the call %lld, %lld", clocks[k], a, b, c);
			need(c - a < PATIENCE * 1000000000LL, "clock %d: %lld ns for three readings", clocks[k], c - a);
		}
}
static void to_the_nanosecond(void)
{
	clockid_t fine[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_TAI };
	for (int k = 0; k < 5; k++) {
		int odd = 0;
		long long shortest = 1LL << 60;
		for (int i = 0; i < 1000; i++) {
			long long a = library(fine[k]), b = library(fine[k]);
			odd += a % 100 != 0;
			if (b - a < shortest)
				shortest = b - a;
		}
		need(odd > 900, "clock %d: %d of 1000 values have digits below 100 ns", fine[k], odd);
		need(shortest < 20000, "clock %d: at least %lld ns between readings", fine[k], shortest);
	}
}
static void coarse_is_behind(void)
{
	for (int i = 0; i < 2000; i++) {
		long long coarse = library(CLOCK_MONOTONIC_COARSE), fine = library(CLOCK_MONOTONIC);
		need(coarse <= fine && fine - coarse < PATIENCE * 1000000000LL, "coarse %lld, fine %lld", coarse, fine);
	}
}
static void time_of_day(void)
{
	struct timezone zone = { -1, -1 };
	for (int i = 0; i < 1000; i++) {
		struct timeval t;
		long long a = call(CLOCK_REALTIME) / 1000;
		must(gettimeofday(&t, i % 100 ? NULL : &zone));
		long long b = t.tv_sec * 1000000LL + t.tv_usec, c = call(CLOCK_REALTIME) / 1000;
		need(a <= b && b <= c, "%lld, %lld, %lld", a, b, c);
	}
	must((int)syscall(SYS_gettimeofday, NULL, NULL));
	must((int)syscall(SYS_gettimeofday, NULL, &zone));
	time_t before = time(NULL);
	need(before >= call(CLOCK_REALTIME) / 1000000000LL - PATIENCE, "time() says %ld", (long)before);
}
static void resolutions(void)
{
	for (int k = 0; k < COUNT; k++) {
		struct timespec a = { 7, 7 }, b = { 8, 8 };
		must(clock_getres(clocks[k], &a));
		must((int)syscall(SYS_clock_getres, clocks[k], &b));
		want("resolution", ns(a), ns(b));
		must(clock_getres(clocks[k], NULL));
	}
	want_errno(clock_getres(99, NULL), EINVAL);
}
static void unknown_clocks(void)
{
	struct timespec t;
	want_errno(clock_gettime(99, &t), EINVAL);
	want_errno(clock_gettime(10, &t), EINVAL);
	want_errno(clock_gettime(-1000, &t), EINVAL);
}
/* On other machines the vDSO writes to the pointer itself. */
static void bad_pointers(void)
{
#ifdef __riscv
	want_errno(clock_gettime(CLOCK_MONOTONIC, (struct timespec *)16), EFAULT);
	char *page = must(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	must(munmap(page + 4096, 4096));
	want_errno(clock_gettime(CLOCK_MONOTONIC, (struct timespec *)(page + 4088)), EFAULT);
	want_errno(syscall(SYS_gettimeofday, page + 4096, NULL), EFAULT);
	must(mprotect(page, 4096, PROT_READ));
	want_errno(clock_gettime(CLOCK_REALTIME, (struct timespec *)page), EFAULT);
#else
	skip("the vDSO would fault");
#endif
}
static void the_cpu(void)
{
	cpu_set_t all;
	must(sched_getaffinity(0, sizeof all, &all));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		cpu_set_t one;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		must(sched_setaffinity(0, sizeof one, &one));
		for (int i = 0; i < 100; i++) {
			unsigned got = -1, node = -1, again = -1;
			want("sched_getcpu", sched_getcpu(), cpu);
			must(getcpu(&got, NULL));
			want("getcpu", got, cpu);
			must(getcpu(&again, &node));
			want("getcpu", again, cpu);
			need(node < 1024, "node %u", node);
			must(getcpu(NULL, NULL));
		}
	}
}

static volatile int rung;
static void ring(int signal) { rung++; }
static void a_loop_of_readings_is_interrupted(void)
{
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } };
	signal(SIGALRM, ring);
	must(setitimer(ITIMER_REAL, &often, NULL));
	long long last = 0;
	while (rung < 100) {
		long long t = library(CLOCK_MONOTONIC);
		need(t >= last, "the clock goes back from %lld to %lld", last, t);
		last = t;
	}
}
static volatile int stop;
static void *reads(void *unused)
{
	long long last = 0;
	while (!stop) {
		long long t = library(CLOCK_MONOTONIC);
		if (t < last)
			fail("the clock goes back from %lld to %lld", last, t);
		last = t;
	}
	return NULL;
}
static void threads_read_while_mappings_change(void)
{
	pthread_t threads[3];
	for (int i = 0; i < 3; i++)
		must(pthread_create(&threads[i], NULL, reads, NULL));
	for (int i = 0; i < 60; i++) {
		char *code = must(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
		must(munmap(code, 4096));
		pid_t child = fork();
		if (child == 0) {
			library(CLOCK_REALTIME);
			_exit(3);
		}
		int status;
		must(waitpid(child, &status, 0));
		want("the child's status", status, 3 << 8);
	}
	stop = 1;
	for (int i = 0; i < 3; i++)
		must(pthread_join(threads[i], NULL));
}
static void confined(void)
{
	struct sock_filter lines[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ, SYS_clock_gettime, 1, 0),
		BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = { 4, lines };
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
	long long a = library(CLOCK_MONOTONIC), b = library(CLOCK_MONOTONIC);
	struct timeval t;
	_exit(a > 0 && b >= a && gettimeofday(&t, NULL) == 0 && t.tv_sec > 0 ? 7 : 8);
}
/* No system call is made, so nothing is there to be refused. */
static void a_confined_process_reads_clocks(void) { want_exit(in_child(confined), 7); }

static const struct check checks[] = {
	C(library_and_call_agree), C(to_the_nanosecond), C(coarse_is_behind), C(time_of_day), C(resolutions), C(unknown_clocks),
	C(bad_pointers), C(the_cpu), C(a_loop_of_readings_is_interrupted), C(threads_read_while_mappings_change),
	C(a_confined_process_reads_clocks),
};
MAIN(checks)
