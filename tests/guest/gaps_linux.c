/* System behaviour that the reference emulator is known to get wrong (those of its gaps that are not about code that
 * changes; see code_arrives.c for these). */
#include "check.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>

/* ---- robust mutex shared between processes, its owner killed by SIGKILL ---- */
static pthread_mutex_t *mutex;
static void own_and_die(void)
{
	pthread_mutex_lock(mutex);
	kill(getpid(), SIGKILL);
}
static void robust_owner_killed(void)
{
	mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attributes;
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(mutex, &attributes);
	want_killed(in_child(own_and_die), SIGKILL);
	want("lock", pthread_mutex_lock(mutex), EOWNERDEAD);
	want("make consistent", pthread_mutex_consistent(mutex), 0);
	want("unlock", pthread_mutex_unlock(mutex), 0);
	want("lock again", pthread_mutex_lock(mutex), 0);
}

/* ---- a vfork child shares the parent's memory ---- */
static volatile int seen;
static void vfork_store_visible(void)
{
	seen = 1;
	pid_t child = vfork();
	if (child == 0) {
		seen = 42;
		_exit(7);
	}
	int status;
	want("waitpid", waitpid(child, &status, 0), child);
	want_exit(status, 7);
	want("the child's store", seen, 42);
}

/* ---- seccomp ---- */
static void strict_then_getpid(void)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		syscall(SYS_exit, 3);
	syscall(SYS_getppid);
	syscall(SYS_exit, 4);
}
static void seccomp_strict_kills(void) { want_killed(in_child(strict_then_getpid), SIGKILL); }
static void strict_then_write(void)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		syscall(SYS_exit, 3);
	syscall(SYS_write, 2, "", 0);
	syscall(SYS_exit, 5);
}
static void seccomp_strict_allows_write(void) { want_exit(in_child(strict_then_write), 5); }

#if defined(__riscv)
#define OWN_ARCH AUDIT_ARCH_RISCV64
#else
#define OWN_ARCH AUDIT_ARCH_X86_64
#endif
/* A filter that gives `verdict` for getppid and allows the rest. */
static int filter_getppid(u32 verdict)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof code / sizeof code[0], code };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
static void seccomp_filter_errno(void)
{
	must(filter_getppid(SECCOMP_RET_ERRNO | 77));
	want_errno(syscall(SYS_getppid), 77);
	need(syscall(SYS_getpid) > 0, "an allowed call failed");
}
static volatile siginfo_t trapped;
static volatile u64 trapped_arch, trapped_number;
static void on_sys(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	trapped = *info;
	trapped_number = (u64)(unsigned)info->si_syscall;
	trapped_arch = info->si_arch;
}
static void seccomp_filter_trap(void)
{
	on_signal(SIGSYS, on_sys, 0);
	must(filter_getppid(SECCOMP_RET_TRAP | 5));
	syscall(SYS_getppid);
	want("si_signo", trapped.si_signo, SIGSYS);
	want("si_code", trapped.si_code, 1);
	want("si_errno", trapped.si_errno, 5);
	want("si_syscall", trapped_number, SYS_getppid);
	want("si_arch", trapped_arch, OWN_ARCH);
}
static void seccomp_filter_inherited(void)
{
	must(filter_getppid(SECCOMP_RET_ERRNO | 77));
	pid_t child = fork();
	if (child == 0)
		_exit(syscall(SYS_getppid) == -1 && errno == 77 ? 0 : 1);
	int status;
	waitpid(child, &status, 0);
	want_exit(status, 0);
}

/* ---- address space limit ---- */
static void rlimit_as(void)
{
	struct rlimit limit = { 300 << 20, 300 << 20 };
	must(setrlimit(RLIMIT_AS, &limit));
	struct rlimit got;
	must(getrlimit(RLIMIT_AS, &got));
	want("getrlimit", got.rlim_cur, 300 << 20);
	want_errno((long)mmap(NULL, 1 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	need(mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED,
		"16 MiB under the limit: errno %d", errno);
}

/* ---- mprotect over a hole changes the pages before the hole ---- */
static void store_before_hole(void)
{
	u8 *p = pages(3, PROT_READ | PROT_WRITE);
	p[0] = 1;
	munmap(p + 4096, 4096);
	if (mprotect(p, 3 * 4096, PROT_READ) != -1 || errno != ENOMEM)
		_exit(3);
	p[2 * 4096] = 1; /* beyond the hole: unchanged */
	p[0] = 2;
	_exit(4);
}
static void mprotect_over_hole(void) { want_killed(in_child(store_before_hole), SIGSEGV); }

/* ---- a write from a buffer whose second page cannot be read ---- */
static void write_partial_file(void)
{
	u8 *p = pages(2, PROT_READ | PROT_WRITE);
	memset(p, 'x', 4096);
	must(mprotect(p + 4096, 4096, PROT_NONE));
	int file = must(memfd_create("partial", 0));
	want("write to a file", write(file, p, 8192), 4096);
	struct stat status;
	fstat(file, &status);
	want("file size", status.st_size, 4096);
}
static void write_partial_pipe(void)
{
	u8 *p = pages(2, PROT_READ | PROT_WRITE);
	must(mprotect(p + 4096, 4096, PROT_NONE));
	int ends[2];
	must(pipe(ends));
	/* The pipe copies page by page from the middle of a page: the page that spans the hole is refused. */
	want_errno(write(ends[1], p + 4096, 10), EFAULT);
	want_errno(write(ends[1], p + 4086, 20), EFAULT);
}

/* ---- main stack overflow ---- */
static volatile int overflow_code;
static volatile u64 overflow_address;
static void on_overflow(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	_exit(info->si_code == SEGV_MAPERR ? 11 : info->si_code == SEGV_ACCERR ? 12 : 13);
}
#pragma GCC diagnostic ignored "-Winfinite-recursion"
__attribute__((noinline)) static int dig(volatile char *above)
{
	volatile char here[4096];
	here[0] = above[0];
	return dig(here) + here[0];
}
static void overflow(void)
{
	static char stack[65536];
	stack_t other = { .ss_sp = stack, .ss_size = sizeof stack };
	sigaltstack(&other, NULL);
	on_signal(SIGSEGV, on_overflow, SA_ONSTACK);
	volatile char first[1] = { 0 };
	dig(first);
}
static void stack_overflow_maperr(void) { want_exit(in_child(overflow), 11); }

/* ---- the own executable cannot be opened for writing ---- */
static void own_executable_busy(void)
{
	char path[4096];
	ssize_t length = must(readlink("/proc/self/exe", path, sizeof path - 1));
	path[length] = 0;
	want_errno(open(path, O_WRONLY), ETXTBSY);
	want_errno(open("/proc/self/exe", O_RDWR), ETXTBSY);
}

/* ---- madvise ---- */
static void madvise_unknown(void)
{
	u8 *p = pages(1, PROT_READ | PROT_WRITE);
	want_errno(madvise(p, 4096, 12345), EINVAL);
}
static void madvise_dontneed_hole(void)
{
	u8 *p = pages(3, PROT_READ | PROT_WRITE);
	p[0] = p[2 * 4096] = 1;
	munmap(p + 4096, 4096);
	want_errno(madvise(p, 3 * 4096, MADV_DONTNEED), ENOMEM);
	want("page before the hole", p[0], 0);
	want("page after the hole", p[2 * 4096], 0);
}

/* ---- [heap] in maps ---- */
static void heap_in_maps(void)
{
	u8 *before = sbrk(0);
	need(sbrk(65536) == before, "sbrk");
	FILE *maps = fopen("/proc/self/maps", "r");
	need(maps, "open maps");
	char line[500];
	int lines = 0;
	while (fgets(line, sizeof line, maps)) {
		unsigned long from, to;
		if (strstr(line, "[heap]") && sscanf(line, "%lx-%lx", &from, &to) == 2) {
			lines++;
			if (from <= (u64)before && (u64)before < to)
				return;
		}
	}
	need(lines, "no [heap] line");
	fail("[heap] is not where sbrk says");
}

/* ---- every real-time signal can be used ---- */
static volatile int got_signal;
static void on_rt(int number, siginfo_t *info, void *context) { (void)info, (void)context; got_signal = number; }
static void rt_signals_all(void)
{
	/* The kernel's own call: the C library keeps 32 and 33 for itself. */
	for (int number = SIGRTMIN; number <= 64; number++) {
		on_signal(number, on_rt, 0);
		got_signal = 0;
		must(kill(getpid(), number));
		want("signal", got_signal, number);
	}
}

/* A new program is under the same filters; so is what it executes, and its children. */
static void executes_filtered(void)
{
	char *const words[] = { "gaps_linux", "held", "1", NULL };
	must(filter_getppid(SECCOMP_RET_ERRNO | 55));
	execv("/proc/self/exe", words);
	_exit(100);
}
static void seccomp_filter_survives_exec(void) { want_exit(in_child(executes_filtered), 55); }
static int held(const char *round)
{
	char *const words[] = { "gaps_linux", "held", "2", NULL };
	int error = syscall(SYS_getppid) == -1 ? errno : 0;
	if (error != 55 || prctl(PR_GET_SECCOMP) != 2)
		return 1;
	if (*round == '2')
		return error;
	pid_t child = fork();
	if (child == 0) {
		execv("/proc/self/exe", words);
		_exit(101);
	}
	int status;
	if (waitpid(child, &status, 0) != child)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

/* ---- misaligned AMO ---- */
#if defined(__riscv)
static u8 words[32] __attribute__((aligned(32)));
static int misaligned_at;
static void on_bus(int number, siginfo_t *info, void *context)
{
	(void)context;
	_exit(number == SIGBUS && info->si_code == BUS_ADRALN && info->si_addr == words + misaligned_at ? 21 : 22);
}
static void misaligned(void)
{
	on_signal(SIGBUS, on_bus, 0);
	on_signal(SIGSEGV, on_bus, 0);
	u32 old;
	__asm__ volatile("amoadd.w %0, %1, (%2)" : "=r"(old) : "r"(1), "r"(words + misaligned_at) : "memory");
	_exit(old == 0 && words[misaligned_at] == 1 ? 20 : 23);
}
static void misaligned_amo_crossing(void)
{
	misaligned_at = 14; /* crosses 16 bytes: not even Zama16b allows it */
	want_exit(in_child(misaligned), 21);
}
static void misaligned_amo_inside(void)
{
	misaligned_at = 2; /* with Zama16b it works, else SIGBUS; nothing else */
	int status = in_child(misaligned);
	need(WIFEXITED(status) && (WEXITSTATUS(status) == 20 || WEXITSTATUS(status) == 21), "wait status 0x%x", status);
}
static void misaligned_lr(void)
{
	misaligned_at = 2;
	on_signal(SIGBUS, on_bus, 0);
	pid_t child = fork();
	if (child == 0) {
		u32 old;
		__asm__ volatile("lr.w %0, (%1)" : "=r"(old) : "r"(words + 2) : "memory");
		_exit(23);
	}
	int status;
	waitpid(child, &status, 0);
	want_exit(status, 21);
}
#endif

static const struct check checks[] = {
	C(robust_owner_killed), C(vfork_store_visible), C(seccomp_strict_kills), C(seccomp_strict_allows_write),
	C(seccomp_filter_errno), C(seccomp_filter_trap), C(seccomp_filter_inherited), C(seccomp_filter_survives_exec), C(rlimit_as), C(mprotect_over_hole),
	C(write_partial_file), C(write_partial_pipe), C(stack_overflow_maperr), C(own_executable_busy), C(madvise_unknown),
	C(madvise_dontneed_hole), C(heap_in_maps), C(rt_signals_all),
#if defined(__riscv)
	C(misaligned_amo_crossing), C(misaligned_amo_inside), C(misaligned_lr),
#endif
};
int main(int count, char **words)
{
	if (count > 2 && !strcmp(words[1], "held"))
		return held(words[2]);
	return run_checks(count, words, checks, sizeof checks / sizeof checks[0]);
}
