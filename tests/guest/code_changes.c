/* A program that rewrites its own code: by stores in place, through second mappings, by system calls that store, and by
 * every change of a mapping. Not one stale instruction may run. */
#include "code.h"
#include <sys/socket.h>

#define ROUNDS 2000
static u8 *rwx(int count) { return pages(count, PROT_READ | PROT_WRITE | PROT_EXEC); }
static void expect(u8 *at, int value, const char *how, int round)
{
	int got = call(at);
	need(got == value, "%s, round %d: ran %d", how, round, got);
}

static void in_place(void)
{
	u8 *p = rwx(1);
	for (int i = 0; i < ROUNDS; i++) {
		put(p + 16, i);
		flush(p + 16, CODE_SIZE);
		expect(p + 16, i, "in place", i);
		expect(p + 16, i, "in place, again", i);
	}
}
static void flips(void)
{
	u8 *p = pages(1, PROT_READ | PROT_WRITE);
	for (int i = 0; i < ROUNDS; i++) {
		must(mprotect(p, 4096, PROT_READ | PROT_WRITE));
		put(p + 8, i);
		must(mprotect(p, 4096, PROT_READ | PROT_EXEC));
		flush(p + 8, CODE_SIZE);
		expect(p + 8, i, "flip", i);
	}
}
static void many_functions_on_a_page(void)
{
	u8 *p = rwx(1);
	int values[128];
	for (int i = 0; i < 128; i++) {
		put(p + i * 32, values[i] = i);
		flush(p + i * 32, CODE_SIZE);
	}
	for (int i = 0; i < ROUNDS; i++) {
		int which = i * 37 & 127;
		put(p + which * 32, values[which] = 5000 + i);
		flush(p + which * 32, CODE_SIZE);
		expect(p + which * 32, values[which], "the new one", i);
		int other = i * 61 & 127;
		expect(p + other * 32, values[other], "another one", i);
	}
}
/* A function whose caller was linked to it. */
static void called_from_other_code(void)
{
	u8 *p = rwx(2);
	for (int i = 0; i < ROUNDS; i++) {
		if (i == 0) {
#if defined(__riscv)
			u32 jump = 0x0000106f; /* j +4096 */
			memcpy(p, &jump, 4);
#else
			u8 jump[5] = { 0xe9, 0xfb, 0x0f, 0, 0 };
			memcpy(p, jump, 5);
#endif
			flush(p, 8);
		}
		put(p + 4096, i);
		flush(p + 4096, CODE_SIZE);
		expect(p, i, "through a jump", i);
	}
}
static void memfd_mapped_twice(void)
{
	int fd = must(memfd_create("code", 0));
	must(ftruncate(fd, 4096));
	u8 *write_ = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	u8 *run = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	need(write_ != MAP_FAILED && run != MAP_FAILED, "mmap: errno %d", errno);
	for (int i = 0; i < ROUNDS; i++) {
		put(write_ + 64, i);
		flush(run + 64, CODE_SIZE);
		expect(run + 64, i, "second mapping", i);
	}
}
static void memfd_mapped_twice_late(void)
{
	/* The second, writable mapping is made after the code ran. */
	int fd = must(memfd_create("code", 0));
	must(ftruncate(fd, 4096));
	u8 first[CODE_SIZE];
	put(first, 1);
	want("pwrite", pwrite(fd, first, CODE_SIZE, 0), CODE_SIZE);
	u8 *run = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	expect(run, 1, "before", 0);
	u8 *write_ = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	for (int i = 0; i < 200; i++) {
		put(write_, 100 + i);
		flush(run, CODE_SIZE);
		expect(run, 100 + i, "late second mapping", i);
	}
	/* And by writing to the file. */
	for (int i = 0; i < 200; i++) {
		put(first, 500 + i);
		want("pwrite", pwrite(fd, first, CODE_SIZE, 0), CODE_SIZE);
		flush(run, CODE_SIZE);
		expect(run, 500 + i, "write to the file", i);
	}
}

/* ---- code in a file that is mapped privately: a page shows the file until it is written to ---- */
static int code_file(void)
{
	char name[] = "/tmp/fluoro-code-XXXXXX";
	int fd = must(mkstemp(name));
	unlink(name);
	must(ftruncate(fd, 8192));
	return fd;
}
static void write_code(int fd, off_t offset, int value)
{
	u8 code[CODE_SIZE];
	put(code, value);
	want("pwrite", pwrite(fd, code, CODE_SIZE, offset), CODE_SIZE);
}
static u8 *map_code(int fd, int protection)
{
	u8 *p = mmap(NULL, 8192, protection, MAP_PRIVATE, fd, 0);
	need(p != MAP_FAILED, "mmap: errno %d", errno);
	return p;
}
static void private_file_written_to(void)
{
	int fd = code_file();
	u8 *run = map_code(fd, PROT_READ | PROT_EXEC);
	for (int i = 0; i < ROUNDS; i++) {
		write_code(fd, 64, i);
		flush(run + 64, CODE_SIZE);
		expect(run + 64, i, "written to the file", i);
	}
}
static void private_file_with_a_name(void)
{
	char name[] = "/tmp/fluoro-code-XXXXXX";
	int fd = must(mkstemp(name));
	must(ftruncate(fd, 8192));
	u8 *run = map_code(fd, PROT_READ | PROT_EXEC);
	for (int i = 0; i < 200; i++) {
		write_code(fd, 64, i);
		flush(run + 64, CODE_SIZE);
		int got = call(run + 64);
		if (got != i)
			unlink(name);
		want("written to the file", got, i);
	}
	unlink(name);
}
static void private_memfd_stored_to(void)
{
	int fd = must(memfd_create("code", 0));
	must(ftruncate(fd, 8192));
	u8 *run = map_code(fd, PROT_READ | PROT_EXEC);
	u8 *write_ = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	need(write_ != MAP_FAILED, "mmap: errno %d", errno);
	for (int i = 0; i < ROUNDS; i++) {
		put(write_ + 64, i);
		flush(run + 64, CODE_SIZE);
		expect(run + 64, i, "stored to the file", i);
	}
}
static void private_file_stored_to_by_another_process(void)
{
	int fd = code_file(), ends[4];
	must(pipe(ends));
	must(pipe(ends + 2));
	u8 *run = map_code(fd, PROT_READ | PROT_EXEC);
	pid_t child = must(fork());
	if (child == 0) {
		u8 *write_ = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		int value;
		close(ends[1]);
		while (read(ends[0], &value, sizeof value) == sizeof value) {
			put(write_ + 64, value);
			value = write(ends[3], &value, sizeof value);
		}
		_exit(0);
	}
	for (int i = 0; i < ROUNDS / 4; i++) {
		int told;
		want("ask", write(ends[1], &i, sizeof i), sizeof i);
		want("told", read(ends[2], &told, sizeof told), sizeof told);
		flush(run + 64, CODE_SIZE);
		expect(run + 64, i, "stored by another process", i);
	}
}
static void private_file_made_code_later(void)
{
	int fd = code_file();
	u8 *run = map_code(fd, PROT_READ);
	must(mprotect(run, 8192, PROT_READ | PROT_EXEC));
	for (int i = 0; i < ROUNDS; i++) {
		write_code(fd, 64, i);
		flush(run + 64, CODE_SIZE);
		expect(run + 64, i, "written to the file", i);
	}
}
static void private_page_that_was_copied(void)
{
	int fd = code_file();
	write_code(fd, 64, 1), write_code(fd, 4096, 1);
	u8 *run = map_code(fd, PROT_READ | PROT_WRITE | PROT_EXEC);
	put(run + 128, 2);
	must(mprotect(run, 8192, PROT_READ | PROT_EXEC));
	for (int i = 0; i < 200; i++) {
		write_code(fd, 64, 100 + i), write_code(fd, 4096, 100 + i);
		flush(run, 8192);
		expect(run + 64, 1, "the page that was copied", i);
		expect(run + 128, 2, "what was stored there", i);
		expect(run + 4096, 100 + i, "the other page", i);
	}
}

/* ---- code that system calls bring ---- */
static void by_read(void)
{
	u8 *p = rwx(1);
	int ends[2];
	must(pipe(ends));
	for (int i = 0; i < ROUNDS; i++) {
		u8 code[CODE_SIZE];
		put(code, i);
		want("write", write(ends[1], code, CODE_SIZE), CODE_SIZE);
		want("read", read(ends[0], p + 128, CODE_SIZE), CODE_SIZE);
		flush(p + 128, CODE_SIZE);
		expect(p + 128, i, "read", i);
	}
}
static void by_readv_and_pread(void)
{
	u8 *p = rwx(1);
	int fd = must(memfd_create("code", 0));
	for (int i = 0; i < ROUNDS / 4; i++) {
		u8 code[CODE_SIZE];
		put(code, i);
		want("pwrite", pwrite(fd, code, CODE_SIZE, 0), CODE_SIZE);
		want("pread", pread(fd, p, CODE_SIZE, 0), CODE_SIZE);
		flush(p, CODE_SIZE);
		expect(p, i, "pread", i);
		struct iovec parts[2] = { { p + 256, 4 }, { p + 260, CODE_SIZE - 4 } };
		lseek(fd, 0, SEEK_SET);
		want("readv", readv(fd, parts, 2), CODE_SIZE);
		flush(p + 256, CODE_SIZE);
		expect(p + 256, i, "readv", i);
	}
}
static void by_recv(void)
{
	u8 *p = rwx(1);
	int ends[2];
	must(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	for (int i = 0; i < ROUNDS; i++) {
		u8 code[CODE_SIZE];
		put(code, i);
		want("send", send(ends[1], code, CODE_SIZE, 0), CODE_SIZE);
		if (i & 1)
			want("recv", recv(ends[0], p, CODE_SIZE, 0), CODE_SIZE);
		else {
			struct iovec part = { p, CODE_SIZE };
			struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
			want("recvmsg", recvmsg(ends[0], &message, 0), CODE_SIZE);
		}
		flush(p, CODE_SIZE);
		expect(p, i, "recv", i);
	}
}
static void by_process_vm_writev(void)
{
	u8 *p = rwx(1);
	for (int i = 0; i < ROUNDS; i++) {
		u8 code[CODE_SIZE];
		put(code, i);
		struct iovec from = { code, CODE_SIZE }, to = { p, CODE_SIZE };
		long done = process_vm_writev(getpid(), &from, 1, &to, 1, 0);
		if (done == -1 && errno == EPERM)
			skip("process_vm_writev is not permitted here");
		want("process_vm_writev", done, CODE_SIZE);
		flush(p, CODE_SIZE);
		expect(p, i, "process_vm_writev", i);
	}
}
static void by_process_vm_readv(void)
{
	u8 *p = rwx(1);
	for (int i = 0; i < ROUNDS; i++) {
		u8 code[CODE_SIZE];
		put(code, i);
		struct iovec from = { code, CODE_SIZE }, to = { p, CODE_SIZE };
		long done = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
		if (done == -1 && errno == EPERM)
			skip("process_vm_readv is not permitted here");
		want("process_vm_readv", done, CODE_SIZE);
		flush(p, CODE_SIZE);
		expect(p, i, "process_vm_readv", i);
	}
}
static void by_proc_self_mem(void)
{
	u8 *p = rwx(1);
	int fd = must(open("/proc/self/mem", O_RDWR));
	for (int i = 0; i < ROUNDS; i++) {
		u8 code[CODE_SIZE];
		put(code, i);
		want("pwrite", pwrite(fd, code, CODE_SIZE, (off_t)p), CODE_SIZE);
		flush(p, CODE_SIZE);
		expect(p, i, "/proc/self/mem", i);
	}
}
/* /proc/self/mem writes even where the page has no write permission. */
static void by_proc_self_mem_readonly(void)
{
	u8 *p = rwx(1);
	put(p, 1);
	must(mprotect(p, 4096, PROT_READ | PROT_EXEC));
	flush(p, CODE_SIZE);
	expect(p, 1, "before", 0);
	int fd = must(open("/proc/self/mem", O_RDWR));
	for (int i = 0; i < ROUNDS; i++) {
		u8 code[CODE_SIZE];
		put(code, i);
		want("pwrite", pwrite(fd, code, CODE_SIZE, (off_t)p), CODE_SIZE);
		flush(p, CODE_SIZE);
		expect(p, i, "/proc/self/mem", i);
	}
	catch_faults();
	want_fault(*(volatile u8 *)p = 1, SIGSEGV, SEGV_ACCERR, p);
}
static __attribute__((noinline, section(".text.patched"), aligned(64))) int patched_function(void)
{
	__asm__ volatile("" ::: "memory");
	return 111;
}
static void own_text_by_proc_self_mem(void)
{
	int (*volatile f)(void) = patched_function;
	want("before", f(), 111);
	int fd = must(open("/proc/self/mem", O_RDWR));
	for (int i = 0; i < 200; i++) {
		u8 code[CODE_SIZE];
		put(code, i);
		want("pwrite", pwrite(fd, code, CODE_SIZE, (off_t)(u64)f), CODE_SIZE);
		flush((void *)f, CODE_SIZE);
		want("patched", f(), i);
	}
}
static void by_splice(void)
{
	/* Pages that a pipe gives to a file that is mapped as code. */
	int fd = must(memfd_create("code", 0));
	must(ftruncate(fd, 4096));
	u8 *run = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	int ends[2];
	must(pipe(ends));
	for (int i = 0; i < 500; i++) {
		u8 code[CODE_SIZE];
		put(code, i);
		want("write", write(ends[1], code, CODE_SIZE), CODE_SIZE);
		loff_t at = 512;
		want("splice", splice(ends[0], NULL, fd, &at, CODE_SIZE, 0), CODE_SIZE);
		flush(run + 512, CODE_SIZE);
		expect(run + 512, i, "splice", i);
	}
}
/* Any call that stores into a page with translated code succeeds, and the code on it still runs. */
static void calls_store_beside_code(void)
{
	u8 *p = rwx(1);
	put(p, 3);
	flush(p, CODE_SIZE);
	int ends[2];
	must(pipe(ends));
	for (int i = 0; i < 300; i++) {
		expect(p, 3, "before", i);
		must(clock_gettime(CLOCK_MONOTONIC, (struct timespec *)(p + 1024)));
		must((int)syscall(SYS_clock_gettime, CLOCK_MONOTONIC, p + 1024));
		expect(p, 3, "clock_gettime", i);
		must(fstat(0, (struct stat *)(p + 1024)));
		must((int)syscall(SYS_pipe2, p + 2048, 0));
		close(((int *)(p + 2048))[0]);
		close(((int *)(p + 2048))[1]);
		expect(p, 3, "pipe", i);
		need(getcwd((char *)p + 1024, 1000), "getcwd: errno %d", errno);
		must((int)syscall(SYS_uname, p + 2048));
		must(getrlimit(RLIMIT_CORE, (struct rlimit *)(p + 1024)));
		must(sigprocmask(SIG_BLOCK, NULL, (sigset_t *)(p + 1024)));
		must(sigaction(SIGUSR1, NULL, (struct sigaction *)(p + 1024)));
		want("getrandom", syscall(SYS_getrandom, p + 1024, 100, 0), 100);
		must(write(ends[1], "0123456789", 10));
		want("read", read(ends[0], p + 4000, 10), 10);
		need(!memcmp(p + 4000, "0123456789", 10), "read stored wrongly");
		expect(p, 3, "after", i);
	}
}

/* ---- mappings ---- */
static void mapped_over(void)
{
	u8 *p = rwx(1);
	char path[] = "/tmp/fluoro-code-XXXXXX";
	int fd = must(mkstemp(path));
	unlink(path);
	for (int i = 0; i < 500; i++) {
		u8 code[CODE_SIZE];
		put(code, i);
		want("pwrite", pwrite(fd, code, CODE_SIZE, 4096 * (i % 8)), CODE_SIZE);
		must(ftruncate(fd, 9 * 4096));
		need(mmap(p, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 4096 * (i % 8)) == p, "mmap: errno %d", errno);
		flush(p, CODE_SIZE);
		expect(p, i, "MAP_FIXED", i);
	}
}
static void mapped_over_without_flush(void)
{
	/* The kernel itself makes new mappings coherent: no cache call is needed for a fresh mapping of other pages. */
	int fd = must(memfd_create("code", 0));
	must(ftruncate(fd, 8 * 4096));
	u8 *w = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	for (int i = 0; i < 8; i++)
		put(w + i * 4096, i);
	u8 *p = rwx(1);
	for (int i = 0; i < 500; i++) {
		need(mmap(p, 4096, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 4096 * (i % 8)) == p, "mmap: errno %d", errno);
		expect(p, i % 8, "other pages", i);
	}
}
static void unmapped_and_mapped_again(void)
{
	catch_faults();
	u8 *p = rwx(1);
	for (volatile int i = 0; i < ROUNDS; i++) {
		put(p, i);
		flush(p, CODE_SIZE);
		expect(p, i, "before", i);
		must(munmap(p, 4096));
		want_fault(call(p), SIGSEGV, SEGV_MAPERR, p);
		need(mmap(p, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p, "mmap");
	}
}
static void moved(void)
{
	catch_faults();
	for (volatile int i = 0; i < ROUNDS; i++) {
		u8 *old = rwx(1), *target = rwx(1);
		put(old, i);
		put(target, 7777);
		flush(old, CODE_SIZE);
		flush(target, CODE_SIZE);
		expect(old, i, "before", i);
		expect(target, 7777, "target before", i);
		need(mremap(old, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target, "mremap: errno %d", errno);
		expect(target, i, "after the move", i);
		want_fault(call(old), SIGSEGV, SEGV_MAPERR, old);
		munmap(target, 4096);
	}
}
static void rights_go_and_come_back(void)
{
	catch_faults();
	u8 *p = rwx(1);
	put(p, 5);
	flush(p, CODE_SIZE);
	for (volatile int i = 0; i < ROUNDS; i++) {
		expect(p, 5, "with rights", i);
		must(mprotect(p, 4096, i & 1 ? PROT_NONE : PROT_READ | PROT_WRITE));
		want_fault(call(p), SIGSEGV, SEGV_ACCERR, p);
		want("pc", fault.pc, (u64)p);
		must(mprotect(p, 4096, PROT_READ | PROT_EXEC));
	}
}
static void rights_changed_meanwhile(void)
{
	catch_faults();
	u8 *p = rwx(1);
	for (volatile int i = 0; i < ROUNDS; i++) {
		put(p, i);
		flush(p, CODE_SIZE);
		expect(p, i, "first", i);
		must(mprotect(p, 4096, PROT_READ | PROT_WRITE));
		put(p, i + 1000);
		must(mprotect(p, 4096, PROT_READ | PROT_WRITE | PROT_EXEC));
		flush(p, CODE_SIZE);
		expect(p, i + 1000, "written while without rights", i);
	}
}
static void dontneed(void)
{
	catch_faults();
	u8 *p = rwx(1);
	for (volatile int i = 0; i < ROUNDS; i++) {
		put(p, i);
		flush(p, CODE_SIZE);
		expect(p, i, "before", i);
		must(madvise(p, 4096, MADV_DONTNEED));
		/* Zeros: an illegal instruction on RISC-V; on x86 `add [rax], al` with whatever rax holds. */
#if defined(__riscv)
		want_fault(call(p), SIGILL, ILL_ILLOPC, p);
#else
		want("byte", *(volatile u8 *)p, 0);
#endif
	}
}
static void truncated(void)
{
	catch_faults();
	int fd = must(memfd_create("code", 0));
	for (volatile int i = 0; i < ROUNDS; i++) {
		u8 code[CODE_SIZE];
		put(code, i);
		must(ftruncate(fd, 4096));
		want("pwrite", pwrite(fd, code, CODE_SIZE, 0), CODE_SIZE);
		u8 *run = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
		expect(run, i, "before", i);
		must(ftruncate(fd, 0));
		want_fault(call(run), SIGBUS, BUS_ADRERR, run);
		munmap(run, 4096);
	}
}

/* ---- the own next instruction ---- */
static void next_instruction(int with_fence)
{
	u8 *p = rwx(1);
	/* Stores a new instruction over the one that follows and runs into it: returns old or new, never a mix. */
#if defined(__riscv)
	u32 old_insn = 0x00100513 /* li a0, 1 */, new_insn = 0x00200513; /* li a0, 2 */
	u32 code[] = { 0x00b62023 /* sw a1, 0(a2) */, with_fence ? 0x0000100f : 0x00000013, old_insn, 0x00008067 };
	for (int i = 0; i < ROUNDS; i++) {
		memcpy(p, code, sizeof code);
		flush(p, sizeof code);
		int got = ((int (*)(u64, u32, u8 *))p)(0, new_insn, p + 8);
		need(got == 2 || (got == 1 && !with_fence), "round %d: %d", i, got);
		got = ((int (*)(u64, u32, u8 *))p)(0, new_insn, p + 8);
		need(got == 2 || !with_fence, "round %d, second run: %d", i, got);
	}
#else
	(void)with_fence;
	/* mov [rdx], esi; mov eax, imm32; ret: x86 always sees its own stores. */
	for (int i = 0; i < ROUNDS; i++) {
		u8 code[] = { 0x89, 0x32, 0xb8, 1, 0, 0, 0, 0xc3 };
		memcpy(p, code, sizeof code);
		want("value", ((int (*)(u64, u32, u8 *))p)(0, 2, p + 3), 2);
	}
#endif
}
static void next_instruction_with_fence(void) { next_instruction(1); }
static void next_instruction_without_fence(void) { next_instruction(0); }
/* A loop that patches its own body in each round, with fence.i, as the architecture allows a thread to do for itself. */
static void loop_patches_itself(void)
{
#if defined(__riscv)
	u8 *p = rwx(1);
	/* a0 = sum; a1 = count; a2 = &patched; a3 = instruction word (addi a0, a0, imm), grows by one immediate each round */
	u32 code[] = {
		0x00d62023, /* 0: sw a3, 0(a2) */
		0x0000100f, /* 4: fence.i */
		0x00050513, /* 8: addi a0, a0, 0 (patched) */
		0x00e686b3, /* 12: add a3, a3, a4 */
		0xfff58593, /* 16: addi a1, a1, -1 */
		0xfe0596e3, /* 20: bnez a1, -20 */
		0x00008067, /* 24: ret */
	};
	memcpy(p, code, sizeof code);
	flush(p, sizeof code);
	long got = ((long (*)(long, long, u8 *, u64, u64))p)(0, 1000, p + 8, 0x00050513, 0x00100000);
	want("sum", got, 1000l * 999 / 2);
#else
	u8 *p = rwx(1);
	/* xor eax,eax; L: mov [rdx], ecx; add eax, imm32; inc ecx; dec esi; jnz L; ret */
	u8 code[] = { 0x31, 0xc0, 0x89, 0x0a, 0x05, 0, 0, 0, 0, 0xff, 0xc1, 0xff, 0xce, 0x75, 0xf3, 0xc3 };
	memcpy(p, code, sizeof code);
	want("sum", ((int (*)(u64, int, u8 *, u32))p)(0, 1000, p + 5, 0), 1000 * 999 / 2);
#endif
}
/* A patch of one half of an instruction only. */
static void half_of_an_instruction(void)
{
	u8 *p = rwx(1);
	put(p, 0);
	for (int i = 0; i < 500; i++) {
#if defined(__riscv)
		u32 word = 0x00000537 | (u32)i << 12; /* lui a0, i: patch bytewise */
		for (int k = 0; k < 4; k++)
			p[k] = (u8)(word >> (8 * k));
		u32 add = 0x0005051b;
		memcpy(p + 4, &add, 4);
		flush(p, 8);
		expect(p, i << 12, "bytes", i);
#else
		for (int k = 0; k < 4; k++)
			p[1 + k] = (u8)((u32)i >> (8 * k));
		expect(p, i, "bytes", i);
#endif
	}
}
/* Code that crosses from one page into the next; either page changes. */
static void across_pages(void)
{
	u8 *p = rwx(2);
	u8 *at = p + 4096 - 6;
	for (int i = 0; i < ROUNDS; i++) {
		put(at, i * 1021);
		flush(at, CODE_SIZE);
		expect(at, i * 1021, "across pages", i);
	}
	for (int i = 0; i < 200; i++) {
		/* Change only bytes of the second page: the last instruction's immediate is there on RISC-V. */
		put(at, i);
		flush(p + 4096, 6);
		flush(at, CODE_SIZE);
		expect(at, i, "second page", i);
	}
}
/* The processor's time that we have used, which others do not change by using it too. */
static double computed(void)
{
	struct timespec t;
	must(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t));
	return t.tv_sec + t.tv_nsec * 1e-9;
}
/* Data beside code on one page: stores stay cheap. */
static void data_beside_code_is_cheap(void)
{
	u8 *p = rwx(1);
	put(p, 9);
	flush(p, CODE_SIZE);
	volatile u64 *data = (volatile u64 *)(p + 2048);
	double start = computed();
	for (int i = 0; i < 200000; i++)
		data[i & 127] += (u64)i;
	expect(p, 9, "code", 0);
	double first = computed() - start;
	need(first < 2.0, "200,000 stores took %.1f s", first);
	/* Alternating stores and calls: at most some microseconds each. */
	start = computed();
	for (int i = 0; i < 20000; i++) {
		data[5] = (u64)i;
		expect(p, 9, "code", i);
	}
	need(computed() - start < 3.0, "20,000 stores and calls took %.1f s", computed() - start);
}
/* Functions made, called once and thrown away: memory stays bounded. */
static long resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long total = 0, pages_ = 0;
	need(file && fscanf(file, "%ld %ld", &total, &pages_) == 2, "statm");
	fclose(file);
	return pages_;
}
static void make_and_free(int count)
{
	for (int i = 0; i < count; i += 64) {
		u8 *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (int k = 0; k < 64; k++)
			put(p + k * 64, i + k);
		flush(p, 4096);
		for (int k = 0; k < 64; k++)
			expect(p + k * 64, i + k, "short-lived", i + k);
		munmap(p, 4096);
	}
}
static void short_lived_functions(void)
{
	make_and_free(30000);
	long before = resident();
	make_and_free(100000 * times_more());
	long grown = resident() - before;
	/* Code memory is bounded, and thrown away when it is full: after some two million functions. */
	need(grown < (times_more() > 1 ? 200000 : 20000), "grew by %ld pages", grown);
}

static const struct check checks[] = {
	C(private_file_written_to), C(private_memfd_stored_to), C(private_file_stored_to_by_another_process),
	C(private_file_made_code_later), C(private_page_that_was_copied), C(private_file_with_a_name),
	C(in_place), C(flips), C(many_functions_on_a_page), C(called_from_other_code), C(memfd_mapped_twice), C(memfd_mapped_twice_late),
	C(by_read), C(by_readv_and_pread), C(by_recv), C(by_process_vm_writev), C(by_process_vm_readv), C(by_proc_self_mem),
	C(by_proc_self_mem_readonly), C(own_text_by_proc_self_mem), C(by_splice), C(calls_store_beside_code), C(mapped_over),
	C(mapped_over_without_flush), C(unmapped_and_mapped_again), C(moved), C(rights_go_and_come_back), C(rights_changed_meanwhile),
	C(dontneed), C(truncated), C(next_instruction_with_fence), C(next_instruction_without_fence), C(loop_patches_itself),
	C(half_of_an_instruction), C(across_pages), C(data_beside_code_is_cheap), C(short_lived_functions),
};
MAIN(checks)
