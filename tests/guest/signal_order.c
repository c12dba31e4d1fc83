/* Which pending signal comes first, and what a handler sees of masks. */
#include "check.h"

static char line[400];
static void note(int number, siginfo_t *info, void *context)
{
	(void)context;
	const char *name = number == SIGUSR1 ? "USR1" : number == SIGUSR2 ? "USR2" : number == SIGRTMIN ? "RTMIN" : number == SIGRTMIN + 1 ? "RTMIN+1" : "?";
	char word[40];
	if (info->si_code == SI_QUEUE)
		sprintf(word, "%s:%d ", name, info->si_value.sival_int);
	else
		sprintf(word, "%s%s ", name, info->si_code == SI_TKILL ? "(tkill)" : "");
	strcat(line, word);
}
static void queue(int number, int value)
{
	union sigval v = { .sival_int = value };
	must(sigqueue(getpid(), number, v));
}
static void all_pending(int full_mask)
{
	int numbers[] = { SIGUSR1, SIGUSR2, SIGRTMIN, SIGRTMIN + 1 };
	sigset_t set;
	sigemptyset(&set);
	for (int i = 0; i < 4; i++) {
		struct sigaction action;
		memset(&action, 0, sizeof action);
		action.sa_sigaction = note;
		action.sa_flags = SA_SIGINFO;
		if (full_mask)
			sigfillset(&action.sa_mask);
		must(sigaction(numbers[i], &action, NULL));
		sigaddset(&set, numbers[i]);
	}
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	queue(SIGRTMIN + 1, 1);
	queue(SIGRTMIN, 2);
	queue(SIGRTMIN, 3);
	must(kill(getpid(), SIGUSR2));
	must(kill(getpid(), SIGUSR1));
	must(kill(getpid(), SIGUSR1));
	must(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR2));
	must(sigprocmask(SIG_UNBLOCK, &set, NULL));
}
static void nested_order(void)
{
	all_pending(0);
	const char *expected = "RTMIN+1:1 RTMIN:2 RTMIN:3 USR1 USR2(tkill) USR2 ";
	need(!strcmp(line, expected), "ran %s, expected %s", line, expected);
}
static void masked_order(void)
{
	all_pending(1);
	const char *expected = "USR2(tkill) USR1 USR2 RTMIN:2 RTMIN:3 RTMIN+1:1 ";
	need(!strcmp(line, expected), "ran %s, expected %s", line, expected);
}
/* The same through pending signals at the return of another handler. */
static void at_handler_return(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	queue(SIGRTMIN, 1);
	queue(SIGRTMIN + 1, 2);
	must(kill(getpid(), SIGUSR2));
	strcat(line, "first ");
}
static void order_after_handler(void)
{
	int numbers[] = { SIGUSR2, SIGRTMIN, SIGRTMIN + 1 };
	for (int i = 0; i < 3; i++)
		on_signal(numbers[i], note, 0);
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_sigaction = at_handler_return;
	action.sa_flags = SA_SIGINFO;
	sigfillset(&action.sa_mask);
	must(sigaction(SIGUSR1, &action, NULL));
	raise(SIGUSR1);
	const char *expected = "first RTMIN+1:2 RTMIN:1 USR2 ";
	need(!strcmp(line, expected), "ran %s, expected %s", line, expected);
}
/* Standard signals merge, real-time ones queue. */
static volatile int counts[65];
static volatile int values[200], values_count;
static void count_it(int number, siginfo_t *info, void *context)
{
	(void)context;
	counts[number]++;
	if (number >= SIGRTMIN && values_count < 200)
		values[values_count++] = info->si_value.sival_int;
}
static void standard_merge_rt_queue(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 5);
	on_signal(SIGUSR1, count_it, 0);
	on_signal(SIGRTMIN + 5, count_it, 0);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	for (int i = 0; i < 100; i++) {
		queue(SIGRTMIN + 5, i);
		must(kill(getpid(), SIGUSR1));
	}
	sigset_t pending;
	must(sigpending(&pending));
	need(sigismember(&pending, SIGUSR1) && sigismember(&pending, SIGRTMIN + 5) && !sigismember(&pending, SIGUSR2), "sigpending");
	must(sigprocmask(SIG_UNBLOCK, &set, NULL));
	want("USR1", counts[SIGUSR1], 1);
	want("RTMIN+5", counts[SIGRTMIN + 5], 100);
	for (int i = 0; i < 100; i++)
		want("value", values[i], i);
}
/* Own signal blocked inside its handler (unless SA_NODEFER), the sa_mask too, the old mask back afterwards. */
static volatile int inside;
static void look(int number, siginfo_t *info, void *context)
{
	(void)info;
	sigset_t now_;
	sigprocmask(SIG_BLOCK, NULL, &now_);
	inside = 1 + sigismember(&now_, number) * 2 + sigismember(&now_, SIGUSR2) * 4 + sigismember(&now_, SIGHUP) * 8
		+ sigismember(&((ucontext_t *)context)->uc_sigmask, SIGHUP) * 16 + sigismember(&((ucontext_t *)context)->uc_sigmask, number) * 32;
}
static void masks_in_handler(void)
{
	sigset_t set, old;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_sigaction = look;
	action.sa_flags = SA_SIGINFO;
	sigaddset(&action.sa_mask, SIGUSR2);
	must(sigaction(SIGUSR1, &action, NULL));
	raise(SIGUSR1);
	want("masks", inside, 1 + 2 + 4 + 8 + 16);
	action.sa_flags |= SA_NODEFER;
	must(sigaction(SIGUSR1, &action, NULL));
	raise(SIGUSR1);
	want("masks with NODEFER", inside, 1 + 4 + 8 + 16);
	must(sigprocmask(SIG_BLOCK, NULL, &old));
	need(!sigismember(&old, SIGUSR1) && !sigismember(&old, SIGUSR2) && sigismember(&old, SIGHUP), "mask afterwards");
}
/* The mask in the frame is what sigreturn installs. */
static void unmask(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	sigaddset(&((ucontext_t *)context)->uc_sigmask, SIGUSR2);
}
static void frame_mask_obeyed(void)
{
	on_signal(SIGUSR1, unmask, 0);
	on_signal(SIGUSR2, count_it, 0);
	raise(SIGUSR1);
	raise(SIGUSR2);
	want("USR2 while blocked", counts[SIGUSR2], 0);
	sigset_t set;
	sigemptyset(&set);
	must(sigprocmask(SIG_SETMASK, &set, NULL));
	want("USR2 after unblocking", counts[SIGUSR2], 1);
}
/* KILL and STOP cannot be blocked or caught. */
static void kill_and_stop_unblockable(void)
{
	sigset_t set, got;
	sigfillset(&set);
	must(sigprocmask(SIG_SETMASK, &set, NULL));
	must(sigprocmask(SIG_SETMASK, NULL, &got));
	need(!sigismember(&got, SIGKILL) && !sigismember(&got, SIGSTOP) && sigismember(&got, SIGTERM), "mask");
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_handler = SIG_IGN;
	want_errno(sigaction(SIGKILL, &action, NULL), EINVAL);
	want_errno(sigaction(SIGSTOP, &action, NULL), EINVAL);
	want_errno(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8), EINVAL);
	want_errno(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8), EINVAL);
}
static void set_size_must_be_8(void)
{
	u64 set[16] = { 0 };
	want_errno(syscall(SYS_rt_sigaction, SIGUSR1, NULL, set, 4), EINVAL);
	want_errno(syscall(SYS_rt_sigaction, SIGUSR1, NULL, set, 16), EINVAL);
	want_errno(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, set, 16), EINVAL);
	want_errno(syscall(SYS_rt_sigsuspend, set, 4), EINVAL);
	want_errno(syscall(SYS_rt_sigtimedwait, set, NULL, NULL, 4), EINVAL);
	want_errno(syscall(SYS_rt_sigprocmask, 77, set, NULL, 8), EINVAL);
}
/* The action that a program reads back is what it wrote. */
static void action_reads_back(void)
{
	struct sigaction action, got;
	memset(&action, 0, sizeof action);
	action.sa_sigaction = note;
	action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK | SA_NODEFER;
	sigaddset(&action.sa_mask, SIGHUP);
	sigaddset(&action.sa_mask, 64);
	must(sigaction(SIGUSR1, &action, NULL));
	must(sigaction(SIGUSR1, NULL, &got));
	need(got.sa_sigaction == note, "handler");
	want("flags", got.sa_flags & ~0x04000000, action.sa_flags);
	need(sigismember(&got.sa_mask, SIGHUP) && sigismember(&got.sa_mask, 64) && !sigismember(&got.sa_mask, SIGUSR1), "mask");
	action.sa_flags = SA_SIGINFO | SA_RESETHAND;
	must(sigaction(SIGUSR1, &action, NULL));
	raise(SIGUSR1);
	must(sigaction(SIGUSR1, NULL, &got));
	need(got.sa_handler == SIG_DFL, "RESETHAND leaves the default");
}
/* Ignoring throws a pending signal away. */
static void ignoring_discards_pending(void)
{
	sigset_t set, pending;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGCHLD);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	on_signal(SIGUSR1, count_it, 0);
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_IGN);
	must(sigpending(&pending));
	need(!sigismember(&pending, SIGUSR1), "still pending");
	on_signal(SIGUSR1, count_it, 0);
	must(sigprocmask(SIG_UNBLOCK, &set, NULL));
	want("handler ran", counts[SIGUSR1], 0);
}
/* The same for numbers that faults raise too; another number stays pending, and so do both if only the handler changes. */
static void ignoring_discards_sent_faults(void)
{
	sigset_t set, pending;
	int numbers[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	sigemptyset(&set);
	for (int i = 0; i < 5; i++) {
		sigaddset(&set, numbers[i]);
		on_signal(numbers[i], count_it, 0);
	}
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	for (int i = 0; i < 5; i++)
		raise(numbers[i]);
	for (int i = 0; i < 5; i++) {
		on_signal(numbers[i], count_it, 0);
		must(sigpending(&pending));
		need(sigismember(&pending, numbers[i]), "%d is not pending any more under a handler", numbers[i]);
	}
	for (int i = 0; i < 4; i++) {
		signal(numbers[i], SIG_IGN);
		must(sigpending(&pending));
		need(!sigismember(&pending, numbers[i]), "%d is still pending", numbers[i]);
		need(sigismember(&pending, SIGTRAP), "SIGTRAP is not pending any more after %d", numbers[i]);
		on_signal(numbers[i], count_it, 0);
	}
	must(sigprocmask(SIG_UNBLOCK, &set, NULL));
	for (int i = 0; i < 5; i++)
		want("handler ran", counts[numbers[i]], i == 4);
}
/* sigwait takes without running a handler; sigsuspend runs it and puts the mask back. */
static void sigwait_and_sigsuspend(void)
{
	sigset_t set, none, now_;
	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	on_signal(SIGUSR1, count_it, 0);
	queue(SIGUSR1, 4711);
	siginfo_t info;
	want("sigwaitinfo", sigwaitinfo(&set, &info), SIGUSR1);
	want("code", info.si_code, SI_QUEUE);
	want("value", info.si_value.sival_int, 4711);
	want("sender", info.si_pid, getpid());
	struct timespec zero = { 0, 0 };
	want_errno(sigtimedwait(&set, &info, &zero), EAGAIN);
	want("handler", counts[SIGUSR1], 0);
	raise(SIGUSR1);
	want_errno(sigsuspend(&none), EINTR);
	want("handler", counts[SIGUSR1], 1);
	must(sigprocmask(SIG_BLOCK, NULL, &now_));
	need(sigismember(&now_, SIGUSR1), "the mask after sigsuspend");
}

static const struct check checks[] = {
	C(nested_order), C(masked_order), C(order_after_handler), C(standard_merge_rt_queue), C(masks_in_handler),
	C(frame_mask_obeyed), C(kill_and_stop_unblockable), C(set_size_must_be_8), C(action_reads_back),
	C(ignoring_discards_pending), C(ignoring_discards_sent_faults),
	C(sigwait_and_sigsuspend),
};
MAIN(checks)
