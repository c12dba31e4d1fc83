/* The alternate signal stack, and overflows. */
#include "check.h"
#include <pthread.h>

static u8 stack[65536];
static volatile int on_it, flags_inside, errno_inside, depth_errno;
static int inside_stack(const volatile void *p) { return (u8 *)p >= stack && (u8 *)p < stack + sizeof stack; }
static void look(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	volatile int here;
	on_it = inside_stack(&here);
	stack_t now_;
	sigaltstack(NULL, &now_);
	flags_inside = now_.ss_flags;
	if (!(now_.ss_flags & SS_DISABLE) || !on_it) {
		stack_t other = { .ss_sp = stack, .ss_size = sizeof stack };
		errno = 0;
		errno_inside = sigaltstack(&other, NULL) ? errno : 0;
	}
	ucontext_t *c = context;
	if (c->uc_stack.ss_sp != stack || c->uc_stack.ss_size != sizeof stack)
		on_it = -1;
}
static void install(int flags)
{
	stack_t other = { .ss_sp = stack, .ss_size = sizeof stack, .ss_flags = flags };
	must(sigaltstack(&other, NULL));
}
static void handler_runs_on_it(void)
{
	install(0);
	on_signal(SIGUSR1, look, SA_ONSTACK);
	raise(SIGUSR1);
	want("on the alternate stack", on_it, 1);
	want("flags inside", flags_inside, SS_ONSTACK);
	want("errno of a change inside", errno_inside, EPERM);
	stack_t now_;
	must(sigaltstack(NULL, &now_));
	want("flags outside", now_.ss_flags, 0);
	need(now_.ss_sp == stack && now_.ss_size == sizeof stack, "reads back");
}
static void without_onstack_not(void)
{
	install(0);
	on_signal(SIGUSR1, look, 0);
	raise(SIGUSR1);
	want("on the alternate stack", on_it, 0);
	want("flags inside", flags_inside, 0);
}
static void disabled_not(void)
{
	on_signal(SIGUSR1, look, SA_ONSTACK);
	stack_t now_;
	must(sigaltstack(NULL, &now_));
	want("flags at first", now_.ss_flags, SS_DISABLE);
	install(0);
	stack_t off = { .ss_flags = SS_DISABLE };
	must(sigaltstack(&off, NULL));
	must(sigaltstack(NULL, &now_));
	want("flags", now_.ss_flags, SS_DISABLE);
	raise(SIGUSR1);
	want("flags inside", flags_inside, SS_DISABLE);
}
static void too_small(void)
{
	stack_t tiny = { .ss_sp = stack, .ss_size = 1024 };
	want_errno(sigaltstack(&tiny, NULL), ENOMEM);
	stack_t odd = { .ss_sp = stack, .ss_size = sizeof stack, .ss_flags = 77 };
	want_errno(sigaltstack(&odd, NULL), EINVAL);
}
/* AUTODISARM: the handler may change it, and it is whole again at return. */
#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif
static u8 second_stack[65536];
static void look_and_change(int number, siginfo_t *info, void *context)
{
	look(number, info, context);
	stack_t other = { .ss_sp = second_stack, .ss_size = sizeof second_stack };
	errno_inside = sigaltstack(&other, NULL) ? errno : 0;
}
static void autodisarm(void)
{
	install((int)SS_AUTODISARM);
	on_signal(SIGUSR1, look_and_change, SA_ONSTACK);
	for (int round = 0; round < 3; round++) {
		raise(SIGUSR1);
		want("on the alternate stack", on_it, 1);
		want("flags inside", flags_inside, SS_DISABLE);
		want("errno of a change inside", errno_inside, 0);
		stack_t now_;
		must(sigaltstack(NULL, &now_));
		want("flags outside", (u32)now_.ss_flags, SS_AUTODISARM);
		need(now_.ss_sp == stack, "reads back");
	}
}
/* Nested handlers go on downwards on the same stack. */
static volatile u64 outer_at, inner_at;
static void inner(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	volatile int here;
	inner_at = (u64)&here;
}
static void outer(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	volatile int here;
	outer_at = (u64)&here;
	raise(SIGUSR2);
}
static void nested_share_it(void)
{
	install(0);
	on_signal(SIGUSR1, outer, SA_ONSTACK);
	on_signal(SIGUSR2, inner, SA_ONSTACK);
	raise(SIGUSR1);
	need(inside_stack((void *)outer_at) && inside_stack((void *)inner_at), "not on the stack");
	need(inner_at < outer_at, "the inner one is not below the outer one");
}
static void thread_has_none(void);
static void *thread_look(void *unused)
{
	(void)unused;
	stack_t now_;
	sigaltstack(NULL, &now_);
	return (void *)(long)now_.ss_flags;
}
static void thread_has_none(void)
{
	install(0);
	pthread_t thread;
	void *flags;
	want("create", pthread_create(&thread, NULL, thread_look, NULL), 0);
	pthread_join(thread, &flags);
	want("flags in a new thread", (long)flags, SS_DISABLE);
}
static void fork_keeps_it_child(void)
{
	stack_t now_;
	sigaltstack(NULL, &now_);
	_exit(now_.ss_sp == stack ? 0 : 1);
}
static void fork_keeps_it(void) { install(0); want_exit(in_child(fork_keeps_it_child), 0); }

/* ---- overflows ---- */
#pragma GCC diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline)) static int dig(volatile char *above)
{
	volatile char here[2048];
	here[0] = above[0];
	return dig(here) + here[0];
}
static void overflow(void)
{
	volatile char first[1] = { 0 };
	dig(first);
}
static volatile u64 stack_pointer_at_fault;
static void on_overflow(int number, siginfo_t *info, void *context)
{
	(void)context;
	volatile int here;
	_exit(number == SIGSEGV && inside_stack(&here) && info->si_addr ? 31 : 32);
}
static void overflow_with(void)
{
	struct rlimit limit = { 512 << 10, 512 << 10 };
	setrlimit(RLIMIT_STACK, &limit);
	install(0);
	on_signal(SIGSEGV, on_overflow, SA_ONSTACK);
	overflow();
}
static void overflow_handled_on_it(void) { want_exit(in_child(overflow_with), 31); }
static void overflow_without(void)
{
	struct rlimit limit = { 512 << 10, 512 << 10 };
	setrlimit(RLIMIT_STACK, &limit);
	on_signal(SIGSEGV, on_overflow, 0);
	overflow();
}
static void overflow_without_kills(void) { want_killed(in_child(overflow_without), SIGSEGV); }
static u8 *small_stack;
static void guarded_stack(void)
{
	small_stack = pages(9, PROT_READ | PROT_WRITE);
	mprotect(small_stack, 4096, PROT_NONE);
	stack_t other = { .ss_sp = small_stack + 4096, .ss_size = 8 * 4096 };
	must(sigaltstack(&other, NULL));
}
/* No room for another frame on the alternate stack: no frame is pushed below it. */
static void nearly_full(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	volatile char here;
	volatile char *low = __builtin_alloca((u64)&here - (u64)(small_stack + 4096) - 600);
	low[0] = 1;
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR2);
	_exit(1);
}
static void fill_it(void)
{
	guarded_stack();
	on_signal(SIGUSR1, nearly_full, SA_ONSTACK);
	on_signal(SIGUSR2, on_overflow, SA_ONSTACK);
	raise(SIGUSR1);
}
static void own_overflow_kills(void) { want_killed(in_child(fill_it), SIGSEGV); }
/* Dug out of it by the program itself: then the stack pointer is no longer on it, and a handler begins at its top. */
static void dig_on_it(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	overflow();
}
static void at_the_top(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	volatile u8 here;
	_exit((u8 *)&here > small_stack + 4096 && (u8 *)&here < small_stack + 9 * 4096 ? 33 : 34);
}
static void dig_out(void)
{
	guarded_stack();
	on_signal(SIGUSR1, dig_on_it, SA_ONSTACK);
	on_signal(SIGSEGV, at_the_top, SA_ONSTACK);
	raise(SIGUSR1);
}
static void dug_out_begins_at_the_top(void) { want_exit(in_child(dig_out), 33); }
static void bad_stack(void)
{
	u8 *p = pages(16, PROT_READ | PROT_WRITE);
	stack_t other = { .ss_sp = p, .ss_size = 16 * 4096 };
	must(sigaltstack(&other, NULL));
	munmap(p, 16 * 4096);
	on_signal(SIGUSR1, on_overflow, SA_ONSTACK);
	raise(SIGUSR1);
	_exit(1);
}
static void unmapped_stack_kills(void) { want_killed(in_child(bad_stack), SIGSEGV); }
/* No room for the frame of another signal: SIGSEGV says so, and its handler has the alternate stack. */
static u8 *narrow_stack;
static int too_much;
static void on_no_frame(int number, siginfo_t *info, void *context)
{
	(void)context;
	volatile int here;
	_exit(number == SIGSEGV && info->si_code == SI_KERNEL && inside_stack(&here) ? 34 : 35);
}
static void never(int number, siginfo_t *info, void *context) { (void)number, (void)info, (void)context; _exit(36); }
static void send_without_room(void)
{
	volatile char here;
	volatile char *low = __builtin_alloca((u64)&here - (u64)(narrow_stack + 4096) - 600);
	low[0] = 1;
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), too_much);
	_exit(37);
}
static void no_room(void)
{
	static ucontext_t narrow, back;
	install(0);
	on_signal(SIGSEGV, on_no_frame, SA_ONSTACK);
	on_signal(too_much, never, 0);
	narrow_stack = pages(5, PROT_READ | PROT_WRITE);
	mprotect(narrow_stack, 4096, PROT_NONE);
	must(getcontext(&narrow));
	narrow.uc_stack.ss_sp = narrow_stack + 4096;
	narrow.uc_stack.ss_size = 4 * 4096;
	makecontext(&narrow, send_without_room, 0);
	swapcontext(&back, &narrow);
}
static void no_frame_is_told_on_it(void)
{
	int numbers[] = { SIGBUS, SIGUSR1, SIGRTMIN };
	for (int i = 0; i < 3; i++) {
		too_much = numbers[i];
		want_exit(in_child(no_room), 34);
	}
}
static void *thread_overflow(void *unused)
{
	(void)unused;
	install(0);
	overflow();
	return NULL;
}
static void overflow_in_thread_child(void)
{
	on_signal(SIGSEGV, on_overflow, SA_ONSTACK);
	pthread_t thread;
	pthread_create(&thread, NULL, thread_overflow, NULL);
	pthread_join(thread, NULL);
}
static void thread_overflow_handled(void) { want_exit(in_child(overflow_in_thread_child), 31); }
/* A handler that leaves by siglongjmp frees the stack for the next time. */
static sigjmp_buf out;
static void leave(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	siglongjmp(out, 1);
}
static void recover_again_and_again(void)
{
	struct rlimit limit = { 256 << 10, 256 << 10 };
	must(setrlimit(RLIMIT_STACK, &limit));
	install(0);
	on_signal(SIGSEGV, leave, SA_ONSTACK);
	volatile int rounds = 0;
	while (rounds < 200) {
		if (!sigsetjmp(out, 1))
			overflow();
		rounds++;
	}
}
static void sigreturn_with_garbage_child(void)
{
#if defined(__riscv)
	__asm__ volatile("mv sp, %0\n li a7, 139\n ecall" ::"r"(16) : "memory");
#else
	__asm__ volatile("mov $16, %rsp\n mov $15, %eax\n syscall");
#endif
	_exit(1);
}
static void sigreturn_with_garbage_kills(void) { want_killed(in_child(sigreturn_with_garbage_child), SIGSEGV); }

static const struct check checks[] = {
	C(handler_runs_on_it), C(without_onstack_not), C(disabled_not), C(too_small), C(autodisarm), C(nested_share_it), C(thread_has_none),
	C(fork_keeps_it), C(overflow_handled_on_it), C(overflow_without_kills), C(own_overflow_kills), C(dug_out_begins_at_the_top), C(unmapped_stack_kills),
	C(no_frame_is_told_on_it),
	C(thread_overflow_handled), C(recover_again_and_again), C(sigreturn_with_garbage_kills),
};
MAIN(checks)
