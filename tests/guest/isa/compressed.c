/* C and Zcb: each compressed instruction does what its long form does, and is two bytes long. RISC-V only. */
#include "rows.h"
#if defined(__riscv)

static const u64 values[] = { 0, 1, 0xffffffffffffffff, 0x8000000000000000, 0x7fffffffffffffff, 0x80000000, 0x7fffffff, 0x0123456789abcdef };
/* The code between the labels must be two bytes; its effect on a0 (and a1) is compared. */
#define C_INSN(text, a0_, a1_, expected) do { \
	u64 d_, size_, a_ = a0_, b_ = a1_; \
	__asm__ volatile(".option push\n .option rvc\n mv a0, %2\n mv a1, %3\n1: " text "\n2: la %1, 2b\n la t0, 1b\n sub %1, %1, t0\n mv %0, a0\n .option pop" \
		: "=&r"(d_), "=&r"(size_) : "r"(a_), "r"(b_) : "a0", "a1", "t0", "memory"); \
	row_is(text, "length", a_, b_, size_, 2); \
	row_is(text, "", a_, b_, d_, expected); } while (0)
#define EACH_PAIR for (int i = 0; i < COUNT(values); i++) for (int k = 0; k < COUNT(values); k++)
#define X values[i]
#define Y values[k]
#define W(value) ((u64)(long)(int)(value))

static void register_register(void)
{
	EACH_PAIR {
		C_INSN("c.add a0, a1", X, Y, X + Y);
		C_INSN("c.sub a0, a1", X, Y, X - Y);
		C_INSN("c.and a0, a1", X, Y, X & Y);
		C_INSN("c.or a0, a1", X, Y, X | Y);
		C_INSN("c.xor a0, a1", X, Y, X ^ Y);
		C_INSN("c.addw a0, a1", X, Y, W(X + Y));
		C_INSN("c.subw a0, a1", X, Y, W(X - Y));
		C_INSN("c.mv a0, a1", X, Y, Y);
	}
}
static void immediates(void)
{
	for (int i = 0; i < COUNT(values); i++) {
		C_INSN("c.addi a0, 1", X, 0, X + 1);
		C_INSN("c.addi a0, -32", X, 0, X - 32);
		C_INSN("c.addi a0, 31", X, 0, X + 31);
		C_INSN("c.addiw a0, 0", X, 0, W(X));
		C_INSN("c.addiw a0, -1", X, 0, W(X - 1));
		C_INSN("c.addiw a0, 31", X, 0, W(X + 31));
		C_INSN("c.li a0, -32", X, 0, (u64)-32);
		C_INSN("c.li a0, 31", X, 0, 31);
		C_INSN("c.li a0, 0", X, 0, 0);
		C_INSN("c.lui a0, 1", X, 0, 0x1000);
		C_INSN("c.lui a0, 31", X, 0, 0x1f000);
		C_INSN("c.lui a0, 0xfffe0", X, 0, 0xfffffffffffe0000);
		C_INSN("c.lui a0, 0xfffff", X, 0, 0xfffffffffffff000);
		C_INSN("c.andi a0, 15", X, 0, X & 15);
		C_INSN("c.andi a0, -32", X, 0, X & (u64)-32);
		C_INSN("c.slli a0, 1", X, 0, X << 1);
		C_INSN("c.slli a0, 63", X, 0, X << 63);
		C_INSN("c.slli a0, 32", X, 0, X << 32);
		C_INSN("c.srli a0, 1", X, 0, X >> 1);
		C_INSN("c.srli a0, 63", X, 0, X >> 63);
		C_INSN("c.srai a0, 1", X, 0, (u64)((long)X >> 1));
		C_INSN("c.srai a0, 63", X, 0, (u64)((long)X >> 63));
		C_INSN("c.nop", X, 0, X);
	}
}
static void stack_pointer_forms(void)
{
	u64 d, sp;
	__asm__ volatile("mv %1, sp\n c.addi4spn a0, sp, 4\n mv %0, a0" : "=&r"(d), "=&r"(sp) :: "a0");
	row_is("c.addi4spn", "4", 0, 0, d, sp + 4);
	__asm__ volatile("mv %1, sp\n c.addi4spn a5, sp, 1020\n mv %0, a5" : "=&r"(d), "=&r"(sp) :: "a5");
	row_is("c.addi4spn", "1020", 0, 0, d, sp + 1020);
	__asm__ volatile("mv %1, sp\n c.addi16sp sp, -512\n mv %0, sp\n mv sp, %1" : "=&r"(d), "=&r"(sp));
	row_is("c.addi16sp", "-512", 0, 0, d, sp - 512);
	__asm__ volatile("mv %1, sp\n c.addi16sp sp, 496\n mv %0, sp\n mv sp, %1" : "=&r"(d), "=&r"(sp));
	row_is("c.addi16sp", "496", 0, 0, d, sp + 496);
	__asm__ volatile("mv %1, sp\n c.addi16sp sp, 16\n mv %0, sp\n mv sp, %1" : "=&r"(d), "=&r"(sp));
	row_is("c.addi16sp", "16", 0, 0, d, sp + 16);
}
static u64 cells[80] __attribute__((aligned(64)));
static void loads_and_stores(void)
{
	for (int i = 0; i < COUNT(values); i++) {
		for (int k = 0; k < 80; k++)
			cells[k] = 0x5a5a5a5a5a5a5a5a;
		cells[0] = X;
		cells[31] = ~X;
		cells[15] = X ^ 0x1111111122222222;
		C_INSN("c.ld a0, 0(a1)", 0, (u64)cells, X);
		C_INSN("c.ld a0, 248(a1)", 0, (u64)cells, ~X);
		C_INSN("c.lw a0, 0(a1)", 0, (u64)cells, W(X));
		C_INSN("c.lw a0, 124(a1)", 0, (u64)cells, W((X ^ 0x1111111122222222) >> 32));
		C_INSN("c.ld a0, 0(a0)", (u64)cells, 0, X);
		C_INSN("c.sd a0, 8(a1)", X, (u64)cells, X);
		row_is("c.sd", "", X, 0, cells[1], X);
		C_INSN("c.sd a0, 248(a1)", X, (u64)cells, X);
		row_is("c.sd", "", X, 0, cells[31], X);
		C_INSN("c.sw a0, 124(a1)", X, (u64)cells, X);
		row_is("c.sw", "", X, 0, cells[15], (X ^ 0x1111111122222222) & 0xffffffff ? (X << 32 | ((X ^ 0x1111111122222222) & 0xffffffff)) : X << 32);
		row_is("c.sw", "beside", X, 0, cells[16], 0x5a5a5a5a5a5a5a5a);
	}
}
static void stack_loads_and_stores(void)
{
	u64 d, e;
	for (int i = 0; i < COUNT(values); i++) {
		__asm__ volatile("c.addi16sp sp, -512\n c.mv a0, %2\n c.sdsp a0, 0(sp)\n c.sdsp a0, 504(sp)\n c.swsp a0, 252(sp)\n c.li a0, 0\n"
			" c.ldsp a0, 504(sp)\n mv %0, a0\n c.lwsp a0, 252(sp)\n mv %1, a0\n c.addi16sp sp, 496\n addi sp, sp, 16" : "=&r"(d), "=&r"(e) : "r"(X) : "a0", "memory");
		row_is("c.ldsp", "", X, 0, d, X);
		row_is("c.lwsp", "", X, 0, e, W(X));
		__asm__ volatile("c.addi16sp sp, -512\n fmv.d.x fa0, %2\n c.fsdsp fa0, 504(sp)\n c.fsdsp fa0, 0(sp)\n fmv.d.x fa0, zero\n c.fldsp fa0, 504(sp)\n"
			" fmv.x.d %0, fa0\n c.ldsp a0, 0(sp)\n mv %1, a0\n c.addi16sp sp, 496\n addi sp, sp, 16" : "=&r"(d), "=&r"(e) : "r"(X) : "a0", "fa0", "memory");
		row_is("c.fldsp", "", X, 0, d, X);
		row_is("c.fsdsp", "", X, 0, e, X);
		__asm__ volatile("mv a0, %2\n fmv.d.x fa1, %3\n c.fsd fa1, 16(a0)\n fmv.d.x fa1, zero\n c.fld fa1, 16(a0)\n fmv.x.d %0, fa1\n ld %1, 16(a0)"
			: "=&r"(d), "=&r"(e) : "r"(cells), "r"(X) : "a0", "fa1", "memory");
		row_is("c.fld", "", X, 0, d, X);
		row_is("c.fsd", "", X, 0, e, X);
	}
}
static void jumps(void)
{
	u64 d, e, size;
	__asm__ volatile(".option push\n .option rvc\n li %0, 0\n1: c.j 3f\n2: addi %0, %0, 1\n j 4f\n3: addi %0, %0, 2\n c.j 2b\n4: .option pop" : "=&r"(d));
	row_is("c.j", "forwards and back", 0, 0, d, 3);
	__asm__ volatile(".option push\n .option rvc\n li %0, 0\n la a0, 3f\n1: c.jalr a0\n2: addi %0, %0, 1\n j 4f\n3: addi %0, %0, 2\n mv %1, ra\n c.jr ra\n"
		"4: la %2, 2b\n .option pop" : "=&r"(d), "=&r"(e), "=&r"(size) :: "a0", "ra");
	row_is("c.jalr", "steps", 0, 0, d, 3);
	row_is("c.jalr", "link", 0, 0, e, size);
	__asm__ volatile("li %0, 0\n la ra, 1f\n c.jalr ra\n addi %0, %0, 1\n1: addi %0, %0, 2\n" : "=&r"(d) :: "ra");
	row_is("c.jalr ra", "steps", 0, 0, d, 2);
	/* The longest jumps. */
	__asm__ volatile(".option push\n .option rvc\n li %0, 0\n c.j 2f\n1: addi %0, %0, 1\n j 3f\n .zero 2030\n2: addi %0, %0, 2\n c.j 1b\n3: .option pop" : "=&r"(d));
	row_is("c.j", "far", 0, 0, d, 3);
}
static void branches(void)
{
	for (int i = 0; i < COUNT(values); i++) {
		u64 d;
		__asm__ volatile(".option push\n .option rvc\n mv a0, %1\n li %0, 0\n c.beqz a0, 1f\n j 2f\n1: addi %0, %0, 1\n2: .option pop" : "=&r"(d) : "r"(X) : "a0");
		row_is("c.beqz", "", X, 0, d, X == 0);
		__asm__ volatile(".option push\n .option rvc\n mv a0, %1\n li %0, 0\n j 3f\n1: addi %0, %0, 1\n j 2f\n .zero 230\n3: c.bnez a0, 1b\n2: .option pop" : "=&r"(d) : "r"(X) : "a0");
		row_is("c.bnez", "far back", X, 0, d, X != 0);
	}
}
/* Zcb by its half-words: a0 = x10, a1 = x11. */
#define ZCB(half, a0_, a1_, expected) C_INSN(".half " #half, a0_, a1_, expected)
static void zcb_extensions(void)
{
	for (int i = 0; i < COUNT(values); i++) {
		ZCB(0x9d61, X, 0, X & 0xff); /* c.zext.b a0 */
		ZCB(0x9d65, X, 0, (u64)(long)(signed char)X); /* c.sext.b a0 */
		ZCB(0x9d69, X, 0, X & 0xffff); /* c.zext.h a0 */
		ZCB(0x9d6d, X, 0, (u64)(long)(short)X); /* c.sext.h a0 */
		ZCB(0x9d71, X, 0, X & 0xffffffff); /* c.zext.w a0 */
		ZCB(0x9d75, X, 0, ~X); /* c.not a0 */
		for (int k = 0; k < COUNT(values); k++)
			ZCB(0x9d4d, X, Y, X * Y); /* c.mul a0, a1 */
	}
}
static void zcb_memory(void)
{
	for (int k = 0; k < 4; k++)
		cells[k] = 0;
	cells[0] = 0xf8e7d6c5b4a39281;
	ZCB(0x8188, 0, (u64)cells, 0x81); /* c.lbu a0, 0(a1) */
	ZCB(0x81e8, 0, (u64)cells, 0xb4); /* c.lbu a0, 3(a1) */
	ZCB(0x8588, 0, (u64)cells, 0x9281); /* c.lhu a0, 0(a1) */
	ZCB(0x85a8, 0, (u64)cells, 0xb4a3); /* c.lhu a0, 2(a1) */
	ZCB(0x85c8, 0, (u64)cells, 0xffffffffffff9281); /* c.lh a0, 0(a1) */
	ZCB(0x89e8, 0x1177, (u64)cells, 0x1177); /* c.sb a0, 3(a1) */
	row_is("c.sb", "", 0, 0, cells[0], 0xf8e7d6c577a39281);
	ZCB(0x8da8, 0x4321, (u64)cells, 0x4321); /* c.sh a0, 2(a1) */
	row_is("c.sh", "", 0, 0, cells[0], 0xf8e7d6c543219281);
}
/* May-be operations: legal, and they give zero (Zimop) or do nothing (Zcmop). */
static void may_be_operations(void)
{
	u64 d;
	__asm__ volatile("li a0, 5\n li a1, 7\n .word 0x81c5c573\n mv %0, a0" : "=r"(d) :: "a0", "a1"); /* mop.r.0 a0, a1 */
	row_is("mop.r.0", "", 0, 0, d, 0);
	__asm__ volatile("li a0, 5\n li a1, 7\n .word 0x82c5c573\n mv %0, a0" : "=r"(d) :: "a0", "a1"); /* mop.rr.0 a0, a1, a2 */
	row_is("mop.rr.0", "", 0, 0, d, 0);
	__asm__ volatile("li a0, 5\n .half 0x6081\n .half 0x6181\n .half 0x6781\n mv %0, a0" : "=r"(d) :: "a0"); /* c.mop.1, c.mop.3, c.mop.15 */
	row_is("c.mop.n", "", 0, 0, d, 5);
}
/* Instructions of both lengths side by side, at every alignment. */
static void mixed_alignment(void)
{
	u64 d;
	__asm__ volatile(".option push\n .option norvc\n li %0, 0\n .half 1\n addi %0, %0, 1\n .half 1\n .half 1\n addi %0, %0, 2\n .half 1\n lui t0, 4\n add %0, %0, t0\n"
		" .half 1\n bnez %0, 1f\n addi %0, %0, 100\n1: addi %0, %0, 4\n .option pop" : "=&r"(d) :: "t0");
	row_is("mixed", "", 0, 0, d, 0x4007);
}

static const struct check checks[] = {
	C(register_register), C(immediates), C(stack_pointer_forms), C(loads_and_stores), C(stack_loads_and_stores), C(jumps), C(branches),
	C(zcb_extensions), C(zcb_memory), C(may_be_operations), C(mixed_alignment),
};
MAIN(checks)
#else
int main(void) { return 0; }
#endif
