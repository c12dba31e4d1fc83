/* fork, vfork, clone and their kin, also while other threads are busy everywhere. */
#include "code.h"
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>

static volatile int stop_;
/* Threads that keep every lock of an emulator busy: mapping, translating, signals, allocation, faults, calls. */
static void *maps(void *unused)
{
	(void)unused;
	while (!stop_) {
		u8 *p = pages(4, PROT_READ | PROT_WRITE);
		p[0] = 1;
		mprotect(p, 4096, PROT_READ);
		munmap(p, 4 * 4096);
	}
	return NULL;
}
static void *translates(void *unused)
{
	(void)unused;
	u8 *p = pages(16, PROT_READ | PROT_WRITE | PROT_EXEC);
	for (int i = 0; !stop_; i++) {
		u8 *at = p + (i * 64 & 65535);
		put(at, i);
		flush(at, CODE_SIZE);
		need(call(at) == i, "stale code");
	}
	return NULL;
}
static void *allocates(void *unused)
{
	(void)unused;
	while (!stop_) {
		void *p = malloc(1000);
		memset(p, 1, 1000);
		free(p);
	}
	return NULL;
}
static void nothing(int number) { (void)number; }
static void *signals(void *unused)
{
	(void)unused;
	struct sigaction action;
	memset(&action, 0, sizeof action);
	action.sa_handler = nothing;
	while (!stop_) {
		sigaction(SIGUSR1, &action, NULL);
		pthread_kill(pthread_self(), SIGUSR1);
	}
	return NULL;
}
static void *opens(void *unused)
{
	(void)unused;
	while (!stop_)
		close(open("/proc/self/maps", O_RDONLY));
	return NULL;
}
static void *returns_at_once(void *unused) { return unused; }
static void *creates(void *unused)
{
	(void)unused;
	while (!stop_) {
		pthread_t thread;
		if (!pthread_create(&thread, NULL, returns_at_once, NULL))
			pthread_join(thread, NULL);
	}
	return NULL;
}
static void fork_amid_busy_threads(void)
{
	void *(*const bodies[8])(void *) = { maps, translates, allocates, signals, opens, creates, maps, translates };
	pthread_t threads[8];
	for (int i = 0; i < 8; i++)
		want("create", pthread_create(&threads[i], NULL, bodies[i], NULL), 0);
	double end = now() + 2.5;
	int forks = 0;
	while (forks < 20 || (forks < 1000 && now() < end)) {
		pid_t child = must(fork());
		if (child == 0) {
			/* The child uses everything that a lock might guard. */
			u8 *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			put(p, 4242);
			flush(p, CODE_SIZE);
			if (call(p) != 4242)
				_exit(1);
			signal(SIGUSR1, nothing);
			raise(SIGUSR1);
			munmap(p, 4096);
			_exit(17);
		}
		int status;
		double limit = now() + PATIENCE;
		while (waitpid(child, &status, WNOHANG) != child) {
			if (now() > limit) {
				kill(child, SIGKILL);
				fail("child %d hangs", forks);
			}
			nap(0.0003);
		}
		want_exit(status, 17);
		forks++;
	}
	stop_ = 1;
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
}
static void fork_1000(void)
{
	for (int i = 0; i < 1000; i++) {
		pid_t child = must(fork());
		if (child == 0)
			_exit(i & 63);
		int status;
		want("waitpid", waitpid(child, &status, 0), child);
		want_exit(status, i & 63);
	}
}
static void child_has_one_thread(void)
{
	pthread_t thread;
	want("create", pthread_create(&thread, NULL, allocates, NULL), 0);
	pid_t child = must(fork());
	if (child == 0) {
		char line[200];
		int threads = 0;
		FILE *status = fopen("/proc/self/status", "r");
		while (status && fgets(line, sizeof line, status))
			sscanf(line, "Threads: %d", &threads);
		_exit(threads == 1 && syscall(SYS_gettid) == getpid() ? 0 : 1);
	}
	int status;
	waitpid(child, &status, 0);
	stop_ = 1;
	pthread_join(thread, NULL);
	want_exit(status, 0);
}
/* A child's patch of code stays the child's. */
static void child_patches_code(void)
{
	u8 *p = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	put(p, 1);
	flush(p, CODE_SIZE);
	for (int i = 0; i < 50; i++) {
		want("parent", call(p), 1);
		pid_t child = must(fork());
		if (child == 0) {
			if (call(p) != 1)
				_exit(2);
			put(p, 2);
			flush(p, CODE_SIZE);
			_exit(call(p) == 2 ? 0 : 3);
		}
		int status;
		waitpid(child, &status, 0);
		want_exit(status, 0);
		want("parent afterwards", call(p), 1);
	}
}
/* And the parent's patch stays the parent's, though the child runs the same page. */
static void parent_patches_code(void)
{
	u8 *p = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	put(p, 1);
	flush(p, CODE_SIZE);
	want("before", call(p), 1);
	int go[2];
	must(pipe(go));
	pid_t child = must(fork());
	if (child == 0) {
		char byte;
		if (read(go[0], &byte, 1) != 1)
			_exit(4);
		_exit(call(p) == 1 ? 0 : 1);
	}
	put(p, 9);
	flush(p, CODE_SIZE);
	want("parent", call(p), 9);
	must(write(go[1], "x", 1));
	int status;
	waitpid(child, &status, 0);
	want_exit(status, 0);
}
/* Shared memory holds code: the child's patch must be seen by the parent after its own cache call. */
static void child_patches_shared_code(void)
{
	u8 *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	need(p != MAP_FAILED, "mmap: errno %d", errno);
	for (int i = 0; i < 100; i++) {
		put(p, i);
		flush(p, CODE_SIZE);
		want("own", call(p), i);
		pid_t child = must(fork());
		if (child == 0) {
			put(p, 1000 + i);
			flush(p, CODE_SIZE);
			_exit(call(p) == 1000 + i ? 0 : 1);
		}
		int status;
		waitpid(child, &status, 0);
		want_exit(status, 0);
		flush(p, CODE_SIZE);
		want("the child's code", call(p), 1000 + i);
	}
}

/* ---- vfork ---- */
static volatile int shared;
static void vfork_shares_and_waits(void)
{
	for (int i = 0; i < 50; i++) {
		shared = 0;
		pid_t child = vfork();
		if (child == 0) {
			struct timespec t = { 0, 1000000 };
			syscall(SYS_nanosleep, &t, NULL);
			shared = i + 1;
			_exit(i);
		}
		want("the child's store", shared, i + 1);
		int status;
		waitpid(child, &status, 0);
		want_exit(status, i);
	}
}
static u8 clone_stack[65536] __attribute__((aligned(16)));
static int clone_body(void *value) { shared = (int)(long)value; return 5; }
static void clone_vm_vfork(void)
{
	for (int i = 1; i < 30; i++) {
		pid_t child = must(clone(clone_body, clone_stack + sizeof clone_stack, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)(long)i));
		want("the child's store", shared, i);
		int status;
		want("waitpid", waitpid(child, &status, 0), child);
		want_exit(status, 5);
	}
}
static int wait_for_go(void *unused)
{
	(void)unused;
	shared = 1;
	while (__atomic_load_n(&shared, __ATOMIC_ACQUIRE) != 2)
		;
	shared = 3;
	return 6;
}
/* Shared memory without waiting: two processes in one address space. */
static void clone_vm_parallel(void)
{
	shared = 0;
	pid_t child = must(clone(wait_for_go, clone_stack + sizeof clone_stack, CLONE_VM | SIGCHLD, NULL));
	while (shared != 1)
		nap(0.001);
	shared = 2;
	int status;
	want("waitpid", waitpid(child, &status, 0), child);
	want_exit(status, 6);
	want("the child's store", shared, 3);
}
static int open_in_child(void *unused) { (void)unused; return open("/dev/null", O_RDONLY) < 0 || chdir("/") ? 1 : 0; }
static void clone_files_fs(void)
{
	must(chdir("/tmp"));
	int free_fd = must(dup(0));
	close(free_fd);
	pid_t child = must(clone(open_in_child, clone_stack + sizeof clone_stack, CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, NULL));
	int status;
	waitpid(child, &status, 0);
	want_exit(status, 0);
	need(fcntl(free_fd, F_GETFD) != -1, "descriptors are not shared");
	char where[100];
	need(getcwd(where, sizeof where) && !strcmp(where, "/"), "working directory is not shared");
}
static int fork_in_turn(void)
{
	int status;
	pid_t child = must(fork());
	if (child == 0)
		_exit(6);
	return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 6;
}
/* Memory of its own and shared descriptors: what each side opens and closes, the other sees. */
static void clone_files_own_memory(void)
{
	static volatile int mine = 1;
	int from_parent = must(dup(0)), from_child = must(dup(0)), go[2], status;
	close(from_child);
	must(pipe(go));
	pid_t child = must((int)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
	if (child == 0) {
		char byte;
		mine = 2;
		if (read(go[0], &byte, 1) != 1 || fcntl(from_parent, F_GETFD) != -1)
			_exit(1);
		_exit(dup2(0, from_child) == from_child ? 3 : 2);
	}
	close(from_parent);
	must((int)write(go[1], "", 1));
	want("waitpid", waitpid(child, &status, 0), child);
	want_exit(status, 3);
	want("memory", mine, 1);
	need(fcntl(from_child, F_GETFD) != -1, "the child's descriptor is not here");
	for (int i = 0; i < 20; i++) {
		if (!(child = must((int)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0))))
			_exit(fork_in_turn() ? 4 : 5);
		want("waitpid", waitpid(child, &status, 0), child);
		want_exit(status, 4);
	}
}
/* A limit of file sizes concerns files, not children and new programs. */
static void fork_with_small_files(void)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };
	must(setrlimit(RLIMIT_FSIZE, &limit));
	need(fork_in_turn(), "no child of a child");
	int status;
	pid_t child = must(fork());
	if (child == 0) {
		execl("/proc/self/exe", "process_fork", "-l", NULL);
		_exit(9);
	}
	waitpid(child, &status, 0);
	want_exit(status, 0);
}
static int exec_again(const char *what)
{
	int status;
	pid_t child = must(fork());
	if (child == 0) {
		execl("/proc/self/exe", "process_fork", what, NULL);
		_exit(9);
	}
	must(waitpid(child, &status, 0));
	return status;
}
static void exec_with_tiny_files(void)
{
	struct rlimit limit = { 10, 10 };
	must(setrlimit(RLIMIT_FSIZE, &limit));
	want_exit(exec_again("limits-files"), 0);
}
static void exec_without_descriptors(void)
{
	struct rlimit limit;
	must(getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = 0;
	must(setrlimit(RLIMIT_NOFILE, &limit));
	want_exit(exec_again("limits-descriptors"), 0);
}
static void exec_keeps_limits(void)
{
	struct rlimit space = { 700ul << 20, 800ul << 20 }, data = { 300ul << 20, 400ul << 20 };
	must(setrlimit(RLIMIT_AS, &space));
	must(setrlimit(RLIMIT_DATA, &data));
	want_exit(exec_again("limits-memory"), 0);
}
/* What the program that is executed finds. */
static int same_limits(const char *what)
{
	struct rlimit limit, data;
	if (!strcmp(what, "limits-files"))
		return getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur != 10;
	if (!strcmp(what, "limits-descriptors"))
		return getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur != 0 || open("/dev/null", O_RDONLY) != -1;
	if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur != 700ul << 20 || limit.rlim_max != 800ul << 20)
		return 1;
	if (getrlimit(RLIMIT_DATA, &data) || data.rlim_cur != 300ul << 20 || data.rlim_max != 400ul << 20)
		return 2;
	void *p = mmap(NULL, 1ul << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	void *q = mmap(NULL, 350ul << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return (p != MAP_FAILED) * 3 + (q != MAP_FAILED) * 6;
}
static void clone_flags_refused(void)
{
	want_errno(syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0), EINVAL);
	want_errno(syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0), EINVAL);
	want_errno(syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND, 0, 0, 0, 0), EINVAL);
	want_errno(syscall(SYS_clone, CLONE_FS | CLONE_NEWNS, 0, 0, 0, 0), EINVAL);
}
static void clone_tids(void)
{
	static int parent_tid, child_tid;
	struct clone_args a = { .flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID, .parent_tid = (u64)&parent_tid, .child_tid = (u64)&child_tid, .exit_signal = SIGCHLD };
	pid_t child = (pid_t)must(syscall(SYS_clone3, &a, sizeof a));
	if (child == 0)
		_exit(child_tid == getpid() ? 8 : 9);
	int status;
	want("waitpid", waitpid(child, &status, 0), child);
	want_exit(status, 8);
	want("parent_tid", parent_tid, child);
	want("child_tid here", child_tid, 0);
}
static void clone3_sizes(void)
{
	u8 room[4096] = { 0 };
	struct clone_args a = { .exit_signal = SIGCHLD };
	memcpy(room, &a, sizeof a);
	want_errno(syscall(SYS_clone3, room, 63), EINVAL);
	want_errno(syscall(SYS_clone3, room, 5000), E2BIG);
	room[200] = 1;
	want_errno(syscall(SYS_clone3, room, 256), E2BIG);
	room[200] = 0;
	want_errno(syscall(SYS_clone3, (void *)8, sizeof a), EFAULT);
	int sizes[] = { 64, 80, 88, 256 };
	for (int i = 0; i < 4; i++) {
		pid_t child = (pid_t)must(syscall(SYS_clone3, room, sizes[i]));
		if (child == 0)
			_exit(3);
		int status;
		want("waitpid", waitpid(child, &status, 0), child);
		want_exit(status, 3);
	}
	a.exit_signal = 300;
	want_errno(syscall(SYS_clone3, &a, sizeof a), EINVAL);
	a.exit_signal = SIGCHLD;
	a.stack = 4096;
	want_errno(syscall(SYS_clone3, &a, sizeof a), EINVAL);
}
static void pidfd(void)
{
	int fd = -1;
	struct clone_args a = { .flags = CLONE_PIDFD, .pidfd = (u64)&fd, .exit_signal = SIGCHLD };
	pid_t child = (pid_t)must(syscall(SYS_clone3, &a, sizeof a));
	if (child == 0)
		for (;;)
			pause();
	need(fd >= 0, "no pidfd");
	struct pollfd one = { .fd = fd, .events = POLLIN };
	want("poll while it lives", poll(&one, 1, 0), 0);
	must(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
	want("poll when it is dead", poll(&one, 1, PATIENCE * 1000), 1);
	siginfo_t info;
	memset(&info, 0, sizeof info);
	must(waitid((idtype_t)3 /* P_PIDFD */, (id_t)fd, &info, WEXITED));
	want("pid", info.si_pid, child);
	want("status", info.si_status, SIGTERM);
	want_errno(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0), ESRCH);
	int other = (int)must(syscall(SYS_pidfd_open, getpid(), 0));
	want("signal 0 to us", syscall(SYS_pidfd_send_signal, other, 0, NULL, 0), 0);
}
static void subreaper(void)
{
	must(prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid_t reaper = getpid(), child = must(fork());
	if (child == 0) {
		pid_t grandchild = fork();
		if (grandchild == 0) {
			while (getppid() != reaper)
				nap(0.001);
			_exit(21);
		}
		_exit(20);
	}
	int status, seen = 0;
	for (int i = 0; i < 2; i++) {
		must(wait(&status));
		seen += WEXITSTATUS(status);
	}
	want("sum of the statuses", seen, 20 + 21);
}
static void parent_death_signal(void)
{
	int ends[2];
	char byte;
	must(pipe(ends));
	pid_t child = must(fork());
	if (child == 0) {
		pid_t grandchild = fork();
		if (grandchild == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			must(write(ends[1], "r", 1));
			for (;;)
				pause();
		}
		_exit(read(ends[0], &byte, 1) == 1 ? 0 : 1);
	}
	close(ends[1]);
	int status;
	want("waitpid", waitpid(child, &status, 0), child);
	want_exit(status, 0);
	/* End of file comes when the grandchild is dead. */
	struct pollfd one = { .fd = ends[0], .events = POLLIN };
	want("poll", poll(&one, 1, PATIENCE * 1000), 1);
	want("end of file", read(ends[0], &byte, 1), 0);
}
static void limited(void)
{
	if (geteuid() == 0 && (setgid(54321) || setuid(54321)))
		_exit(77);
	struct rlimit one = { 1, 1 };
	if (setrlimit(RLIMIT_NPROC, &one))
		_exit(78);
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	_exit(child == -1 && errno == EAGAIN ? 0 : 1);
}
static void process_limit(void) { want_exit(in_child(limited), 0); }
static void exits_many(void)
{
	pid_t children[50];
	for (int i = 0; i < 50; i++) {
		children[i] = must(fork());
		if (children[i] == 0) {
			nap(0.001 * (50 - i) / 5);
			_exit(i);
		}
	}
	for (int i = 0; i < 50; i++) {
		int status;
		want("waitpid", waitpid(children[i], &status, 0), children[i]);
		want_exit(status, i);
	}
	want_errno(wait(NULL), ECHILD);
}
static void sessions_and_groups(void)
{
	pid_t child = must(fork());
	if (child == 0) {
		if (setsid() != getpid() || getsid(0) != getpid() || getpgid(0) != getpid())
			_exit(1);
		pid_t inner = fork();
		if (inner == 0)
			for (;;)
				pause();
		if (setpgid(inner, inner) || getpgid(inner) != inner || kill(-inner, SIGTERM))
			_exit(2);
		int status;
		waitpid(inner, &status, 0);
		_exit(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM ? 0 : 3);
	}
	int status;
	waitpid(child, &status, 0);
	want_exit(status, 0);
}
static void fork_in_handler_(int number) { (void)number; pid_t child = fork(); if (child == 0) _exit(0); waitpid(child, NULL, 0); }
static void fork_in_a_handler(void)
{
	signal(SIGUSR1, fork_in_handler_);
	for (int i = 0; i < 30; i++)
		raise(SIGUSR1);
}
static void child_returns_from_handler_(int number)
{
	(void)number;
	pid_t child = fork();
	if (child)
		shared = child;
	else
		shared = 0;
}
static void child_returns_from_handler(void)
{
	signal(SIGUSR1, child_returns_from_handler_);
	raise(SIGUSR1);
	if (shared == 0)
		_exit(0); /* the child, back in the interrupted code */
	int status;
	waitpid(shared, &status, 0);
	want_exit(status, 0);
}

/* ---- what a child does not get ---- */
static void kept_from_children(void)
{
	catch_faults();
	u8 *p = pages(3, PROT_READ | PROT_WRITE | PROT_EXEC);
	put(p + 4096, 7);
	flush(p + 4096, CODE_SIZE);
	want("before", call(p + 4096), 7);
	must(madvise(p, 3 * 4096, MADV_DONTFORK));
	must(madvise(p, 4096, MADV_DOFORK));
	must(madvise(p + 8192, 4096, MADV_DOFORK));
	pid_t child = must(fork());
	if (child == 0) {
		p[0] = p[8192] = 1;
		want_fault(*(volatile u8 *)(p + 4096) = 1, SIGSEGV, SEGV_MAPERR, p + 4096);
		want_fault(call(p + 4096), SIGSEGV, SEGV_MAPERR, p + 4096);
		want_errno(mprotect(p, 3 * 4096, PROT_READ | PROT_WRITE), ENOMEM);
		u8 *again = mmap(p + 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		need(again == p + 4096, "the place is free: errno %d", errno);
		_exit(0);
	}
	int status;
	must(waitpid(child, &status, 0));
	want_exit(status, 0);
	want("after", call(p + 4096), 7);
}

static const struct check checks[] = {
	C(kept_from_children), C(exec_with_tiny_files), C(exec_without_descriptors), C(exec_keeps_limits),
	C(fork_amid_busy_threads), C(fork_1000), C(child_has_one_thread), C(child_patches_code), C(parent_patches_code),
	C(child_patches_shared_code), C(vfork_shares_and_waits), C(clone_vm_vfork), C(clone_vm_parallel), C(clone_files_fs), C(clone_files_own_memory), C(fork_with_small_files),
	C(clone_flags_refused), C(clone_tids), C(clone3_sizes), C(pidfd), C(subreaper), C(parent_death_signal), C(process_limit),
	C(exits_many), C(sessions_and_groups), C(fork_in_a_handler), C(child_returns_from_handler),
};
int main(int count, char **words)
{
	if (count > 1 && !strncmp(words[1], "limits-", 7))
		return same_limits(words[1]);
	return run_checks(count, words, checks, sizeof checks / sizeof checks[0]);
}
