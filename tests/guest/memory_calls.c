/* The mmap family: what is refused and with which error, what succeeds, what the maps say. */
#include "check.h"
#include <linux/mman.h>
#include <pthread.h>
#include <sys/auxv.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
/* 64-bit lengths that no compiler warning should see. */
static void *map(void *at, u64 length, int protection, int flags, int fd, off_t offset)
{
	return (void *)syscall(SYS_mmap, at, length, protection, flags, fd, offset);
}
#define refuse(call, number) want_errno((long)(call), number)

static void refused_mappings(void)
{
	refuse(map(NULL, 0, RW, ANON, -1, 0), EINVAL);
	refuse(map(NULL, 4096, RW, MAP_ANONYMOUS, -1, 0), EINVAL); /* neither shared nor private */
	refuse(map((void *)0x10000001, 4096, RW, ANON | MAP_FIXED, -1, 0), EINVAL);
	refuse(map(NULL, 4096, RW, MAP_PRIVATE, -1, 0), EBADF);
	refuse(map(NULL, 4096, RW, MAP_PRIVATE, 999, 0), EBADF);
	int fd = must(memfd_create("x", 0));
	refuse(map(NULL, 4096, RW, MAP_PRIVATE, fd, 100), EINVAL); /* unaligned offset */
	refuse(map(NULL, ~0ul - 4095, RW, ANON, -1, 0), ENOMEM);
	refuse(map(NULL, 1ul << 50, PROT_READ, ANON | MAP_NORESERVE, -1, 0), ENOMEM);
	int write_only = must(open("/dev/null", O_WRONLY));
	refuse(map(NULL, 4096, PROT_READ, MAP_PRIVATE, write_only, 0), EACCES);
	int read_only = must(open("/proc/self/exe", O_RDONLY));
	refuse(map(NULL, 4096, RW, MAP_SHARED, read_only, 0), EACCES);
	int ends[2];
	must(pipe(ends));
	refuse(map(NULL, 4096, PROT_READ, MAP_PRIVATE, ends[0], 0), ENODEV);
}
static void noreplace(void)
{
	u8 *p = pages(2, RW);
	p[0] = 7;
	refuse(map(p, 4096, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	refuse(map(p - 4096, 8192, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	want("page", p[0], 7);
	munmap(p, 8192);
	need(map(p, 4096, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) == p, "into free space: errno %d", errno);
}
static void huge_reservations(void)
{
	void *p = map(NULL, 1ul << 40, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	need(p != MAP_FAILED, "2^40: errno %d", errno);
	must(munmap(p, 1ul << 40));
	p = map(NULL, 1ul << 40, RW, ANON | MAP_NORESERVE, -1, 0);
	need(p != MAP_FAILED, "2^40 writable: errno %d", errno);
	((u8 *)p)[1ul << 39] = 1;
	want("a page in it", ((u8 *)p)[1ul << 39], 1);
	must(munmap(p, 1ul << 40));
}
static void huge_reservation_46(void)
{
	void *p = map(NULL, 1ul << 46, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	need(p != MAP_FAILED, "2^46: errno %d", errno);
	must(munmap(p, 1ul << 46));
}
static void page_zero_child(void)
{
	if (geteuid() == 0 && (setgid(54321) || setuid(54321)))
		_exit(77);
	void *p = map(NULL, 4096, RW, ANON | MAP_FIXED, -1, 0);
	_exit(p == MAP_FAILED && errno == EPERM ? 0 : 1);
}
static void page_zero_is_for_root(void) { want_exit(in_child(page_zero_child), 0); }
static void munmap_refused(void)
{
	u8 *p = pages(2, RW);
	refuse(munmap(p + 1, 4096), EINVAL);
	refuse(munmap(p, 0), EINVAL);
	refuse(munmap((void *)(1ul << 62), 4096), EINVAL);
	refuse(munmap(p, ~0ul - 8191), EINVAL);
	must(munmap(p, 100)); /* rounds up */
	must(munmap(p, 8192)); /* a hole in it is no error */
	must(munmap(p, 8192));
}
static void mprotect_refused(void)
{
	u8 *p = pages(3, RW);
	refuse(mprotect(p + 1, 4096, PROT_READ), EINVAL);
	refuse(mprotect(p, 4096, 0x77770000), EINVAL);
	must(mprotect(p + 1 - 1, 0, PROT_READ));
	munmap(p + 4096, 4096);
	refuse(mprotect(p, 3 * 4096, PROT_READ), ENOMEM);
	refuse(mprotect((void *)(1ul << 62), 4096, PROT_READ), ENOMEM);
	int read_only = must(open("/proc/self/exe", O_RDONLY));
	u8 *file = map(NULL, 4096, PROT_READ, MAP_SHARED, read_only, 0);
	refuse(mprotect(file, 4096, RW), EACCES);
	must(mprotect(file, 4096, PROT_READ | PROT_EXEC));
}
static void msync_and_mincore(void)
{
	u8 *p = pages(3, RW), vector[3] = { 9, 9, 9 };
	p[0] = 1;
	p[8192] = 1;
	must(mincore(p, 3 * 4096, vector));
	want("touched page", vector[0] & 1, 1);
	want("untouched page", vector[1] & 1, 0);
	refuse(mincore(p + 1, 4096, vector), EINVAL);
	refuse(msync(p, 4096, MS_ASYNC | MS_SYNC), EINVAL);
	refuse(msync(p + 1, 4096, MS_SYNC), EINVAL);
	must(msync(p, 3 * 4096, MS_SYNC));
	munmap(p + 4096, 4096);
	refuse(mincore(p, 3 * 4096, vector), ENOMEM);
	refuse(msync(p, 3 * 4096, MS_SYNC), ENOMEM);
	refuse(mincore(p, 4096, (void *)8), EFAULT);
}
/* Ranges that leave the address space, are empty there, or end before they begin. */
static void ranges_beyond_the_end(void)
{
	u8 *p = pages(1, RW);
	static u8 vector[4096];
	const u64 far = 1ul << 62;
	static const struct { u64 at, len; int locks, syncs; } ranges[] = {
		{ far, 4096, ENOMEM, ENOMEM }, { far, 0, 0, 0 }, { far, -1, 0, 0 }, { far, 1, ENOMEM, ENOMEM },
		{ far, -8192, EINVAL, ENOMEM }, { -4096, 4096, EINVAL, ENOMEM }, { -4096, 0, 0, 0 }, { -8192, 4096, ENOMEM, ENOMEM },
		{ -16384, 8192, ENOMEM, ENOMEM }, { far + 1, 4096, ENOMEM, EINVAL }, { far + 1, 0, ENOMEM, EINVAL },
	};
	for (u64 i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		void *at = (void *)ranges[i].at;
		u64 len = ranges[i].len;
		for (int k = 0; k < 4; k++) {
			static const long calls[] = { SYS_mlock, SYS_munlock, SYS_mlock2, SYS_msync };
			errno = 0;
			long result = syscall(calls[k], at, len, k == 3 ? MS_SYNC : 0);
			int error = errno, expected = k < 3 ? ranges[i].locks : ranges[i].syncs;
			need(result == (expected ? -1 : 0) && error == expected, "range %d call %d: %ld errno %d, expected errno %d",
				(int)i, k, result, error, expected);
		}
		refuse(syscall(SYS_mincore, at, len, vector), ranges[i].at % 4096 ? EINVAL : ENOMEM);
		refuse(syscall(SYS_remap_file_pages, at, len, 0, 0, 0), EINVAL);
	}
	/* The same from a page of our own on. */
	must(mlock(p, -1ul));
	want_errno(mlock(p, -8192ul), EINVAL);
	must(msync(p, -1ul, MS_SYNC));
	want_errno(msync(p, -8192ul, MS_SYNC), ENOMEM);
	want_errno(mincore(p, -1ul, vector), ENOMEM);
}
/* What the emulator itself has mapped is not there for the program. */
static void mincore_sees_only_own(void)
{
	u8 vector[1];
	FILE *maps = fopen("/proc/self/maps", "r");
	static u64 from[4000], to[4000];
	int count = 0;
	char line[500];
	while (count < 4000 && fgets(line, sizeof line, maps))
		if (sscanf(line, "%lx-%lx", &from[count], &to[count]) == 2)
			count++;
	fclose(maps);
	/* Every page just before and after a listed mapping, if not listed itself, is a hole. */
	for (int i = 0; i + 1 < count; i++)
		if (to[i] < from[i + 1]) {
			errno = 0;
			want("mincore after a mapping", mincore((void *)to[i], 4096, vector), -1);
			want("errno", errno, ENOMEM);
			want("mincore before a mapping", mincore((void *)(from[i + 1] - 4096), 4096, vector), -1);
		}
}
static void mremap_cases(void)
{
	u8 *p = pages(4, RW);
	memset(p, 5, 4 * 4096);
	refuse(mremap(p + 1, 4096, 8192, MREMAP_MAYMOVE), EINVAL);
	refuse(mremap(p, 4096, 0, MREMAP_MAYMOVE), EINVAL);
	refuse(mremap(p, 4096, 8192, 0), ENOMEM); /* no room in place */
	refuse(mremap(p, 4096, 4096, 0x80), EINVAL);
	refuse(mremap(p, 4096, 4096, MREMAP_FIXED, p), EINVAL); /* FIXED needs MAYMOVE */
	refuse(mremap(p, 8192, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, p + 4096), EINVAL); /* overlap */
	need(mremap(p, 4 * 4096, 4096, 0) == p, "shrinking: errno %d", errno);
	u8 *q = mremap(p, 4096, 16 * 4096, MREMAP_MAYMOVE);
	need(q != MAP_FAILED, "growing: errno %d", errno);
	want("old byte", q[4095], 5);
	want("new byte", q[4096], 0);
	munmap(q, 16 * 4096);
	refuse(mremap(q, 4096, 8192, MREMAP_MAYMOVE), EFAULT);
	/* A copy of a shared mapping, by an old length of 0. */
	u8 *s = map(NULL, 4096, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	u8 *t = mremap(s, 0, 4096, MREMAP_MAYMOVE);
	need(t != MAP_FAILED, "copy: errno %d", errno);
	s[1] = 77;
	want("through the copy", t[1], 77);
	/* DONTUNMAP leaves zeros behind. */
	u8 *a = pages(1, RW);
	a[0] = 3;
	u8 *b = (u8 *)syscall(SYS_mremap, a, 4096, 4096, MREMAP_MAYMOVE | 4, 0);
	need(b != MAP_FAILED, "DONTUNMAP: errno %d", errno);
	want("moved", b[0], 3);
	want("left behind", a[0], 0);
}
static void brk_moves(void)
{
	u8 *start = sbrk(0);
	must((long)sbrk(100000));
	start[99999] = 7;
	must((long)sbrk(-50000));
	must((long)sbrk(50000));
	want("old byte kept or zero again", start[99999] == 7 || start[99999] == 0, 1);
	long now_ = syscall(SYS_brk, 0);
	want("too far changes nothing", syscall(SYS_brk, 1ul << 46), now_);
	want("too low changes nothing", syscall(SYS_brk, 4096), now_);
	/* A mapping in the way stops it. */
	u8 *end = (u8 *)(((u64)now_ + 4095) & ~4095ul);
	need(map(end + 65536, 4096, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0) != MAP_FAILED, "mapping above the heap: errno %d", errno);
	want("blocked by a mapping", syscall(SYS_brk, end + 200000), now_);
}
static void grows_down(void)
{
	u8 *p = map(NULL, 64 * 4096, PROT_NONE, ANON, -1, 0);
	munmap(p, 64 * 4096);
	u8 *top = map(p + 60 * 4096, 4096, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	need(top == p + 60 * 4096, "mmap: errno %d", errno);
	for (int i = 0; i < 20; i++)
		*(volatile u8 *)(top - i * 4096) = (u8)i;
	for (int i = 0; i < 20; i++)
		want("grown page", top[-i * 4096], i);
}
static void hints_are_taken(void)
{
	u8 *p = pages(16, RW);
	munmap(p, 16 * 4096);
	need(map(p, 4096, RW, ANON, -1, 0) == p, "a free hint is not taken");
	u8 *q = map(p, 4096, RW, ANON, -1, 0);
	need(q != MAP_FAILED && q != p, "a taken hint");
	u8 *r = map((void *)0x12345000, 4096, RW, ANON, -1, 0);
	need(r == (u8 *)0x12345000, "low hint gave %p", (void *)r);
	r[0] = 1;
}
/* The program may put a mapping anywhere below the stack: over whatever the emulator keeps there, it moves or says no. */
static void fixed_everywhere(void)
{
	int placed = 0, refused = 0;
	for (u64 at = 0x200000000; at < 0x3f00000000; at += 0x10000000ul * 37) {
		u8 *p = map((void *)at, 65536, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0);
		if (p == (u8 *)at) {
			memset(p, 0x5c, 65536);
			placed++;
		} else {
			need(errno == EEXIST || errno == ENOMEM, "at %lx: errno %d", at, errno);
			refused++;
		}
	}
	need(refused < placed / 10, "%d placed, %d refused", placed, refused);
	need(getppid() > 0, "still alive");
}
static void fixed_over_own_data(void)
{
	static u8 data[3 * 4096] __attribute__((aligned(4096)));
	data[4096] = 9;
	need(map(data + 4096, 4096, RW, ANON | MAP_FIXED, -1, 0) == data + 4096, "mmap: errno %d", errno);
	want("fresh", data[4096], 0);
	data[4096] = 3;
	want("written", data[4096], 3);
}
/* Many small mappings, many protections. */
static void many_mappings(void)
{
	u8 *p = pages(2000, RW);
	for (int i = 0; i < 2000; i += 2)
		must(mprotect(p + i * 4096, 4096, PROT_READ));
	for (int i = 1; i < 2000; i += 2)
		p[i * 4096] = (u8)i;
	for (int i = 1; i < 2000; i += 4)
		must(munmap(p + i * 4096, 4096));
	for (int i = 3; i < 2000; i += 4)
		want("byte", p[i * 4096], (u8)i);
	must(mprotect(p + 2 * 4096, 4096 * 3, RW));
	must(munmap(p, 2000 * 4096));
}
static void private_and_shared_files(void)
{
	int fd = must(memfd_create("f", 0));
	must(ftruncate(fd, 8192));
	u8 *shared = map(NULL, 8192, RW, MAP_SHARED, fd, 0), *private_ = map(NULL, 8192, RW, MAP_PRIVATE, fd, 0), *second = map(NULL, 4096, RW, MAP_SHARED, fd, 4096);
	shared[0] = 1;
	want("private sees it", private_[0], 1);
	private_[1] = 2;
	want("shared does not see", shared[1], 0);
	shared[4096] = 3;
	want("by offset", second[0], 3);
	u8 byte;
	want("read of the file", pread(fd, &byte, 1, 4096), 1);
	want("its byte", byte, 3);
	pid_t child = must(fork());
	if (child == 0) {
		shared[5] = 55;
		private_[5] = 66;
		_exit(0);
	}
	waitpid(child, NULL, 0);
	want("the child's shared store", shared[5], 55);
	want("the private page, already copied", private_[5], 0);
}

/* ---- maps ---- */
struct range { u64 from, to; char rights[5], name[200]; };
static struct range ranges[3000];
static int read_maps(const char *path)
{
	FILE *maps = fopen(path, "r");
	need(maps, "%s: errno %d", path, errno);
	char line[600];
	int count = 0;
	while (count < 3000 && fgets(line, sizeof line, maps)) {
		struct range *r = &ranges[count];
		unsigned long offset, inode;
		int major_, minor_;
		r->name[0] = 0;
		int got = sscanf(line, "%lx-%lx %4s %lx %x:%x %lu %199[^\n]", &r->from, &r->to, r->rights, &offset, &major_, &minor_, &inode, r->name);
		need(got >= 7, "line %s", line);
		count++;
	}
	fclose(maps);
	return count;
}
static struct range *range_of(int count, const void *at)
{
	for (int i = 0; i < count; i++)
		if (ranges[i].from <= (u64)at && (u64)at < ranges[i].to)
			return &ranges[i];
	return NULL;
}
static int global = 4;
static void maps_are_sorted_and_true(void)
{
	u8 *p = pages(3, RW);
	mprotect(p + 4096, 4096, PROT_READ | PROT_EXEC);
	mprotect(p + 8192, 4096, PROT_NONE);
	int count = read_maps("/proc/self/maps");
	need(count > 3, "only %d lines", count);
	for (int i = 0; i < count; i++) {
		need(ranges[i].from < ranges[i].to, "line %d is empty", i);
		need(i == 0 || ranges[i - 1].to <= ranges[i].from, "line %d is out of order", i);
	}
	struct { const void *at; const char *rights; } facts[] = { { p, "rw-p" }, { p + 4096, "r-xp" }, { p + 8192, "---p" }, { &global, "rw-p" }, { (void *)(u64)read_maps, "r-xp" } };
	for (int i = 0; i < 5; i++) {
		struct range *r = range_of(count, facts[i].at);
		need(r, "fact %d is in no line", i);
		need(!strcmp(r->rights, facts[i].rights), "fact %d: %s, expected %s", i, r->rights, facts[i].rights);
	}
}
static void maps_name_parts(void)
{
	int here;
	int count = read_maps("/proc/self/maps");
	struct range *stack = range_of(count, &here), *text = range_of(count, (void *)(u64)read_maps);
	need(stack && !strcmp(stack->name, "[stack]"), "the stack is %s", stack ? stack->name : "nowhere");
	char exe[300];
	ssize_t length = must(readlink("/proc/self/exe", exe, sizeof exe - 1));
	exe[length] = 0;
	need(text && !strcmp(text->name, exe), "the text is %s", text ? text->name : "nowhere");
	u64 vdso = getauxval(AT_SYSINFO_EHDR);
	if (vdso) {
		struct range *r = range_of(count, (void *)vdso);
		need(r && !strcmp(r->name, "[vdso]"), "the vDSO is %s", r ? r->name : "nowhere");
	}
}
/* Only what the program itself has: a static program owns few mappings. */
static void maps_are_the_programs_only(void)
{
	int count = read_maps("/proc/self/maps");
	need(count <= 25, "%d lines in a small static program", count);
	char exe[300];
	ssize_t length = must(readlink("/proc/self/exe", exe, sizeof exe - 1));
	exe[length] = 0;
	for (int i = 0; i < count; i++) {
		const char *name = ranges[i].name;
		int own_shared_page = !strcmp(name, "/dev/zero (deleted)"); /* check_detail */
		need(!name[0] || name[0] == '[' || !strcmp(name, exe) || own_shared_page, "shows %s", name);
	}
}
static void maps_by_other_paths(void)
{
	char path[100];
	int count = read_maps("/proc/self/maps");
	u64 first = ranges[0].from;
	sprintf(path, "/proc/%d/maps", getpid());
	want("lines by pid", read_maps(path), count);
	want("first line", ranges[0].from, first);
	read_maps("/proc/thread-self/maps");
	want("first line", ranges[0].from, first);
	int directory = must(open("/proc/self", O_RDONLY | O_DIRECTORY));
	int fd = must(openat(directory, "maps", O_RDONLY));
	unsigned long from = 0;
	char line[200] = "";
	need(read(fd, line, 100) > 0 && sscanf(line, "%lx", &from) == 1, "openat");
	want("first line by openat", from, first);
}
static void maps_by_sibling(void)
{
	u8 *p = map((void *)0x23456000, 4096, RW, ANON | MAP_FIXED, -1, 0);
	need(p != MAP_FAILED, "mmap: errno %d", errno);
	pid_t parent = getpid(), child = must(fork());
	if (child == 0) {
		munmap(p, 4096);
		char path[100];
		sprintf(path, "/proc/%d/maps", parent);
		int count = read_maps(path);
		_exit(range_of(count, p) ? 0 : 1);
	}
	int status;
	waitpid(child, &status, 0);
	want_exit(status, 0);
}
static void madvise_cases(void)
{
	u8 *p = pages(4, RW);
	memset(p, 1, 4 * 4096);
	must(madvise(p, 4096, MADV_NORMAL));
	must(madvise(p, 4096, MADV_DONTNEED));
	want("after DONTNEED", p[0], 0);
	refuse(madvise(p + 1, 4096, MADV_DONTNEED), EINVAL);
	must(madvise(p, 0, MADV_DONTNEED));
	must(madvise(p + 4096, 4096, MADV_DONTFORK));
	pid_t child = must(fork());
	if (child == 0) {
		*(volatile u8 *)(p + 8192) = 1;
		*(volatile u8 *)(p + 4096) = 1;
		_exit(0);
	}
	int status;
	waitpid(child, &status, 0);
	want_killed(status, SIGSEGV);
	must(madvise(p + 8192, 4096, 18 /* MADV_WIPEONFORK */));
	child = must(fork());
	if (child == 0)
		_exit(p[8192]);
	waitpid(child, &status, 0);
	want_exit(status, 0);
	want("the parent's page", p[8192], 1);
}

/* A kernel that makes rings of io_uring lets them be mapped. */
static void rings_can_be_mapped(void)
{
	u32 parameters[30] = { 0 };
	long ring = syscall(425, 4, parameters);
	if (ring == -1)
		need(errno == ENOSYS || errno == EPERM, "io_uring_setup: errno %d", errno);
	else
		need(map(NULL, 4096, RW, MAP_SHARED, ring, 0) != MAP_FAILED, "mmap: errno %d", errno);
}

static const struct check checks[] = {
	C(refused_mappings), C(noreplace), C(huge_reservations), C(huge_reservation_46), C(page_zero_is_for_root), C(munmap_refused),
	C(mprotect_refused), C(msync_and_mincore), C(ranges_beyond_the_end), C(mincore_sees_only_own), C(mremap_cases), C(brk_moves), C(grows_down),
	C(hints_are_taken), C(fixed_everywhere), C(fixed_over_own_data), C(many_mappings), C(private_and_shared_files),
	C(maps_are_sorted_and_true), C(maps_name_parts), C(maps_are_the_programs_only), C(maps_by_other_paths), C(maps_by_sibling),
	C(madvise_cases), C(rings_can_be_mapped),
};
MAIN(checks)
