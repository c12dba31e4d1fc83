/* An emulator that shares its address space with its guest lies somewhere in it; to the guest nothing is there, whatever
 * way it tries. Addresses beyond all mappings of the guest: natively nothing is there either. */
#include "check.h"
#include <linux/aio_abi.h>
#include <sys/socket.h>

#define RW (PROT_READ | PROT_WRITE)
/* Where Fluoro lies (crates/cli/build.rs), and a native program without relocation does not. */
#define HOST 0x550000000000ul
#define PAGES 1024
#define each_page(at) for (u64 at = HOST; at < HOST + PAGES * 4096ul; at += 4096)

static u8 room[64];
static struct iovec here = { room, 8 };
static struct iovec there(u64 at) { return (struct iovec){ (void *)at, 8 }; }

static void process_vm_refused(void)
{
	each_page(at) {
		struct iovec remote = there(at);
		want_errno(syscall(SYS_process_vm_readv, getpid(), &here, 1ul, &remote, 1ul, 0ul), EFAULT);
		want_errno(syscall(SYS_process_vm_writev, getpid(), &here, 1ul, &remote, 1ul, 0ul), EFAULT);
	}
	struct iovec local = there(HOST), remote = here;
	want_errno(syscall(SYS_process_vm_readv, getpid(), &local, 1ul, &remote, 1ul, 0ul), EFAULT);
	/* What comes before is done. */
	struct iovec both[2] = { { room + 32, 8 }, there(HOST) };
	struct iovec long_local = { room, 16 };
	want("part", syscall(SYS_process_vm_readv, getpid(), &long_local, 1ul, both, 2ul, 0ul), 8);
}
static void process_vm_of_the_parent(void)
{
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	pid_t parent = getpid(), child = fork();
	if (child == 0) {
		struct iovec remote = there(HOST), mine = { room, 8 };
		want("parent", syscall(SYS_process_vm_readv, parent, &here, 1ul, &mine, 1ul, 0ul), 8);
		want_errno(syscall(SYS_process_vm_readv, parent, &here, 1ul, &remote, 1ul, 0ul), EFAULT);
		want_errno(syscall(SYS_process_vm_writev, parent, &here, 1ul, &remote, 1ul, 0ul), EFAULT);
		_exit(0);
	}
	int status;
	must(waitpid(child, &status, 0));
	want_exit(status, 0);
}
static void memory_file_at_offsets(void)
{
	int fd = must(open("/proc/self/mem", O_RDWR));
	want("own", pread(fd, room, 8, (off_t)(u64)room), 8);
	each_page(at) {
		struct iovec v = here;
		want_errno(pread(fd, room, 8, (off_t)at), EIO);
		want_errno(pwrite(fd, room, 8, (off_t)at), EIO);
		want_errno(preadv(fd, &v, 1, (off_t)at), EIO);
		want_errno(pwritev(fd, &v, 1, (off_t)at), EIO);
	}
	want("nothing", pread(fd, room, 0, (off_t)HOST), 0);
}
static void memory_file_at_its_position(void)
{
	char name[64];
	snprintf(name, sizeof name, "/proc/%d/task/%ld/mem", getpid(), (long)syscall(SYS_gettid));
	int fd = must(open(name, O_RDWR));
	struct iovec v = here;
	want("seek", lseek(fd, (off_t)HOST, SEEK_SET), HOST);
	want_errno(read(fd, room, 8), EIO);
	want_errno(write(fd, room, 8), EIO);
	want_errno(readv(fd, &v, 1), EIO);
	want_errno(writev(fd, &v, 1), EIO);
	want("position", lseek(fd, 0, SEEK_CUR), HOST);
	want("seek", lseek(fd, (off_t)(u64)room, SEEK_SET), (u64)room);
	want("own", read(fd, room, 8), 8);
}
static void far_in_other_files(void)
{
	int fd = must(memfd_create("far", 0));
	struct iovec v = here;
	want("pwrite", pwrite(fd, "far away", 8, (off_t)HOST), 8);
	want("seek", lseek(fd, (off_t)HOST, SEEK_SET), HOST);
	want("read", read(fd, room, sizeof room), 8);
	need(memcmp(room, "far away", 8) == 0, "%.8s", room);
	want("preadv", preadv(fd, &v, 1, (off_t)HOST + 4), 4);
}
static int ends[2];
static void make_pair(void) { must(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends)); }

static void messages_refused(void)
{
	make_pair();
	struct iovec out = there(HOST), in = here;
	struct msghdr bad = { .msg_iov = &out, .msg_iovlen = 1 };
	struct msghdr named = { .msg_name = (void *)HOST, .msg_namelen = 16, .msg_iov = &in, .msg_iovlen = 1 };
	struct msghdr controlled = { .msg_control = (void *)HOST, .msg_controllen = 64, .msg_iov = &in, .msg_iovlen = 1 };
	want_errno(sendmsg(ends[0], &bad, 0), EFAULT);
	want_errno(sendmsg(ends[0], &named, 0), EFAULT);
	want_errno(sendmsg(ends[0], &controlled, 0), EFAULT);
	must(send(ends[0], "12345678", 8, 0));
	want_errno(recvmsg(ends[1], &bad, MSG_PEEK), EFAULT);
	struct mmsghdr many[2] = { { named }, { bad } };
	many[0].msg_hdr.msg_name = NULL, many[0].msg_hdr.msg_namelen = 0;
	want("first of two", syscall(SYS_sendmmsg, ends[0], many, 2ul, 0ul), 1);
	want("length", many[0].msg_len, 8);
	want_errno(syscall(SYS_sendmmsg, ends[0], many + 1, 1ul, 0ul), EFAULT);
}
/* A message of which only the control data has no place arrives, and says what it says. */
static void message_arrives_without_control_data(void)
{
	make_pair();
	must(send(ends[0], "12345", 5, 0));
	struct iovec in = { room, 64 };
	struct msghdr header = { .msg_control = (void *)HOST, .msg_controllen = 0, .msg_iov = &in, .msg_iovlen = 1 };
	header.msg_flags = 0x7777;
	want("recvmsg", recvmsg(ends[1], &header, 0), 5);
	want("flags", header.msg_flags, 0);
	need(memcmp(room, "12345", 5) == 0, "%.5s", room);
	must(send(ends[0], "678", 3, 0));
	struct mmsghdr many = { header };
	want("recvmmsg", syscall(SYS_recvmmsg, ends[1], &many, 1ul, 0ul, 0ul), 1);
	want("length", many.msg_len, 3);
	need(many.msg_hdr.msg_iov == &in && many.msg_hdr.msg_control == (void *)HOST, "pointers stay");
}
static void pipes_refused(void)
{
	must(pipe(ends));
	struct iovec both[2] = { here, there(HOST) };
	want_errno(vmsplice(ends[1], both + 1, 1, 0), EFAULT);
	want_errno(write(ends[1], (void *)HOST, 8), EFAULT);
	want_errno(writev(ends[1], both, 2), EFAULT);
}
static void requests_refused(void)
{
	aio_context_t context = 0;
	if (syscall(SYS_io_setup, 4ul, &context))
		skip("no asynchronous requests here");
	int fd = must(memfd_create("aio", 0));
	struct iovec out = there(HOST);
	struct iocb vectored = { .aio_lio_opcode = IOCB_CMD_PWRITEV, .aio_fildes = fd, .aio_buf = (u64)&out, .aio_nbytes = 1 };
	struct iocb *list[1] = { &vectored };
	if (syscall(SYS_io_submit, context, 1ul, list) == 1) {
		struct io_event event = { 0 };
		want("event", syscall(SYS_io_getevents, context, 1ul, 1ul, &event, NULL), 1);
		want("result", event.res, -EFAULT);
	} else {
		want("errno", errno, EFAULT);
	}
	struct stat about;
	must(fstat(fd, &about));
	want("size", about.st_size, 0);
}
static void waiting_refused(void)
{
	struct { u64 value, address; u32 flags, reserved; } waiter = { 0, HOST, 2, 0 };
	struct timespec soon = { 0, 0 };
	errno = 0;
	syscall(449, &waiter, 1ul, 0ul, &soon, (long)CLOCK_MONOTONIC);
	if (errno == ENOSYS)
		skip("no futex_waitv here");
	want("errno", errno, EFAULT);
}

/* ---- what one's own instructions can do ---- */
static sigjmp_buf again;
static volatile u64 fault_at;
static volatile int fault_code;
static void caught(int number, siginfo_t *info, void *context)
{
	(void)number, (void)context;
	fault_at = (u64)info->si_addr, fault_code = info->si_code;
	siglongjmp(again, 1);
}
/* Where the emulator may not write either, a store is the guest's fault: nothing is mapped there. */
static void stores_fault(void)
{
	on_signal(SIGSEGV, caught, SA_NODEFER);
	for (u64 at = HOST; at < HOST + 64 * 4096ul; at += 4096) {
		if (sigsetjmp(again, 0) == 0) {
			*(volatile u64 *)(at + 8) = 1;
			fail("stored at %llx", (long long)at);
		}
		want("address", fault_at, at + 8);
		want("code", fault_code, SEGV_MAPERR);
	}
}
static void loads_fault(void)
{
	on_signal(SIGSEGV, caught, SA_NODEFER);
	if (sigsetjmp(again, 0) == 0) {
		u64 seen = *(volatile u64 *)HOST;
		fail("loaded %llx", (long long)seen);
	}
	want("code", fault_code, SEGV_MAPERR);
}
static void jumps_fault(void)
{
	on_signal(SIGSEGV, caught, SA_NODEFER);
	each_page(at) {
		if (sigsetjmp(again, 0) == 0)
			((void (*volatile)(void))at)();
		want("address", fault_at, at);
		want("code", fault_code, SEGV_MAPERR);
	}
}

static const struct check checks[] = {
	C(process_vm_refused), C(process_vm_of_the_parent), C(memory_file_at_offsets), C(memory_file_at_its_position),
	C(far_in_other_files), C(messages_refused), C(message_arrives_without_control_data), C(pipes_refused),
	C(requests_refused), C(waiting_refused), C(stores_fault), C(loads_fault),
	C(jumps_fault),
};
MAIN(checks)
