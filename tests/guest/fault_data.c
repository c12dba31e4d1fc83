/* Faults of loads and stores: code, address, and what a store that crosses into a bad page leaves behind. */
#include "code.h"

#define LOAD(type, at) ((void)*(volatile type *)(at))
#define STORE(type, at) (*(volatile type *)(at) = (type)1)

static u8 *hole(void)
{
	u8 *p = pages(3, PROT_READ | PROT_WRITE);
	munmap(p + 4096, 4096);
	return p + 4096;
}
static u8 *with_protection(int protection)
{
	u8 *p = pages(3, PROT_READ | PROT_WRITE);
	memset(p, 0x5a, 3 * 4096);
	must(mprotect(p + 4096, 4096, protection));
	return p + 4096;
}
#define ALL(kind, at, signal, code) do { u8 *at_ = (at); \
	want_fault(kind(u8, at_), signal, code, at_); want_fault(kind(u16, at_ + 2), signal, code, at_ + 2); \
	want_fault(kind(u32, at_ + 4), signal, code, at_ + 4); want_fault(kind(u64, at_ + 8), signal, code, at_ + 8); \
	want_fault(kind(u64, at_ + 4088), signal, code, at_ + 4088); want_fault(kind(float, at_ + 12), signal, code, at_ + 12); \
	want_fault(kind(double, at_ + 16), signal, code, at_ + 16); } while (0)

static void unmapped_load(void) { catch_faults(); ALL(LOAD, hole(), SIGSEGV, SEGV_MAPERR); }
static void unmapped_store(void) { catch_faults(); ALL(STORE, hole(), SIGSEGV, SEGV_MAPERR); }
static void readonly_store(void)
{
	catch_faults();
	u8 *p = with_protection(PROT_READ);
	ALL(STORE, p, SIGSEGV, SEGV_ACCERR);
	LOAD(u64, p + 8);
	for (int i = 0; i < 4096; i++)
		want("byte of the read-only page", p[i], 0x5a);
}
static void none_load(void) { catch_faults(); ALL(LOAD, with_protection(PROT_NONE), SIGSEGV, SEGV_ACCERR); }
static void none_store(void) { catch_faults(); ALL(STORE, with_protection(PROT_NONE), SIGSEGV, SEGV_ACCERR); }
static void null_load(void)
{
	catch_faults();
	u8 *volatile null = NULL;
	want_fault(LOAD(u32, null), SIGSEGV, SEGV_MAPERR, 0);
	want_fault(LOAD(u32, null + 8), SIGSEGV, SEGV_MAPERR, 8);
	want_fault(STORE(u64, null + 4000), SIGSEGV, SEGV_MAPERR, 4000);
}

/* `si_addr` is the first byte that failed, not the start of the access. */
static void crossing_load(void)
{
	catch_faults();
	u8 *p = hole();
	want_fault(LOAD(u64, p - 4), SIGSEGV, SEGV_MAPERR, p);
	want_fault(LOAD(u64, p - 1), SIGSEGV, SEGV_MAPERR, p);
	want_fault(LOAD(u32, p - 2), SIGSEGV, SEGV_MAPERR, p);
	want_fault(LOAD(u16, p - 1), SIGSEGV, SEGV_MAPERR, p);
	p = with_protection(PROT_NONE);
	want_fault(LOAD(u64, p - 4), SIGSEGV, SEGV_ACCERR, p);
}
static void crossing_load_from_below(void)
{
	catch_faults();
	u8 *p = hole() + 4096; /* the access begins in the bad page */
	want_fault(LOAD(u64, p - 4), SIGSEGV, SEGV_MAPERR, p - 4);
	want_fault(LOAD(u16, p - 1), SIGSEGV, SEGV_MAPERR, p - 1);
}
static void crossing_store_leaves_first_page(void)
{
	catch_faults();
	u8 *bad[3] = { hole(), with_protection(PROT_READ), with_protection(PROT_NONE) };
	for (int i = 0; i < 3; i++) {
		int code = i ? SEGV_ACCERR : SEGV_MAPERR;
		memset(bad[i] - 8, 0x77, 8);
		want_fault(STORE(u64, bad[i] - 4), SIGSEGV, code, bad[i]);
		want_fault(STORE(u32, bad[i] - 1), SIGSEGV, code, bad[i]);
		want_fault(STORE(u16, bad[i] - 1), SIGSEGV, code, bad[i]);
		for (int k = 1; k <= 8; k++)
			want("byte before the bad page", bad[i][-k], 0x77);
	}
}
static void crossing_good_pages(void)
{
	u8 *p = pages(2, PROT_READ | PROT_WRITE) + 4096;
	for (int k = 1; k < 8; k++) {
		*(volatile u64 *)(p - k) = 0x1122334455667788;
		want("crossing value", *(volatile u64 *)(p - k), 0x1122334455667788);
		want("first byte", p[-k], 0x88);
		want("last byte", p[7 - k], 0x11);
	}
}

/* A mapped file: beyond its last page SIGBUS, in the rest of the last page zeros. */
static u8 *file_of(int bytes, int map_pages, int *file)
{
	*file = must(memfd_create("file", 0));
	char text[5000];
	memset(text, 'f', sizeof text);
	want("write", write(*file, text, bytes), bytes);
	u8 *p = mmap(NULL, map_pages * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, *file, 0);
	need(p != MAP_FAILED, "mmap: errno %d", errno);
	return p;
}
static void past_end_bus_error(void)
{
	catch_faults();
	int file;
	u8 *p = file_of(100, 3, &file);
	want_fault(LOAD(u8, p + 4096), SIGBUS, BUS_ADRERR, p + 4096);
	want_fault(LOAD(u64, p + 8192 + 40), SIGBUS, BUS_ADRERR, p + 8192 + 40);
	want_fault(STORE(u32, p + 4100), SIGBUS, BUS_ADRERR, p + 4100);
	want_fault(LOAD(u64, p + 4092), SIGBUS, BUS_ADRERR, p + 4096);
}
static void rest_of_last_page_zero(void)
{
	int file;
	u8 *p = file_of(100, 1, &file);
	want("last byte of the file", p[99], 'f');
	for (int i = 100; i < 4096; i++)
		want("byte past the end", p[i], 0);
}
static void truncated_file_bus_error(void)
{
	catch_faults();
	int file;
	u8 *p = file_of(5000, 2, &file);
	want("before", p[4999], 'f');
	must(ftruncate(file, 4096));
	want_fault(LOAD(u8, p + 4999), SIGBUS, BUS_ADRERR, p + 4999);
	must(ftruncate(file, 8192));
	want("after growing again", p[4999], 0);
}

/* A protection that was taken away and given back. */
static void protection_comes_and_goes(void)
{
	catch_faults();
	u8 *p = pages(1, PROT_READ | PROT_WRITE);
	for (int i = 0; i < 50; i++) {
		STORE(u8, p + i);
		must(mprotect(p, 4096, PROT_READ));
		want_fault(STORE(u8, p + i), SIGSEGV, SEGV_ACCERR, p + i);
		LOAD(u8, p + i);
		must(mprotect(p, 4096, PROT_NONE));
		want_fault(LOAD(u8, p + i), SIGSEGV, SEGV_ACCERR, p + i);
		must(mprotect(p, 4096, PROT_READ | PROT_WRITE));
	}
}
static void unmapped_then_mapped(void)
{
	catch_faults();
	u8 *p = pages(1, PROT_READ | PROT_WRITE);
	for (int i = 0; i < 50; i++) {
		munmap(p, 4096);
		want_fault(LOAD(u8, p), SIGSEGV, SEGV_MAPERR, p);
		need(mmap(p, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p, "mmap");
		want("fresh page", *p, 0);
		*p = 1;
	}
}

/* A compare-and-swap that fails its comparison does not store: on RISC-V (LR/SC) it does not fault on a read-only page;
 * an atomic addition always does. */
static void amo_on_readonly(void)
{
	catch_faults();
	u8 *p = with_protection(PROT_READ);
	want_fault(__atomic_fetch_add((u32 *)p, 0, __ATOMIC_SEQ_CST), SIGSEGV, SEGV_ACCERR, p);
	want_fault(__atomic_fetch_or((u64 *)(p + 8), 0, __ATOMIC_SEQ_CST), SIGSEGV, SEGV_ACCERR, p + 8);
	want_fault(__atomic_exchange_n((u32 *)(p + 4), 0, __ATOMIC_SEQ_CST), SIGSEGV, SEGV_ACCERR, p + 4);
}
static void cas_on_readonly(void)
{
	catch_faults();
	u8 *p = with_protection(PROT_READ);
	u32 expected = 0x5a5a5a5a;
	want_fault(__atomic_compare_exchange_n((u32 *)p, &expected, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST), SIGSEGV, SEGV_ACCERR, p);
#if defined(__riscv)
	expected = 7;
	int swapped = 1;
	need(!FAULTS(swapped = __atomic_compare_exchange_n((u32 *)p, &expected, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)),
		"a comparison that fails must not fault");
	want("swapped", swapped, 0);
	want("value seen", expected, 0x5a5a5a5a);
#endif
}

#if defined(__riscv)
/* Addresses that no page table can hold. On x86 natively the kernel tells neither code nor address. */
static void non_canonical(void)
{
	catch_faults();
	u64 all[] = { 1ull << 63, 1ull << 62, 1ull << 56, 0x0000800000000000, 0x00ff000000001000, 0xffff800000000000,
		0xfffffffffffff000, 0xfffffffffffffff0, 0x7fffffffffffffe8, 0xdeadbeefdeadbee0, 0x0001000000000000 };
	for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
		u8 *volatile p = (u8 *)all[i];
		want_fault(LOAD(u64, p), SIGSEGV, SEGV_MAPERR, p);
		want_fault(STORE(u64, p), SIGSEGV, SEGV_MAPERR, p);
		want_fault(LOAD(u8, p + 3), SIGSEGV, SEGV_MAPERR, p + 3);
		want_fault(__atomic_fetch_add((u32 *)p, 1, __ATOMIC_SEQ_CST), SIGSEGV, SEGV_MAPERR, p);
	}
}
#endif

static const struct check checks[] = {
	C(unmapped_load), C(unmapped_store), C(readonly_store), C(none_load), C(none_store), C(null_load), C(crossing_load),
	C(crossing_load_from_below), C(crossing_store_leaves_first_page), C(crossing_good_pages), C(past_end_bus_error),
	C(rest_of_last_page_zero), C(truncated_file_bus_error), C(protection_comes_and_goes), C(unmapped_then_mapped),
	C(amo_on_readonly), C(cas_on_readonly),
#if defined(__riscv)
	C(non_canonical),
#endif
};
MAIN(checks)
