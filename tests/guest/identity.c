/* Descriptors, limits, identity in /proc, layouts that differ between architectures, clocks, unknown calls. */
#include "check.h"
#include <dirent.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>
#include <sys/utsname.h>

static void run_self(const char *word)
{
	char *const words[] = { "identity", (char *)word, NULL };
	execv("/proc/self/exe", words);
	_exit(100);
}
/* ---- descriptors ---- */
static void only_three(void)
{
	for (int fd = 3; fd < 200; fd++)
		close(fd);
	run_self("first-fd");
}
static void first_descriptor_is_three(void) { want_exit(in_child(only_three), 3); }
static void closed_standard(void)
{
	close(0);
	close(1);
	close(2);
	run_self("first-fd");
}
static void started_without_descriptors(void)
{
	int status = in_child(closed_standard);
	need(WIFEXITED(status) && WEXITSTATUS(status) == 0, "wait status 0x%x, expected the first descriptor to be 0", status);
}
static void *nothing(void *unused) { return unused; }
static void everything_still_works(void)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL))
		_exit(11);
	pid_t child = fork();
	if (child == 0)
		_exit(5);
	int status;
	if (waitpid(child, &status, 0) != child || status != 5 << 8)
		_exit(12);
	int fd = open("/dev/null", O_RDWR);
	if (fd != 0)
		_exit(13);
	if (write(fd, "x", 1) != 1)
		_exit(14);
	on_signal(SIGUSR1, (void (*)(int, siginfo_t *, void *))(u64)nothing, 0);
	raise(SIGUSR1);
	volatile u8 *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	p[0] = 1;
	char *const words[] = { "identity", "seven", NULL };
	child = fork();
	if (child == 0) {
		execv("/proc/self/exe", words);
		_exit(100);
	}
	if (waitpid(child, &status, 0) != child || status != 7 << 8)
		_exit(15);
	_exit(0);
}
static void close_all(void)
{
	for (int fd = 0; fd < 5000; fd++)
		close(fd);
	everything_still_works();
}
static void closing_everything(void) { want_exit(in_child(close_all), 0); }
static void close_all_range(void)
{
	if (syscall(SYS_close_range, 0, ~0u, 0))
		_exit(10);
	everything_still_works();
}
static void close_range_everything(void) { want_exit(in_child(close_all_range), 0); }
static void dup_over_all(void)
{
	int fd = open("/dev/null", O_RDWR);
	for (int i = 0; i < 1024; i++)
		if (dup2(fd, i) != i)
			_exit(10);
	for (int i = 0; i < 1024; i++)
		close(i);
	everything_still_works();
}
static void dup2_over_all(void) { want_exit(in_child(dup_over_all), 0); }
static void few(void)
{
	close_range(3, ~0u, 0);
	struct rlimit six = { 6, 6 };
	if (setrlimit(RLIMIT_NOFILE, &six))
		_exit(10);
	int count = 0;
	while (open("/dev/null", O_RDONLY) >= 0)
		count++;
	if (errno != EMFILE || count != 3)
		_exit(20 + count);
	close(5);
	close(0);
	everything_still_works();
}
static void six_descriptors(void) { want_exit(in_child(few), 0); }
static void unlisted_descriptors(void)
{
	/* /proc/self/fd shows exactly what fcntl knows. */
	DIR *directory = opendir("/proc/self/fd");
	need(directory, "opendir: errno %d", errno);
	int listed = 0, open_ = 0;
	struct dirent *entry;
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.') {
			int fd = atoi(entry->d_name);
			need(fcntl(fd, F_GETFD) != -1, "%d is listed but not open", fd);
			listed++;
		}
	for (int fd = 0; fd < 20000; fd++)
		open_ += fcntl(fd, F_GETFD) != -1;
	want("open descriptors", open_, listed);
}

static void unlisted_paths(void)
{
	char path[64], to[256];
	struct stat about;
	for (int fd = 0; fd < 3000; fd++) {
		int is_open = fcntl(fd, F_GETFD) != -1;
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		want(path, readlink(path, to, sizeof to) > 0, is_open);
		want(path, lstat(path, &about) == 0, is_open);
		snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", getpid(), fd);
		want(path, access(path, F_OK) == 0, is_open);
	}
}
static void lists_the_parent_s(void)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/fd", getppid());
	DIR *directory = opendir(path);
	need(directory, "opendir: errno %d", errno);
	int listed = 0;
	for (struct dirent *entry; (entry = readdir(directory)); listed++)
		need(entry->d_name[0] == '.' || fcntl(atoi(entry->d_name), F_GETFD) != -1, "%s is listed but not open", entry->d_name);
	need(listed > 4, "%d listed", listed);
}
static void unlisted_of_the_parent(void) { want_exit(in_child(lists_the_parent_s), 0); }

/* ---- limits ---- */
static volatile int got;
static void note(int number, siginfo_t *info, void *context) { (void)info, (void)context; got = number; }
static void limit_file_size(void)
{
	on_signal(SIGXFSZ, note, 0);
	struct rlimit limit = { 1000, 1000 };
	must(setrlimit(RLIMIT_FSIZE, &limit));
	char path[] = "/tmp/fluoro-size-XXXXXX";
	int fd = must(mkstemp(path));
	unlink(path);
	char text[2000] = { 0 };
	want("partial write", write(fd, text, 2000), 1000);
	want("no signal yet", got, 0);
	want_errno(write(fd, text, 10), EFBIG);
	want("signal", got, SIGXFSZ);
}
static void spin(void)
{
	struct rlimit limit = { 1, 2 };
	setrlimit(RLIMIT_CPU, &limit);
	for (volatile u64 i = 0;; i++)
		;
}
static void limit_cpu(void) { want_killed(in_child(spin), SIGXCPU); }
static void limits_read_back(void)
{
	int which[] = { RLIMIT_AS, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE, RLIMIT_MEMLOCK, RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CPU };
	for (int i = 0; i < 8; i++) {
		struct rlimit before, want_, after;
		must(getrlimit(which[i], &before));
		want_ = before;
		want_.rlim_cur = before.rlim_max == RLIM_INFINITY ? 1ul << 40 : before.rlim_max;
		if (which[i] == RLIMIT_NOFILE)
			want_.rlim_cur = before.rlim_cur;
		must(setrlimit(which[i], &want_));
		must(getrlimit(which[i], &after));
		need(after.rlim_cur == want_.rlim_cur && after.rlim_max == want_.rlim_max, "limit %d: %lx %lx", which[i], after.rlim_cur, after.rlim_max);
		struct rlimit by_prlimit;
		must((int)syscall(SYS_prlimit64, 0, which[i], NULL, &by_prlimit));
		want("prlimit64", by_prlimit.rlim_cur, want_.rlim_cur);
	}
	struct rlimit wrong = { 10, 5 };
	want_errno(setrlimit(RLIMIT_CORE, &wrong), EINVAL);
	want_errno(setrlimit(99, &wrong), EINVAL);
}
static void data_limit_child(void)
{
	struct rlimit limit = { 64 << 20, 64 << 20 };
	setrlimit(RLIMIT_DATA, &limit);
	void *p = mmap(NULL, 200 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED || errno != ENOMEM)
		_exit(1);
	p = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	_exit(p == MAP_FAILED ? 2 : 0);
}
static void limit_data(void) { want_exit(in_child(data_limit_child), 0); }
static void use_stack(int pages_)
{
	volatile u8 room[4096];
	room[0] = 1;
	if (pages_)
		use_stack(pages_ - 1);
	room[1] = 1;
}
static void big_stack(void) { use_stack(1500); _exit(0); }
static void stack_of_8_mib(void) { want_exit(in_child(big_stack), 0); }

/* ---- identity ---- */
static char text[8192];
static ssize_t slurp(const char *path)
{
	int fd = open(path, O_RDONLY);
	need(fd >= 0, "%s: errno %d", path, errno);
	ssize_t total = 0, part;
	while ((part = read(fd, text + total, sizeof text - 1 - (size_t)total)) > 0)
		total += part;
	close(fd);
	text[total] = 0;
	return total;
}
static char **all_words;
static void own_cmdline(void)
{
	ssize_t size = slurp("/proc/self/cmdline");
	need(size > 0 && !strcmp(text, all_words[0]), "cmdline is %s, argv[0] is %s", text, all_words[0]);
	ssize_t expected = 0;
	for (int i = 0; all_words[i]; i++)
		expected += (ssize_t)strlen(all_words[i]) + 1;
	want("size", size, expected);
	char path[50];
	sprintf(path, "/proc/%d/cmdline", getpid());
	want("size by pid", slurp(path), expected);
}
static void own_exe(void)
{
	char a[500] = "", b[500] = "", path[50];
	must(readlink("/proc/self/exe", a, 499));
	sprintf(path, "/proc/%d/exe", getpid());
	must(readlink(path, b, 499));
	need(!strcmp(a, b), "%s and %s", a, b);
	need(strstr(a, "identity"), "exe is %s", a);
	memset(b, 0, sizeof b);
	must(readlinkat(open("/proc/self", O_DIRECTORY), "exe", b, 499));
	need(!strcmp(a, b), "%s and %s", a, b);
	int fd = must(open("/proc/self/exe", O_RDONLY));
	struct stat by_link, by_name;
	must(fstat(fd, &by_link));
	must(stat(a, &by_name));
	need(by_link.st_ino == by_name.st_ino, "another file");
	u8 header[20];
	want("read", read(fd, header, 20), 20);
#if defined(__riscv)
	want("machine", header[18], 243);
#else
	want("machine", header[18], 62);
#endif
}
static void own_comm(void)
{
	slurp("/proc/self/comm");
	char name[17] = "";
	prctl(PR_GET_NAME, name);
	strcat(name, "\n");
	need(!strcmp(text, name), "comm is %s, name is %s", text, name);
	const char *file = strrchr(all_words[0], '/');
	file = file ? file + 1 : all_words[0];
	need(!strncmp(text, file, strlen(file) < 15 ? strlen(file) : 15), "comm is %s", text);
}
static void own_auxv(void)
{
	ssize_t size = slurp("/proc/self/auxv");
	u64 *pair = (u64 *)text;
	int found = 0;
	for (ssize_t i = 0; i + 16 <= size; i += 16, pair += 2) {
		if (pair[0] == AT_PHDR || pair[0] == AT_ENTRY || pair[0] == AT_RANDOM || pair[0] == AT_PAGESZ) {
			want("value", getauxval(pair[0]), pair[1]);
			found++;
		}
	}
	want("entries", found, 4);
}
static void own_stat(void)
{
	slurp("/proc/self/stat");
	int pid = 0, parent = 0;
	char state;
	char *after = strrchr(text, ')');
	need(after && sscanf(text, "%d", &pid) == 1 && sscanf(after + 1, " %c %d", &state, &parent) == 2, "stat is %.80s", text);
	want("pid", pid, getpid());
	want("parent", parent, getppid());
	/* Field 28 is the start of the stack. */
	u64 start_stack = 0;
	char *p = after + 1;
	for (int field = 3; field < 28 && p; field++)
		p = strchr(p + 1, ' ');
	need(p && sscanf(p, "%lu", &start_stack) == 1, "field 28");
	int here;
	need(start_stack > (u64)&here && start_stack - (u64)&here < 1 << 20, "start of the stack is 0x%llx, a local variable 0x%llx", (unsigned long long)start_stack, (unsigned long long)(u64)&here);
}
/* The value of a line of /proc/self/status, in hexadecimal digits. */
static u64 status_line(const char *name)
{
	slurp("/proc/self/status");
	char *line = strstr(text, name);
	need(line, "no %s", name);
	return strtoull(line + strlen(name), NULL, 16);
}
static u64 stat_field(int number)
{
	slurp("/proc/self/stat");
	char *p = strrchr(text, ')') + 1;
	for (int field = 3; field < number; field++)
		p = strchr(p + 1, ' ');
	return strtoull(p, NULL, 10);
}
static void own_signals(void)
{
#define BIT(number) (1ul << ((number) - 1))
	u64 caught = BIT(SIGUSR1) | BIT(SIGSEGV) | BIT(40), ignored = BIT(SIGUSR2) | BIT(SIGBUS), blocked = BIT(SIGTERM) | BIT(SIGFPE);
	for (int number = 1; number <= 64; number++) {
		if (caught & BIT(number))
			on_signal(number, note, 0);
		if (ignored & BIT(number))
			signal(number, SIG_IGN);
	}
	sigset_t set;
	sigemptyset(&set), sigaddset(&set, SIGTERM), sigaddset(&set, SIGFPE);
	sigprocmask(SIG_SETMASK, &set, NULL);
	want("caught", status_line("SigCgt:"), caught);
	want("blocked", status_line("SigBlk:"), blocked);
	want("ignored", status_line("SigIgn:") & (ignored | caught | BIT(SIGILL)), ignored);
	want("field 34", stat_field(34), caught & 0x7fffffff);
	want("field 33", stat_field(33) & (ignored | caught | BIT(SIGILL)), ignored);
}
static void own_tasks(void)
{
	DIR *directory = opendir("/proc/self/task");
	need(directory, "opendir: errno %d", errno);
	int count = 0;
	struct dirent *entry;
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.') {
			want("tid", atoi(entry->d_name), getpid());
			count++;
		}
	want("threads", count, 1);
}
static void machine_name(void)
{
	struct utsname name;
	must(uname(&name));
#if defined(__riscv)
	need(!strcmp(name.machine, "riscv64"), "machine is %s", name.machine);
	slurp("/proc/cpuinfo");
	need(strstr(text, "rv64im"), "cpuinfo is %.200s", text);
#else
	need(!strcmp(name.machine, "x86_64"), "machine is %s", name.machine);
#endif
	need(!strcmp(name.sysname, "Linux"), "system is %s", name.sysname);
}
static void cmdline_of_child(void)
{
	int ends[2];
	must(pipe(ends));
	pid_t child = must(fork());
	if (child == 0) {
		dup2(ends[1], 9);
		run_self("wait-here");
	}
	char byte;
	close(ends[1]);
	struct pollfd one = { .fd = ends[0], .events = POLLIN };
	want("poll", poll(&one, 1, PATIENCE * 1000), 1);
	want("ready", read(ends[0], &byte, 1), 1);
	char path[50];
	sprintf(path, "/proc/%d/cmdline", child);
	ssize_t size = slurp(path);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	want("size", size, sizeof "identity" + sizeof "wait-here");
	need(!strcmp(text, "identity") && !strcmp(text + 9, "wait-here"), "cmdline is %s", text);
}

/* ---- layouts ---- */
static void layout_epoll(void)
{
	int set = must(epoll_create1(0)), ends[2];
	must(pipe(ends));
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 0x1122334455667788 }, out[3];
	must(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
	struct epoll_event second = { .events = EPOLLOUT, .data.u64 = 0xaabbccddeeff0011 };
	must(epoll_ctl(set, EPOLL_CTL_ADD, ends[1], &second));
	must(write(ends[1], "x", 1));
	memset(out, 0x55, sizeof out);
	want("events", epoll_wait(set, out, 3, 1000), 2);
	u64 sum = out[0].data.u64 ^ out[1].data.u64;
	want("data", sum, 0x1122334455667788 ^ 0xaabbccddeeff0011);
	want("events", out[0].events ^ out[1].events, EPOLLIN ^ EPOLLOUT);
	want("third untouched", (u8)out[2].events, 0x55);
#if defined(__riscv)
	want("size", sizeof event, 16);
#endif
}
static void layout_stat(void)
{
	char path[] = "/tmp/fluoro-stat-XXXXXX";
	int fd = must(mkstemp(path));
	want("write", write(fd, "hello", 5), 5);
	must(fchmod(fd, 0640));
	struct timespec times[2] = { { 1000000000, 123456789 }, { 1100000000, 987654321 } };
	must(futimens(fd, times));
	struct stat s, by_name;
	must(fstat(fd, &s));
	must(stat(path, &by_name));
	unlink(path);
	want("size", s.st_size, 5);
	want("mode", s.st_mode, S_IFREG | 0640);
	want("links", s.st_nlink, 1);
	want("uid", s.st_uid, geteuid());
	want("mtime", s.st_mtim.tv_sec, 1100000000);
	want("mtime ns", s.st_mtim.tv_nsec, 987654321);
	want("atime ns", s.st_atim.tv_nsec, 123456789);
	want("block size", s.st_blksize > 0, 1);
	want("inode", s.st_ino, by_name.st_ino);
	want("device", s.st_dev, by_name.st_dev);
	struct stat null;
	must(stat("/dev/null", &null));
	want("rdev", null.st_rdev, 0x103);
	struct statx x;
	must(statx(AT_FDCWD, "/dev/null", 0, STATX_ALL, &x));
	want("statx mode", x.stx_mode & S_IFMT, S_IFCHR);
	want("statx minor", x.stx_rdev_minor, 3);
	struct statfs f;
	must(statfs("/", &f));
	need(f.f_bsize > 0 && f.f_blocks > 0, "statfs");
}
static void layout_flock(void)
{
	char path[] = "/tmp/fluoro-flock-XXXXXX";
	int fd = must(mkstemp(path));
	unlink(path);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 100, .l_len = 50 };
	must(fcntl(fd, F_SETLK, &lock));
	pid_t child = must(fork());
	if (child == 0) {
		struct flock probe = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 120, .l_len = 500 };
		if (fcntl(fd, F_GETLK, &probe))
			_exit(1);
		_exit(probe.l_type == F_WRLCK && probe.l_start == 100 && probe.l_len == 50 && probe.l_pid == getppid() ? 0 : 2);
	}
	int status;
	waitpid(child, &status, 0);
	want_exit(status, 0);
}
static void layout_sysv(void)
{
	int set = must(semget(IPC_PRIVATE, 3, 0600));
	struct semid_ds sem;
	union { int val; struct semid_ds *buf; u16 *array; } arg = { .buf = &sem };
	must(semctl(set, 0, IPC_STAT, arg));
	want("semaphores", sem.sem_nsems, 3);
	want("mode", sem.sem_perm.mode & 0777, 0600);
	u16 values[3] = { 7, 8, 9 };
	arg.array = values;
	must(semctl(set, 0, SETALL, arg));
	want("second value", semctl(set, 1, GETVAL), 8);
	semctl(set, 0, IPC_RMID);
	int segment = must(shmget(IPC_PRIVATE, 10000, 0600));
	struct shmid_ds shm;
	must(shmctl(segment, IPC_STAT, &shm));
	want("segment size", shm.shm_segsz, 10000);
	want("creator", shm.shm_cpid, getpid());
	u8 *p = shmat(segment, NULL, 0);
	need(p != (void *)-1, "shmat: errno %d", errno);
	p[9999] = 5;
	u8 *q = shmat(segment, NULL, SHM_RDONLY);
	want("second attachment", q[9999], 5);
	must(shmctl(segment, IPC_STAT, &shm));
	want("attachments", shm.shm_nattch, 2);
	must(shmdt(p));
	must(shmdt(q));
	shmctl(segment, IPC_RMID, NULL);
	int queue = must(msgget(IPC_PRIVATE, 0600));
	struct { long type; char body[16]; } message = { 77, "hello" };
	must(msgsnd(queue, &message, 6, 0));
	struct msqid_ds msg;
	must(msgctl(queue, IPC_STAT, &msg));
	want("messages", msg.msg_qnum, 1);
	memset(&message, 0, sizeof message);
	want("msgrcv", msgrcv(queue, &message, 16, 0, 0), 6);
	want("type", message.type, 77);
	msgctl(queue, IPC_RMID, NULL);
}
static void layout_times(void)
{
	struct rusage usage;
	for (volatile int i = 0; i < 3000000; i++)
		;
	must(getrusage(RUSAGE_SELF, &usage));
	need(usage.ru_maxrss > 100 && usage.ru_utime.tv_usec + usage.ru_stime.tv_usec + usage.ru_utime.tv_sec > 0, "rusage");
	struct sysinfo info;
	must(sysinfo(&info));
	need(info.totalram > 0 && info.procs > 0 && info.mem_unit > 0, "sysinfo");
	struct timeval t;
	must(gettimeofday(&t, NULL));
	need(t.tv_sec > 1600000000, "gettimeofday");
	int fd = must(timerfd_create(CLOCK_MONOTONIC, 0));
	struct itimerspec set = { { 5, 6 }, { 100, 7 } }, back;
	must(timerfd_settime(fd, 0, &set, NULL));
	must(timerfd_gettime(fd, &back));
	want("interval", back.it_interval.tv_nsec, 6);
	want("value", back.it_value.tv_sec == 99 || back.it_value.tv_sec == 100, 1);
}
static void layout_directories(void)
{
	char path[] = "/tmp/fluoro-dir-XXXXXX", name[100];
	need(mkdtemp(path), "mkdtemp");
	for (int i = 0; i < 50; i++) {
		sprintf(name, "%s/file-%d", path, i);
		close(must(open(name, O_CREAT | O_WRONLY, 0600)));
	}
	DIR *directory = opendir(path);
	struct dirent *entry;
	int sum = 0, count = 0;
	while ((entry = readdir(directory)))
		if (sscanf(entry->d_name, "file-%d", &count) == 1) {
			need(entry->d_type == DT_REG && entry->d_ino, "entry");
			sum += count;
		}
	closedir(directory);
	for (int i = 0; i < 50; i++) {
		sprintf(name, "%s/file-%d", path, i);
		unlink(name);
	}
	must(rmdir(path));
	want("sum", sum, 1225);
}
static void layout_messages(void)
{
	/* Descriptors and credentials over a socket, with several control parts. */
	int ends[2];
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	int on = 1;
	must(setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
	int file = must(open("/dev/null", O_RDONLY));
	char byte = 'x', control[200] = { 0 };
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(2 * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(2 * sizeof(int));
	int fds[2] = { file, ends[0] };
	memcpy(CMSG_DATA(c), fds, sizeof fds);
	want("sendmsg", sendmsg(ends[0], &message, 0), 1);
	memset(control, 0, sizeof control);
	message.msg_controllen = sizeof control;
	want("recvmsg", recvmsg(ends[1], &message, 0), 1);
	int rights = 0, credentials = 0;
	for (c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		if (c->cmsg_type == SCM_RIGHTS) {
			int *got_ = (int *)CMSG_DATA(c);
			need(fcntl(got_[0], F_GETFD) != -1 && fcntl(got_[1], F_GETFD) != -1, "descriptors");
			rights = (int)(c->cmsg_len - CMSG_LEN(0)) / 4;
		}
		if (c->cmsg_type == SCM_CREDENTIALS) {
			struct ucred u;
			memcpy(&u, CMSG_DATA(c), sizeof u);
			want("pid", u.pid, getpid());
			credentials++;
		}
	}
	want("rights", rights, 2);
	want("credentials", credentials, 1);
	/* Too little room: truncated, and said so. */
	want("send", sendmsg(ends[0], &(struct msghdr){ .msg_iov = &part, .msg_iovlen = 1 }, 0), 1);
	message.msg_controllen = 4;
	want("recvmsg", recvmsg(ends[1], &message, 0), 1);
	need(message.msg_flags & MSG_CTRUNC, "MSG_CTRUNC is missing");
}

/* ---- calls and clocks ---- */
static void unknown_calls(void)
{
	want_errno(syscall(5000), ENOSYS);
	want_errno(syscall(-1), ENOSYS);
	want_errno(syscall(0x7fffffff), ENOSYS);
	want_errno(syscall(1023), ENOSYS);
#if defined(__riscv)
	want_errno(syscall(244), ENOSYS);
#endif
}
static void clocks_agree(void)
{
	clockid_t which[] = { CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME, CLOCK_MONOTONIC_RAW };
	for (int k = 0; k < 4; k++)
		for (int i = 0; i < 2000; i++) {
			struct timespec a, b, c;
			must(clock_gettime(which[k], &a));
			must((int)syscall(SYS_clock_gettime, which[k], &b));
			must(clock_gettime(which[k], &c));
			need(a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec <= b.tv_nsec), "clock %d: the call is before the library", which[k]);
			need(b.tv_sec < c.tv_sec || (b.tv_sec == c.tv_sec && b.tv_nsec <= c.tv_nsec), "clock %d: the library is before the call", which[k]);
		}
	struct timespec resolution;
	must(clock_getres(CLOCK_MONOTONIC, &resolution));
	want_errno(clock_gettime(99, &resolution), EINVAL);
}
#if defined(__riscv)
static void counters_run(void)
{
	u64 a, b, t, u, i, j;
	__asm__ volatile("rdcycle %0" : "=r"(a));
	__asm__ volatile("rdtime %0" : "=r"(t));
	__asm__ volatile("rdinstret %0" : "=r"(i));
	for (volatile int k = 0; k < 1000000; k++)
		;
	__asm__ volatile("rdcycle %0" : "=r"(b));
	__asm__ volatile("rdtime %0" : "=r"(u));
	__asm__ volatile("rdinstret %0" : "=r"(j));
	need(b > a, "cycle");
	need(u > t, "time");
	need(j > i, "instret");
}
#endif
static void cpu_clocks(void)
{
	struct timespec a, b, t;
	must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a));
	must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t));
	for (volatile int i = 0; i < 5000000; i++)
		;
	must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b));
	need(b.tv_sec > a.tv_sec || b.tv_nsec > a.tv_nsec, "the process clock stands");
}

static const struct check checks[] = {
	C(first_descriptor_is_three), C(started_without_descriptors), C(closing_everything), C(close_range_everything), C(dup2_over_all),
	C(six_descriptors), C(unlisted_descriptors), C(unlisted_paths), C(unlisted_of_the_parent), C(limit_file_size), C(limit_cpu), C(limits_read_back), C(limit_data), C(stack_of_8_mib),
	C(own_cmdline), C(own_exe), C(own_comm), C(own_auxv), C(own_stat), C(own_signals), C(own_tasks), C(machine_name), C(cmdline_of_child),
	C(layout_epoll), C(layout_stat), C(layout_flock), C(layout_sysv), C(layout_times), C(layout_directories), C(layout_messages),
	C(unknown_calls), C(clocks_agree), C(cpu_clocks),
#if defined(__riscv)
	C(counters_run),
#endif
};
int main(int count, char **words)
{
	all_words = words;
	const char *what = count > 1 ? words[1] : "";
	if (!strcmp(what, "first-fd"))
		return open("/dev/null", O_RDONLY);
	if (!strcmp(what, "seven"))
		return 7;
	if (!strcmp(what, "wait-here")) {
		if (write(9, "x", 1) != 1)
			return 1;
		close(9);
		pause();
		return 0;
	}
	return run_checks(count, words, checks, sizeof checks / sizeof checks[0]);
}
