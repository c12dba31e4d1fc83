/* A signal that comes between the look for pending ones and the system call must not be lost. */
#include "check.h"
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/select.h>

/* Whether another round is to come: many, but on a busy machine only as many as there is time for. */
static double enough;
static int more(int rounds)
{
	if (rounds == 0)
		enough = now() + 10 * times_more();
	return rounds < 500 || (rounds < 20000 * times_more() && now() < enough);
}
static int ends[2];
static volatile int handled;
static pid_t other;
static volatile u32 *stage; /* shared with the other process */

static void feed(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	handled++;
	if (write(ends[1], "x", 1) != 1)
		_exit(98);
}
static void only_count(int number, siginfo_t *info, void *context) { (void)number, (void)info, (void)context; handled++; }

/* A child that sends SIGUSR1 once for each round that we ask for, after a delay that varies. */
static void sender(void)
{
	stage = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t target = getpid();
	other = must(fork());
	if (other)
		return;
	u32 seen = 0, noise = 12345;
	for (;;) {
		while (__atomic_load_n(stage, __ATOMIC_ACQUIRE) == seen)
			sched_yield();
		seen++;
		noise = noise * 1103515245 + 12345;
		for (volatile u32 i = 0; i < (noise >> 16) % 300; i++)
			;
		if (kill(target, SIGUSR1))
			_exit(0);
	}
}
static void ask(void) { __atomic_fetch_add(stage, 1, __ATOMIC_RELEASE); }

/* read, restarted or not, of a pipe that only the handler feeds. */
static void read_fed_by_handler(void)
{
	must(pipe(ends));
	on_signal(SIGUSR1, feed, SA_RESTART);
	sender();
	char byte;
	int i;
	for (i = 0; more(i); i++) {
		ask();
		want("read", read(ends[0], &byte, 1), 1);
	}
	want("handlers", handled, i);
	kill(other, SIGKILL);
}
static void read_fed_no_restart(void)
{
	must(pipe(ends));
	on_signal(SIGUSR1, feed, 0);
	sender();
	char byte;
	int i;
	for (i = 0; more(i); i++) {
		ask();
		long got = read(ends[0], &byte, 1);
		if (got == -1 && errno == EINTR)
			got = read(ends[0], &byte, 1);
		want("read", got, 1);
	}
	want("handlers", handled, i);
	kill(other, SIGKILL);
}
/* The signal is blocked but for the moment of the wait: every round must end by EINTR, never by time-out. */
#define UNMASKING(wait_call) do { \
	sigset_t blocked, open_; sigemptyset(&blocked); sigaddset(&blocked, SIGUSR1); sigemptyset(&open_); \
	must(sigprocmask(SIG_BLOCK, &blocked, NULL)); on_signal(SIGUSR1, only_count, SA_RESTART); sender(); \
	for (int i = 0; more(i); i++) { ask(); want_errno(wait_call, EINTR); want("handlers", handled, i + 1); } \
	kill(other, SIGKILL); } while (0)
static const struct timespec limit = { PATIENCE, 0 };
static void ppoll_unmasking(void) { UNMASKING(ppoll(NULL, 0, &limit, &open_)); }
static void pselect_unmasking(void) { UNMASKING(pselect(0, NULL, NULL, NULL, &limit, &open_)); }
static void sigsuspend_unmasking(void) { UNMASKING(sigsuspend(&open_)); }
static void epoll_pwait_unmasking(void)
{
	int set = must(epoll_create1(0));
	struct epoll_event event;
	UNMASKING(epoll_pwait(set, &event, 1, PATIENCE * 1000, &open_));
}
/* A loop of pure computation is interrupted too. */
static void computing_loop(void)
{
	on_signal(SIGUSR1, only_count, 0);
	sender();
	for (int i = 0; i < 300 * times_more(); i++) {
		ask();
		while (handled == i)
			;
	}
	kill(other, SIGKILL);
}
/* The handler changes what the loop tests; straight self-jump code, no calls. */
static void tight_loop_left_by_pc_edit_target(void) { _exit(0); }
static void leave(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	PC(context) = (u64)tight_loop_left_by_pc_edit_target;
}
static void endless(void)
{
	on_signal(SIGALRM, leave, 0);
	struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
	must(setitimer(ITIMER_REAL, &soon, NULL));
#if defined(__riscv)
	__asm__ volatile("1: j 1b");
#else
	__asm__ volatile("1: jmp 1b");
#endif
	_exit(1);
}
static void jump_to_itself(void) { want_exit(in_child(endless), 0); }
/* Two threads of one process signal each other without end. Each goes on when a handler has run, its own or the other's. */
#define PINGS (500 * times_more())
static volatile int pings, done;
static pthread_t threads[2];
static void ping(int number, siginfo_t *info, void *context) { (void)number, (void)info, (void)context; __atomic_fetch_add(&pings, 1, __ATOMIC_SEQ_CST); }
static void *pinger(void *which)
{
	for (int i = 0; i < PINGS; i++) {
		int before = __atomic_load_n(&pings, __ATOMIC_SEQ_CST);
		pthread_kill(threads[1 - (long)which], SIGUSR2);
		while (__atomic_load_n(&pings, __ATOMIC_SEQ_CST) == before)
			sched_yield();
	}
	__atomic_fetch_add(&done, 1, __ATOMIC_SEQ_CST);
	for (;;)
		pause();
	return NULL;
}
static void threads_signal_each_other(void)
{
	on_signal(SIGUSR2, ping, 0);
	on_signal(SIGUSR1, only_count, 0);
	for (long i = 0; i < 2; i++)
		threads[i] = pthread_self();
	pthread_t a, b;
	pthread_create(&a, NULL, pinger, (void *)0);
	threads[0] = a;
	pthread_create(&b, NULL, pinger, (void *)1);
	threads[1] = b;
	while (__atomic_load_n(&done, __ATOMIC_SEQ_CST) < 2)
		nap(0.001);
	need(pings >= PINGS && pings <= 2 * PINGS, "%d signals", pings);
	pthread_cancel(a);
	pthread_cancel(b);
	pthread_kill(a, SIGUSR1);
	pthread_kill(b, SIGUSR1);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
}
/* Signals for the process come while a thread leaves a handler, makes a thread, or ends: whichever the kernel chose, each
 * signal's handler runs. */
static const int sent[] = { SIGUSR1, SIGUSR2, SIGWINCH };
static sem_t came;
static void post(int number, siginfo_t *info, void *context) { (void)number, (void)info, (void)context; sem_post(&came); }
static void *yields(void *unused) { sched_yield(); return unused; }
static void *makes_threads(void *unused)
{
	sigset_t mask;
	sigemptyset(&mask);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	while (!done) {
		pthread_t child;
		want("pthread_create", pthread_create(&child, NULL, yields, NULL), 0);
		want("pthread_join", pthread_join(child, NULL), 0);
	}
	return unused;
}
static void threads_begin_and_end(void)
{
	sigset_t mask;
	sigfillset(&mask);
	must(sigprocmask(SIG_BLOCK, &mask, NULL));
	for (int i = 0; i < 3; i++)
		on_signal(sent[i], post, 0);
	sem_init(&came, 0, 0);
	pthread_t maker;
	want("pthread_create", pthread_create(&maker, NULL, makes_threads, NULL), 0);
	for (int i = 0; more(i); i++) {
		for (int k = 0; k < 3; k++)
			must(kill(getpid(), sent[k]));
		for (int k = 0; k < 3; k++)
			sem_wait(&came);
	}
	done = 1;
	pthread_join(maker, NULL);
}

static const struct check checks[] = {
	C(read_fed_by_handler), C(read_fed_no_restart), C(ppoll_unmasking), C(pselect_unmasking), C(sigsuspend_unmasking),
	C(epoll_pwait_unmasking), C(computing_loop), C(jump_to_itself), C(threads_signal_each_other),
	C(threads_begin_and_end),
};
MAIN(checks)
