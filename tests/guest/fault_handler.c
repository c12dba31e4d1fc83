/* What a handler of a fault may do, and what happens where none can run. */
#include "code.h"
#include <fenv.h>

static volatile u8 *bad_page;
static void touch(void)
{
	bad_page = pages(1, PROT_NONE);
	*bad_page = 1;
}
static void set(int number, void (*handler)(int))
{
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_handler = handler;
	must(sigaction(number, &action, NULL));
}
static void block(int number)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, number);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
}
static void never(int number) { (void)number; _exit(55); }

static void default_kills(void) { want_killed(in_child(touch), SIGSEGV); }
static void ignored_and_fault(void) { set(SIGSEGV, SIG_IGN); touch(); }
static void ignored_kills(void) { want_killed(in_child(ignored_and_fault), SIGSEGV); }
static void blocked_and_fault(void) { set(SIGSEGV, never); block(SIGSEGV); touch(); }
static void blocked_kills(void) { want_killed(in_child(blocked_and_fault), SIGSEGV); }
static void blocked_raise(void) { set(SIGSEGV, never); block(SIGSEGV); raise(SIGSEGV); _exit(5); }
static void raise_while_blocked_waits(void) { want_exit(in_child(blocked_raise), 5); }
static void ignored_raise(void) { set(SIGSEGV, SIG_IGN); raise(SIGSEGV); _exit(6); }
static void raise_while_ignored_lives(void) { want_exit(in_child(ignored_raise), 6); }

static volatile int times;
static void count_and_retry(int number, siginfo_t *info, void *context) { (void)number, (void)info, (void)context; times++; }
static void reset_hand(void)
{
	on_signal(SIGSEGV, count_and_retry, SA_RESETHAND);
	touch(); /* the retried store faults again, now with the default action */
}
static void resethand_second_kills(void) { want_killed(in_child(reset_hand), SIGSEGV); }

/* A fault inside the handler, its signal blocked meanwhile. */
static void fault_again(int number, siginfo_t *info, void *context) { (void)number, (void)info, (void)context; *bad_page = 2; }
static void nested(void) { on_signal(SIGSEGV, fault_again, 0); touch(); }
static void fault_in_handler_kills(void) { want_killed(in_child(nested), SIGSEGV); }
static volatile int depth;
static void fault_deeper(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	if (++depth == 20)
		_exit(20);
	*bad_page = 2;
}
static void nested_nodefer(void) { on_signal(SIGSEGV, fault_deeper, SA_NODEFER); touch(); }
static void fault_in_handler_nodefer_nests(void) { want_exit(in_child(nested_nodefer), 20); }

/* The handler repairs the cause; the instruction runs again. */
static void repair(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	times++;
	mprotect((void *)((u64)info->si_addr & ~4095ul), 4096, PROT_READ | PROT_WRITE);
}
static void handler_repairs_page(void)
{
	on_signal(SIGSEGV, repair, 0);
	u8 *p = pages(64, PROT_NONE);
	for (int i = 0; i < 64; i++) {
		*(volatile u64 *)(p + i * 4096 + 8) = (u64)i + 1;
		want("value", *(volatile u64 *)(p + i * 4096 + 8), i + 1);
	}
	want("faults", times, 64);
}
/* One store over two bad pages: two faults, then the whole value. */
static void handler_repairs_crossing(void)
{
	on_signal(SIGSEGV, repair, 0);
	u8 *p = pages(2, PROT_NONE);
	*(volatile u64 *)(p + 4092) = 0x8877665544332211;
	want("value", *(volatile u64 *)(p + 4092), 0x8877665544332211);
	want("faults", times, 2);
}

/* The handler edits the interrupted state: pc, an integer register, a float register, the rounding mode. */
#if defined(__riscv)
#define X(context, number) (((ucontext_t *)(context))->uc_mcontext.__gregs[number])
#define FREGS(context) (((ucontext_t *)(context))->uc_mcontext.__fpregs.__d)
static void edit(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	PC(context) += 4;
	X(context, 10) = 0x123456789abcdef0;
	X(context, 18) = 77; /* s2 */
	FREGS(context).__f[8] = 0x4045000000000000; /* fs0 = 42.0 */
	FREGS(context).__fcsr = 0x60 | 0x10; /* round up, invalid raised */
}
static void handler_edits_state(void)
{
	on_signal(SIGSEGV, edit, 0);
	u8 *p = pages(1, PROT_NONE);
	u64 a = 0, s = 0, flags = 0;
	double f = 0;
	__asm__ volatile(".option push\n .option norvc\n mv a0, %4\n li s2, 1\n fmv.d.x fs0, zero\n csrwi fcsr, 0\n ld a0, 0(a0)\n"
		"mv %0, a0\n mv %1, s2\n fmv.d %2, fs0\n frcsr %3\n csrwi fcsr, 0\n .option pop"
		: "=&r"(a), "=&r"(s), "=&f"(f), "=&r"(flags) : "r"(p) : "a0", "s2", "fs0", "memory");
	want("a0", a, 0x123456789abcdef0);
	want("s2", s, 77);
	need(f == 42.0, "fs0: %g, expected 42", f);
	want("fcsr", flags, 0x70);
}
#else
static void edit(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	ucontext_t *c = context;
	PC(context) += 3;
	c->uc_mcontext.gregs[REG_RAX] = 0x123456789abcdef0;
	c->uc_mcontext.gregs[REG_R12] = 77;
	c->uc_mcontext.fpregs->_xmm[8].element[0] = 0;
	c->uc_mcontext.fpregs->_xmm[8].element[1] = 0x40450000;
	c->uc_mcontext.fpregs->mxcsr = 0x1f80 | 0x4000;
}
static void handler_edits_state(void)
{
	on_signal(SIGSEGV, edit, 0);
	u8 *p = pages(1, PROT_NONE);
	u64 a = 0, s = 0;
	double f = 0;
	__asm__ volatile("mov %3, %%rax\n mov $1, %%r12\n xorpd %%xmm8, %%xmm8\n mov (%%rax), %%rax\n mov %%rax, %0\n mov %%r12, %1\n movsd %%xmm8, %2"
		: "=&r"(a), "=&r"(s), "=&m"(f) : "r"(p) : "rax", "r12", "xmm8", "memory");
	want("rax", a, 0x123456789abcdef0);
	want("r12", s, 77);
	need(f == 42.0, "xmm8: %g, expected 42", f);
	u32 control;
	__asm__ volatile("stmxcsr %0" : "=m"(control));
	want("rounding", control & 0x6000, 0x4000);
}
#endif

/* sigreturn gives the interrupted flags and rounding back, whatever the handler computed. */
static volatile double zero_, one_ = 1, three_ = 3, sink;
static volatile int handler_round;
static void compute(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	handler_round = fegetround();
	fesetround(FE_TOWARDZERO);
	sink = one_ / zero_;
}
static void fp_state_restored(void)
{
	on_signal(SIGUSR1, compute, 0);
	fesetround(FE_DOWNWARD);
	feclearexcept(FE_ALL_EXCEPT);
	sink = one_ / three_;
	raise(SIGUSR1);
	want("rounding", fegetround(), FE_DOWNWARD);
	want("flags", fetestexcept(FE_ALL_EXCEPT), FE_INEXACT);
#if defined(__riscv)
	want("rounding in the handler is the interrupted one", handler_round, FE_DOWNWARD);
#endif
}

/* Leaving handlers by a jump, very often. */
static long resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long total = 0, pages_ = 0;
	need(file && fscanf(file, "%ld %ld", &total, &pages_) == 2, "statm");
	fclose(file);
	return pages_;
}
static void jump_out(int rounds)
{
	catch_faults();
	u8 *p = pages(1, PROT_NONE);
	for (volatile int i = 0; i < rounds; i++)
		need(FAULTS(*(volatile u8 *)(p + (i & 4095)) = 1) && fault.address == (u64)(p + (i & 4095)), "round %d", i);
}
static void siglongjmp_many(void)
{
	jump_out(2000);
	long before = resident();
	jump_out(60000 * times_more());
	long grown = resident() - before;
	need(grown < 256, "grew by %ld pages", grown);
}
static void siglongjmp_illegal_many(void)
{
	catch_faults();
	u8 *p = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
#if defined(__riscv)
	memset(p, 0, 16);
#else
	memcpy(p, "\x0f\x0b", 2);
#endif
	flush(p, 16);
	for (volatile int i = 0; i < 20000; i++)
		need(FAULTS(call(p)) && fault.signal == SIGILL && fault.pc == (u64)p, "round %d", i);
}

/* The action of the other synchronous signals. */
static void divide(void)
{
	volatile u64 zero = 0, one = 1;
	u64 q = one / zero;
#if defined(__riscv)
	_exit(q == ~0ull ? 9 : 10); /* RISC-V does not trap */
#else
	_exit(10 + (int)q);
#endif
}
static void integer_division_by_zero(void)
{
#if defined(__riscv)
	want_exit(in_child(divide), 9);
#else
	want_killed(in_child(divide), SIGFPE);
#endif
}
static void bus_error(void)
{
	int file = must(memfd_create("empty", 0));
	volatile u8 *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	*p = 1;
}
static void bus_error_kills(void) { want_killed(in_child(bus_error), SIGBUS); }
static void illegal(void)
{
#if defined(__riscv)
	__asm__ volatile(".half 0");
#else
	__asm__ volatile("ud2");
#endif
}
static void illegal_kills(void) { want_killed(in_child(illegal), SIGILL); }
static void breakpoint(void)
{
#if defined(__riscv)
	__asm__ volatile("ebreak");
#else
	__asm__ volatile("int3");
#endif
}
static void breakpoint_kills(void) { want_killed(in_child(breakpoint), SIGTRAP); }

/* A system call with a bad pointer is EFAULT, never a signal. */
static void bad_pointer_is_efault(void)
{
	on_signal(SIGSEGV, count_and_retry, SA_RESETHAND);
	u8 *p = pages(3, PROT_READ | PROT_WRITE);
	munmap(p + 4096, 4096);
	must(mprotect(p + 8192, 4096, PROT_READ));
	int ends[2];
	must(pipe(ends));
	want_errno(write(ends[1], p + 4096, 10), EFAULT);
	want("fill", write(ends[1], "0123456789", 10), 10);
	want_errno(read(ends[0], p + 4096, 10), EFAULT);
	want_errno(read(ends[0], p + 8192, 10), EFAULT);
	want_errno(syscall(SYS_read, ends[0], 8, 10), EFAULT);
	want_errno(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, 16), EFAULT);
	want_errno(syscall(SYS_uname, p + 8192), EFAULT);
	want_errno(syscall(SYS_newfstatat, AT_FDCWD, p + 4096, p, 0), EFAULT);
	want_errno(syscall(SYS_pipe2, p + 4096, 0), EFAULT);
	want_errno(syscall(SYS_rt_sigaction, SIGUSR1, p + 4096, NULL, 8), EFAULT);
	want_errno(syscall(SYS_rt_sigprocmask, SIG_BLOCK, p + 4090, NULL, 8), EFAULT);
	want_errno(syscall(SYS_getcwd, p + 4096, 4096), EFAULT);
	want_errno(syscall(SYS_nanosleep, (void *)-8, NULL), EFAULT);
	struct iovec parts[2] = { { p, 10 }, { p + 4096, 10 } };
	int file = must(memfd_create("parts", 0));
	want("writev with a bad second part", writev(file, parts, 2), 10);
	want_errno(writev(file, (void *)(p + 4096), 1), EFAULT);
	want("signals", times, 0);
}

static const struct check checks[] = {
	C(default_kills), C(ignored_kills), C(blocked_kills), C(raise_while_blocked_waits), C(raise_while_ignored_lives),
	C(resethand_second_kills), C(fault_in_handler_kills), C(fault_in_handler_nodefer_nests), C(handler_repairs_page),
	C(handler_repairs_crossing), C(handler_edits_state), C(fp_state_restored), C(siglongjmp_many),
	C(siglongjmp_illegal_many), C(integer_division_by_zero), C(bus_error_kills), C(illegal_kills), C(breakpoint_kills),
	C(bad_pointer_is_efault),
};
MAIN(checks)
