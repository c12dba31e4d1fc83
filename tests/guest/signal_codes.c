/* What siginfo says of each origin; signalfd agrees; queue limits; timers. */
#include "check.h"
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>

static volatile siginfo_t last;
static volatile int handled;
static void note(int number, siginfo_t *info, void *context) { (void)number, (void)context; last = *info; handled++; }
static void until_handled(int count)
{
	double end = now() + PATIENCE;
	while (handled < count && now() < end)
		nap(0.001);
	need(handled >= count, "%d of %d signals came", handled, count);
}

static void from_kill(void)
{
	on_signal(SIGUSR1, note, 0);
	must(kill(getpid(), SIGUSR1));
	want("code", last.si_code, SI_USER);
	want("pid", last.si_pid, getpid());
	want("uid", last.si_uid, getuid());
	want("number", last.si_signo, SIGUSR1);
}
static void from_sigqueue(void)
{
	on_signal(SIGUSR1, note, 0);
	union sigval value = { .sival_ptr = (void *)0x123456789abcdef0 };
	must(sigqueue(getpid(), SIGUSR1, value));
	want("code", last.si_code, SI_QUEUE);
	want("value", (u64)last.si_value.sival_ptr, 0x123456789abcdef0);
	want("pid", last.si_pid, getpid());
}
static void from_tgkill(void)
{
	on_signal(SIGUSR1, note, 0);
	must(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR1));
	want("code", last.si_code, SI_TKILL);
	want("pid", last.si_pid, getpid());
}
static void from_rt_sigqueueinfo(void)
{
	on_signal(SIGUSR1, note, 0);
	siginfo_t info;
	memset(&info, 0, sizeof info);
	info.si_signo = SIGUSR1;
	info.si_code = -77;
	info.si_value.sival_int = 99;
	must(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info));
	want("code", last.si_code, -77);
	want("value", last.si_value.sival_int, 99);
	pid_t child = must(fork());
	if (child == 0)
		for (;;)
			pause();
	info.si_code = 5; /* only the kernel may say so to others */
	want_errno(syscall(SYS_rt_sigqueueinfo, child, SIGUSR1, &info), EPERM);
	kill(child, SIGKILL);
}
static void from_timer(void)
{
	on_signal(SIGRTMIN + 2, note, 0);
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2, .sigev_value.sival_int = 321 };
	timer_t timer;
	must(timer_create(CLOCK_MONOTONIC, &event, &timer));
	struct itimerspec when = { { 0, 0 }, { 0, 5000000 } };
	must(timer_settime(timer, 0, &when, NULL));
	until_handled(1);
	want("code", last.si_code, SI_TIMER);
	want("value", last.si_value.sival_int, 321);
	want("overrun", last.si_overrun, 0);
	must(timer_delete(timer));
}
static void timer_overrun(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 2);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	on_signal(SIGRTMIN + 2, note, 0);
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2 };
	timer_t timer;
	must(timer_create(CLOCK_MONOTONIC, &event, &timer));
	struct itimerspec when = { { 0, 1000000 }, { 0, 1000000 } };
	must(timer_settime(timer, 0, &when, NULL));
	nap(0.06); /* the kernel counts what has been by then, and not less on a busy machine */
	must(sigprocmask(SIG_UNBLOCK, &set, NULL));
	until_handled(1);
	struct itimerspec off = { { 0, 0 }, { 0, 0 } };
	must(timer_settime(timer, 0, &off, NULL));
	need(timer_getoverrun(timer) >= 0, "timer_getoverrun");
	need(handled >= 1, "no signal");
}
static void timer_overrun_count(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 2);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 2 };
	timer_t timer;
	must(timer_create(CLOCK_MONOTONIC, &event, &timer));
	struct itimerspec when = { { 0, 1000000 }, { 0, 1000000 } };
	must(timer_settime(timer, 0, &when, NULL));
	nap(0.06);
	siginfo_t info;
	want("sigwaitinfo", sigwaitinfo(&set, &info), SIGRTMIN + 2);
	need(info.si_overrun >= 40, "overrun %d after 60 periods", info.si_overrun);
}
static void from_itimer(void)
{
	on_signal(SIGALRM, note, 0);
	struct itimerval when = { { 0, 0 }, { 0, 5000 } };
	must(setitimer(ITIMER_REAL, &when, NULL));
	until_handled(1);
	want("code", last.si_code, SI_KERNEL);
}
static void from_cpu_timers(void)
{
	on_signal(SIGVTALRM, note, 0);
	on_signal(SIGPROF, note, 0);
	struct itimerval when = { { 0, 0 }, { 0, 10000 } };
	must(setitimer(ITIMER_VIRTUAL, &when, NULL));
	while (handled < 1)
		;
	want("SIGVTALRM", last.si_signo, SIGVTALRM);
	must(setitimer(ITIMER_PROF, &when, NULL));
	while (handled < 2)
		;
	want("SIGPROF", last.si_signo, SIGPROF);
}
static void from_mqueue(void)
{
	on_signal(SIGUSR1, note, 0);
	char name[40];
	sprintf(name, "/fluoro-%d", getpid());
	struct mq_attr shape = { .mq_maxmsg = 4, .mq_msgsize = 16 };
	mqd_t queue = mq_open(name, O_CREAT | O_RDWR, 0600, &shape);
	if (queue == -1 && (errno == ENOSYS || errno == EACCES || errno == EMFILE))
		skip("no message queues on this machine");
	need(queue != -1, "mq_open: errno %d", errno);
	mq_unlink(name);
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 55 };
	must(mq_notify(queue, &event));
	pid_t child = must(fork());
	if (child == 0)
		_exit(mq_send(queue, "hello", 5, 0) ? 1 : 0);
	int status;
	until_handled(1);
	waitpid(child, &status, 0);
	want("code", last.si_code, SI_MESGQ);
	want("value", last.si_value.sival_int, 55);
	want("sender", last.si_pid, child);
}
static void exits_7(void) { _exit(7); }
static void child_codes(void)
{
	on_signal(SIGCHLD, note, 0);
	pid_t child = must(fork());
	if (child == 0)
		exits_7();
	until_handled(1);
	want("exited: code", last.si_code, CLD_EXITED);
	want("exited: status", last.si_status, 7);
	want("exited: pid", last.si_pid, child);
	waitpid(child, NULL, 0);
	child = must(fork());
	if (child == 0)
		for (;;)
			pause();
	int seen = handled;
	kill(child, SIGSTOP);
	until_handled(seen + 1);
	want("stopped: code", last.si_code, CLD_STOPPED);
	want("stopped: status", last.si_status, SIGSTOP);
	seen = handled;
	kill(child, SIGCONT);
	until_handled(seen + 1);
	want("continued: code", last.si_code, CLD_CONTINUED);
	want("continued: status", last.si_status, SIGCONT);
	seen = handled;
	kill(child, SIGTERM);
	until_handled(seen + 1);
	want("killed: code", last.si_code, CLD_KILLED);
	want("killed: status", last.si_status, SIGTERM);
	siginfo_t info;
	memset(&info, 0, sizeof info);
	must(waitid(P_PID, (id_t)child, &info, WEXITED));
	want("waitid: code", info.si_code, CLD_KILLED);
	want("waitid: status", info.si_status, SIGTERM);
	want("waitid: pid", info.si_pid, child);
}
static void no_child_stop(void)
{
	on_signal(SIGCHLD, note, SA_NOCLDSTOP);
	pid_t child = must(fork());
	if (child == 0)
		for (;;)
			pause();
	int status;
	kill(child, SIGSTOP);
	want("wait", waitpid(child, &status, WUNTRACED), child);
	need(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "status 0x%x", status);
	kill(child, SIGCONT);
	want("wait", waitpid(child, &status, WCONTINUED), child);
	need(WIFCONTINUED(status), "status 0x%x", status);
	want("signals", handled, 0);
	kill(child, SIGKILL);
	until_handled(1);
}
static void no_child_wait(void)
{
	on_signal(SIGCHLD, note, SA_NOCLDWAIT);
	pid_t child = must(fork());
	if (child == 0)
		_exit(0);
	want_errno(waitpid(child, NULL, 0), ECHILD);
}
static void poll_in(void)
{
	on_signal(SIGRTMIN + 3, note, 0);
	int ends[2];
	must(pipe(ends));
	must(fcntl(ends[0], F_SETOWN, getpid()));
	must(fcntl(ends[0], F_SETSIG, SIGRTMIN + 3));
	must(fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK));
	want("write", write(ends[1], "x", 1), 1);
	until_handled(1);
	want("code", last.si_code, POLL_IN);
	want("descriptor", last.si_fd, ends[0]);
	want("band", last.si_band & POLLIN, POLLIN);
}
static void signalfd_agrees(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	int fd = must(signalfd(-1, &set, SFD_NONBLOCK));
	struct signalfd_siginfo info[4];
	want_errno(read(fd, info, sizeof info), EAGAIN);
	union sigval value = { .sival_ptr = (void *)0x1122334455667788 };
	must(sigqueue(getpid(), SIGUSR1, value));
	must(kill(getpid(), SIGUSR2));
	struct pollfd one = { .fd = fd, .events = POLLIN };
	want("poll", poll(&one, 1, PATIENCE * 1000), 1);
	want("read", read(fd, info, sizeof info), 2 * sizeof info[0]);
	want("first", info[0].ssi_signo, SIGUSR1);
	want("code", info[0].ssi_code, SI_QUEUE);
	want("pointer", info[0].ssi_ptr, 0x1122334455667788);
	want("second", info[1].ssi_signo, SIGUSR2);
	want("code", info[1].ssi_code, SI_USER);
	want("pid", info[1].ssi_pid, getpid());
	want_errno(read(fd, info, 10), EINVAL);
}
static void queue_limit(void)
{
	/* The limit counts all signals of the user: raise it over what others hold, in a namespace of none. */
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	struct rlimit limit = { 200, 200 };
	must(setrlimit(RLIMIT_SIGPENDING, &limit));
	struct rlimit got;
	must(getrlimit(RLIMIT_SIGPENDING, &got));
	want("getrlimit", got.rlim_cur, 200);
	int sent = 0;
	union sigval value;
	for (;; sent++) {
		value.sival_int = sent;
		if (sigqueue(getpid(), SIGRTMIN + 1, value)) {
			want("errno", errno, EAGAIN);
			break;
		}
		need(sent <= 200, "no limit");
	}
	need(sent > 100, "only %d signals", sent);
	for (int i = 0; i < sent; i++) {
		siginfo_t info;
		want("sigwaitinfo", sigwaitinfo(&set, &info), SIGRTMIN + 1);
		want("value", info.si_value.sival_int, i);
	}
}
static void exit_signal_of_fault(void)
{
	on_signal(SIGSEGV, note, SA_RESETHAND);
	u8 *p = pages(1, PROT_NONE);
	pid_t child = must(fork());
	if (child == 0)
		*(volatile u8 *)p = 1;
	siginfo_t info;
	memset(&info, 0, sizeof info);
	must(waitid(P_PID, (id_t)child, &info, WEXITED));
	need(info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED, "code %d", info.si_code);
	want("status", info.si_status, SIGSEGV);
}
/* Signals to one thread go to this thread, signals to the process to one that has it unblocked. */
static volatile int ran_in;
static void where(int number, siginfo_t *info, void *context) { (void)number, (void)info, (void)context; ran_in = (int)syscall(SYS_gettid); handled++; }
static volatile int worker_tid, stop_worker;
static void *worker(void *unused)
{
	(void)unused;
	sigset_t none;
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	worker_tid = (int)syscall(SYS_gettid);
	while (!stop_worker)
		nap(0.001);
	return NULL;
}
static void thread_directed(void)
{
	on_signal(SIGUSR1, where, 0);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	must(sigprocmask(SIG_BLOCK, &set, NULL));
	pthread_t thread;
	want("create", pthread_create(&thread, NULL, worker, NULL), 0);
	while (!worker_tid)
		nap(0.001);
	must(kill(getpid(), SIGUSR1));
	until_handled(1);
	want("process signal ran in", ran_in, worker_tid);
	want("pthread_kill", pthread_kill(thread, SIGUSR1), 0);
	until_handled(2);
	want("thread signal ran in", ran_in, worker_tid);
	must(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1));
	nap(0.02); /* nothing is to come */
	want("blocked here", handled, 2);
	stop_worker = 1;
	pthread_join(thread, NULL);
	must(sigprocmask(SIG_UNBLOCK, &set, NULL));
	want("after unblocking", handled, 3);
	want("ran in", ran_in, getpid());
	/* A joined thread has still some way to go in the kernel. */
	double end = now() + PATIENCE;
	while (syscall(SYS_tgkill, getpid(), worker_tid, 0) == 0)
		need(now() < end, "the joined thread is still there");
	want("errno", errno, ESRCH);
	want_errno(syscall(SYS_tgkill, getpid(), getpid(), 65), EINVAL);
}

static const struct check checks[] = {
	C(from_kill), C(from_sigqueue), C(from_tgkill), C(from_rt_sigqueueinfo), C(from_timer), C(timer_overrun), C(timer_overrun_count),
	C(from_itimer), C(from_cpu_timers), C(from_mqueue), C(child_codes), C(no_child_stop), C(no_child_wait), C(poll_in),
	C(signalfd_agrees), C(queue_limit), C(exit_signal_of_fault), C(thread_directed),
};
MAIN(checks)
