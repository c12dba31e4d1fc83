/* Rows of floating-point instruction tests: bits in, bits and raised flags out. */
#ifndef FLOAT_ROWS_H
#define FLOAT_ROWS_H
#include "rows.h"
#if defined(__riscv)
struct result {
	u64 bits;
	u32 flags;
};
/* Operands enter with all upper bits set, as a boxed single must have; a double has none. */
#ifdef SINGLE
#define BOX(bits) ((bits) | 0xffffffff00000000)
#else
#define BOX(bits) (bits)
#endif
__attribute__((unused)) static void float_row_is(const char *insn, const char *form, int mode, u64 a, u64 b, u64 got, u64 flags, const struct result *e)
{
	if (got != e->bits || flags != e->flags)
		fail("%s %s, mode %d: 0x%llx 0x%llx give 0x%llx flags %d, expected 0x%llx flags %d", insn, form, mode, (ll)a, (ll)b, (ll)got,
			(int)flags, (ll)e->bits, e->flags);
}
/* The instruction with each static mode, picked by a jump: 16 bytes a mode. */
#define STATIC_MODE(insn, operands) "la t0, 9f\n slli t1, %[m], 4\n add t0, t0, t1\n jr t0\n .option push\n .option norvc\n .balign 4\n9:\n" \
	insn " " operands ", rne\n j 8f\n nop\n nop\n" insn " " operands ", rtz\n j 8f\n nop\n nop\n" insn " " operands ", rdn\n j 8f\n nop\n nop\n" \
	insn " " operands ", rup\n j 8f\n nop\n nop\n" insn " " operands ", rmm\n j 8f\n nop\n nop\n8:\n .option pop"
#define EACH(list) for (int mode = 0; mode < 5; mode++) for (int i = 0; i < COUNT(list); i++)

/* The dynamic form, then the static form with the register's mode set to another one. */
#define FFF_MODES(name, insn, ...) static void name(void) { \
	static const struct result expected[] = { __VA_ARGS__ }; \
	EACH(A) { \
		const struct result *e = &expected[mode * COUNT(A) + i]; \
		u64 a = BOX(A[i]), b = BOX(B[i]), d, flags; \
		__asm__ volatile("fmv.d.x ft0, %[a]\n fmv.d.x ft1, %[b]\n fsrm %[m]\n fsflags zero\n" insn " ft2, ft0, ft1\n frflags %[fl]\n fmv.x.d %[d], ft2\n fscsr zero" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [b] "r"(b), [m] "r"((u64)mode) : "ft0", "ft1", "ft2"); \
		float_row_is(insn, "dynamic", mode, a, b, d, flags, e); \
		__asm__ volatile("fmv.d.x fs0, %[a]\n fmv.d.x fa1, %[b]\n fsrm %[o]\n fsflags zero\n" STATIC_MODE(insn, "fs0, fs0, fa1") "\n frflags %[fl]\n fmv.x.d %[d], fs0\n fscsr zero" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [b] "r"(b), [m] "r"((u64)mode), [o] "r"((u64)((mode + 1) % 5)) : "fs0", "fa1", "t0", "t1"); \
		float_row_is(insn, "static, into its operand", mode, a, b, d, flags, e); \
		if (a == b) { \
			__asm__ volatile("fmv.d.x ft0, %[a]\n fsrm %[m]\n fsflags zero\n" insn " ft0, ft0, ft0\n frflags %[fl]\n fmv.x.d %[d], ft0\n fscsr zero" \
				: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [m] "r"((u64)mode) : "ft0"); \
			float_row_is(insn, "one register", mode, a, b, d, flags, e); \
		} \
	} }
#define FF_MODES(name, insn, ...) static void name(void) { \
	static const struct result expected[] = { __VA_ARGS__ }; \
	EACH(A) { \
		const struct result *e = &expected[mode * COUNT(A) + i]; \
		u64 a = BOX(A[i]), d, flags; \
		__asm__ volatile("fmv.d.x ft0, %[a]\n fsrm %[m]\n fsflags zero\n" insn " ft2, ft0\n frflags %[fl]\n fmv.x.d %[d], ft2\n fscsr zero" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [m] "r"((u64)mode) : "ft0", "ft2"); \
		float_row_is(insn, "dynamic", mode, a, 0, d, flags, e); \
		__asm__ volatile("fmv.d.x fs0, %[a]\n fsrm %[o]\n fsflags zero\n" STATIC_MODE(insn, "fs0, fs0") "\n frflags %[fl]\n fmv.x.d %[d], fs0\n fscsr zero" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [m] "r"((u64)mode), [o] "r"((u64)((mode + 1) % 5)) : "fs0", "t0", "t1"); \
		float_row_is(insn, "static, into its operand", mode, a, 0, d, flags, e); \
	} }
#define FFFF_MODES(name, insn, ...) static void name(void) { \
	static const struct result expected[] = { __VA_ARGS__ }; \
	EACH(A) { \
		const struct result *e = &expected[mode * COUNT(A) + i]; \
		u64 a = BOX(A[i]), b = BOX(B[i]), c = BOX(THIRD[i]), d, flags; \
		__asm__ volatile("fmv.d.x ft0, %[a]\n fmv.d.x ft1, %[b]\n fmv.d.x ft2, %[c]\n fsrm %[m]\n fsflags zero\n" insn " ft3, ft0, ft1, ft2\n frflags %[fl]\n fmv.x.d %[d], ft3\n fscsr zero" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [b] "r"(b), [c] "r"(c), [m] "r"((u64)mode) : "ft0", "ft1", "ft2", "ft3"); \
		float_row_is(insn, "dynamic", mode, a, b, d, flags, e); \
		__asm__ volatile("fmv.d.x fs0, %[a]\n fmv.d.x fa1, %[b]\n fmv.d.x ft9, %[c]\n fsrm %[o]\n fsflags zero\n" STATIC_MODE(insn, "ft9, fs0, fa1, ft9") "\n frflags %[fl]\n fmv.x.d %[d], ft9\n fscsr zero" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [b] "r"(b), [c] "r"(c), [m] "r"((u64)mode), [o] "r"((u64)((mode + 1) % 5)) : "fs0", "fa1", "ft9", "t0", "t1"); \
		float_row_is(insn, "static, into its third operand", mode, a, b, d, flags, e); \
	} }
#define FFF(name, insn, ...) static void name(void) { \
	static const struct result expected[] = { __VA_ARGS__ }; \
	for (int i = 0; i < COUNT(A); i++) { \
		u64 a = BOX(A[i]), b = BOX(B[i]), d, flags; \
		__asm__ volatile("fmv.d.x ft0, %[a]\n fmv.d.x ft1, %[b]\n fsflags zero\n" insn " ft2, ft0, ft1\n frflags %[fl]\n fmv.x.d %[d], ft2" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [b] "r"(b) : "ft0", "ft1", "ft2"); \
		float_row_is(insn, "", 0, a, b, d, flags, &expected[i]); \
		__asm__ volatile("fmv.d.x fs0, %[a]\n fmv.d.x fs1, %[b]\n fsflags zero\n" insn " fs1, fs0, fs1\n frflags %[fl]\n fmv.x.d %[d], fs1" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [b] "r"(b) : "fs0", "fs1"); \
		float_row_is(insn, "into its operand", 0, a, b, d, flags, &expected[i]); \
	} }
#define XFF(name, insn, ...) static void name(void) { \
	static const struct result expected[] = { __VA_ARGS__ }; \
	for (int i = 0; i < COUNT(A); i++) { \
		u64 a = BOX(A[i]), b = BOX(B[i]), d, flags; \
		__asm__ volatile("fmv.d.x ft0, %[a]\n fmv.d.x ft1, %[b]\n fsflags zero\n" insn " %[d], ft0, ft1\n frflags %[fl]" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [b] "r"(b) : "ft0", "ft1"); \
		float_row_is(insn, "", 0, a, b, d, flags, &expected[i]); \
		__asm__ volatile("fmv.d.x ft0, %[a]\n fmv.d.x ft1, %[b]\n fsflagsi 31\n" insn " %[d], ft0, ft1\n frflags %[fl]\n fsflags zero" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [b] "r"(b) : "ft0", "ft1"); \
		row_is(insn, "flags stay raised", a, b, flags, 31); \
	} }
#define XF(name, insn, ...) static void name(void) { \
	static const struct result expected[] = { __VA_ARGS__ }; \
	for (int i = 0; i < COUNT(A); i++) { \
		u64 a = BOX(A[i]), d, flags; \
		__asm__ volatile("fmv.d.x ft0, %[a]\n fsflags zero\n" insn " %[d], ft0\n frflags %[fl]" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a) : "ft0"); \
		float_row_is(insn, "", 0, a, 0, d, flags, &expected[i]); \
	} }
#define XF_MODES(name, insn, ...) static void name(void) { \
	static const struct result expected[] = { __VA_ARGS__ }; \
	EACH(NUMBERS) { \
		const struct result *e = &expected[mode * COUNT(NUMBERS) + i]; \
		u64 a = BOX(NUMBERS[i]), d, flags; \
		__asm__ volatile("fmv.d.x ft0, %[a]\n fsrm %[m]\n fsflags zero\n" insn " %[d], ft0, dyn\n frflags %[fl]\n fscsr zero" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [m] "r"((u64)mode) : "ft0"); \
		float_row_is(insn, "dynamic", mode, a, 0, d, flags, e); \
		__asm__ volatile("fmv.d.x ft0, %[a]\n fsrm %[o]\n fsflags zero\n" STATIC_MODE(insn, "%[d], ft0") "\n frflags %[fl]\n fscsr zero" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [m] "r"((u64)mode), [o] "r"((u64)((mode + 1) % 5)) : "ft0", "t0", "t1"); \
		float_row_is(insn, "static", mode, a, 0, d, flags, e); \
	} }
#define FX_MODES(name, insn, ...) static void name(void) { \
	static const struct result expected[] = { __VA_ARGS__ }; \
	EACH(INTEGERS) { \
		const struct result *e = &expected[mode * COUNT(INTEGERS) + i]; \
		u64 a = INTEGERS[i], d, flags; \
		__asm__ volatile("fsrm %[m]\n fsflags zero\n" insn " ft0, %[a]\n frflags %[fl]\n fmv.x.d %[d], ft0\n fscsr zero" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a), [m] "r"((u64)mode) : "ft0"); \
		float_row_is(insn, "dynamic", mode, a, 0, d, flags, e); \
		if (a == 0) { \
			__asm__ volatile("fsrm %[m]\n fsflags zero\n" insn " ft0, zero\n frflags %[fl]\n fmv.x.d %[d], ft0\n fscsr zero" \
				: [d] "=&r"(d), [fl] "=&r"(flags) : [m] "r"((u64)mode) : "ft0"); \
			float_row_is(insn, "from zero", mode, a, 0, d, flags, e); \
		} \
	} }
#define FF_OVER(name, insn, list, ...) static void name(void) { \
	static const struct result expected[] = { __VA_ARGS__ }; \
	for (int i = 0; i < COUNT(list); i++) { \
		u64 a = list[i], d, flags; \
		__asm__ volatile("fmv.d.x ft0, %[a]\n fsflags zero\n" insn " ft2, ft0\n frflags %[fl]\n fmv.x.d %[d], ft2" \
			: [d] "=&r"(d), [fl] "=&r"(flags) : [a] "r"(a) : "ft0", "ft2"); \
		float_row_is(insn, "", 0, a, 0, d, flags, &expected[i]); \
	} }
#endif
#endif
