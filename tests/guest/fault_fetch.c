/* Faults of instruction fetches: no right to execute, nothing mapped, running off the end of a page, an instruction whose
 * second half is missing. In all of them pc and the effects of earlier instructions are exact. */
#include "code.h"

#define want_pc(at) want("pc", fault.pc, (u64)(at))
static u8 *code_pages(int count) { return pages(count, PROT_READ | PROT_WRITE | PROT_EXEC); }

static void not_executable(void)
{
	catch_faults();
	u8 *p = pages(1, PROT_READ | PROT_WRITE);
	put(p + 64, 5);
	want_fault(call(p + 64), SIGSEGV, SEGV_ACCERR, p + 64);
	want_pc(p + 64);
	must(mprotect(p, 4096, PROT_NONE));
	want_fault(call(p + 32), SIGSEGV, SEGV_ACCERR, p + 32);
	want_pc(p + 32);
}
static void data_segment(void)
{
	catch_faults();
	static u8 data[CODE_SIZE * 2] __attribute__((aligned(16))) = { 1 };
	put(data, 5);
	want_fault(call(data), SIGSEGV, SEGV_ACCERR, data);
	want_pc(data);
}
static void stack_not_executable(void)
{
	catch_faults();
	u8 code[CODE_SIZE] __attribute__((aligned(16)));
	put(code, 5);
	want_fault(call(code), SIGSEGV, SEGV_ACCERR, code);
	want_pc(code);
}
static void unmapped(void)
{
	catch_faults();
	u8 *p = code_pages(1);
	munmap(p, 4096);
	want_fault(call(p + 8), SIGSEGV, SEGV_MAPERR, p + 8);
	want_pc(p + 8);
}
static void null_call(void)
{
	catch_faults();
	void *volatile null = NULL;
	want_fault(call(null), SIGSEGV, SEGV_MAPERR, 0);
	want_pc(0);
	want_fault(call((u8 *)null + 16), SIGSEGV, SEGV_MAPERR, 16);
	want_pc(16);
}
/* A store before the end of the page, then nothing: it must have happened. */
static u8 *running_off(u8 *end)
{
	u8 *start = end - 16 * NOP_SIZE;
	for (int i = 0; i < 16; i++)
		memcpy(start + i * NOP_SIZE, nop_bytes, NOP_SIZE);
	flush(start, 16 * NOP_SIZE);
	return start;
}
static void runs_off_into_hole(void)
{
	catch_faults();
	u8 *end = code_pages(2) + 4096;
	munmap(end, 4096);
	u8 *start = running_off(end);
	want_fault(call(start), SIGSEGV, SEGV_MAPERR, end);
	want_pc(end);
}
static void runs_off_into_data(void)
{
	catch_faults();
	u8 *end = code_pages(2) + 4096;
	must(mprotect(end, 4096, PROT_READ | PROT_WRITE));
	u8 *start = running_off(end);
	want_fault(call(start), SIGSEGV, SEGV_ACCERR, end);
	want_pc(end);
}
static void runs_off_end_of_file(void)
{
	catch_faults();
	int file = must(memfd_create("code", 0));
	must(ftruncate(file, 4096));
	u8 *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, file, 0);
	u8 *start = running_off(p + 4096);
	want_fault(call(start), SIGBUS, BUS_ADRERR, p + 4096);
	want_pc(p + 4096);
}
static void split_second_half_missing(void)
{
	catch_faults();
	u8 *end = code_pages(2) + 4096;
	memcpy(end - 2, split_bytes, 2);
	munmap(end, 4096);
	flush(end - 2, 2);
	want_fault(call(end - 2), SIGSEGV, SEGV_MAPERR, end);
	want_pc(end - 2);
}
static void split_second_half_not_executable(void)
{
	catch_faults();
	u8 *end = code_pages(2) + 4096;
	memcpy(end - 2, split_bytes, 4);
	must(mprotect(end, 4096, PROT_READ));
	flush(end - 2, 2);
	want_fault(call(end - 2), SIGSEGV, SEGV_ACCERR, end);
	want_pc(end - 2);
}
static void split_earlier_effects_kept(void)
{
	catch_faults();
	u8 *end = code_pages(2) + 4096;
#if defined(__riscv)
	u8 code[] = { 0x0c, 0xc1 /* c.sw a1, 0(a0) */, 0x85, 0x05 /* c.addi a1, 1 */, 0x4c, 0xc1 /* c.sw a1, 4(a0) */ };
#else
	u8 code[] = { 0x89, 0x37 /* mov [rdi], esi */, 0xff, 0xc6 /* inc esi */, 0x89, 0x77, 0x04 /* mov [rdi+4], esi */ };
#endif
	static volatile u32 cells[2];
	memcpy(end - 2 - sizeof code, code, sizeof code);
	memcpy(end - 2, split_bytes, 2);
	munmap(end, 4096);
	u8 *start = end - 2 - sizeof code;
	flush(start, sizeof code + 2);
	want_fault(((int (*)(volatile u32 *, u32))start)(cells, 41), SIGSEGV, SEGV_MAPERR, end);
	want_pc(end - 2);
	want("first store", cells[0], 41);
	want("second store", cells[1], 42);
}
static void split_both_present(void)
{
	catch_faults();
	u8 *end = code_pages(2) + 4096;
	memcpy(end - 2, split_bytes, 4);
	memcpy(end + 2, return_bytes, 2);
	flush(end - 2, 6);
	want("value", (u16)call(end - 2) & 0xff, 7);
	/* Then the second page goes, and comes back with another half. */
	for (int i = 0; i < 20; i++) {
		must(mprotect(end, 4096, PROT_READ | PROT_WRITE));
		want_fault(call(end - 2), SIGSEGV, SEGV_ACCERR, end);
		want_pc(end - 2);
		must(mprotect(end, 4096, PROT_READ | PROT_WRITE | PROT_EXEC));
#if defined(__riscv)
		*(u16 *)end = (u16)(i << 4); /* the upper half holds bits 16..31: imm = i */
		flush(end, 2);
		want("new half", call(end - 2), i);
#else
		*(u8 *)end = (u8)i;
		want("new half", call(end - 2) & 0xff, i);
#endif
	}
}
static void returns_into_nothing(void)
{
	catch_faults();
	u8 *p = code_pages(1);
	memcpy(p, return_bytes, 2);
	flush(p, 2);
#if defined(__riscv)
	want_fault(__asm__ volatile("mv ra, %1\n jr %0" ::"r"(p), "r"(0x4440) : "ra", "memory"), SIGSEGV, SEGV_MAPERR, 0x4440);
#else
	want_fault(__asm__ volatile("pushq $0x4440\n jmp *%0" ::"r"(p) : "memory"), SIGSEGV, SEGV_MAPERR, 0x4440);
#endif
	want_pc(0x4440);
}
#if defined(__riscv)
static void wild_targets(void)
{
	catch_faults();
	u64 all[] = { 0xdeadbeefdeadbee0, 1ull << 63, 1ull << 56, 0x0000800000000000, 0xfffffffffffffffe, 0xffff800000000000, 0x7ffffffffffe };
	for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
		want_fault(call((void *)all[i]), SIGSEGV, SEGV_MAPERR, all[i]);
		want_pc(all[i]);
	}
}
/* jalr clears bit 0 of the target. */
static void odd_target_is_even(void)
{
	u8 *p = code_pages(1);
	put(p + 2, 77);
	flush(p, 64);
	want("value", call(p + 3), 77);
}
#endif

static const struct check checks[] = {
	C(not_executable), C(data_segment), C(stack_not_executable), C(unmapped), C(null_call), C(runs_off_into_hole),
	C(runs_off_into_data), C(runs_off_end_of_file), C(split_second_half_missing), C(split_second_half_not_executable),
	C(split_earlier_effects_kept), C(split_both_present), C(returns_into_nothing),
#if defined(__riscv)
	C(wild_targets), C(odd_target_is_even),
#endif
};
MAIN(checks)
