/* Code that other threads and other processes change while it runs. */
#include "code.h"
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

static u8 *rwx(int count) { return pages(count, PROT_READ | PROT_WRITE | PROT_EXEC); }
/* An aligned 4-byte patch of `li a0, value` (x86: of the immediate of `mov eax`), which is atomic. */
static u8 *patchable(u8 *at)
{
#if defined(__riscv)
	u32 code[] = { 0x00000513, 0x00008067 };
	memcpy(at, code, 8);
	flush(at, 8);
#else
	put(at, 0);
#endif
	return at;
}
static void patch(u8 *at, int value)
{
#if defined(__riscv)
	__atomic_store_n((u32 *)at, 0x513 | (u32)value << 20, __ATOMIC_RELEASE);
	flush(at, 4);
#else
	memcpy(at + 1, &value, 4);
#endif
}
static u8 *code;
static volatile int stop_, seen, calls_, wrong, published;
static void *runs(void *unused)
{
	(void)unused;
	int last = 0;
	while (!stop_) {
		int floor = __atomic_load_n(&published, __ATOMIC_ACQUIRE);
		int got = call(code);
		if (got < floor || got < last)
			wrong++; /* older than what was complete before the call */
		last = got;
		seen = got;
		calls_++;
	}
	return NULL;
}
static void runner_sees_patches(void)
{
	code = patchable(rwx(1));
	pthread_t threads[2];
	for (int i = 0; i < 2; i++)
		want("create", pthread_create(&threads[i], NULL, runs, NULL), 0);
	for (int i = 1; i <= 2000; i++) {
		patch(code, i);
		__atomic_store_n(&published, i, __ATOMIC_RELEASE);
		if (i % 100 == 0)
			sched_yield();
	}
	while (seen != 2000)
		sched_yield();
	stop_ = 1;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	want("stale runs", wrong, 0);
	want("last value", call(code), 2000);
}
/* A loop that never leaves its code: the patch ends it. */
static volatile int begun;
static void *loops(void *at)
{
	begun = 1;
	((void (*)(void))at)();
	return NULL;
}
static void endless_loop_patched_away(void)
{
	for (int i = 0; i < 30; i++) {
		u8 *p = rwx(1);
#if defined(__riscv)
		u32 loop[] = { 0x00000013, 0x00000013, 0xff9ff06f /* j -8 */, 0x00008067 };
		memcpy(p, loop, sizeof loop);
		flush(p, sizeof loop);
#else
		u8 loop[] = { 0x90, 0x90, 0xeb, 0xfc, 0xc3 };
		memcpy(p, loop, sizeof loop);
#endif
		pthread_t thread;
		begun = 0;
		want("create", pthread_create(&thread, NULL, loops, p), 0);
		while (!begun)
			sched_yield();
		nap(0.002);
#if defined(__riscv)
		__atomic_store_n((u32 *)(p + 8), 0x00000013, __ATOMIC_RELEASE);
		flush(p, 16);
#else
		__atomic_store_n((u16 *)(p + 2), 0x9090, __ATOMIC_RELEASE);
#endif
		want("the loop ends", pthread_join(thread, NULL), 0);
		munmap(p, 4096);
	}
}
static void membarrier_sync_core(void)
{
	long offered = must(syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0));
	if (!(offered & MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE))
		skip("membarrier offers no SYNC_CORE here");
	must(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0));
	code = patchable(rwx(1));
	pthread_t thread;
	want("create", pthread_create(&thread, NULL, runs, NULL), 0);
	for (int i = 1; i <= 1000; i++) {
#if defined(__riscv)
		__atomic_store_n((u32 *)code, 0x513 | (u32)i << 20, __ATOMIC_RELEASE);
		__asm__ volatile("fence.i");
#else
		memcpy(code + 1, &i, 4);
#endif
		must(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0, 0));
		__atomic_store_n(&published, i, __ATOMIC_RELEASE);
	}
	stop_ = 1;
	pthread_join(thread, NULL);
	want("stale runs", wrong, 0);
	want("last value", call(code), 1000);
}
/* Two threads write different functions of one page and run their own. */
static void *own_part(void *which)
{
	u8 *at = code + (long)which * 64;
	for (int i = 0; i < 1500; i++) {
		put(at, i + (int)(long)which * 100000);
		flush(at, CODE_SIZE);
		if (call(at) != i + (int)(long)which * 100000)
			__atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}
static void two_patchers_one_page(void)
{
	code = rwx(1);
	pthread_t threads[3];
	for (long i = 0; i < 3; i++)
		want("create", pthread_create(&threads[i], NULL, own_part, (void *)i), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	want("stale runs", wrong, 0);
}
static void *patches_same(void *which)
{
	for (int i = 0; i < 1000; i++) {
		patch(code, 100 + (int)(long)which);
		int got = call(code);
		if (got != 100 && got != 101)
			__atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}
static void two_patchers_one_function(void)
{
	code = patchable(rwx(1));
	pthread_t threads[2];
	for (long i = 0; i < 2; i++)
		want("create", pthread_create(&threads[i], NULL, patches_same, (void *)i), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	want("mixtures", wrong, 0);
}
/* The page goes away under a running thread: it faults there, and nowhere else. */
static __thread sigjmp_buf thread_exit_;
static volatile int faults_, wrong_faults;
static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)number;
	u64 at = (u64)info->si_addr;
	if (info->si_code != SEGV_MAPERR || at < (u64)code || at >= (u64)code + 4096 || (u64)PC(context) != at)
		wrong_faults++;
	faults_++;
	siglongjmp(thread_exit_, 1);
}
static void *until_fault(void *unused)
{
	(void)unused;
	if (!sigsetjmp(thread_exit_, 1))
		loops(code);
	return NULL;
}
static void unmapped_under_a_running_thread(void)
{
	on_signal(SIGSEGV, on_fault, 0);
	for (int i = 0; i < 50; i++) {
		code = rwx(1);
#if defined(__riscv)
		u32 loop[] = { 0x00000013, 0x00000013, 0xff9ff06f };
#else
		u8 loop[] = { 0x90, 0x90, 0xeb, 0xfc };
#endif
		memcpy(code, loop, sizeof loop);
		flush(code, sizeof loop);
		pthread_t thread;
		begun = 0;
		want("create", pthread_create(&thread, NULL, until_fault, NULL), 0);
		while (!begun)
			sched_yield();
		nap(0.001);
		must(munmap(code, 4096));
		want("the thread ends", pthread_join(thread, NULL), 0);
	}
	want("faults", faults_, 50);
	want("faults elsewhere", wrong_faults, 0);
}
/* A number that two processes set in turn: the next, and a wait for the one after. */
static void set_turn(volatile u32 *turn, u32 value)
{
	__atomic_store_n(turn, value, __ATOMIC_RELEASE);
	syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}
static u32 after_turn(volatile u32 *turn, u32 old)
{
	u32 value;
	while ((value = __atomic_load_n(turn, __ATOMIC_ACQUIRE)) == old)
		syscall(SYS_futex, turn, FUTEX_WAIT, old, NULL, NULL, 0);
	return value;
}
/* Another process stores into shared pages that we run. */
static void another_process_stores(void)
{
	u8 *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	volatile u32 *turn = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = must(fork());
	if (child == 0) {
		for (int i = 1; i <= 500; i++) {
			after_turn(turn, (u32)(2 * i - 2));
			put(p, i);
			flush(p, CODE_SIZE);
			set_turn(turn, (u32)(2 * i));
		}
		_exit(0);
	}
	for (int i = 1; i <= 500; i++) {
		set_turn(turn, (u32)(2 * i - 1));
		after_turn(turn, (u32)(2 * i - 1));
		flush(p, CODE_SIZE);
		want("the other process's code", call(p), i);
	}
	waitpid(child, NULL, 0);
}
static void another_process_vm_writev(void)
{
	u8 *p = rwx(1);
	put(p, 0);
	flush(p, CODE_SIZE);
	volatile u32 *turn = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t parent = getpid(), child = must(fork());
	if (child == 0) {
		for (int i = 1; i <= 300; i++) {
			after_turn(turn, (u32)(2 * i - 2));
			u8 bytes[CODE_SIZE];
			put(bytes, i);
			struct iovec from = { bytes, CODE_SIZE }, to = { p, CODE_SIZE };
			if (process_vm_writev(parent, &from, 1, &to, 1, 0) != CODE_SIZE) {
				set_turn(turn, 0x80000000u | (u32)errno);
				_exit(1);
			}
			set_turn(turn, (u32)(2 * i));
		}
		_exit(0);
	}
	for (int i = 1; i <= 300; i++) {
		set_turn(turn, (u32)(2 * i - 1));
		u32 state = after_turn(turn, (u32)(2 * i - 1));
		if (state == (0x80000000u | EPERM))
			skip("process_vm_writev to the parent is not permitted here");
		need(!(state & 0x80000000u), "process_vm_writev: errno %d", state & 0xffff);
		flush(p, CODE_SIZE);
		want("the other process's code", call(p), i);
	}
	waitpid(child, NULL, 0);
}
/* Many threads translate, run and unmap at once. */
static void *churn(void *which)
{
	for (int i = 0; i < 150; i++) {
		u8 *p = rwx(2);
		for (int k = 0; k < 16; k++)
			put(p + 4096 - 6 + k * 64, i * 16 + k + (int)(long)which);
		flush(p, 8192);
		for (int k = 0; k < 16; k++)
			if (call(p + 4096 - 6 + k * 64) != i * 16 + k + (int)(long)which)
				__atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST);
		munmap(p, 8192);
	}
	return NULL;
}
static void churn_in_parallel(void)
{
	pthread_t threads[6];
	for (long i = 0; i < 6; i++)
		want("create", pthread_create(&threads[i], NULL, churn, (void *)(i << 16)), 0);
	for (int i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	want("stale runs", wrong, 0);
}

static const struct check checks[] = {
	C(runner_sees_patches), C(endless_loop_patched_away), C(membarrier_sync_core), C(two_patchers_one_page),
	C(two_patchers_one_function), C(unmapped_under_a_running_thread), C(another_process_stores), C(another_process_vm_writev),
	C(churn_in_parallel),
};
MAIN(checks)
