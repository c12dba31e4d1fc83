/* Which interrupted system calls begin again (SA_RESTART), which always say EINTR, and which go on after STOP and CONT
 * although no handler ran. In each case another process sends the signal while the call sleeps, then feeds it. */
#include "check.h"
#include <arpa/inet.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <termios.h>

/* What both processes see. */
static struct shared { volatile int handled, ready; volatile double continued; } *shared;
static void handler(int number, siginfo_t *info, void *context) { (void)number, (void)info, (void)context; shared->handled++; }

#define LONG PATIENCE /* limits that are not to be reached */
#define LATER 0.04 /* how much later than the signal the food comes */
static pid_t parent;
static pid_t helper;
/* Starts a helper that signals us when we sleep in the call that comes next, and then runs `feed`. */
static void disturb(int number, void (*feed)(void))
{
	parent = getpid();
	shared->ready = 0;
	int before = shared->handled;
	helper = must(fork());
	if (helper == 0) {
		while (!shared->ready)
			nap(0.001);
		await_state(parent, 'S');
		kill(parent, number);
		if (number == SIGSTOP) {
			await_state(parent, 'T');
			nap(LATER);
			shared->continued = now();
			kill(parent, SIGCONT);
		} else {
			while (shared->handled == before)
				nap(0.001);
		}
		nap(LATER);
		if (feed)
			feed();
		_exit(3);
	}
	shared->ready = 1;
}
static int ends[2], turn[2];
static void feed_pipe(void) { must(write(ends[1], "x", 1)); }
static void drain_pipe(void)
{
	static char rest[1 << 20];
	must(read(ends[0], rest, sizeof rest));
	nap(0.01);
}
/* Runs the call with SA_RESTART (it must return `result`) and without (EINTR). */
#define RESTARTS(call, result, feed) do { for (int restart = 1; restart >= 0; restart--) { \
	on_signal(SIGUSR1, handler, restart ? SA_RESTART : 0); shared->handled = 0; setup(); disturb(SIGUSR1, feed); \
	errno = 0; long r_ = (long)(call); int e_ = errno; \
	want("handler ran", shared->handled, 1); \
	if (restart) need(r_ == (long)(result), "%s with SA_RESTART: %ld errno %d", #call, r_, e_); \
	else need(r_ == -1 && e_ == EINTR, "%s without SA_RESTART: %ld errno %d", #call, r_, e_); \
	kill(helper, SIGKILL); waitpid(helper, NULL, 0); } } while (0)
/* EINTR whatever the flags. */
#define INTERRUPTED(call) do { \
	on_signal(SIGUSR1, handler, SA_RESTART); shared->handled = 0; setup(); disturb(SIGUSR1, NULL); \
	errno = 0; long r_ = (long)(call); int e_ = errno; \
	need(r_ == -1 && e_ == EINTR, "%s: %ld errno %d", #call, r_, e_); want("handler ran", shared->handled, 1); \
	kill(helper, SIGKILL); waitpid(helper, NULL, 0); } while (0)

static char buffer[1 << 20];
#define setup() must(pipe(ends))
static void read_pipe(void) { RESTARTS(read(ends[0], buffer, 10), 1, feed_pipe); }
static void readv_pipe(void)
{
	struct iovec part = { buffer, 10 };
	RESTARTS(readv(ends[0], &part, 1), 1, feed_pipe);
}
#undef setup
static void fill_pipe(void)
{
	must(pipe(ends));
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	while (write(ends[1], buffer, 4096) > 0)
		;
	fcntl(ends[1], F_SETFL, 0);
}
#define setup() fill_pipe()
static void write_pipe(void) { RESTARTS(write(ends[1], buffer, 100), 100, drain_pipe); }
#undef setup
#define setup() must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
static void read_socket(void) { RESTARTS(read(ends[0], buffer, 10), 1, feed_pipe); }
static void recv_socket(void) { RESTARTS(recv(ends[0], buffer, 10, 0), 1, feed_pipe); }
static void recvmsg_socket(void)
{
	struct iovec part = { buffer, 10 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	RESTARTS(recvmsg(ends[0], &message, 0), 1, feed_pipe);
}
#undef setup
static void socket_with_timeout(void)
{
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	struct timeval limit = { LONG, 0 };
	must(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
}
#define setup() socket_with_timeout()
static void recv_with_timeout(void) { INTERRUPTED(recv(ends[0], buffer, 10, 0)); }
#undef setup
static struct sockaddr_in address;
static void listener(void)
{
	ends[0] = must(socket(AF_INET, SOCK_STREAM, 0));
	address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	must(bind(ends[0], (void *)&address, sizeof address));
	must(listen(ends[0], 4));
	socklen_t size = sizeof address;
	must(getsockname(ends[0], (void *)&address, &size));
}
static void feed_connect(void)
{
	int s = must(socket(AF_INET, SOCK_STREAM, 0));
	must(connect(s, (void *)&address, sizeof address));
	nap(0.05);
}
#define setup() listener()
static void accept_socket(void) { RESTARTS(accept(ends[0], NULL, NULL) >= 0 ? 1 : -1, 1, feed_connect); }
#undef setup
static int terminal(void)
{
	ends[1] = must(posix_openpt(O_RDWR | O_NOCTTY));
	must(grantpt(ends[1]));
	must(unlockpt(ends[1]));
	ends[0] = must(open(ptsname(ends[1]), O_RDWR | O_NOCTTY));
	struct termios mode;
	must(tcgetattr(ends[0], &mode));
	cfmakeraw(&mode);
	return must(tcsetattr(ends[0], TCSANOW, &mode));
}
#define setup() terminal()
static void read_tty(void) { RESTARTS(read(ends[0], buffer, 10), 1, feed_pipe); }
#undef setup
static void timer(void)
{
	ends[0] = must(timerfd_create(CLOCK_MONOTONIC, 0));
}
static void expire(void)
{
	struct itimerspec when = { .it_value = { 0, 1 } };
	must(timerfd_settime(ends[0], 0, &when, NULL));
}
#define setup() timer()
static void read_timerfd(void) { RESTARTS(read(ends[0], buffer, 8), 8, expire); }
#undef setup
#define setup() (void)0
static void wait4_child(void) { RESTARTS(wait4(helper, NULL, 0, NULL), helper, NULL); }
static void waitid_child(void)
{
	siginfo_t info;
	RESTARTS(waitid(P_PID, (id_t)helper, &info, WEXITED), 0, NULL);
}
#undef setup
static int lock_file, lock_file_2;
static void take_lock(void)
{
	char path[] = "/tmp/fluoro-lock-XXXXXX";
	lock_file = must(mkstemp(path));
	lock_file_2 = must(open(path, O_RDWR));
	unlink(path);
	must(flock(lock_file, LOCK_EX));
}
static void release_lock(void) { must(flock(lock_file, LOCK_UN)); }
#define setup() take_lock()
static void flock_file(void) { RESTARTS(flock(lock_file_2, LOCK_EX), 0, release_lock); }
#undef setup
#define setup() (must(pipe(ends)), must(pipe(turn)))
static void splice_pipe(void) { RESTARTS(splice(ends[0], NULL, turn[1], NULL, 10, 0), 1, feed_pipe); }
#undef setup
static u32 *word;
static void futex_word(void)
{
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}
static void wake(void) { *word = 1; syscall(SYS_futex, word, FUTEX_WAKE, 10, NULL, NULL, 0); }
#define setup() futex_word()
static void futex_without_timeout(void) { RESTARTS(syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0), 0, wake); }
static void futex_with_timeout(void)
{
	struct timespec limit = { LONG, 0 };
	INTERRUPTED(syscall(SYS_futex, word, FUTEX_WAIT, 0, &limit, NULL, 0));
}
#undef setup
#define setup() must(pipe(ends))
static void poll_pipe(void)
{
	struct pollfd one = { .events = POLLIN };
	INTERRUPTED((one.fd = ends[0], poll(&one, 1, LONG * 1000)));
}
static void ppoll_pipe(void)
{
	struct pollfd one = { .events = POLLIN };
	struct timespec limit = { LONG, 0 };
	INTERRUPTED((one.fd = ends[0], ppoll(&one, 1, &limit, NULL)));
}
static void select_pipe(void)
{
	fd_set set;
	struct timeval limit = { LONG, 0 };
	FD_ZERO(&set);
	INTERRUPTED((FD_SET(ends[0], &set), select(ends[0] + 1, &set, NULL, NULL, &limit)));
}
static void epoll_wait_pipe(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int set = must(epoll_create1(0));
	INTERRUPTED((epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event), epoll_wait(set, &event, 1, LONG * 1000)));
}
/* What a sleep of LONG that began after `start` had left when it ended early. */
static void is_rest(double start, struct timespec rest)
{
	double left = rest.tv_sec + rest.tv_nsec * 1e-9;
	need(left < LONG && left + (now() - start) >= LONG, "rest is %.9f s after %.9f s", left, now() - start);
}
static void nanosleep_call(void)
{
	double start = now();
	struct timespec length = { LONG, 0 }, rest = { 0, 0 };
	INTERRUPTED(nanosleep(&length, &rest));
	is_rest(start, rest);
}
static void clock_nanosleep_call(void)
{
	double start = now();
	struct timespec length = { LONG, 0 }, rest = { 0, 0 };
	INTERRUPTED(clock_nanosleep(CLOCK_MONOTONIC, 0, &length, &rest) == EINTR ? (errno = EINTR, -1) : 0);
	is_rest(start, rest);
}
static void clock_nanosleep_absolute(void)
{
	struct timespec when;
	clock_gettime(CLOCK_MONOTONIC, &when);
	when.tv_sec += LONG;
	INTERRUPTED(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR ? (errno = EINTR, -1) : 0);
}
static void semop_call(void)
{
	int set = must(semget(IPC_PRIVATE, 1, 0600));
	struct sembuf down = { 0, -1, 0 };
	INTERRUPTED(semop(set, &down, 1));
	semctl(set, 0, IPC_RMID);
}
static void msgrcv_call(void)
{
	int queue = must(msgget(IPC_PRIVATE, 0600));
	struct { long type; char text[8]; } message;
	INTERRUPTED(msgrcv(queue, &message, 8, 0, 0));
	msgctl(queue, IPC_RMID, NULL);
}
static void sigtimedwait_call(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	struct timespec limit = { LONG, 0 };
	INTERRUPTED(sigtimedwait(&set, NULL, &limit));
}
static void pause_call(void) { INTERRUPTED(pause()); }
static void sigsuspend_call(void)
{
	sigset_t set;
	sigemptyset(&set);
	INTERRUPTED(sigsuspend(&set));
}
#undef setup
/* A restart uses the original first argument, though a0 holds the result. */
static void restart_keeps_first_argument(void)
{
	shared->handled = 0;
	must(pipe(ends));
	int copy = must(dup2(ends[0], 77));
	on_signal(SIGUSR1, handler, SA_RESTART);
	for (int round = 0; round < 3; round++) {
		disturb(SIGUSR1, feed_pipe);
		want("read", read(copy, buffer, 1), 1);
		waitpid(helper, NULL, 0);
	}
	want("handlers", shared->handled, 3);
}
/* Many signals while one call sleeps. */
static void feed_after_many(void)
{
	for (int i = 0; i < 20; i++) {
		await_state(parent, 'S');
		int before = shared->handled;
		kill(parent, SIGUSR1);
		while (shared->handled == before)
			nap(0.001);
	}
	feed_pipe();
}
static void restarted_many_times(void)
{
	shared->handled = 0;
	must(pipe(ends));
	on_signal(SIGUSR1, handler, SA_RESTART);
	disturb(SIGUSR1, feed_after_many);
	want("read", read(ends[0], buffer, 1), 1);
	want("handlers", shared->handled, 21);
}

/* ---- STOP and CONT with no handler. A helper ends by itself: one that was killed might leave us stopped. ---- */
#define CONTINUES(call, result, feed) do { disturb(SIGSTOP, feed); double start_ = now(); errno = 0; long r_ = (long)(call); int e_ = errno; \
	double took_ = now() - start_; \
	need(r_ == (long)(result), "%s: %ld errno %d after %.3f s", #call, r_, e_, took_); \
	need(took_ > 2 * LATER - 0.005, "%s returned at once (%.3f s)", #call, took_); waitpid(helper, NULL, 0); } while (0)
#define STOP_INTERRUPTS(call) do { disturb(SIGSTOP, NULL); errno = 0; long r_ = (long)(call); int e_ = errno; \
	need(r_ == -1 && e_ == EINTR, "%s: %ld errno %d", #call, r_, e_); waitpid(helper, NULL, 0); } while (0)
static void stop_nanosleep(void)
{
	/* What is left is slept, not all of it again. A busy machine can only make it longer: shorter once is enough. */
	struct timespec length = { 1, 0 };
	double again;
	parent = getpid();
	do {
		shared->continued = now();
		helper = must(fork());
		if (helper == 0) {
			nap(0.6);
			kill(parent, SIGSTOP);
			await_state(parent, 'T');
			shared->continued = now();
			kill(parent, SIGCONT);
			_exit(0);
		}
		must(nanosleep(&length, NULL));
		again = now() - shared->continued;
		waitpid(helper, NULL, 0);
	} while (again >= 1);
}
static void stop_poll(void) { CONTINUES(poll(NULL, 0, 1000), 0, NULL); }
static void stop_select(void)
{
	struct timeval limit = { 1, 0 };
	CONTINUES(select(0, NULL, NULL, NULL, &limit), 0, NULL);
}
static void stop_futex(void)
{
	futex_word();
	struct timespec limit = { 1, 0 };
	CONTINUES((syscall(SYS_futex, word, FUTEX_WAIT, 0, &limit, NULL, 0) == -1 && errno == ETIMEDOUT) ? 0 : -1, 0, NULL);
}
static void stop_read(void)
{
	must(pipe(ends));
	CONTINUES(read(ends[0], buffer, 1), 1, feed_pipe);
}
static int message_queue;
static void feed_message(void)
{
	struct { long type; char text[8]; } message = { 1, "x" };
	must(msgsnd(message_queue, &message, 1, 0));
}
static void stop_msgrcv(void)
{
	message_queue = must(msgget(IPC_PRIVATE, 0600));
	struct { long type; char text[8]; } message;
	CONTINUES(msgrcv(message_queue, &message, 8, 0, 0), 1, feed_message);
	msgctl(message_queue, IPC_RMID, NULL);
}
static void stop_epoll_wait(void)
{
	struct epoll_event event;
	int set = must(epoll_create1(0));
	STOP_INTERRUPTS(epoll_wait(set, &event, 1, LONG * 1000));
}
/* A wait with a mask of its own that no signal ended: its mask is not what a later handler runs on top of. */
static volatile int blocked_inside;
static void look_at_mask(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info, (void)context;
	sigset_t mask;
	sigprocmask(SIG_BLOCK, NULL, &mask);
	blocked_inside = 1 + sigismember(&mask, SIGUSR2) + 2 * sigismember(&mask, SIGHUP);
}
static void stop_masked_wait(void)
{
	struct epoll_event event;
	int set = must(epoll_create1(0));
	sigset_t blocked, inside;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR2);
	sigemptyset(&inside);
	sigaddset(&inside, SIGHUP);
	must(sigprocmask(SIG_BLOCK, &blocked, NULL));
	STOP_INTERRUPTS(epoll_pwait(set, &event, 1, LONG * 1000, &inside));
	on_signal(SIGUSR1, look_at_mask, 0);
	raise(SIGUSR1);
	want("SIGUSR2 is blocked, SIGHUP is not", blocked_inside, 2);
}
static void stop_semop(void)
{
	int set = must(semget(IPC_PRIVATE, 1, 0600));
	struct sembuf down = { 0, -1, 0 };
	STOP_INTERRUPTS(semop(set, &down, 1));
	semctl(set, 0, IPC_RMID);
}
static void stop_sigtimedwait(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	struct timespec limit = { LONG, 0 };
	STOP_INTERRUPTS(sigtimedwait(&set, NULL, &limit));
}
static void stop_timed_socket(void)
{
	socket_with_timeout();
	STOP_INTERRUPTS(recv(ends[0], buffer, 10, 0));
}

static const struct check checks[] = {
	C(read_pipe), C(readv_pipe), C(write_pipe), C(read_socket), C(recv_socket), C(recvmsg_socket), C(accept_socket), C(read_tty),
	C(read_timerfd), C(wait4_child), C(waitid_child), C(flock_file), C(splice_pipe), C(futex_without_timeout),
	C(restart_keeps_first_argument), C(restarted_many_times),
	C(recv_with_timeout), C(futex_with_timeout), C(poll_pipe), C(ppoll_pipe), C(select_pipe), C(epoll_wait_pipe), C(nanosleep_call),
	C(clock_nanosleep_call), C(clock_nanosleep_absolute), C(semop_call), C(msgrcv_call), C(sigtimedwait_call), C(pause_call),
	C(sigsuspend_call),
	C(stop_nanosleep), C(stop_poll), C(stop_select), C(stop_futex), C(stop_read), C(stop_msgrcv), C(stop_epoll_wait), C(stop_semop),
	C(stop_sigtimedwait), C(stop_timed_socket), C(stop_masked_wait),
};
int main(int count, char **words)
{
	shared = must(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	return run_checks(count, words, checks, sizeof checks / sizeof checks[0]);
}
