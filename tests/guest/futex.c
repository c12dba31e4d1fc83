/* Futexes, robust lists, priority inheritance, thread ends that the kernel tells about, restartable sequences. */
#include "check.h"
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>

static long futex(void *word, int op, u32 value, const struct timespec *limit, void *second, u32 third)
{
	return syscall(SYS_futex, word, op, value, limit, second, third);
}
static u32 *shared_word(void)
{
	u32 *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(p != MAP_FAILED, "mmap: errno %d", errno);
	return p;
}
static void refusals(void)
{
	u32 *word = shared_word();
	struct timespec zero = { 0, 0 }, bad = { 0, 1000000000 }, soon = { 0, 20000000 };
	want_errno(futex((u8 *)word + 1, FUTEX_WAIT, 0, &zero, NULL, 0), EINVAL);
	want_errno(futex((u8 *)word + 2, FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
	want_errno(futex(word, FUTEX_WAIT, 1, &zero, NULL, 0), EAGAIN);
	want_errno(futex(word, FUTEX_WAIT, 0, &bad, NULL, 0), EINVAL);
	want_errno(futex(word, FUTEX_WAIT, 0, &soon, NULL, 0), ETIMEDOUT);
	want_errno(futex(word, FUTEX_WAIT_BITSET, 0, &zero, NULL, 0), EINVAL);
	want_errno(futex(word, 99, 0, NULL, NULL, 0), ENOSYS);
	want_errno(futex((void *)8, FUTEX_WAIT, 0, &zero, NULL, 0), EFAULT);
	want("nobody to wake", futex(word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
}
static void absolute_timeout(void)
{
	u32 *word = shared_word();
	struct timespec when;
	clock_gettime(CLOCK_MONOTONIC, &when);
	when.tv_nsec += 30000000;
	if (when.tv_nsec >= 1000000000)
		when.tv_sec++, when.tv_nsec -= 1000000000;
	want_errno(futex(word, FUTEX_WAIT_BITSET, 0, &when, NULL, ~0u), ETIMEDOUT);
	need(now() >= when.tv_sec + when.tv_nsec * 1e-9 - 0.001, "%.3f s too early", when.tv_sec + when.tv_nsec * 1e-9 - now());
	clock_gettime(CLOCK_REALTIME, &when);
	when.tv_nsec += 30000000;
	if (when.tv_nsec >= 1000000000)
		when.tv_sec++, when.tv_nsec -= 1000000000;
	want_errno(futex(word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &when, NULL, ~0u), ETIMEDOUT);
}
static void wake_across_processes(void)
{
	u32 *word = shared_word();
	pid_t child = must(fork());
	if (child == 0) {
		while (futex(word, FUTEX_WAIT, 0, NULL, NULL, 0) && errno == EINTR)
			;
		_exit(word[1] == 1 ? 0 : 1);
	}
	word[1] = 1;
	long woken;
	while ((woken = futex(word, FUTEX_WAKE, 10, NULL, NULL, 0)) == 0)
		sched_yield();
	want("woken", woken, 1);
	int status;
	waitpid(child, &status, 0);
	want_exit(status, 0);
}
static u32 private_words[2], meeting;
static volatile int woken;
static void *waits(void *unused)
{
	(void)unused;
	futex(&meeting, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	__atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST);
	return NULL;
}
/* Threads that wait at this word, all of them: each comes by way of another word, from where we fetch it. */
static void begin_waiters(pthread_t *threads, int count, u32 *word)
{
	for (int i = 0; i < count; i++)
		want("create", pthread_create(&threads[i], NULL, waits, NULL), 0);
	while (count > 0) {
		count -= (int)must(syscall(SYS_futex, &meeting, FUTEX_CMP_REQUEUE_PRIVATE, 0, (long)count, word, 0));
		sched_yield();
	}
}
static void requeue(void)
{
	pthread_t threads[4];
	begin_waiters(threads, 4, &private_words[0]);
	want("cmp_requeue", syscall(SYS_futex, &private_words[0], FUTEX_CMP_REQUEUE_PRIVATE, 1, 2l, &private_words[1], 0), 3);
	while (!woken)
		sched_yield();
	want("woken", woken, 1);
	want("wake the second", futex(&private_words[1], FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0), 2);
	want("wake the first", futex(&private_words[0], FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0), 1);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}
static void wake_op(void)
{
	pthread_t thread;
	begin_waiters(&thread, 1, &private_words[1]);
	private_words[1] = 5;
	/* Wakes one of the first word (nobody); second += 3; wakes one of the second, since its old value was 5. */
	u32 op = FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5);
	want("wake_op", syscall(SYS_futex, &private_words[0], FUTEX_WAKE_OP_PRIVATE, 1, 1l, &private_words[1], op), 1);
	want("new value", private_words[1], 8);
	pthread_join(thread, NULL);
}

/* ---- robust lists ---- */
static pthread_mutex_t *mutex;
static volatile u32 *locked; /* shared, like the mutex */
static void robust_mutex(void)
{
	mutex = (pthread_mutex_t *)shared_word();
	locked = shared_word();
	pthread_mutexattr_t a;
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(mutex, &a);
}
static void *lock_and_leave(void *unused) { (void)unused; pthread_mutex_lock(mutex); return NULL; }
static void robust_thread_exit(void)
{
	robust_mutex();
	pthread_t thread;
	want("create", pthread_create(&thread, NULL, lock_and_leave, NULL), 0);
	pthread_join(thread, NULL);
	want("lock", pthread_mutex_lock(mutex), EOWNERDEAD);
	want("consistent", pthread_mutex_consistent(mutex), 0);
	want("unlock", pthread_mutex_unlock(mutex), 0);
}
/* Whoever sees that a thread has ended finds its locks released already. */
static volatile int running;
static void *lock_and_tell(void *unused)
{
	(void)unused;
	syscall(SYS_set_tid_address, &running);
	pthread_mutex_lock(mutex);
	return NULL;
}
static void robust_before_the_end_is_told(void)
{
	for (int i = 0; i < 300; i++) {
		robust_mutex();
		pthread_t thread;
		running = 1;
		want("create", pthread_create(&thread, NULL, lock_and_tell, NULL), 0);
		pthread_detach(thread);
		while (running)
			;
		want("lock", pthread_mutex_trylock(mutex), EOWNERDEAD);
		pthread_mutex_consistent(mutex);
		pthread_mutex_unlock(mutex);
	}
}
static void lock_and_exit(void) { pthread_mutex_lock(mutex); _exit(0); }
static void robust_process_exit(void)
{
	robust_mutex();
	want_exit(in_child(lock_and_exit), 0);
	want("lock", pthread_mutex_lock(mutex), EOWNERDEAD);
}
static void lock_and_fault(void) { pthread_mutex_lock(mutex); *(volatile int *)8 = 1; }
static void robust_killed_by_fault(void)
{
	robust_mutex();
	want_killed(in_child(lock_and_fault), SIGSEGV);
	want("lock", pthread_mutex_lock(mutex), EOWNERDEAD);
}
static void lock_and_hang(void)
{
	pthread_mutex_lock(mutex);
	*locked = 1;
	for (;;)
		pause();
}
static void robust_sigkill_while_waited_for(void)
{
	robust_mutex();
	pid_t child = must(fork());
	if (child == 0)
		lock_and_hang();
	while (!*locked)
		nap(0.001);
	pid_t killer = must(fork());
	if (killer == 0) {
		await_state(getppid(), 'S');
		kill(child, SIGKILL);
		_exit(0);
	}
	want("lock", pthread_mutex_lock(mutex), EOWNERDEAD);
	waitpid(child, NULL, 0);
	waitpid(killer, NULL, 0);
}
static void lock_and_exec(void)
{
	pthread_mutex_lock(mutex);
	*locked = 1;
	char *const words[] = { "futex", "-l", NULL };
	int null = open("/dev/null", O_WRONLY);
	dup2(null, 1);
	execv("/proc/self/exe", words);
	_exit(100);
}
static void robust_exec(void)
{
	robust_mutex();
	pid_t child = must(fork());
	if (child == 0)
		lock_and_exec();
	while (!*locked)
		nap(0.001);
	want("lock", pthread_mutex_lock(mutex), EOWNERDEAD);
	int status;
	waitpid(child, &status, 0);
	want_exit(status, 0);
}
static void robust_list_calls(void)
{
	void *head;
	size_t size = 0;
	must(syscall(SYS_get_robust_list, 0, &head, &size));
	want("size", size, 24);
	need(head, "no list");
	want_errno(syscall(SYS_set_robust_list, head, 12), EINVAL);
}

/* ---- priority inheritance ---- */
static void pi_own_lock_deadlocks(void)
{
	u32 *word = shared_word();
	must(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	want("owner", word[0] & FUTEX_TID_MASK, syscall(SYS_gettid));
	want_errno(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), EDEADLK);
	must(futex(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	want("free", word[0], 0);
	want_errno(futex(word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0), EPERM);
	word[0] = 0x3ffffff0; /* nobody has this id */
	want_errno(futex(word, FUTEX_LOCK_PI, 0, NULL, NULL, 0), ESRCH);
}
static pthread_mutex_t pi_mutex;
static volatile long pi_count;
static void *pi_adds(void *unused)
{
	(void)unused;
	for (int i = 0; i < 3000; i++) {
		pthread_mutex_lock(&pi_mutex);
		pi_count++;
		pthread_mutex_unlock(&pi_mutex);
	}
	return NULL;
}
static void pi_mutex_contended(void)
{
	pthread_mutexattr_t a;
	pthread_mutexattr_init(&a);
	pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
	want("init", pthread_mutex_init(&pi_mutex, &a), 0);
	pthread_t threads[4];
	for (int i = 0; i < 4; i++)
		want("create", pthread_create(&threads[i], NULL, pi_adds, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	want("count", pi_count, 12000);
}

/* ---- the word that the kernel clears and wakes when a thread ends ---- */
static volatile int tid_word;
static u8 *thread_stack;
static int ends_soon(void *unused)
{
	(void)unused;
	nap(0.03);
	syscall(SYS_exit, 0);
	return 0;
}
static void child_cleartid(void)
{
	thread_stack = pages(16, PROT_READ | PROT_WRITE);
	tid_word = 1;
	int tid = must(clone(ends_soon, thread_stack + 16 * 4096, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
		NULL, &tid_word, NULL, &tid_word));
	need(tid > 0, "clone");
	while (tid_word)
		futex((void *)&tid_word, FUTEX_WAIT, (u32)tid, NULL, NULL, 0);
	double end = now() + PATIENCE;
	while (syscall(SYS_tgkill, getpid(), tid, 0) == 0)
		need(now() < end, "the thread is still there");
	want("errno", errno, ESRCH);
}
/* The word lies on the thread's own stack, which is gone by then: no harm. */
static int unmaps_its_stack(void *unused)
{
	(void)unused;
#if defined(__riscv)
	__asm__ volatile("mv a0, %0\n li a1, 65536\n li a7, 215\n ecall\n li a0, 0\n li a7, 93\n ecall" ::"r"(thread_stack) : "memory");
#else
	__asm__ volatile("mov %0, %%rdi\n mov $65536, %%esi\n mov $11, %%eax\n syscall\n xor %%edi, %%edi\n mov $60, %%eax\n syscall" ::"r"(thread_stack) : "memory");
#endif
	return 0;
}
static void cleartid_after_stack_is_gone(void)
{
	for (int i = 0; i < 20; i++) {
		thread_stack = pages(16, PROT_READ | PROT_WRITE);
		int tid = must(clone(unmaps_its_stack, thread_stack + 16 * 4096, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID,
			NULL, NULL, NULL, thread_stack + 64));
		double end = now() + PATIENCE;
		while (!syscall(SYS_tgkill, getpid(), tid, 0)) {
			need(now() < end, "the thread does not end");
			nap(0.001);
		}
	}
}
static void membarriers(void)
{
	long offered = must(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0));
	need(offered & MEMBARRIER_CMD_PRIVATE_EXPEDITED, "offers 0x%lx", offered);
	want_errno(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), EPERM);
	must(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
	must(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
	want_errno(syscall(SYS_membarrier, 1 << 20, 0, 0), EINVAL);
}
static void affinity(void)
{
	cpu_set_t set;
	must(sched_getaffinity(0, sizeof set, &set));
	need(CPU_COUNT(&set) >= 1, "no CPU");
	must(sched_setaffinity(0, sizeof set, &set));
	unsigned cpu = 9999, node;
	must(syscall(SYS_getcpu, &cpu, &node, NULL));
	need(cpu < CPU_SETSIZE && CPU_ISSET(cpu, &set), "cpu %u", cpu);
}

static const struct check checks[] = {
	C(refusals), C(absolute_timeout), C(wake_across_processes), C(requeue), C(wake_op), C(robust_thread_exit), C(robust_process_exit),
	C(robust_before_the_end_is_told), C(robust_killed_by_fault), C(robust_sigkill_while_waited_for), C(robust_exec), C(robust_list_calls), C(pi_own_lock_deadlocks),
	C(pi_mutex_contended), C(child_cleartid), C(cleartid_after_stack_is_gone), C(membarriers), C(affinity),
};
MAIN(checks)
