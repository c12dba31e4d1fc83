/* exec: every refusal, after which the caller runs on, and what the new program sees. The program runs itself again. */
#include "check.h"
#include <pthread.h>
#include <sys/auxv.h>

static char directory[64];
static char self[4096];
static void scratch(void)
{
	strcpy(directory, "/tmp/fluoro-exec-XXXXXX");
	need(mkdtemp(directory), "mkdtemp: errno %d", errno);
	ssize_t length = must(readlink("/proc/self/exe", self, sizeof self - 1));
	self[length] = 0;
}
static void clean(void)
{
	const char *names[] = { "file", "script", "garbage", "empty", "link1", "link2", "link", "big" };
	for (int i = 0; i < 8; i++) {
		char path[200];
		sprintf(path, "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
}
static char *in(const char *name)
{
	static char path[4][200];
	static int next;
	char *p = path[next++ & 3];
	sprintf(p, "%s/%s", directory, name);
	return p;
}
static void write_file(const char *name, const char *text, size_t size, int mode)
{
	int fd = must(open(in(name), O_CREAT | O_TRUNC | O_WRONLY, 0600));
	want("write", write(fd, text, size), size);
	must(fchmod(fd, (mode_t)mode));
	close(fd);
}
static char *const arguments[] = { "program", NULL };
static char *const environment[] = { "A=1", NULL };
#define refused(path, number) want_errno(execve(path, arguments, environment), number)

static void missing_file(void) { scratch(); refused(in("file"), ENOENT); refused("", ENOENT); clean(); }
static void missing_interpreter(void)
{
	scratch();
	write_file("script", "#!/no/such/interpreter\n", 23, 0700);
	refused(in("script"), ENOENT);
	clean();
}
static void not_executable(void)
{
	scratch();
	write_file("file", "text", 4, 0600);
	if (geteuid() == 0)
		chmod(in("file"), 0600);
	refused(in("file"), EACCES);
	clean();
}
static void a_directory(void) { refused("/tmp", EACCES); }
static void through_a_file(void)
{
	scratch();
	write_file("file", "text", 4, 0600);
	refused(in("file/below"), ENOTDIR);
	clean();
}
static void garbage_file(void)
{
	scratch();
	write_file("garbage", "\x01\x02\x03\x04 garbage", 12, 0700);
	refused(in("garbage"), ENOEXEC);
	write_file("garbage", "\x7f" "ELF", 4, 0700);
	refused(in("garbage"), ENOEXEC);
	clean();
}
static void empty_file(void)
{
	scratch();
	write_file("empty", "", 0, 0700);
	refused(in("empty"), ENOEXEC);
	clean();
}
static void link_loop(void)
{
	scratch();
	must(symlink(in("link2"), in("link1")));
	must(symlink(in("link1"), in("link2")));
	refused(in("link1"), ELOOP);
	clean();
}
static void argument_too_long(void)
{
	static char big[200001];
	memset(big, 'x', 200000);
	char *const many[] = { "program", big, NULL };
	scratch();
	want_errno(execve(self, many, environment), E2BIG);
	want_errno(execve(self, arguments, many), E2BIG);
	clean();
}
static void busy_file(void)
{
	scratch();
	write_file("file", "#!/bin/true\n", 12, 0700);
	int writer = must(open(in("file"), O_WRONLY));
	refused(in("file"), ETXTBSY);
	close(writer);
	clean();
}
static void bad_pointers(void)
{
	scratch();
	u8 *hole = pages(1, PROT_NONE);
	want_errno(syscall(SYS_execve, hole, arguments, environment), EFAULT);
	want_errno(syscall(SYS_execve, self, hole, environment), EFAULT);
	want_errno(syscall(SYS_execve, self, arguments, hole), EFAULT);
	char *const bad[] = { "program", (char *)hole, NULL };
	want_errno(syscall(SYS_execve, self, bad, environment), EFAULT);
	clean();
}
static void name_too_long(void)
{
	static char big[5000];
	memset(big, 'x', 4999);
	refused(big, ENAMETOOLONG);
}
/* After refusals everything still works: memory, other threads, descriptors, handlers. */
static volatile int turns, stop_;
static void *turns_(void *unused)
{
	(void)unused;
	while (!stop_)
		turns++;
	return NULL;
}
static void caller_runs_on(void)
{
	scratch();
	pthread_t thread;
	want("create", pthread_create(&thread, NULL, turns_, NULL), 0);
	int ends[2];
	must(pipe2(ends, O_CLOEXEC));
	write_file("garbage", "gggggggg", 8, 0700);
	for (int i = 0; i < 20; i++) {
		refused(in("file"), ENOENT);
		refused(in("garbage"), ENOEXEC);
	}
	int before = turns;
	double end = now() + PATIENCE;
	while (turns == before && now() < end)
		nap(0.001);
	need(turns != before, "the other thread is gone");
	want("pipe", write(ends[1], "x", 1), 1);
	stop_ = 1;
	pthread_join(thread, NULL);
	clean();
}

/* ---- what arrives: the child prints into a pipe ---- */
static char answer[8192];
static int pipe_to[2];
static void (*body)(void);
static void run_body(void)
{
	dup2(pipe_to[1], 1);
	close(pipe_to[0]);
	body();
	_exit(100);
}
static void ask(void (*what)(void))
{
	must(pipe(pipe_to));
	body = what;
	pid_t child = must(fork());
	if (child == 0)
		run_body();
	close(pipe_to[1]);
	size_t length = 0;
	ssize_t got;
	while ((got = read(pipe_to[0], answer + length, sizeof answer - 1 - length)) > 0)
		length += (size_t)got;
	answer[length] = 0;
	close(pipe_to[0]);
	int status;
	waitpid(child, &status, 0);
	need(WIFEXITED(status) && WEXITSTATUS(status) == 0, "wait status 0x%x, output %.100s", status, answer);
}
#define want_answer(text) need(!strcmp(answer, text), "got %.150s, expected %.150s", answer, text)
static void with_words(void)
{
	char *const words[] = { "zero", "show", "two words", "", "-x", NULL };
	char *const variables[] = { "A=1", "B=two words", "EMPTY=", NULL };
	execve(self, words, variables);
}
static void words_and_variables(void)
{
	scratch();
	ask(with_words);
	want_answer("[zero][show][two words][][-x] {A=1}{B=two words}{EMPTY=}\n");
	clean();
}
static void with_nothing(void)
{
	char *const none[] = { NULL };
	char *const show[] = { "SHOW=1", NULL };
	execve(self, none, show);
}
/* Linux gives a program that is started with no words one empty word. */
static void no_words(void)
{
	scratch();
	ask(with_nothing);
	want_answer("[] {SHOW=1}\n");
	clean();
}
static void null_words(void)
{
	char *const show[] = { "SHOW=1", NULL };
	syscall(SYS_execve, self, NULL, show);
}
static void null_word_list(void)
{
	scratch();
	ask(null_words);
	want_answer("[] {SHOW=1}\n");
	clean();
}
static void script_body(void)
{
	char *const words[] = { "ignored", "last", NULL };
	execve(in("script"), words, environment);
}
static void script(void)
{
	scratch();
	char text[5000], expected[5000];
	sprintf(text, "#! %s show me \nrest", self);
	write_file("script", text, strlen(text), 0700);
	ask(script_body);
	sprintf(expected, "[%s][show me][%s][last] {A=1}\n", self, in("script"));
	want_answer(expected);
	clean();
}
static void descriptor_body(void)
{
	int fd = open(self, O_RDONLY | O_CLOEXEC);
	char *const words[] = { "zero", "show", NULL };
	syscall(SYS_execveat, fd, "", words, environment, AT_EMPTY_PATH);
}
static void by_descriptor(void)
{
	scratch();
	ask(descriptor_body);
	want_answer("[zero][show] {A=1}\n");
	clean();
}
static void copy_into(int to)
{
	int from = must(open(self, O_RDONLY));
	char buffer[65536];
	ssize_t got;
	while ((got = read(from, buffer, sizeof buffer)) > 0)
		want("write", write(to, buffer, (size_t)got), got);
	close(from);
}
static void memfd_body(void)
{
	int fd = must(memfd_create("image", MFD_CLOEXEC));
	copy_into(fd);
	char *const words[] = { "zero", "show", NULL };
	syscall(SYS_execveat, fd, "", words, environment, AT_EMPTY_PATH);
}
static void by_memfd(void)
{
	scratch();
	ask(memfd_body);
	want_answer("[zero][show] {A=1}\n");
	clean();
}
static void deleted_body(void)
{
	int fd = must(open(in("big"), O_CREAT | O_RDWR, 0700));
	copy_into(fd);
	close(fd);
	fd = must(open(in("big"), O_RDONLY | O_CLOEXEC));
	must(unlink(in("big")));
	char *const words[] = { "zero", "show", NULL };
	syscall(SYS_execveat, fd, "", words, environment, AT_EMPTY_PATH);
}
static void by_deleted_file(void)
{
	scratch();
	ask(deleted_body);
	want_answer("[zero][show] {A=1}\n");
	clean();
}
static void relative_body(void)
{
	char *slash = strrchr(self, '/');
	*slash = 0;
	must(chdir(self));
	char *const words[] = { "zero", "show", NULL };
	char *name = slash + 1;
	execve(name, words, environment);
}
static void by_relative_path(void)
{
	scratch();
	ask(relative_body);
	want_answer("[zero][show] {A=1}\n");
	clean();
}
static void *exec_from_thread(void *unused)
{
	(void)unused;
	char *const words[] = { "zero", "pid", NULL };
	execve(self, words, environment);
	return NULL;
}
static pid_t *told;
static void thread_body(void)
{
	*told = getpid();
	pthread_t thread;
	pthread_create(&thread, NULL, turns_, NULL);
	pthread_create(&thread, NULL, exec_from_thread, NULL);
	for (;;)
		pause();
}
static void from_a_second_thread_keeps_pid(void)
{
	scratch();
	told = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ask(thread_body);
	char expected[50];
	sprintf(expected, "%d %d 1\n", *told, *told); /* pid, tid, threads */
	want_answer(expected);
	clean();
}
static void descriptors_body(void)
{
	close(0);
	must(open("/dev/null", O_RDONLY));
	must(dup2(0, 20));
	must(dup2(0, 21));
	must(fcntl(21, F_SETFD, FD_CLOEXEC));
	close(2);
	char *const words[] = { "zero", "fds", NULL };
	execve(self, words, environment);
}
static void cloexec_obeyed(void)
{
	scratch();
	ask(descriptors_body);
	/* 2 was closed; 20 stays, 21 goes; what the pipe held is not listed. */
	want_answer("0 1 20\n");
	clean();
}
static void vfork_then_exec(void)
{
	scratch();
	char *const words[] = { "zero", "seven", NULL };
	for (int i = 0; i < 20; i++) {
		pid_t child = vfork();
		if (child == 0) {
			execve(self, words, environment);
			_exit(100);
		}
		int status;
		want("waitpid", waitpid(child, &status, 0), child);
		want_exit(status, 7);
	}
	clean();
}
static void auxv_body(void)
{
	char *const words[] = { "zero", "aux", NULL };
	execve(self, words, environment);
}
static void auxiliary_vector(void)
{
	scratch();
	ask(auxv_body);
	char expected[5000];
	sprintf(expected, "%s page 4096 random 1 secure 0 phdr 1 entry 1\n", self);
	want_answer(expected);
	clean();
}

static int part(int count, char **words, char **variables)
{
	const char *what = count > 1 ? words[1] : "";
	if (!strcmp(what, "seven"))
		return 7;
	if (!strcmp(what, "pid")) {
		char line[200];
		int threads = 0;
		FILE *status = fopen("/proc/self/status", "r");
		while (status && fgets(line, sizeof line, status))
			sscanf(line, "Threads: %d", &threads);
		printf("%d %d %d\n", getpid(), (int)syscall(SYS_gettid), threads);
		return 0;
	}
	if (!strcmp(what, "fds")) {
		char line[200] = "";
		for (int fd = 0; fd < 40; fd++)
			if (fcntl(fd, F_GETFD) != -1 && (fd < 3 || fd > 19))
				sprintf(line + strlen(line), "%s%d", line[0] ? " " : "", fd);
		puts(line);
		return 0;
	}
	if (!strcmp(what, "aux")) {
		extern char _start[];
		printf("%s page %ld random %d secure %ld phdr %d entry %d\n", (char *)getauxval(AT_EXECFN), getauxval(AT_PAGESZ),
			getauxval(AT_RANDOM) != 0, getauxval(AT_SECURE), getauxval(AT_PHNUM) > 2, getauxval(AT_ENTRY) == (u64)_start);
		return 0;
	}
	for (int i = 0; i < count; i++)
		printf("[%s]", words[i]);
	printf(" ");
	for (int i = 0; variables[i]; i++)
		printf("{%s}", variables[i]);
	printf("\n");
	return 0;
}

static const struct check checks[] = {
	C(missing_file), C(missing_interpreter), C(not_executable), C(a_directory), C(through_a_file), C(garbage_file), C(empty_file),
	C(link_loop), C(argument_too_long), C(busy_file), C(bad_pointers), C(name_too_long), C(caller_runs_on), C(words_and_variables),
	C(no_words), C(null_word_list), C(script), C(by_descriptor), C(by_memfd), C(by_deleted_file), C(by_relative_path),
	C(from_a_second_thread_keeps_pid), C(cloexec_obeyed), C(vfork_then_exec), C(auxiliary_vector),
};
int main(int count, char **words, char **variables)
{
	const char *what = count > 1 ? words[1] : "";
	if (getenv("SHOW") || !strncmp(what, "show", 4) || !strcmp(what, "seven") || !strcmp(what, "pid") || !strcmp(what, "fds") || !strcmp(what, "aux"))
		return part(count, words, variables);
	return run_checks(count, words, checks, sizeof checks / sizeof checks[0]);
}
