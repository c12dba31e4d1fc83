/* Rows of instruction tests: operands and the value that the manual demands. Each row is tried with every way that
 * registers can coincide. RISC-V only. */
#ifndef ROWS_H
#define ROWS_H
#include "../check.h"
#if defined(__riscv)
typedef long long ll;
#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
__attribute__((unused)) static void row_is(const char *insn, const char *form, u64 a, u64 b, u64 got, u64 expected)
{
	if (got != expected)
		fail("%s %s: operands 0x%llx 0x%llx give 0x%llx, expected 0x%llx", insn, form, (ll)a, (ll)b, (ll)got, (ll)expected);
}

/* Two register operands over the lists A and B; the expected values follow. */
#define RR_AS(name, insn, arch, a_list, b_list, ...) static void name(void) { \
	static const u64 expected[] = { __VA_ARGS__ }; \
	for (int i = 0; i < COUNT(expected); i++) { \
		u64 a = a_list[i], b = b_list[i], d, e = expected[i]; \
		__asm__ volatile(".option push\n" arch insn " %0, %1, %2\n.option pop" : "=&r"(d) : "r"(a), "r"(b)); \
		row_is(insn, "d,a,b", a, b, d, e); \
		d = a; \
		__asm__ volatile(".option push\n" arch insn " %0, %0, %1\n.option pop" : "+&r"(d) : "r"(b)); \
		row_is(insn, "a,a,b", a, b, d, e); \
		d = b; \
		__asm__ volatile(".option push\n" arch insn " %0, %1, %0\n.option pop" : "+&r"(d) : "r"(a)); \
		row_is(insn, "b,a,b", a, b, d, e); \
		if (a == b) { \
			d = a; \
			__asm__ volatile(".option push\n" arch insn " %0, %0, %0\n.option pop" : "+&r"(d)); \
			row_is(insn, "a,a,a", a, b, d, e); \
		} \
		if (a == 0) { \
			__asm__ volatile(".option push\n" arch insn " %0, zero, %1\n.option pop" : "=r"(d) : "r"(b)); \
			row_is(insn, "d,zero,b", a, b, d, e); \
		} \
		if (b == 0) { \
			__asm__ volatile(".option push\n" arch insn " %0, %1, zero\n.option pop" : "=r"(d) : "r"(a)); \
			row_is(insn, "d,a,zero", a, b, d, e); \
		} \
		__asm__ volatile(".option push\n" arch insn " zero, %1, %2\n mv %0, zero\n.option pop" : "=r"(d) : "r"(a), "r"(b)); \
		row_is(insn, "zero,a,b", a, b, d, 0); \
		/* The rare registers: sp-like names are left out, all others take part. */ \
		__asm__ volatile(".option push\n" arch "mv t3, %1\n mv s10, %2\n" insn " s9, t3, s10\n nop\n mv %0, s9\n.option pop" \
			: "=r"(d) : "r"(a), "r"(b) : "t3", "s9", "s10"); \
		row_is(insn, "s9,t3,s10", a, b, d, e); \
	} }
/* One register operand. */
#define R_AS(name, insn, arch, a_list, ...) static void name(void) { \
	static const u64 expected[] = { __VA_ARGS__ }; \
	for (int i = 0; i < COUNT(expected); i++) { \
		u64 a = a_list[i], d, e = expected[i]; \
		__asm__ volatile(".option push\n" arch insn " %0, %1\n.option pop" : "=&r"(d) : "r"(a)); \
		row_is(insn, "d,a", a, 0, d, e); \
		d = a; \
		__asm__ volatile(".option push\n" arch insn " %0, %0\n.option pop" : "+&r"(d)); \
		row_is(insn, "a,a", a, 0, d, e); \
	} }
/* One register and a constant operand: one statement a row. */
#define RI(insn, arch, a_, imm, e_) do { \
	u64 a = a_, d, e = e_; \
	__asm__ volatile(".option push\n" arch insn " %0, %1, %2\n.option pop" : "=&r"(d) : "r"(a), "i"(imm)); \
	row_is(insn, "d,a,imm", a, (u64)(imm), d, e); \
	d = a; \
	__asm__ volatile(".option push\n" arch insn " %0, %0, %1\n.option pop" : "+&r"(d) : "i"(imm)); \
	row_is(insn, "a,a,imm", a, (u64)(imm), d, e); \
	__asm__ volatile(".option push\n" arch insn " zero, %1, %2\n mv %0, zero\n.option pop" : "=r"(d) : "r"(a), "i"(imm)); \
	row_is(insn, "zero,a,imm", a, (u64)(imm), d, 0); \
	} while (0)
#endif
#endif
