/* Storms: timers at 200 microseconds and signals among threads, while code is made, translated and thrown away. Nothing is
 * lost, nothing computes wrongly. */
#include "code.h"
#include <pthread.h>

static volatile long ticks, kills;
static void tick(int number, siginfo_t *info, void *context) { (void)number, (void)info, (void)context; __atomic_fetch_add(&ticks, 1, __ATOMIC_RELAXED); }
static void thread_kill_(int number, siginfo_t *info, void *context) { (void)number, (void)info, (void)context; __atomic_fetch_add(&kills, 1, __ATOMIC_RELAXED); }
static void timers(long microseconds)
{
	on_signal(SIGALRM, tick, SA_RESTART);
	on_signal(SIGPROF, tick, SA_RESTART);
	struct itimerval t = { { 0, microseconds }, { 0, microseconds } };
	must(setitimer(ITIMER_REAL, &t, NULL));
	must(setitimer(ITIMER_PROF, &t, NULL));
}
static void no_timers(void)
{
	struct itimerval t = { { 0, 0 }, { 0, 0 } };
	setitimer(ITIMER_REAL, &t, NULL);
	setitimer(ITIMER_PROF, &t, NULL);
}
/* Work with a known result: integers, floats, memory, calls. */
static u64 work(u64 seed, int rounds)
{
	u64 table[64], hash = seed;
	double sum = 0;
	for (int i = 0; i < 64; i++)
		table[i] = seed * (u64)(i + 1);
	for (int i = 0; i < rounds; i++) {
		hash = (hash ^ table[hash & 63]) * 0x100000001b3;
		table[(hash >> 8) & 63] += hash >> 3;
		sum += (double)(hash & 0xffff) / 3.0;
	}
	u64 bits;
	memcpy(&bits, &sum, 8);
	return hash ^ bits;
}
static void computation_under_timers(void)
{
	u64 expected = work(77, 20000);
	timers(200);
	for (int rounds = 0; rounds < 1000 || ticks < 1000; rounds++) {
		u64 got = work(77, 20000);
		need(got == expected, "round %d: 0x%llx, expected 0x%llx", rounds, (unsigned long long)got, (unsigned long long)expected);
	}
	no_timers();
}
static pthread_t threads[3];
static volatile int stop_, wrong;
static void *compute(void *unused)
{
	(void)unused;
	u64 expected = work(5, 1000);
	while (!stop_)
		if (work(5, 1000) != expected)
			wrong++;
	return NULL;
}
static void *make_code(void *unused)
{
	(void)unused;
	u8 *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int round = 0; !stop_; round++) {
		u8 *at = p + (round * 64 & 65535);
		put(at, round);
		flush(at, CODE_SIZE);
		if (call(at) != round)
			wrong++;
	}
	return NULL;
}
static void threads_under_storm(void)
{
	on_signal(SIGUSR1, thread_kill_, SA_RESTART);
	timers(200);
	want("create", pthread_create(&threads[0], NULL, compute, NULL), 0);
	want("create", pthread_create(&threads[1], NULL, make_code, NULL), 0);
	want("create", pthread_create(&threads[2], NULL, compute, NULL), 0);
	for (int i = 0; i < 20000; i++)
		want("pthread_kill", pthread_kill(threads[i % 3], SIGUSR1), 0);
	stop_ = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	no_timers();
	want("wrong results", wrong, 0);
	need(kills >= 3, "only %ld signals", kills);
}
/* Queued signals: none may be lost, whatever the thread does meanwhile. */
static volatile long sum;
static void add(int number, siginfo_t *info, void *context) { (void)number, (void)context; __atomic_fetch_add(&sum, info->si_value.sival_int, __ATOMIC_RELAXED); }
static void queued_not_lost(void)
{
	on_signal(SIGRTMIN + 4, add, 0);
	pid_t child = must(fork());
	if (child == 0) {
		union sigval value;
		for (int i = 1; i <= 10000; i++) {
			value.sival_int = i;
			while (sigqueue(getppid(), SIGRTMIN + 4, value))
				sched_yield();
		}
		_exit(0);
	}
	int status;
	while (waitpid(child, &status, WNOHANG) == 0 || errno == EINTR)
		work(3, 100), errno = 0;
	want("sum", sum, 10000l * 10001 / 2);
}
/* Signals that arrive while system calls of every kind run. */
static void calls_under_timers(void)
{
	timers(200);
	int ends[2];
	must(pipe(ends));
	char text[100];
	while (ticks < 1000) {
		want("write", write(ends[1], "0123456789", 10), 10);
		want("read", read(ends[0], text, 100), 10);
		need(!memcmp(text, "0123456789", 10), "text");
		void *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		need(p != MAP_FAILED, "mmap: errno %d", errno);
		memset(p, 1, 8192);
		want("munmap", munmap(p, 8192), 0);
		need(getppid() > 0, "getppid");
	}
	no_timers();
}
static void forks_under_timers(void)
{
	timers(1000);
	for (int i = 0; i < 60; i++) {
		pid_t child = fork();
		need(child >= 0, "fork: errno %d", errno);
		if (child == 0)
			_exit(work(5, 50) == work(5, 50) ? 11 : 12);
		int status;
		while (waitpid(child, &status, 0) != child)
			need(errno == EINTR, "waitpid: errno %d", errno);
		want_exit(status, 11);
	}
	no_timers();
}

static const struct check checks[] = {
	C(computation_under_timers), C(threads_under_storm), C(queued_not_lost), C(calls_under_timers), C(forks_under_timers),
};
MAIN(checks)
