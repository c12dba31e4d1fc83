/* A: load-reserved, store-conditional, atomic operations of both widths.
 * Written from the manual; the values come from a model of it, not from an emulator. */
#include "rows.h"
#if defined(__riscv)

static const u64 A[] = {
	0x0, 0x1, 0x0, 0x1, 0xffffffffffffffff, 0xffffffffffffffff, 0x1, 0x0, 0xffffffffffffffff, 0x8000000000000000,
	0x8000000000000000, 0x7fffffffffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0x80000000, 0x7fffffff,
	0xffffffff80000000, 0xffffffff80000000, 0x7fffffff, 0xffffffff, 0x80000000, 0x123456789abcdef, 0x123456789abcdef,
	0xfedcba9876543210, 0xfedcba9876543210, 0xfedcba9876543210, 0x5555555555555555, 0xdeadbeefcafebabe,
	0x8000000000000001, 0x4d, 0xffffffffffffffb3, 0x4d };
static const u64 B[] = {
	0x0, 0x1, 0x1, 0x0, 0xffffffffffffffff, 0x1, 0xffffffffffffffff, 0xffffffffffffffff, 0x0, 0xffffffffffffffff,
	0x8000000000000000, 0x1, 0x7fffffffffffffff, 0x1, 0x80000000, 0x1, 0xffffffffffffffff, 0xffffffff80000000,
	0x7fffffff, 0xffffffff, 0x1f, 0x4, 0x3f, 0x20, 0x21, 0x40, 0xaaaaaaaaaaaaaaaa, 0x1122334455667788,
	0x7ffffffffffffffe, 0x3, 0x3, 0xfffffffffffffffd };

/* The operation returns the old value (sign-extended) and leaves the new one; nothing beside it changes. */
#define AMO(name, insn, type, ...) static void name(void) { \
	static const struct { u64 old, new_; } expected[] = { __VA_ARGS__ }; \
	static type cells[4] __attribute__((aligned(16))); \
	for (int i = 0; i < COUNT(expected); i++) { \
		u64 a = A[i], b = B[i], d; \
		for (int form = 0; form < 4; form++) { \
			cells[0] = cells[2] = (type)0x5a5a5a5a5a5a5a5a; \
			cells[1] = (type)a; \
			if (form == 0) __asm__ volatile(insn " %0, %1, (%2)" : "=&r"(d) : "r"(b), "r"(&cells[1]) : "memory"); \
			if (form == 1) __asm__ volatile(insn ".aqrl %0, %1, (%2)" : "=&r"(d) : "r"(b), "r"(&cells[1]) : "memory"); \
			if (form == 2) { d = b; __asm__ volatile(insn " %0, %0, (%1)" : "+&r"(d) : "r"(&cells[1]) : "memory"); } \
			if (form == 3) { d = (u64)&cells[1]; __asm__ volatile(insn " %0, %1, (%0)" : "+&r"(d) : "r"(b) : "memory"); } \
			row_is(insn, form == 0 ? "old" : form == 1 ? "old, aqrl" : form == 2 ? "old into its operand" : "old into its base", a, b, d, expected[i].old); \
			row_is(insn, "new", a, b, cells[1], (type)expected[i].new_); \
			row_is(insn, "before", a, b, cells[0], (type)0x5a5a5a5a5a5a5a5a); \
			row_is(insn, "after", a, b, cells[2], (type)0x5a5a5a5a5a5a5a5a); \
		} \
		cells[1] = (type)a; \
		__asm__ volatile(insn " zero, %0, (%1)" ::"r"(b), "r"(&cells[1]) : "memory"); \
		row_is(insn, "into zero", a, b, cells[1], (type)expected[i].new_); \
	} }
AMO(amoswap_w, "amoswap.w", u32,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x1 }, { 0x1, 0x0 }, { 0xffffffffffffffff, 0xffffffff },
	{ 0xffffffffffffffff, 0x1 }, { 0x1, 0xffffffff }, { 0x0, 0xffffffff }, { 0xffffffffffffffff, 0x0 },
	{ 0x0, 0xffffffff }, { 0x0, 0x0 }, { 0xffffffffffffffff, 0x1 }, { 0xffffffffffffffff, 0xffffffff }, { 0x0, 0x1 },
	{ 0xffffffff80000000, 0x80000000 }, { 0x7fffffff, 0x1 }, { 0xffffffff80000000, 0xffffffff },
	{ 0xffffffff80000000, 0x80000000 }, { 0x7fffffff, 0x7fffffff }, { 0xffffffffffffffff, 0xffffffff },
	{ 0xffffffff80000000, 0x1f }, { 0xffffffff89abcdef, 0x4 }, { 0xffffffff89abcdef, 0x3f }, { 0x76543210, 0x20 },
	{ 0x76543210, 0x21 }, { 0x76543210, 0x40 }, { 0x55555555, 0xaaaaaaaa }, { 0xffffffffcafebabe, 0x55667788 },
	{ 0x1, 0xfffffffe }, { 0x4d, 0x3 }, { 0xffffffffffffffb3, 0x3 }, { 0x4d, 0xfffffffd })
AMO(amoadd_w, "amoadd.w", u32,
	{ 0x0, 0x0 }, { 0x1, 0x2 }, { 0x0, 0x1 }, { 0x1, 0x1 }, { 0xffffffffffffffff, 0xfffffffe },
	{ 0xffffffffffffffff, 0x0 }, { 0x1, 0x0 }, { 0x0, 0xffffffff }, { 0xffffffffffffffff, 0xffffffff },
	{ 0x0, 0xffffffff }, { 0x0, 0x0 }, { 0xffffffffffffffff, 0x0 }, { 0xffffffffffffffff, 0xfffffffe }, { 0x0, 0x1 },
	{ 0xffffffff80000000, 0x0 }, { 0x7fffffff, 0x80000000 }, { 0xffffffff80000000, 0x7fffffff },
	{ 0xffffffff80000000, 0x0 }, { 0x7fffffff, 0xfffffffe }, { 0xffffffffffffffff, 0xfffffffe },
	{ 0xffffffff80000000, 0x8000001f }, { 0xffffffff89abcdef, 0x89abcdf3 }, { 0xffffffff89abcdef, 0x89abce2e },
	{ 0x76543210, 0x76543230 }, { 0x76543210, 0x76543231 }, { 0x76543210, 0x76543250 }, { 0x55555555, 0xffffffff },
	{ 0xffffffffcafebabe, 0x20653246 }, { 0x1, 0xffffffff }, { 0x4d, 0x50 }, { 0xffffffffffffffb3, 0xffffffb6 },
	{ 0x4d, 0x4a })
AMO(amoxor_w, "amoxor.w", u32,
	{ 0x0, 0x0 }, { 0x1, 0x0 }, { 0x0, 0x1 }, { 0x1, 0x1 }, { 0xffffffffffffffff, 0x0 },
	{ 0xffffffffffffffff, 0xfffffffe }, { 0x1, 0xfffffffe }, { 0x0, 0xffffffff }, { 0xffffffffffffffff, 0xffffffff },
	{ 0x0, 0xffffffff }, { 0x0, 0x0 }, { 0xffffffffffffffff, 0xfffffffe }, { 0xffffffffffffffff, 0x0 }, { 0x0, 0x1 },
	{ 0xffffffff80000000, 0x0 }, { 0x7fffffff, 0x7ffffffe }, { 0xffffffff80000000, 0x7fffffff },
	{ 0xffffffff80000000, 0x0 }, { 0x7fffffff, 0x0 }, { 0xffffffffffffffff, 0x0 }, { 0xffffffff80000000, 0x8000001f },
	{ 0xffffffff89abcdef, 0x89abcdeb }, { 0xffffffff89abcdef, 0x89abcdd0 }, { 0x76543210, 0x76543230 },
	{ 0x76543210, 0x76543231 }, { 0x76543210, 0x76543250 }, { 0x55555555, 0xffffffff },
	{ 0xffffffffcafebabe, 0x9f98cd36 }, { 0x1, 0xffffffff }, { 0x4d, 0x4e }, { 0xffffffffffffffb3, 0xffffffb0 },
	{ 0x4d, 0xffffffb0 })
AMO(amoand_w, "amoand.w", u32,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x0 }, { 0x1, 0x0 }, { 0xffffffffffffffff, 0xffffffff },
	{ 0xffffffffffffffff, 0x1 }, { 0x1, 0x1 }, { 0x0, 0x0 }, { 0xffffffffffffffff, 0x0 }, { 0x0, 0x0 }, { 0x0, 0x0 },
	{ 0xffffffffffffffff, 0x1 }, { 0xffffffffffffffff, 0xffffffff }, { 0x0, 0x0 }, { 0xffffffff80000000, 0x80000000 },
	{ 0x7fffffff, 0x1 }, { 0xffffffff80000000, 0x80000000 }, { 0xffffffff80000000, 0x80000000 },
	{ 0x7fffffff, 0x7fffffff }, { 0xffffffffffffffff, 0xffffffff }, { 0xffffffff80000000, 0x0 },
	{ 0xffffffff89abcdef, 0x4 }, { 0xffffffff89abcdef, 0x2f }, { 0x76543210, 0x0 }, { 0x76543210, 0x0 },
	{ 0x76543210, 0x0 }, { 0x55555555, 0x0 }, { 0xffffffffcafebabe, 0x40663288 }, { 0x1, 0x0 }, { 0x4d, 0x1 },
	{ 0xffffffffffffffb3, 0x3 }, { 0x4d, 0x4d })
AMO(amoor_w, "amoor.w", u32,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x1 }, { 0x1, 0x1 }, { 0xffffffffffffffff, 0xffffffff },
	{ 0xffffffffffffffff, 0xffffffff }, { 0x1, 0xffffffff }, { 0x0, 0xffffffff }, { 0xffffffffffffffff, 0xffffffff },
	{ 0x0, 0xffffffff }, { 0x0, 0x0 }, { 0xffffffffffffffff, 0xffffffff }, { 0xffffffffffffffff, 0xffffffff },
	{ 0x0, 0x1 }, { 0xffffffff80000000, 0x80000000 }, { 0x7fffffff, 0x7fffffff }, { 0xffffffff80000000, 0xffffffff },
	{ 0xffffffff80000000, 0x80000000 }, { 0x7fffffff, 0x7fffffff }, { 0xffffffffffffffff, 0xffffffff },
	{ 0xffffffff80000000, 0x8000001f }, { 0xffffffff89abcdef, 0x89abcdef }, { 0xffffffff89abcdef, 0x89abcdff },
	{ 0x76543210, 0x76543230 }, { 0x76543210, 0x76543231 }, { 0x76543210, 0x76543250 }, { 0x55555555, 0xffffffff },
	{ 0xffffffffcafebabe, 0xdffeffbe }, { 0x1, 0xffffffff }, { 0x4d, 0x4f }, { 0xffffffffffffffb3, 0xffffffb3 },
	{ 0x4d, 0xfffffffd })
AMO(amomin_w, "amomin.w", u32,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x0 }, { 0x1, 0x0 }, { 0xffffffffffffffff, 0xffffffff },
	{ 0xffffffffffffffff, 0xffffffff }, { 0x1, 0xffffffff }, { 0x0, 0xffffffff }, { 0xffffffffffffffff, 0xffffffff },
	{ 0x0, 0xffffffff }, { 0x0, 0x0 }, { 0xffffffffffffffff, 0xffffffff }, { 0xffffffffffffffff, 0xffffffff },
	{ 0x0, 0x0 }, { 0xffffffff80000000, 0x80000000 }, { 0x7fffffff, 0x1 }, { 0xffffffff80000000, 0x80000000 },
	{ 0xffffffff80000000, 0x80000000 }, { 0x7fffffff, 0x7fffffff }, { 0xffffffffffffffff, 0xffffffff },
	{ 0xffffffff80000000, 0x80000000 }, { 0xffffffff89abcdef, 0x89abcdef }, { 0xffffffff89abcdef, 0x89abcdef },
	{ 0x76543210, 0x20 }, { 0x76543210, 0x21 }, { 0x76543210, 0x40 }, { 0x55555555, 0xaaaaaaaa },
	{ 0xffffffffcafebabe, 0xcafebabe }, { 0x1, 0xfffffffe }, { 0x4d, 0x3 }, { 0xffffffffffffffb3, 0xffffffb3 },
	{ 0x4d, 0xfffffffd })
AMO(amomax_w, "amomax.w", u32,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x1 }, { 0x1, 0x1 }, { 0xffffffffffffffff, 0xffffffff },
	{ 0xffffffffffffffff, 0x1 }, { 0x1, 0x1 }, { 0x0, 0x0 }, { 0xffffffffffffffff, 0x0 }, { 0x0, 0x0 }, { 0x0, 0x0 },
	{ 0xffffffffffffffff, 0x1 }, { 0xffffffffffffffff, 0xffffffff }, { 0x0, 0x1 }, { 0xffffffff80000000, 0x80000000 },
	{ 0x7fffffff, 0x7fffffff }, { 0xffffffff80000000, 0xffffffff }, { 0xffffffff80000000, 0x80000000 },
	{ 0x7fffffff, 0x7fffffff }, { 0xffffffffffffffff, 0xffffffff }, { 0xffffffff80000000, 0x1f },
	{ 0xffffffff89abcdef, 0x4 }, { 0xffffffff89abcdef, 0x3f }, { 0x76543210, 0x76543210 }, { 0x76543210, 0x76543210 },
	{ 0x76543210, 0x76543210 }, { 0x55555555, 0x55555555 }, { 0xffffffffcafebabe, 0x55667788 }, { 0x1, 0x1 },
	{ 0x4d, 0x4d }, { 0xffffffffffffffb3, 0x3 }, { 0x4d, 0x4d })
AMO(amominu_w, "amominu.w", u32,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x0 }, { 0x1, 0x0 }, { 0xffffffffffffffff, 0xffffffff },
	{ 0xffffffffffffffff, 0x1 }, { 0x1, 0x1 }, { 0x0, 0x0 }, { 0xffffffffffffffff, 0x0 }, { 0x0, 0x0 }, { 0x0, 0x0 },
	{ 0xffffffffffffffff, 0x1 }, { 0xffffffffffffffff, 0xffffffff }, { 0x0, 0x0 }, { 0xffffffff80000000, 0x80000000 },
	{ 0x7fffffff, 0x1 }, { 0xffffffff80000000, 0x80000000 }, { 0xffffffff80000000, 0x80000000 },
	{ 0x7fffffff, 0x7fffffff }, { 0xffffffffffffffff, 0xffffffff }, { 0xffffffff80000000, 0x1f },
	{ 0xffffffff89abcdef, 0x4 }, { 0xffffffff89abcdef, 0x3f }, { 0x76543210, 0x20 }, { 0x76543210, 0x21 },
	{ 0x76543210, 0x40 }, { 0x55555555, 0x55555555 }, { 0xffffffffcafebabe, 0x55667788 }, { 0x1, 0x1 }, { 0x4d, 0x3 },
	{ 0xffffffffffffffb3, 0x3 }, { 0x4d, 0x4d })
AMO(amomaxu_w, "amomaxu.w", u32,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x1 }, { 0x1, 0x1 }, { 0xffffffffffffffff, 0xffffffff },
	{ 0xffffffffffffffff, 0xffffffff }, { 0x1, 0xffffffff }, { 0x0, 0xffffffff }, { 0xffffffffffffffff, 0xffffffff },
	{ 0x0, 0xffffffff }, { 0x0, 0x0 }, { 0xffffffffffffffff, 0xffffffff }, { 0xffffffffffffffff, 0xffffffff },
	{ 0x0, 0x1 }, { 0xffffffff80000000, 0x80000000 }, { 0x7fffffff, 0x7fffffff }, { 0xffffffff80000000, 0xffffffff },
	{ 0xffffffff80000000, 0x80000000 }, { 0x7fffffff, 0x7fffffff }, { 0xffffffffffffffff, 0xffffffff },
	{ 0xffffffff80000000, 0x80000000 }, { 0xffffffff89abcdef, 0x89abcdef }, { 0xffffffff89abcdef, 0x89abcdef },
	{ 0x76543210, 0x76543210 }, { 0x76543210, 0x76543210 }, { 0x76543210, 0x76543210 }, { 0x55555555, 0xaaaaaaaa },
	{ 0xffffffffcafebabe, 0xcafebabe }, { 0x1, 0xfffffffe }, { 0x4d, 0x4d }, { 0xffffffffffffffb3, 0xffffffb3 },
	{ 0x4d, 0xfffffffd })
AMO(amoswap_d, "amoswap.d", u64,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x1 }, { 0x1, 0x0 }, { 0xffffffffffffffff, 0xffffffffffffffff },
	{ 0xffffffffffffffff, 0x1 }, { 0x1, 0xffffffffffffffff }, { 0x0, 0xffffffffffffffff }, { 0xffffffffffffffff, 0x0 },
	{ 0x8000000000000000, 0xffffffffffffffff }, { 0x8000000000000000, 0x8000000000000000 }, { 0x7fffffffffffffff, 0x1 },
	{ 0x7fffffffffffffff, 0x7fffffffffffffff }, { 0x8000000000000000, 0x1 }, { 0x80000000, 0x80000000 },
	{ 0x7fffffff, 0x1 }, { 0xffffffff80000000, 0xffffffffffffffff }, { 0xffffffff80000000, 0xffffffff80000000 },
	{ 0x7fffffff, 0x7fffffff }, { 0xffffffff, 0xffffffff }, { 0x80000000, 0x1f }, { 0x123456789abcdef, 0x4 },
	{ 0x123456789abcdef, 0x3f }, { 0xfedcba9876543210, 0x20 }, { 0xfedcba9876543210, 0x21 },
	{ 0xfedcba9876543210, 0x40 }, { 0x5555555555555555, 0xaaaaaaaaaaaaaaaa },
	{ 0xdeadbeefcafebabe, 0x1122334455667788 }, { 0x8000000000000001, 0x7ffffffffffffffe }, { 0x4d, 0x3 },
	{ 0xffffffffffffffb3, 0x3 }, { 0x4d, 0xfffffffffffffffd })
AMO(amoadd_d, "amoadd.d", u64,
	{ 0x0, 0x0 }, { 0x1, 0x2 }, { 0x0, 0x1 }, { 0x1, 0x1 }, { 0xffffffffffffffff, 0xfffffffffffffffe },
	{ 0xffffffffffffffff, 0x0 }, { 0x1, 0x0 }, { 0x0, 0xffffffffffffffff }, { 0xffffffffffffffff, 0xffffffffffffffff },
	{ 0x8000000000000000, 0x7fffffffffffffff }, { 0x8000000000000000, 0x0 }, { 0x7fffffffffffffff, 0x8000000000000000 },
	{ 0x7fffffffffffffff, 0xfffffffffffffffe }, { 0x8000000000000000, 0x8000000000000001 }, { 0x80000000, 0x100000000 },
	{ 0x7fffffff, 0x80000000 }, { 0xffffffff80000000, 0xffffffff7fffffff }, { 0xffffffff80000000, 0xffffffff00000000 },
	{ 0x7fffffff, 0xfffffffe }, { 0xffffffff, 0x1fffffffe }, { 0x80000000, 0x8000001f },
	{ 0x123456789abcdef, 0x123456789abcdf3 }, { 0x123456789abcdef, 0x123456789abce2e },
	{ 0xfedcba9876543210, 0xfedcba9876543230 }, { 0xfedcba9876543210, 0xfedcba9876543231 },
	{ 0xfedcba9876543210, 0xfedcba9876543250 }, { 0x5555555555555555, 0xffffffffffffffff },
	{ 0xdeadbeefcafebabe, 0xefcff23420653246 }, { 0x8000000000000001, 0xffffffffffffffff }, { 0x4d, 0x50 },
	{ 0xffffffffffffffb3, 0xffffffffffffffb6 }, { 0x4d, 0x4a })
AMO(amoxor_d, "amoxor.d", u64,
	{ 0x0, 0x0 }, { 0x1, 0x0 }, { 0x0, 0x1 }, { 0x1, 0x1 }, { 0xffffffffffffffff, 0x0 },
	{ 0xffffffffffffffff, 0xfffffffffffffffe }, { 0x1, 0xfffffffffffffffe }, { 0x0, 0xffffffffffffffff },
	{ 0xffffffffffffffff, 0xffffffffffffffff }, { 0x8000000000000000, 0x7fffffffffffffff }, { 0x8000000000000000, 0x0 },
	{ 0x7fffffffffffffff, 0x7ffffffffffffffe }, { 0x7fffffffffffffff, 0x0 }, { 0x8000000000000000, 0x8000000000000001 },
	{ 0x80000000, 0x0 }, { 0x7fffffff, 0x7ffffffe }, { 0xffffffff80000000, 0x7fffffff }, { 0xffffffff80000000, 0x0 },
	{ 0x7fffffff, 0x0 }, { 0xffffffff, 0x0 }, { 0x80000000, 0x8000001f }, { 0x123456789abcdef, 0x123456789abcdeb },
	{ 0x123456789abcdef, 0x123456789abcdd0 }, { 0xfedcba9876543210, 0xfedcba9876543230 },
	{ 0xfedcba9876543210, 0xfedcba9876543231 }, { 0xfedcba9876543210, 0xfedcba9876543250 },
	{ 0x5555555555555555, 0xffffffffffffffff }, { 0xdeadbeefcafebabe, 0xcf8f8dab9f98cd36 },
	{ 0x8000000000000001, 0xffffffffffffffff }, { 0x4d, 0x4e }, { 0xffffffffffffffb3, 0xffffffffffffffb0 },
	{ 0x4d, 0xffffffffffffffb0 })
AMO(amoand_d, "amoand.d", u64,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x0 }, { 0x1, 0x0 }, { 0xffffffffffffffff, 0xffffffffffffffff },
	{ 0xffffffffffffffff, 0x1 }, { 0x1, 0x1 }, { 0x0, 0x0 }, { 0xffffffffffffffff, 0x0 },
	{ 0x8000000000000000, 0x8000000000000000 }, { 0x8000000000000000, 0x8000000000000000 }, { 0x7fffffffffffffff, 0x1 },
	{ 0x7fffffffffffffff, 0x7fffffffffffffff }, { 0x8000000000000000, 0x0 }, { 0x80000000, 0x80000000 },
	{ 0x7fffffff, 0x1 }, { 0xffffffff80000000, 0xffffffff80000000 }, { 0xffffffff80000000, 0xffffffff80000000 },
	{ 0x7fffffff, 0x7fffffff }, { 0xffffffff, 0xffffffff }, { 0x80000000, 0x0 }, { 0x123456789abcdef, 0x4 },
	{ 0x123456789abcdef, 0x2f }, { 0xfedcba9876543210, 0x0 }, { 0xfedcba9876543210, 0x0 }, { 0xfedcba9876543210, 0x0 },
	{ 0x5555555555555555, 0x0 }, { 0xdeadbeefcafebabe, 0x1020324440663288 }, { 0x8000000000000001, 0x0 }, { 0x4d, 0x1 },
	{ 0xffffffffffffffb3, 0x3 }, { 0x4d, 0x4d })
AMO(amoor_d, "amoor.d", u64,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x1 }, { 0x1, 0x1 }, { 0xffffffffffffffff, 0xffffffffffffffff },
	{ 0xffffffffffffffff, 0xffffffffffffffff }, { 0x1, 0xffffffffffffffff }, { 0x0, 0xffffffffffffffff },
	{ 0xffffffffffffffff, 0xffffffffffffffff }, { 0x8000000000000000, 0xffffffffffffffff },
	{ 0x8000000000000000, 0x8000000000000000 }, { 0x7fffffffffffffff, 0x7fffffffffffffff },
	{ 0x7fffffffffffffff, 0x7fffffffffffffff }, { 0x8000000000000000, 0x8000000000000001 }, { 0x80000000, 0x80000000 },
	{ 0x7fffffff, 0x7fffffff }, { 0xffffffff80000000, 0xffffffffffffffff }, { 0xffffffff80000000, 0xffffffff80000000 },
	{ 0x7fffffff, 0x7fffffff }, { 0xffffffff, 0xffffffff }, { 0x80000000, 0x8000001f },
	{ 0x123456789abcdef, 0x123456789abcdef }, { 0x123456789abcdef, 0x123456789abcdff },
	{ 0xfedcba9876543210, 0xfedcba9876543230 }, { 0xfedcba9876543210, 0xfedcba9876543231 },
	{ 0xfedcba9876543210, 0xfedcba9876543250 }, { 0x5555555555555555, 0xffffffffffffffff },
	{ 0xdeadbeefcafebabe, 0xdfafbfefdffeffbe }, { 0x8000000000000001, 0xffffffffffffffff }, { 0x4d, 0x4f },
	{ 0xffffffffffffffb3, 0xffffffffffffffb3 }, { 0x4d, 0xfffffffffffffffd })
AMO(amomin_d, "amomin.d", u64,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x0 }, { 0x1, 0x0 }, { 0xffffffffffffffff, 0xffffffffffffffff },
	{ 0xffffffffffffffff, 0xffffffffffffffff }, { 0x1, 0xffffffffffffffff }, { 0x0, 0xffffffffffffffff },
	{ 0xffffffffffffffff, 0xffffffffffffffff }, { 0x8000000000000000, 0x8000000000000000 },
	{ 0x8000000000000000, 0x8000000000000000 }, { 0x7fffffffffffffff, 0x1 }, { 0x7fffffffffffffff, 0x7fffffffffffffff },
	{ 0x8000000000000000, 0x8000000000000000 }, { 0x80000000, 0x80000000 }, { 0x7fffffff, 0x1 },
	{ 0xffffffff80000000, 0xffffffff80000000 }, { 0xffffffff80000000, 0xffffffff80000000 }, { 0x7fffffff, 0x7fffffff },
	{ 0xffffffff, 0xffffffff }, { 0x80000000, 0x1f }, { 0x123456789abcdef, 0x4 }, { 0x123456789abcdef, 0x3f },
	{ 0xfedcba9876543210, 0xfedcba9876543210 }, { 0xfedcba9876543210, 0xfedcba9876543210 },
	{ 0xfedcba9876543210, 0xfedcba9876543210 }, { 0x5555555555555555, 0xaaaaaaaaaaaaaaaa },
	{ 0xdeadbeefcafebabe, 0xdeadbeefcafebabe }, { 0x8000000000000001, 0x8000000000000001 }, { 0x4d, 0x3 },
	{ 0xffffffffffffffb3, 0xffffffffffffffb3 }, { 0x4d, 0xfffffffffffffffd })
AMO(amomax_d, "amomax.d", u64,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x1 }, { 0x1, 0x1 }, { 0xffffffffffffffff, 0xffffffffffffffff },
	{ 0xffffffffffffffff, 0x1 }, { 0x1, 0x1 }, { 0x0, 0x0 }, { 0xffffffffffffffff, 0x0 },
	{ 0x8000000000000000, 0xffffffffffffffff }, { 0x8000000000000000, 0x8000000000000000 },
	{ 0x7fffffffffffffff, 0x7fffffffffffffff }, { 0x7fffffffffffffff, 0x7fffffffffffffff }, { 0x8000000000000000, 0x1 },
	{ 0x80000000, 0x80000000 }, { 0x7fffffff, 0x7fffffff }, { 0xffffffff80000000, 0xffffffffffffffff },
	{ 0xffffffff80000000, 0xffffffff80000000 }, { 0x7fffffff, 0x7fffffff }, { 0xffffffff, 0xffffffff },
	{ 0x80000000, 0x80000000 }, { 0x123456789abcdef, 0x123456789abcdef }, { 0x123456789abcdef, 0x123456789abcdef },
	{ 0xfedcba9876543210, 0x20 }, { 0xfedcba9876543210, 0x21 }, { 0xfedcba9876543210, 0x40 },
	{ 0x5555555555555555, 0x5555555555555555 }, { 0xdeadbeefcafebabe, 0x1122334455667788 },
	{ 0x8000000000000001, 0x7ffffffffffffffe }, { 0x4d, 0x4d }, { 0xffffffffffffffb3, 0x3 }, { 0x4d, 0x4d })
AMO(amominu_d, "amominu.d", u64,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x0 }, { 0x1, 0x0 }, { 0xffffffffffffffff, 0xffffffffffffffff },
	{ 0xffffffffffffffff, 0x1 }, { 0x1, 0x1 }, { 0x0, 0x0 }, { 0xffffffffffffffff, 0x0 },
	{ 0x8000000000000000, 0x8000000000000000 }, { 0x8000000000000000, 0x8000000000000000 }, { 0x7fffffffffffffff, 0x1 },
	{ 0x7fffffffffffffff, 0x7fffffffffffffff }, { 0x8000000000000000, 0x1 }, { 0x80000000, 0x80000000 },
	{ 0x7fffffff, 0x1 }, { 0xffffffff80000000, 0xffffffff80000000 }, { 0xffffffff80000000, 0xffffffff80000000 },
	{ 0x7fffffff, 0x7fffffff }, { 0xffffffff, 0xffffffff }, { 0x80000000, 0x1f }, { 0x123456789abcdef, 0x4 },
	{ 0x123456789abcdef, 0x3f }, { 0xfedcba9876543210, 0x20 }, { 0xfedcba9876543210, 0x21 },
	{ 0xfedcba9876543210, 0x40 }, { 0x5555555555555555, 0x5555555555555555 },
	{ 0xdeadbeefcafebabe, 0x1122334455667788 }, { 0x8000000000000001, 0x7ffffffffffffffe }, { 0x4d, 0x3 },
	{ 0xffffffffffffffb3, 0x3 }, { 0x4d, 0x4d })
AMO(amomaxu_d, "amomaxu.d", u64,
	{ 0x0, 0x0 }, { 0x1, 0x1 }, { 0x0, 0x1 }, { 0x1, 0x1 }, { 0xffffffffffffffff, 0xffffffffffffffff },
	{ 0xffffffffffffffff, 0xffffffffffffffff }, { 0x1, 0xffffffffffffffff }, { 0x0, 0xffffffffffffffff },
	{ 0xffffffffffffffff, 0xffffffffffffffff }, { 0x8000000000000000, 0xffffffffffffffff },
	{ 0x8000000000000000, 0x8000000000000000 }, { 0x7fffffffffffffff, 0x7fffffffffffffff },
	{ 0x7fffffffffffffff, 0x7fffffffffffffff }, { 0x8000000000000000, 0x8000000000000000 }, { 0x80000000, 0x80000000 },
	{ 0x7fffffff, 0x7fffffff }, { 0xffffffff80000000, 0xffffffffffffffff }, { 0xffffffff80000000, 0xffffffff80000000 },
	{ 0x7fffffff, 0x7fffffff }, { 0xffffffff, 0xffffffff }, { 0x80000000, 0x80000000 },
	{ 0x123456789abcdef, 0x123456789abcdef }, { 0x123456789abcdef, 0x123456789abcdef },
	{ 0xfedcba9876543210, 0xfedcba9876543210 }, { 0xfedcba9876543210, 0xfedcba9876543210 },
	{ 0xfedcba9876543210, 0xfedcba9876543210 }, { 0x5555555555555555, 0xaaaaaaaaaaaaaaaa },
	{ 0xdeadbeefcafebabe, 0xdeadbeefcafebabe }, { 0x8000000000000001, 0x8000000000000001 }, { 0x4d, 0x4d },
	{ 0xffffffffffffffb3, 0xffffffffffffffb3 }, { 0x4d, 0xfffffffffffffffd })

static u64 cells[16] __attribute__((aligned(64)));
static void lr_sc_success(void)
{
	for (int i = 0; i < COUNT(A); i++) {
		u64 old, failed;
		cells[0] = A[i];
		__asm__ volatile("lr.d %0, (%2)\n sc.d %1, %3, (%2)" : "=&r"(old), "=&r"(failed) : "r"(cells), "r"(B[i]) : "memory");
		row_is("lr.d", "", A[i], B[i], old, A[i]);
		row_is("sc.d", "result", A[i], B[i], failed, 0);
		row_is("sc.d", "stored", A[i], B[i], cells[0], B[i]);
		cells[0] = A[i];
		__asm__ volatile("lr.w.aq %0, (%2)\n sc.w.rl %1, %3, (%2)" : "=&r"(old), "=&r"(failed) : "r"(cells), "r"(B[i]) : "memory");
		row_is("lr.w", "", A[i], B[i], old, (u64)(long)(int)A[i]);
		row_is("sc.w", "result", A[i], B[i], failed, 0);
		row_is("sc.w", "stored", A[i], B[i], cells[0], (A[i] & 0xffffffff00000000) | (u32)B[i]);
	}
}
static void sc_without_reservation_fails(void)
{
	u64 failed;
	cells[0] = 5;
	/* The first sc uses the reservation up, whatever became of it. */
	__asm__ volatile("lr.d t0, (%1)\n sc.d t0, t0, (%1)\n sc.d %0, zero, (%1)" : "=&r"(failed) : "r"(cells) : "t0", "memory");
	row_is("sc.d", "second", 0, 0, failed, 1);
	row_is("sc.d", "memory", 0, 0, cells[0], 5);
	__asm__ volatile("lr.w t0, (%1)\n sc.w t0, t0, (%1)\n sc.w %0, zero, (%1)" : "=&r"(failed) : "r"(cells) : "t0", "memory");
	row_is("sc.w", "second", 0, 0, failed, 1);
	row_is("sc.w", "memory", 0, 0, cells[0], 5);
}
static void sc_elsewhere_fails(void)
{
	u64 failed;
	cells[0] = 5;
	cells[12] = 6;
	__asm__ volatile("lr.d t0, (%1)\n sc.d %0, zero, (%2)" : "=&r"(failed) : "r"(cells), "r"(cells + 12) : "t0", "memory");
	row_is("sc.d", "another address", 0, 0, failed, 1);
	row_is("sc.d", "memory", 0, 0, cells[12], 6);
}
static void sc_into_registers(void)
{
	u64 d;
	cells[0] = 5;
	d = 77; /* rd is the value */
	__asm__ volatile("lr.d t0, (%1)\n sc.d %0, %0, (%1)" : "+&r"(d) : "r"(cells) : "t0", "memory");
	row_is("sc.d", "into its value", 0, 0, d, 0);
	row_is("sc.d", "memory", 0, 0, cells[0], 77);
	d = (u64)cells; /* rd is the base */
	__asm__ volatile("lr.d t0, (%0)\n addi t0, t0, 1\n sc.d %0, t0, (%0)" : "+&r"(d) :: "t0", "memory");
	row_is("sc.d", "into its base", 0, 0, d, 0);
	row_is("sc.d", "memory", 0, 0, cells[0], 78);
}
static void lr_sc_loop(void)
{
	cells[0] = 0;
	for (int i = 0; i < 1000; i++)
		__asm__ volatile("1: lr.w t0, (%0)\n addi t0, t0, 3\n sc.w t1, t0, (%0)\n bnez t1, 1b" ::"r"(cells) : "t0", "t1", "memory");
	row_is("lr/sc", "loop", 0, 0, cells[0], 3000);
}
/* Zacas, Zabha: by their words, since the assembler does not know them. rd = a2, rs2 = a3, rs1 = a4. */
static void amocas(void)
{
	for (int match = 0; match < 2; match++) {
		u64 d;
		cells[0] = 0x8877665544332211;
		__asm__ volatile("mv a2, %1\n li a3, 99\n mv a4, %2\n .word 0x28d7262f\n mv %0, a2" : "=r"(d)
			: "r"(match ? 0xffffffff44332211 : 1), "r"(cells) : "a2", "a3", "a4", "memory"); /* amocas.w */
		row_is("amocas.w", "old", (u64)match, 0, d, 0x44332211);
		row_is("amocas.w", "new", (u64)match, 0, cells[0], match ? 0x8877665500000063 : 0x8877665544332211);
		cells[0] = 0x8877665544332211;
		__asm__ volatile("mv a2, %1\n li a3, 99\n mv a4, %2\n .word 0x28d7362f\n mv %0, a2" : "=r"(d)
			: "r"(match ? 0x8877665544332211 : 1), "r"(cells) : "a2", "a3", "a4", "memory"); /* amocas.d */
		row_is("amocas.d", "old", (u64)match, 0, d, 0x8877665544332211);
		row_is("amocas.d", "new", (u64)match, 0, cells[0], match ? 99 : 0x8877665544332211);
		u64 high;
		cells[0] = 1;
		cells[1] = 2;
		__asm__ volatile("mv a2, %2\n li a3, 2\n mv a4, %3\n li a6, 7\n li a7, 8\n .word 0x2907462f\n mv %0, a2\n mv %1, a3" : "=&r"(d), "=&r"(high)
			: "r"((u64)match), "r"(cells) : "a2", "a3", "a4", "a6", "a7", "memory"); /* amocas.q a2, a6, (a4) */
		row_is("amocas.q", "old", (u64)match, 0, d, 1);
		row_is("amocas.q", "old, high", (u64)match, 0, high, 2);
		row_is("amocas.q", "new", (u64)match, 0, cells[0], match ? 7 : 1);
		row_is("amocas.q", "new, high", (u64)match, 0, cells[1], match ? 8 : 2);
	}
}
static void amo_of_bytes_and_halves(void)
{
	u64 d;
	cells[0] = 0x8877665544332211;
	__asm__ volatile("li a3, 0x90\n mv a4, %1\n .word 0x00d7062f\n mv %0, a2" : "=r"(d) : "r"((u8 *)cells + 7) : "a2", "a3", "a4", "memory"); /* amoadd.b */
	row_is("amoadd.b", "old", 0, 0, d, 0xffffffffffffff88);
	row_is("amoadd.b", "new", 0, 0, cells[0], 0x1877665544332211);
	__asm__ volatile("li a3, 0x9999\n mv a4, %1\n .word 0x08d7162f\n mv %0, a2" : "=r"(d) : "r"((u8 *)cells + 2) : "a2", "a3", "a4", "memory"); /* amoswap.h */
	row_is("amoswap.h", "old", 0, 0, d, 0x4433);
	row_is("amoswap.h", "new", 0, 0, cells[0], 0x1877665599992211);
	__asm__ volatile("li a3, 5\n mv a4, %1\n .word 0x80d7162f\n mv %0, a2" : "=r"(d) : "r"((u8 *)cells + 2) : "a2", "a3", "a4", "memory"); /* amomin.h */
	row_is("amomin.h", "old", 0, 0, d, 0xffffffffffff9999);
	row_is("amomin.h", "new", 0, 0, cells[0], 0x1877665599992211);
	__asm__ volatile("li a3, 5\n mv a4, %1\n .word 0xc0d7162f\n mv %0, a2" : "=r"(d) : "r"((u8 *)cells + 2) : "a2", "a3", "a4", "memory"); /* amominu.h */
	row_is("amominu.h", "old", 0, 0, d, 0xffffffffffff9999);
	row_is("amominu.h", "new", 0, 0, cells[0], 0x1877665500052211);
	__asm__ volatile("li a2, 0x11\n li a3, 0xee\n mv a4, %1\n .word 0x28d7062f\n mv %0, a2" : "=r"(d) : "r"(cells) : "a2", "a3", "a4", "memory"); /* amocas.b */
	row_is("amocas.b", "old", 0, 0, d, 0x11);
	row_is("amocas.b", "new", 0, 0, cells[0], 0x18776655000522ee);
}

static const struct check checks[] = {
	C(amoswap_w), C(amoadd_w), C(amoxor_w), C(amoand_w), C(amoor_w), C(amomin_w), C(amomax_w), C(amominu_w),
	C(amomaxu_w), C(amoswap_d), C(amoadd_d), C(amoxor_d), C(amoand_d), C(amoor_d), C(amomin_d), C(amomax_d),
	C(amominu_d), C(amomaxu_d), C(lr_sc_success), C(sc_without_reservation_fails), C(sc_elsewhere_fails),
	C(sc_into_registers), C(lr_sc_loop), C(amocas), C(amo_of_bytes_and_halves),
};
MAIN(checks)
#else
int main(void) { return 0; }
#endif
