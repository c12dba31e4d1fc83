/* Threads begin and end: a thousand at once, thousands one after another, cancellation, and every way out. */
#include "code.h"
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

static pthread_attr_t small(void)
{
	pthread_attr_t shape;
	pthread_attr_init(&shape);
	pthread_attr_setstacksize(&shape, 65536);
	return shape;
}
static volatile int alive;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static void *counted(void *number)
{
	__atomic_fetch_add(&alive, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return (void *)((long)number * 3);
}
static void thousand_alive(void)
{
	static pthread_t threads[1000];
	pthread_attr_t shape = small();
	pthread_mutex_lock(&gate);
	for (long i = 0; i < 1000; i++)
		want("create", pthread_create(&threads[i], &shape, counted, (void *)i), 0);
	while (alive < 1000)
		nap(0.002);
	pthread_mutex_unlock(&gate);
	for (long i = 0; i < 1000; i++) {
		void *result;
		want("join", pthread_join(threads[i], &result), 0);
		want("result", (long)result, i * 3);
	}
}
static __thread int own = 5;
static void *quick(void *number) { return (void *)((long)number + own++); }
static void create_join_5000(void)
{
	pthread_attr_t shape = small();
	for (long i = 0; i < 5000; i++) {
		pthread_t thread;
		void *result;
		want("create", pthread_create(&thread, &shape, quick, (void *)i), 0);
		want("join", pthread_join(thread, &result), 0);
		want("result", (long)result, i + 5);
	}
}
static volatile int cleaned;
static void cleaner(void *unused) { (void)unused; __atomic_fetch_add(&cleaned, 1, __ATOMIC_SEQ_CST); }
static void *sleeper(void *unused)
{
	(void)unused;
	pthread_cleanup_push(cleaner, NULL);
	__atomic_fetch_add(&alive, 1, __ATOMIC_SEQ_CST);
	for (;;)
		pause();
	pthread_cleanup_pop(1);
	return NULL;
}
static void mass_cancel(void)
{
	static pthread_t threads[200];
	pthread_attr_t shape = small();
	for (int i = 0; i < 200; i++)
		want("create", pthread_create(&threads[i], &shape, sleeper, NULL), 0);
	while (alive < 200)
		nap(0.001);
	for (int i = 0; i < 200; i++)
		want("cancel", pthread_cancel(threads[i]), 0);
	for (int i = 0; i < 200; i++) {
		void *result;
		want("join", pthread_join(threads[i], &result), 0);
		need(result == PTHREAD_CANCELED, "result");
	}
	want("cleaned", cleaned, 200);
}
static void *spinner(void *unused)
{
	(void)unused;
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	__atomic_fetch_add(&alive, 1, __ATOMIC_SEQ_CST);
	for (volatile u64 i = 0;; i++)
		;
	return NULL;
}
static void asynchronous_cancel_of_a_loop(void)
{
	for (int i = 0; i < 20; i++) {
		pthread_t thread;
		void *result;
		alive = 0;
		want("create", pthread_create(&thread, NULL, spinner, NULL), 0);
		while (!alive)
			sched_yield();
		pthread_cancel(thread);
		want("join", pthread_join(thread, &result), 0);
		need(result == PTHREAD_CANCELED, "result");
	}
}

/* ---- ways out of the process ---- */
static volatile int main_lives; /* the kernel clears it */
static void main_will_leave(void)
{
	main_lives = 1;
	syscall(SYS_set_tid_address, &main_lives);
}
static void until_main_has_left(void)
{
	while (main_lives)
		nap(0.001);
}
static void *late(void *unused) { (void)unused; until_main_has_left(); return NULL; }
static void main_leaves(void)
{
	pthread_t thread;
	main_will_leave();
	pthread_create(&thread, NULL, late, NULL);
	pthread_exit(NULL);
}
static void main_leaves_by_pthread_exit(void) { want_exit(in_child(main_leaves), 0); }
static void *exits_group(void *unused) { (void)unused; await_state(getpid(), 'S'); exit(42); }
static void main_waits(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, exits_group, NULL);
	pthread_join(thread, NULL);
	_exit(1);
}
static void thread_exits_process(void) { want_exit(in_child(main_waits), 42); }
static void *raw_exit(void *unused) { (void)unused; until_main_has_left(); syscall(SYS_exit, 9); return NULL; }
static void main_raw_exit(void)
{
	pthread_t thread;
	main_will_leave();
	pthread_create(&thread, NULL, raw_exit, NULL);
	syscall(SYS_exit, 4);
}
/* The process ends with its last thread, and with that thread's status. */
static void last_raw_exit_counts(void) { want_exit(in_child(main_raw_exit), 9); }

static void *spins(void *unused) { (void)unused; for (volatile u64 i = 0;; i++) ; return NULL; }
static void *sleeps(void *unused) { (void)unused; for (;;) nap(100); return NULL; }
static void *calls(void *unused) { (void)unused; for (;;) getppid(); return NULL; }
static volatile u8 *bad;
static void skip_fault(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
#if defined(__riscv)
	u16 half = *(u16 *)PC(context);
	PC(context) += (half & 3) == 3 ? 4 : 2;
#else
	PC(context) += 2;
#endif
}
static void *faults(void *unused)
{
	(void)unused;
#if defined(__riscv)
	for (;;)
		__asm__ volatile("sb zero, 0(%0)" ::"r"(bad) : "memory");
#else
	for (;;)
		__asm__ volatile("mov %%al, (%0)" ::"c"(bad) : "memory");
#endif
	return NULL;
}
static void *translates(void *unused)
{
	(void)unused;
	u8 *p = pages(16, PROT_READ | PROT_WRITE | PROT_EXEC);
	for (int i = 0;; i++) {
		put(p + (i * 64 & 65535), i);
		flush(p + (i * 64 & 65535), CODE_SIZE);
		call(p + (i * 64 & 65535));
	}
	return NULL;
}
static void *maps(void *unused)
{
	(void)unused;
	for (;;) {
		void *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		*(volatile u8 *)p = 1;
		munmap(p, 65536);
	}
	return NULL;
}
static void *(*const bodies[])(void *) = { spins, sleeps, calls, faults, translates, maps };
static void *begins(void *body)
{
	__atomic_fetch_add(&alive, 1, __ATOMIC_SEQ_CST);
	return (*(void *(*const *)(void *))body)(NULL);
}
/* Threads that do all of this, and are at it. */
static void begin_others(void)
{
	bad = pages(1, PROT_NONE);
	on_signal(SIGSEGV, skip_fault, 0);
	pthread_t thread;
	for (int i = 0; i < 6; i++)
		want("create", pthread_create(&thread, NULL, begins, (void *)&bodies[i]), 0);
	while (alive < 6)
		nap(0.001);
	nap(0.01);
}
static void exit_amid(void)
{
	begin_others();
	exit(42);
}
static void exit_group_amid_others(void)
{
	for (int i = 0; i < 12; i++)
		want_exit(in_child(exit_amid), 42);
}
static void kill_amid(void)
{
	begin_others();
	abort();
}
static void abort_amid_others(void)
{
	for (int i = 0; i < 12; i++)
		want_killed(in_child(kill_amid), SIGABRT);
}
static void fault_in_thread_body(void)
{
	bad = pages(1, PROT_NONE);
	pthread_t thread;
	pthread_create(&thread, NULL, spins, NULL);
	pthread_create(&thread, NULL, faults, NULL);
	for (;;)
		pause();
}
static void fault_in_thread_kills_process(void) { want_killed(in_child(fault_in_thread_body), SIGSEGV); }

/* ---- identity ---- */
static int ids[3];
static void *note_ids(void *unused)
{
	(void)unused;
	ids[0] = getpid();
	ids[1] = (int)syscall(SYS_gettid);
	ids[2] = getppid();
	return NULL;
}
static void thread_ids(void)
{
	pthread_t thread;
	want("create", pthread_create(&thread, NULL, note_ids, NULL), 0);
	pthread_join(thread, NULL);
	want("pid", ids[0], getpid());
	need(ids[1] != getpid() && ids[1] > 0, "tid %d", ids[1]);
	want("ppid", ids[2], getppid());
	want("main's tid", syscall(SYS_gettid), getpid());
}
static void *names(void *unused)
{
	(void)unused;
	char name[17] = "";
	prctl(PR_SET_NAME, "worker-bee");
	prctl(PR_GET_NAME, name);
	return (void *)(long)strcmp(name, "worker-bee");
}
static void thread_names(void)
{
	pthread_t thread;
	void *result;
	char before[17] = "", after[17] = "";
	prctl(PR_GET_NAME, before);
	want("create", pthread_create(&thread, NULL, names, NULL), 0);
	pthread_join(thread, &result);
	want("own name", (long)result, 0);
	prctl(PR_GET_NAME, after);
	need(!strcmp(before, after), "main's name became %s", after);
}
/* fcsr and the rounding mode belong to the thread; a new one inherits the creator's rounding mode or the default, as
 * the C library does it natively: only that threads do not disturb each other is judged. */
#include <fenv.h>
static volatile double a_ = 1, b_ = 3, c_;
static void *rounds(void *mode)
{
	fesetround((int)(long)mode);
	double first = a_ / b_;
	for (int i = 0; i < 20000; i++) {
		c_ = a_ / b_;
		if (fegetround() != (int)(long)mode)
			return (void *)1;
		if (i % 1000 == 0)
			sched_yield();
	}
	return (void *)(long)(first != a_ / b_);
}
static void rounding_is_per_thread(void)
{
	int modes[4] = { FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO };
	pthread_t threads[4];
	for (int i = 0; i < 4; i++)
		want("create", pthread_create(&threads[i], NULL, rounds, (void *)(long)modes[i]), 0);
	for (int i = 0; i < 4; i++) {
		void *result;
		pthread_join(threads[i], &result);
		want("disturbed", (long)result, 0);
	}
	want("main's", fegetround(), FE_TONEAREST);
}
/* Atomics and locks under contention add up. */
static volatile u32 word32;
static volatile u64 word64;
static volatile u8 bytes8[8];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static u64 guarded;
static void *adds(void *unused)
{
	(void)unused;
	for (int i = 0; i < 20000; i++) {
		__atomic_fetch_add(&word32, 3, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(&word64, 5, __ATOMIC_RELAXED);
		__atomic_fetch_add(&bytes8[i & 7], 1, __ATOMIC_SEQ_CST);
		u64 old = __atomic_load_n(&word64, __ATOMIC_SEQ_CST);
		while (!__atomic_compare_exchange_n(&word64, &old, old + 7, 1, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			;
		pthread_mutex_lock(&lock);
		guarded += 2;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}
static void atomics_add_up(void)
{
	pthread_t threads[4];
	for (int i = 0; i < 4; i++)
		want("create", pthread_create(&threads[i], NULL, adds, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	want("32 bits", word32, 3 * 80000);
	want("64 bits", word64, 12ull * 80000);
	want("mutex", guarded, 160000);
	for (int i = 0; i < 8; i++)
		want("byte", bytes8[i], (u8)10000);
}
static sem_t first, second;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static volatile int turn_;
static void *answers(void *unused)
{
	(void)unused;
	for (int i = 0; i < 3000; i++) {
		sem_wait(&first);
		sem_post(&second);
	}
	pthread_mutex_lock(&lock);
	for (int i = 0; i < 3000; i++) {
		while (turn_ != 1)
			pthread_cond_wait(&condition, &lock);
		turn_ = 0;
		pthread_cond_broadcast(&condition);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}
static void semaphores_and_conditions(void)
{
	sem_init(&first, 0, 0);
	sem_init(&second, 0, 0);
	pthread_t thread;
	want("create", pthread_create(&thread, NULL, answers, NULL), 0);
	for (int i = 0; i < 3000; i++) {
		sem_post(&first);
		sem_wait(&second);
	}
	pthread_mutex_lock(&lock);
	for (int i = 0; i < 3000; i++) {
		while (turn_ != 0)
			pthread_cond_wait(&condition, &lock);
		turn_ = 1;
		pthread_cond_broadcast(&condition);
	}
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
}

static const struct check checks[] = {
	C(thousand_alive), C(create_join_5000), C(mass_cancel), C(asynchronous_cancel_of_a_loop),
	C(main_leaves_by_pthread_exit), C(thread_exits_process), C(last_raw_exit_counts), C(exit_group_amid_others),
	C(abort_amid_others), C(fault_in_thread_kills_process), C(thread_ids), C(thread_names), C(rounding_is_per_thread),
	C(atomics_add_up), C(semaphores_and_conditions),
};
MAIN(checks)
