/* Programs that go wrong on purpose. `hostile NAME` prints "before" and a line of a known length, then misbehaves; what a
 * shell sees of its end (the status, 128 + n for a death by signal n) is in ../expected/hostile.tsv. Whatever it does, what
 * it printed before is there, and the emulator neither hangs nor crashes itself. `hostile -l` lists the names. */
#include "code.h"
#include <pthread.h>

#pragma GCC diagnostic ignored "-Winfinite-recursion"
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* ---- wild jumps ---- */
static void jump(u64 to) { ((void (*volatile)(void))to)(); }
static void jump_null(void) { jump(0); }
static void jump_small(void) { jump(0x1234); }
static void jump_data(void) { static u8 data[64] = { 1 }; jump((u64)data); }
static void jump_stack(void) { u8 room[64] = { 0 }; jump((u64)room); }
static void jump_hole(void) { u8 *p = pages(1, PROT_READ); munmap(p, 4096); jump((u64)p); }
static void jump_kernel(void) { jump(0xffff800000000000); }
static void jump_non_canonical(void) { jump(0x4141414141414140); }
static void jump_top(void) { jump(0xfffffffffffffffe); }
static void jump_zeros(void)
{
	u8 *p = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
#if defined(__x86_64__)
	p[0] = 0x0f, p[1] = 0x0b; /* zeros are no illegal instruction there */
#endif
	jump((u64)p);
}
/* ---- broken stacks ---- */
static __attribute__((noinline)) void smashed(void)
{
	volatile u64 room[2] = { 0 };
	volatile u64 *p = room;
	getppid(); /* so that the return address lies on the stack */
	__asm__ volatile("" : "+r"(p));
	for (int i = 0; i < 40; i++)
		p[i] = 0x4141414141414140;
	__asm__ volatile("" ::: "memory");
}
static void smashed_stack(void) { smashed(); _exit(1); }
static void stack_pointer_zero(void)
{
#if defined(__riscv)
	__asm__ volatile("mv sp, zero\n sd ra, -8(sp)");
#else
	__asm__ volatile("xor %esp, %esp\n push %rax");
#endif
}
static void stack_pointer_wild_in_handler(void)
{
	on_signal(SIGUSR1, (void (*)(int, siginfo_t *, void *))(u64)jump_null, 0);
	pid_t self = getpid();
#if defined(__riscv)
	register long a0 __asm__("a0") = self;
	register long a1 __asm__("a1") = SIGUSR1;
	register long a7 __asm__("a7") = SYS_kill;
	__asm__ volatile("li sp, 0x4444\n ecall" : : "r"(a0), "r"(a1), "r"(a7) : "memory");
#else
	__asm__ volatile("mov $0x4444, %%rsp\n syscall" ::"a"(SYS_kill), "D"(self), "S"(SIGUSR1) : "memory");
#endif
	_exit(1);
}
static int deep(volatile char *above) { volatile char here[4096]; here[0] = above[0]; return deep(here) + here[0]; }
static void endless_recursion(void) { volatile char first[1] = { 0 }; deep(first); }
static void unmapped_stack(void)
{
	volatile int here = 0;
	munmap((void *)(((u64)&here & ~4095ul) - 65536), 65536 + 8192);
	here = 1;
	_exit(1);
}

/* ---- memory pulled away ---- */
static void unmap_own_code(void)
{
	extern char __executable_start[], etext[];
	munmap((void *)((u64)__executable_start & ~4095ul), ((u64)etext - ((u64)__executable_start & ~4095ul) + 4095) & ~4095ul);
	_exit(1);
}
static void unmap_everything(void)
{
	/* As much as the address space has: how much that is depends on the page tables. */
	static const u64 sizes[] = { 0x7ffffffff000, 0x7fff00000000, 0x400000000000, 0x4000000000 };
	for (int i = 0; i < 4; i++)
		syscall(SYS_munmap, 0, sizes[i]);
	_exit(1);
}
static void unmap_everything_low(void) { syscall(SYS_munmap, 4096, 0x3ffffff000); _exit(1); }
static void no_rights_on_own_code(void)
{
	extern char __executable_start[], etext[];
	mprotect((void *)((u64)__executable_start & ~4095ul), (u64)etext - ((u64)__executable_start & ~4095ul), PROT_READ);
	_exit(1);
}
static void own_code_zeroed(void)
{
	extern char __executable_start[], etext[];
	u64 from = (u64)__executable_start & ~4095ul, size = ((u64)etext - from + 4095) & ~4095ul;
	mmap((void *)from, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	_exit(1);
}
static void write_over_own_code(void)
{
	*(volatile u32 *)(u64)write_over_own_code = 0;
	_exit(1);
}
static void store_everywhere(void)
{
	/* Stores at addresses where an emulator might live; each is caught, none may hurt. */
	catch_faults();
	u64 noise = 88172645463325252ull;
	volatile int faults = 0;
	for (volatile int i = 0; i < 3000; i++) {
		noise ^= noise << 13, noise ^= noise >> 7, noise ^= noise << 17;
		u64 at = (noise & 0x7fffffffffff) | 0x100000000000;
		if (FAULTS(*(volatile u8 *)at = 0))
			faults++;
	}
	printf("%s\n", faults > 2500 ? "mostly faults" : "few faults");
	exit(0);
}
static void all_memory(void)
{
	struct rlimit limit = { 1ul << 30, 1ul << 30 };
	setrlimit(RLIMIT_AS, &limit);
	int count = 0;
	while (mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		count++;
	_exit(errno == ENOMEM && count > 30 && count < 70 ? 9 : 1);
}
static void heap_pulled_back(void)
{
	syscall(SYS_brk, syscall(SYS_brk, 0) - (1 << 20));
	munmap((void *)((syscall(SYS_brk, 0) & ~4095ul) - 65536 * 2), 65536 * 2);
	_exit(4);
}
static void thread_pointer_lost(void)
{
#if defined(__riscv)
	__asm__ volatile("li tp, 0x1238");
#else
	__asm__ volatile("mov %0, %%eax\n mov $0x1002, %%edi\n mov $0x1238, %%esi\n syscall" ::"i"(SYS_arch_prctl) : "rax", "rdi", "rsi", "rcx", "r11", "memory");
#endif
	errno = 1;
	_exit(1);
}

/* ---- descriptors ---- */
static void close_everything(void) { for (int fd = 0; fd < 5000; fd++) close(fd); _exit(7); }
static void close_everything_then_fault(void) { syscall(SYS_close_range, 0, ~0u, 0); jump(0); }
static void closed_output(void) { close(1); printf("never seen\n"); exit(fflush(stdout) ? 3 : 0); }
static void full_disk(void)
{
	dup2(open("/dev/full", O_WRONLY), 1);
	printf("never seen\n");
	exit(fflush(stdout) && errno == ENOSPC ? 5 : 1);
}
static void broken_pipe(void) { int ends[2]; if (pipe(ends)) _exit(1); close(ends[0]); if (write(ends[1], "x", 1)) _exit(2); _exit(1); }

/* ---- signals and ends ---- */
static void aborts(void) { abort(); }
static void kills_itself(void) { kill(getpid(), SIGKILL); _exit(1); }
static void terminates_itself(void) { kill(getpid(), SIGTERM); _exit(1); }
static void real_time_death(void) { kill(getpid(), SIGRTMIN + 3); _exit(1); }
static void alarm_in_a_loop(void)
{
	struct itimerval soon = { { 0, 0 }, { 0, 50000 } };
	setitimer(ITIMER_REAL, &soon, NULL);
	for (;;)
		;
}
static void illegal_instruction(void)
{
#if defined(__riscv)
	__asm__ volatile(".half 0");
#else
	__asm__ volatile("ud2");
#endif
}
static void breakpoint(void)
{
#if defined(__riscv)
	__asm__ volatile("ebreak");
#else
	__asm__ volatile("int3");
#endif
}
static void big_exit_status(void) { _exit(256 + 3); }
static void negative_exit_status(void) { _exit(-1); }
static void stale_sigreturn(void)
{
#if defined(__riscv)
	__asm__ volatile("li sp, 0x100\n li a7, 139\n ecall");
#else
	__asm__ volatile("mov $0x100, %esp\n mov $15, %eax\n syscall");
#endif
	_exit(1);
}
static void handler_at_nowhere(void)
{
	on_signal(SIGUSR1, (void (*)(int, siginfo_t *, void *))0x4440, 0);
	raise(SIGUSR1);
	_exit(1);
}
static void handler_jumps_nowhere_for_ever_(int n, siginfo_t *i, void *c) { PC(c) = 0x4440; }
static void faults_in_circles(void)
{
	/* The handler sends control to a place that faults again, with the signal open: an endless loop that a timer ends. */
	on_signal(SIGSEGV, handler_jumps_nowhere_for_ever_, SA_NODEFER);
	struct itimerval soon = { { 0, 0 }, { 0, 100000 } };
	setitimer(ITIMER_REAL, &soon, NULL);
	jump(0x4440);
}
static void *spins(void *unused) { for (;;) ; return unused; }
static void fault_among_threads(void)
{
	pthread_t t;
	for (int i = 0; i < 4; i++)
		pthread_create(&t, NULL, spins, NULL);
	jump(0);
}
static void *jumps(void *unused) { jump(0); return unused; }
static void threads_all_fault(void)
{
	pthread_t t;
	for (int i = 0; i < 8; i++)
		pthread_create(&t, NULL, jumps, NULL);
	for (;;)
		pause();
}
static void output_then_fault(void)
{
	/* 200 kB through stdio and straight to the descriptor, then death: all that was written is there. */
	char line[100];
	memset(line, 'z', 99);
	line[99] = '\n';
	for (int i = 0; i < 2000; i++)
		if (write(1, line, 100) != 100)
			_exit(1);
	jump(0);
}
/* Random bytes as code, in children with limits. Should one of them find its way back into the loop, the shared count
 * keeps it from forking without end. */
static int *forks_left;
static __attribute__((noinline)) pid_t bounded_fork(void)
{
	return __atomic_sub_fetch(forks_left, 1, __ATOMIC_SEQ_CST) < 0 ? -1 : fork();
}
static void random_code(void)
{
	forks_left = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*forks_left = 150;
	u64 noise = 1234567;
	int ended = 0;
	for (int i = 0; i < 150; i++) {
		u8 *p = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
		for (int k = 0; k < 4096; k += 8) {
			noise ^= noise << 13, noise ^= noise >> 7, noise ^= noise << 17;
			memcpy(p + k, &noise, 8);
		}
		/* No system calls: they might reach beyond this process. */
		for (int k = 0; k + 4 <= 4096; k += 2)
			if (!memcmp(p + k, "\x73\0\0\0", 4) || !memcmp(p + k, "\x0f\x05", 2) || p[k] == 0xcd)
				memset(p + k, 0, 2);
		flush(p, 4096);
		pid_t child = bounded_fork();
		if (child < 0)
			_exit(1);
		if (child == 0) {
			struct itimerval soon = { { 0, 0 }, { 0, 100000 } };
			setitimer(ITIMER_REAL, &soon, NULL);
			dup2(open("/dev/null", O_RDWR), 1);
			dup2(1, 2);
			jump((u64)p);
			_exit(0);
		}
		int status;
		if (waitpid(child, &status, 0) == child)
			ended++;
		munmap(p, 4096);
	}
	printf("%d ended\n", ended);
	exit(0);
}

static const struct check modes[] = {
	C(jump_null), C(jump_small), C(jump_data), C(jump_stack), C(jump_hole), C(jump_kernel), C(jump_non_canonical), C(jump_top), C(jump_zeros),
	C(smashed_stack), C(stack_pointer_zero), C(stack_pointer_wild_in_handler), C(endless_recursion),
	C(unmapped_stack), C(unmap_own_code), C(unmap_everything), C(unmap_everything_low), C(no_rights_on_own_code), C(own_code_zeroed),
	C(write_over_own_code), C(store_everywhere), C(all_memory), C(heap_pulled_back), C(thread_pointer_lost), C(close_everything),
	C(close_everything_then_fault), C(closed_output), C(full_disk), C(broken_pipe), C(aborts), C(kills_itself), C(terminates_itself),
	C(real_time_death), C(alarm_in_a_loop), C(illegal_instruction), C(breakpoint), C(big_exit_status), C(negative_exit_status),
	C(stale_sigreturn), C(handler_at_nowhere), C(faults_in_circles), C(fault_among_threads), C(threads_all_fault), C(output_then_fault),
	C(random_code),
};
int main(int count, char **words)
{
	(void)run_checks;
	for (unsigned i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		if (count == 2 && !strcmp(words[1], "-l"))
			puts(modes[i].name);
		if (count == 2 && !strcmp(words[1], modes[i].name)) {
			puts("before");
			fflush(stdout);
			modes[i].run();
			return 1;
		}
	}
	return count == 2 && !strcmp(words[1], "-l") ? 0 : 2;
}
