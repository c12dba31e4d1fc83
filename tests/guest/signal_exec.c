/* What of signals survives exec and fork. The program runs itself again: with a word that names the part of the child. */
#include "check.h"

static int is_blocked(int number)
{
	sigset_t set;
	sigprocmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, number);
}
static int is_pending(int number)
{
	sigset_t set;
	sigpending(&set);
	return sigismember(&set, number);
}
static void *action_of(int number)
{
	struct sigaction action;
	sigaction(number, NULL, &action);
	return (void *)action.sa_handler;
}
static void block(int number)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, number);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
}
/* The part after exec: its status tells which facts hold, one bit each. */
static int after_exec(void)
{
	stack_t stack;
	sigaltstack(NULL, &stack);
	return 1 | is_blocked(SIGUSR1) << 1 | is_pending(SIGUSR1) << 2 | (action_of(SIGUSR2) == (void *)SIG_IGN) << 3
		| (action_of(SIGHUP) == (void *)SIG_DFL) << 4 | (stack.ss_flags == SS_DISABLE) << 5;
}
static char *const again[] = { "signal_exec", "after", NULL };
static void handler(int number) { (void)number; }
static void exec_it(void)
{
	static char stack_space[65536];
	stack_t stack = { .ss_sp = stack_space, .ss_size = sizeof stack_space };
	must(sigaltstack(&stack, NULL));
	block(SIGUSR1);
	raise(SIGUSR1);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGHUP, handler);
	execv("/proc/self/exe", again);
	_exit(100);
}
static int facts(void)
{
	static int status = -1;
	status = in_child(exec_it);
	need(WIFEXITED(status) && WEXITSTATUS(status) != 100, "wait status 0x%x: exec failed", status);
	return WEXITSTATUS(status);
}
static void exec_keeps_mask(void) { need(facts() & 2, "SIGUSR1 is no longer blocked"); }
static void exec_keeps_pending(void) { need(facts() & 4, "SIGUSR1 is no longer pending"); }
static void exec_keeps_ignored(void) { need(facts() & 8, "SIGUSR2 is no longer ignored"); }
static void exec_resets_handlers(void) { need(facts() & 16, "SIGHUP is not at its default"); }
static void exec_drops_altstack(void) { need(facts() & 32, "the alternate stack is still there"); }
static void pending_child(void) { _exit(is_pending(SIGUSR1) | is_blocked(SIGUSR1) << 1); }
static void fork_drops_pending_keeps_mask(void)
{
	block(SIGUSR1);
	raise(SIGUSR1);
	want_exit(in_child(pending_child), 2);
	need(is_pending(SIGUSR1), "the parent's is gone");
}
static void exec_keeps_timer_child(void)
{
	static char *const wait_[] = { "signal_exec", "wait", NULL };
	struct itimerval soon = { { 0, 0 }, { 0, 100000 } };
	setitimer(ITIMER_REAL, &soon, NULL);
	execv("/proc/self/exe", wait_);
	_exit(100);
}
static void exec_keeps_itimer(void) { want_killed(in_child(exec_keeps_timer_child), SIGALRM); }
static void fork_drops_timer_child(void)
{
	struct itimerval rest;
	getitimer(ITIMER_REAL, &rest);
	_exit(rest.it_value.tv_sec || rest.it_value.tv_usec ? 1 : 0);
}
static void fork_drops_itimer(void)
{
	struct itimerval later = { { 0, 0 }, { 100, 0 } };
	must(setitimer(ITIMER_REAL, &later, NULL));
	want_exit(in_child(fork_drops_timer_child), 0);
}
static void fork_keeps_handlers_child(void) { _exit(action_of(SIGHUP) == (void *)handler ? 0 : 1); }
static void fork_keeps_handlers(void)
{
	signal(SIGHUP, handler);
	want_exit(in_child(fork_keeps_handlers_child), 0);
}

static const struct check checks[] = {
	C(exec_keeps_mask), C(exec_keeps_pending), C(exec_keeps_ignored), C(exec_resets_handlers), C(exec_drops_altstack),
	C(fork_drops_pending_keeps_mask), C(exec_keeps_itimer), C(fork_drops_itimer), C(fork_keeps_handlers),
};
int main(int count, char **words)
{
	if (count == 2 && !strcmp(words[1], "after"))
		return after_exec();
	if (count == 2 && !strcmp(words[1], "wait")) {
		pause();
		return 1;
	}
	return run_checks(count, words, checks, sizeof checks / sizeof checks[0]);
}
