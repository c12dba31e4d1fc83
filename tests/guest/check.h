/* The frame of every guest test: a list of named checks, each run in its own forked process with a time limit, so that
 * a check that crashes or hangs costs only itself. A program prints one line a check, `ok NAME` or `FAIL NAME detail`,
 * and ends with status 0 if all were ok. `prog NAME` runs one check in this very process, without a fork: the smallest
 * reproducer. `prog -l` lists the names.
 *
 * Checks say what Linux does; each is proved by running the native build of the same file. */
#ifndef CHECK_H
#define CHECK_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

typedef unsigned char u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

struct check {
	const char *name;
	void (*run)(void);
};
#define C(name) { #name, name }

/* No verdict depends on how busy the machine is: checks wait for states, not for times. These limits, in seconds, are the
 * last resort against what never comes. */
#define CHECK_LIMIT 300 /* for a check */
#define PATIENCE 60 /* for a single wait of a check that has something to say of its failure */

/* What a failing check has to say; shared, so that a grandchild may speak too. */
static char *check_detail;
#define DETAIL 400

/* Ends the check as failed. */
__attribute__((format(printf, 1, 2), noreturn, unused)) static void fail(const char *format, ...)
{
	char text[DETAIL];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	if (check_detail && !check_detail[0])
		memcpy(check_detail, text, sizeof text);
	if (!check_detail)
		dprintf(2, "%s\n", text);
	_exit(99);
}
#define need(condition, ...) do { if (!(condition)) fail(__VA_ARGS__); } while (0)
#define want(what, got, expected) do { \
	long long got_ = (long long)(got), expected_ = (long long)(expected); \
	if (got_ != expected_) fail("%s: %lld (0x%llx), expected %lld (0x%llx)", what, got_, got_, expected_, expected_); } while (0)
/* A call that must fail with this errno. */
#define want_errno(call, number) do { \
	errno = 0; long result_ = (long)(call); int error_ = errno; \
	if (result_ != -1 || error_ != (number)) \
		fail("%s: %ld errno %d, expected -1 errno %d", #call, result_, error_, (number)); } while (0)
/* A call that must succeed. */
#define must(call) ({ errno = 0; __auto_type value_ = (call); \
	if ((long)value_ == -1) { fail("%s: errno %d", #call, errno); } value_; })
/* Not to be judged here (a right or a kernel feature is missing on this machine): said, not hidden. */
__attribute__((noreturn, unused)) static void skip(const char *why)
{
	if (check_detail) {
		snprintf(check_detail, DETAIL, "%s", why);
		_exit(77);
	}
	dprintf(2, "skip: %s\n", why);
	_exit(77);
}

/* GUEST_CASES_TIMES=N makes the repeated checks N times as long. */
__attribute__((unused)) static int times_more(void)
{
	const char *text = getenv("GUEST_CASES_TIMES");
	return text && atoi(text) > 0 ? atoi(text) : 1;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}
__attribute__((unused)) static void nap(double seconds)
{
	struct timespec t = { (time_t)seconds, (long)((seconds - (time_t)seconds) * 1e9) };
	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

/* The state of a process or thread, as proc(5) lists them: R runs or would, S sleeps, T is stopped, Z is dead. */
__attribute__((unused)) static char state_of(pid_t who)
{
	char path[32], text[128] = "";
	snprintf(path, sizeof path, "/proc/%d/stat", who);
	int f = must(open(path, O_RDONLY));
	must(read(f, text, sizeof text - 1));
	close(f);
	return strrchr(text, ')')[2];
}
/* Waits until it is in this state, and not just passing. */
__attribute__((unused)) static void await_state(pid_t who, char state)
{
	for (int seen = 0; seen < 5; seen = state_of(who) == state ? seen + 1 : 0)
		nap(0.002);
}

/* Runs a function in a forked child; the wait status. */
__attribute__((unused)) static int in_child(void (*body)(void))
{
	pid_t child = fork();
	need(child >= 0, "fork: errno %d", errno);
	if (child == 0) {
		body();
		_exit(0);
	}
	int status;
	while (waitpid(child, &status, 0) != child)
		need(errno == EINTR, "waitpid: errno %d", errno);
	return status;
}
#define want_killed(status, signal_) do { int s_ = (status); \
	if (!WIFSIGNALED(s_) || WTERMSIG(s_) != (signal_)) \
		fail("wait status 0x%x, expected death by signal %d", s_, (signal_)); } while (0)
#define want_exit(status, code_) do { int s_ = (status); \
	if (!WIFEXITED(s_) || WEXITSTATUS(s_) != (code_)) \
		fail("wait status 0x%x, expected exit %d", s_, (code_)); } while (0)

__attribute__((unused)) static void on_signal(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_sigaction = handler;
	action.sa_flags = flags | SA_SIGINFO;
	need(sigaction(number, &action, NULL) == 0, "sigaction(%d): errno %d", number, errno);
}

__attribute__((unused)) static void *pages(size_t count, int protection)
{
	void *p = mmap(NULL, count * 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(p != MAP_FAILED, "mmap: errno %d", errno);
	return p;
}

/* The interrupted program counter, to read and to write. */
#if defined(__riscv)
#define PC(context) (((ucontext_t *)(context))->uc_mcontext.__gregs[0])
#elif defined(__x86_64__)
#define PC(context) (((ucontext_t *)(context))->uc_mcontext.gregs[REG_RIP])
#endif

static int check_one(const struct check *check)
{
	check_detail[0] = 0;
	pid_t child = fork();
	if (child == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		check->run();
		_exit(0);
	}
	double end = now() + CHECK_LIMIT * (double)times_more();
	double step = 0.0002;
	int status = 0, hung = 0;
	if (child < 0) {
		printf("FAIL %s fork: errno %d\n", check->name, errno);
		return 1;
	}
	while (waitpid(child, &status, WNOHANG) != child) {
		if (now() > end) {
			kill(-child, SIGKILL);
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
			hung = 1;
			break;
		}
		nap(step);
		if (step < 0.005)
			step *= 1.5;
	}
	kill(-child, SIGKILL); /* what the check left behind */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77 && !hung) {
		printf("skip %s %s\n", check->name, check_detail);
		return 0;
	}
	int good = !hung && WIFEXITED(status) && WEXITSTATUS(status) == 0 && !check_detail[0];
	if (good)
		printf("ok %s\n", check->name);
	else if (check_detail[0])
		printf("FAIL %s %s\n", check->name, check_detail);
	else if (hung)
		printf("FAIL %s hung\n", check->name);
	else if (WIFSIGNALED(status))
		printf("FAIL %s killed by signal %d\n", check->name, WTERMSIG(status));
	else
		printf("FAIL %s exit status %d\n", check->name, WEXITSTATUS(status));
	return !good;
}

static int run_checks(int count, char **words, const struct check *checks, int checks_count)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (count > 1) {
		for (int i = 0; i < checks_count; i++) {
			if (!strcmp(words[1], "-l"))
				puts(checks[i].name);
			if (!strcmp(words[1], checks[i].name)) {
				checks[i].run();
				printf("ok %s\n", checks[i].name);
				return 0;
			}
		}
		return strcmp(words[1], "-l") != 0;
	}
	check_detail = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int failed = 0;
	for (int i = 0; i < checks_count; i++)
		failed += check_one(&checks[i]);
	return failed != 0;
}
#define MAIN(checks) int main(int count, char **words) \
	{ return run_checks(count, words, checks, sizeof checks / sizeof checks[0]); }
#endif
