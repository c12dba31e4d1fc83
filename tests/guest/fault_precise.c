/* The state at a fault is exact for every kind of memory access, wherever it stands in its block: all integer and float
 * registers, fcsr, pc, si_addr; nothing after it has happened. RISC-V only; the code is built at run time. */
#include "code.h"
#if defined(__riscv)

struct state {
	u64 x[32], f[32], fcsr;
};
static struct state in, out, want_state;
static u64 fault_pc, fault_address, saved_sp;
static int fault_signal, fault_code;

/* Loads all registers but sp-saved, gp, tp from `in` and jumps to `code`; comes back through `probe_back`, by a fault's
 * handler or by the code's end, with the registers in `out`. */
void probe(struct state *from, void *code, u64 *save);
extern char probe_back[];
__asm__(".text\n.globl probe\nprobe:\n addi sp, sp, -256\n"
	" sd ra, 0(sp)\n sd s0, 8(sp)\n sd s1, 16(sp)\n sd s2, 24(sp)\n sd s3, 32(sp)\n sd s4, 40(sp)\n sd s5, 48(sp)\n"
	" sd s6, 56(sp)\n sd s7, 64(sp)\n sd s8, 72(sp)\n sd s9, 80(sp)\n sd s10, 88(sp)\n sd s11, 96(sp)\n"
	" fsd fs0, 104(sp)\n fsd fs1, 112(sp)\n fsd fs2, 120(sp)\n fsd fs3, 128(sp)\n fsd fs4, 136(sp)\n fsd fs5, 144(sp)\n"
	" fsd fs6, 152(sp)\n fsd fs7, 160(sp)\n fsd fs8, 168(sp)\n fsd fs9, 176(sp)\n fsd fs10, 184(sp)\n fsd fs11, 192(sp)\n"
	" sd sp, 0(a2)\n mv t6, a0\n ld t0, 512(t6)\n fscsr t0\n"
	" .irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n fld f\\n, 256+8*\\n(t6)\n .endr\n"
	" sd a1, 248(t6)\n"
	" .irp n,1,2,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n ld x\\n, 8*\\n(t6)\n .endr\n"
	" ld t6, 248(t6)\n jr t6\n"
	".globl probe_back\nprobe_back:\n la t0, saved_sp\n ld sp, 0(t0)\n"
	" ld ra, 0(sp)\n ld s0, 8(sp)\n ld s1, 16(sp)\n ld s2, 24(sp)\n ld s3, 32(sp)\n ld s4, 40(sp)\n ld s5, 48(sp)\n"
	" ld s6, 56(sp)\n ld s7, 64(sp)\n ld s8, 72(sp)\n ld s9, 80(sp)\n ld s10, 88(sp)\n ld s11, 96(sp)\n"
	" fld fs0, 104(sp)\n fld fs1, 112(sp)\n fld fs2, 120(sp)\n fld fs3, 128(sp)\n fld fs4, 136(sp)\n fld fs5, 144(sp)\n"
	" fld fs6, 152(sp)\n fld fs7, 160(sp)\n fld fs8, 168(sp)\n fld fs9, 176(sp)\n fld fs10, 184(sp)\n fld fs11, 192(sp)\n"
	" addi sp, sp, 256\n csrwi fcsr, 0\n ret\n");

static void on_fault(int number, siginfo_t *info, void *context)
{
	ucontext_t *c = context;
	fault_signal = number;
	fault_code = info->si_code;
	fault_address = (u64)info->si_addr;
	fault_pc = PC(c);
	for (int i = 1; i < 32; i++)
		out.x[i] = c->uc_mcontext.__gregs[i];
	for (int i = 0; i < 32; i++)
		out.f[i] = c->uc_mcontext.__fpregs.__d.__f[i];
	out.fcsr = c->uc_mcontext.__fpregs.__d.__fcsr;
	PC(c) = (u64)probe_back;
}

/* One kind of access. `word` has base register x10 (or sp for the compressed stack forms), x11 or f11 as data. */
struct access {
	const char *name;
	u32 word;
	int base;     /* number of the base register */
	int offset;   /* immediate in the word */
	int store;    /* needs a writable page */
};
#define I(op, funct3, imm, rs1, rd) ((u32)(imm) << 20 | (rs1) << 15 | (funct3) << 12 | (rd) << 7 | (op))
#define S(op, funct3, imm, rs1, rs2) ((u32)((imm) >> 5) << 25 | (rs2) << 20 | (rs1) << 15 | (funct3) << 12 | ((imm) & 31) << 7 | (op))
#define A(funct5, funct3) ((u32)(funct5) << 27 | 11 << 20 | 10 << 15 | (funct3) << 12 | 12 << 7 | 0x2f)
static const struct access accesses[] = {
	{ "lb", I(0x03, 0, 24, 10, 11), 10, 24, 0 }, { "lh", I(0x03, 1, 24, 10, 11), 10, 24, 0 },
	{ "lw", I(0x03, 2, 24, 10, 11), 10, 24, 0 }, { "ld", I(0x03, 3, 24, 10, 11), 10, 24, 0 },
	{ "lbu", I(0x03, 4, 24, 10, 11), 10, 24, 0 }, { "lhu", I(0x03, 5, 24, 10, 11), 10, 24, 0 },
	{ "lwu", I(0x03, 6, 24, 10, 11), 10, 24, 0 }, { "ld into its base", I(0x03, 3, 24, 10, 10), 10, 24, 0 },
	{ "ld into x0", I(0x03, 3, 24, 10, 0), 10, 24, 0 },
	{ "sb", S(0x23, 0, 24, 10, 11), 10, 24, 1 }, { "sh", S(0x23, 1, 24, 10, 11), 10, 24, 1 },
	{ "sw", S(0x23, 2, 24, 10, 11), 10, 24, 1 }, { "sd", S(0x23, 3, 24, 10, 11), 10, 24, 1 },
	{ "flw", I(0x07, 2, 24, 10, 11), 10, 24, 0 }, { "fld", I(0x07, 3, 24, 10, 11), 10, 24, 0 },
	{ "fsw", S(0x27, 2, 24, 10, 11), 10, 24, 1 }, { "fsd", S(0x27, 3, 24, 10, 11), 10, 24, 1 },
	{ "flh", I(0x07, 1, 24, 10, 11), 10, 24, 0 }, { "fsh", S(0x27, 1, 24, 10, 11), 10, 24, 1 },
	{ "lr.w", A(2, 2) & ~(31u << 20), 10, 0, 0 }, { "lr.d", A(2, 3) & ~(31u << 20), 10, 0, 0 },
	{ "amoadd.w", A(0, 2), 10, 0, 1 }, { "amoadd.d", A(0, 3), 10, 0, 1 }, { "amoswap.w", A(1, 2), 10, 0, 1 },
	{ "amoswap.d", A(1, 3), 10, 0, 1 }, { "amoxor.w", A(4, 2), 10, 0, 1 }, { "amoxor.d", A(4, 3), 10, 0, 1 },
	{ "amoor.w", A(8, 2), 10, 0, 1 }, { "amoor.d", A(8, 3), 10, 0, 1 }, { "amoand.w", A(12, 2), 10, 0, 1 },
	{ "amoand.d", A(12, 3), 10, 0, 1 }, { "amomin.w", A(16, 2), 10, 0, 1 }, { "amomin.d", A(16, 3), 10, 0, 1 },
	{ "amomax.w", A(20, 2), 10, 0, 1 }, { "amomax.d", A(20, 3), 10, 0, 1 }, { "amominu.w", A(24, 2), 10, 0, 1 },
	{ "amominu.d", A(24, 3), 10, 0, 1 }, { "amomaxu.w", A(28, 2), 10, 0, 1 }, { "amomaxu.d", A(28, 3), 10, 0, 1 },
	{ "amocas.w", A(5, 2), 10, 0, 1 }, { "amocas.d", A(5, 3), 10, 0, 1 },
	{ "amoadd.b", A(0, 0), 10, 0, 1 }, { "amoswap.h", A(1, 1), 10, 0, 1 }, { "amocas.b", A(5, 0), 10, 0, 1 },
	{ "amocas.h", A(5, 1), 10, 0, 1 },
	{ "c.lw", 0x4d0c, 10, 24, 0 }, { "c.ld", 0x6d0c, 10, 24, 0 }, { "c.sw", 0xcd0c, 10, 24, 1 }, { "c.sd", 0xed0c, 10, 24, 1 },
	{ "c.fld", 0x2d0c, 10, 24, 0 }, { "c.fsd", 0xad0c, 10, 24, 1 },
	{ "c.lwsp", 0x45e2, 2, 24, 0 }, { "c.ldsp", 0x65e2, 2, 24, 0 }, { "c.fldsp", 0x25e2, 2, 24, 0 },
	{ "c.swsp", 0xcc2e, 2, 24, 1 }, { "c.sdsp", 0xec2e, 2, 24, 1 }, { "c.fsdsp", 0xac2e, 2, 24, 1 },
	{ "c.lbu", 0x810c, 10, 0, 0 }, { "c.lhu", 0x850c, 10, 0, 0 }, { "c.lh", 0x854c, 10, 0, 0 }, { "c.sb", 0x890c, 10, 0, 1 },
	{ "c.sh", 0x8d0c, 10, 0, 1 },
};
#define ACCESSES (sizeof accesses / sizeof accesses[0])

static u8 *code, *unmapped, *readonly, *none, *good;
static void prepare(void)
{
	static char stack[65536];
	stack_t other = { .ss_sp = stack, .ss_size = sizeof stack };
	sigaltstack(&other, NULL);
	on_signal(SIGSEGV, on_fault, SA_ONSTACK);
	on_signal(SIGBUS, on_fault, SA_ONSTACK);
	on_signal(SIGILL, on_fault, SA_ONSTACK);
	code = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	u8 *p = pages(8, PROT_READ | PROT_WRITE);
	unmapped = p + 4096;
	munmap(unmapped, 4096);
	readonly = p + 3 * 4096;
	mprotect(readonly, 4096, PROT_READ);
	none = p + 5 * 4096;
	mprotect(none, 4096, PROT_NONE);
	good = p + 7 * 4096;
}
static u8 *emit(u8 *at, u32 word)
{
	int size = (word & 3) == 3 ? 4 : 2;
	memcpy(at, &word, size);
	return at + size;
}
static void fill(void)
{
	for (int i = 0; i < 32; i++) {
		in.x[i] = 0x1111111100000000ull * (i & 7) + 0x9e3779b97f4a7c15ull * (u64)(i + 1);
		in.f[i] = 0x3ff0000000000000ull + ((u64)i << 44) + (u64)i * 0x1234567;
	}
	in.fcsr = 2 << 5 | 4; /* round down, overflow already raised */
}
static void compare(const struct access *a, const char *place, u8 *at, u64 address, int code_)
{
	need(fault_signal == SIGSEGV && fault_code == code_, "%s %s: signal %d code %d, expected code %d", a->name, place, fault_signal, fault_code, code_);
	need(fault_pc == (u64)at, "%s %s: pc is off by %lld", a->name, place, (long long)(fault_pc - (u64)at));
	need(fault_address == address, "%s %s: address is off by %lld", a->name, place, (long long)(fault_address - address));
	for (int i = 1; i < 32; i++)
		if (i != 3 && i != 4)
			need(out.x[i] == want_state.x[i], "%s %s: x%d is 0x%llx, expected 0x%llx", a->name, place, i,
				(unsigned long long)out.x[i], (unsigned long long)want_state.x[i]);
	for (int i = 0; i < 32; i++)
		need(out.f[i] == want_state.f[i], "%s %s: f%d is 0x%llx, expected 0x%llx", a->name, place, i,
			(unsigned long long)out.f[i], (unsigned long long)want_state.f[i]);
	need(out.fcsr == want_state.fcsr, "%s %s: fcsr is 0x%llx, expected 0x%llx", a->name, place,
		(unsigned long long)out.fcsr, (unsigned long long)want_state.fcsr);
}
static void go(u8 *start, u8 *end)
{
	flush(code, (size_t)(end - code));
	fault_signal = 0;
	saved_sp = 0;
	probe(&in, start, &saved_sp);
}
/* Instructions that change every register, so that all are dirty; tells what they do to `want_state`. */
static u8 *dirty(u8 *p)
{
	for (int i = 1; i < 32; i++) {
		if (i == 3 || i == 4)
			continue;
		p = emit(p, I(0x13, 0, i, i, i)); /* addi xi, xi, i */
		want_state.x[i] += (u64)i;
	}
	p = emit(p, I(0x13, 0, 0xfff, 5, 5)); /* addi t0, t0, -1 */
	want_state.x[5]--;
	p = emit(p, 0x0062833b); /* addw t1, t0, t1 */
	want_state.x[6] = (u64)(long)(int)(want_state.x[5] + want_state.x[6]);
	for (int i = 0; i < 32; i++) {
		p = emit(p, 0x22000053u | 1 << 12 | (u32)i << 20 | (u32)i << 15 | (u32)i << 7); /* fsgnjn.d fi, fi, fi */
		want_state.f[i] ^= 1ull << 63;
	}
	p = emit(p, 0x1a0f7053u | 0 << 7 | 31 << 20); /* fdiv.d f0, f30, f31, dynamic: inexact */
	double a, b;
	memcpy(&a, &want_state.f[30], 8);
	memcpy(&b, &want_state.f[31], 8);
	__asm__("fsrmi 2\n fdiv.d %0, %1, %2\n csrwi fcsr, 0" : "=f"(a) : "f"(a), "f"(b));
	memcpy(&want_state.f[0], &a, 8);
	want_state.fcsr |= 1;
	return p;
}

enum place { FIRST, MIDDLE, LAST, AFTER_STORE };
static const char *const places[] = { "first", "in the middle", "last", "after a store" };
static void one(const struct access *a, enum place place, u64 target, int code_)
{
	fill();
	in.x[a->base] = target - (u64)a->offset;
	in.x[31] = 0;
	want_state = in;
	u8 *p = code + (place == MIDDLE ? 2 : 0), *start = p, *at;
	want_state.x[31] = (u64)start;
	if (place == MIDDLE || place == LAST) {
		/* The additions move the base too: begin lower. */
		in.x[a->base] -= (u64)a->base;
		want_state.x[a->base] = in.x[a->base];
		p = dirty(p);
	}
	if (place == AFTER_STORE) {
		in.x[9] = want_state.x[9] = (u64)good;
		memset(good, 0, 16);
		p = emit(p, S(0x23, 3, 0, 9, 20)); /* sd s4, 0(s1) */
		p = emit(p, S(0x23, 3, 8, 9, 21)); /* sd s5, 8(s1) */
		p = emit(p, I(0x03, 3, 0, 9, 22)); /* ld s6, 0(s1) */
		want_state.x[22] = in.x[20];
	}
	at = p;
	p = emit(p, a->word);
	if (place == MIDDLE) {
		p = emit(p, I(0x13, 0, 1, 11, 11));
		p = emit(p, I(0x13, 0, 1, 10, 10));
		p = emit(p, S(0x23, 3, 0, 9, 20));
	}
	p = emit(p, I(0x13, 0, 0, 0, 0));
	p = emit(p, 0x00100073); /* ebreak: never reached */
	go(start, p);
	need(fault_signal, "%s %s: no fault", a->name, places[place]);
	compare(a, places[place], at, target, code_);
	if (place == AFTER_STORE)
		need(((u64 *)good)[0] == in.x[20] && ((u64 *)good)[1] == in.x[21], "%s: the stores before it are lost", a->name);
}
static void everywhere(enum place place)
{
	prepare();
	for (unsigned i = 0; i < ACCESSES; i++) {
		const struct access *a = &accesses[i];
		one(a, place, (u64)unmapped + 64, SEGV_MAPERR);
		one(a, place, (u64)none + 128, SEGV_ACCERR);
		if (a->store)
			one(a, place, (u64)readonly + 256, SEGV_ACCERR);
	}
}
static void first_in_block(void) { everywhere(FIRST); }
static void middle_of_block_all_dirty(void) { everywhere(MIDDLE); }
static void last_in_block_all_dirty(void) { everywhere(LAST); }
static void after_stores(void) { everywhere(AFTER_STORE); }

/* A loop that walks up to the end of a good page and falls off. */
static void in_a_loop(void)
{
	prepare();
	for (unsigned i = 0; i < ACCESSES; i++) {
		const struct access *a = &accesses[i];
		u64 end = (u64)none, rounds = 40;
		fill();
		want_state = in;
		in.x[a->base] = want_state.x[a->base] = end - 16 * rounds - (u64)a->offset;
		in.x[5] = 7;
		u8 *p = code, *loop, *at;
		want_state.x[31] = (u64)code;
		loop = p;
		p = emit(p, I(0x13, 0, 3, 5, 5)); /* addi t0, t0, 3 */
		at = p;
		p = emit(p, a->word);
		p = emit(p, I(0x13, 0, 16, a->base, a->base));
		int back = (int)(loop - p);
		u32 imm = (u32)back;
		p = emit(p, 0x6f | (imm >> 20 & 1) << 31 | (imm >> 1 & 0x3ff) << 21 | (imm >> 11 & 1) << 20 | (imm >> 12 & 0xff) << 12); /* j loop */
		if (a->word == I(0x03, 3, 24, 10, 10))
			continue; /* loads its own base away */
		memset((u8 *)end - 4096, 0, 4096);
		go(code, p);
		need(fault_signal == SIGSEGV && fault_code == SEGV_ACCERR, "%s: signal %d code %d", a->name, fault_signal, fault_code);
		need(fault_pc == (u64)at, "%s: pc is off by %lld", a->name, (long long)(fault_pc - (u64)at));
		need(fault_address == end, "%s: address is off by %lld", a->name, (long long)(fault_address - end));
		want("rounds in t0", out.x[5], 7 + 3 * (rounds + 1));
		want("base", out.x[a->base], end - (u64)a->offset);
		for (int r = 12; r < 31; r++)
			need(r == 12 || out.x[r] == want_state.x[r], "%s: x%d changed", a->name, r);
	}
}
/* cbo.zero clears a whole block: it faults as a store does. */
static void cache_block_zero(void)
{
	prepare();
	static const struct access zero = { "cbo.zero", 0x0045200f, 10, 0, 1 };
	one(&zero, FIRST, (u64)unmapped + 64, SEGV_MAPERR);
	one(&zero, MIDDLE, (u64)none + 64, SEGV_ACCERR);
	one(&zero, MIDDLE, (u64)readonly + 64, SEGV_ACCERR);
	memset(good, 0xaa, 256);
	__asm__ volatile("mv a0, %0\n .word 0x0045200f" :: "r"(good + 64 + 5) : "a0", "memory");
	want("byte before", good[63], 0xaa);
	want("first byte", good[64], 0);
	want("last byte", good[127], 0);
	want("byte after", good[128], 0xaa);
}
/* SC to a page that went read-only after LR: a fault, and the reservation's data unchanged. */
static void store_conditional(void)
{
	catch_faults();
	u8 *p = pages(1, PROT_READ | PROT_WRITE);
	*(u32 *)p = 5;
	must(mprotect(p, 4096, PROT_READ));
	u32 old, failed = 9;
	want_fault(__asm__ volatile("lr.w %0, (%2)\n sc.w %1, %0, (%2)" : "=&r"(old), "=&r"(failed) : "r"(p) : "memory"),
		SIGSEGV, SEGV_ACCERR, p);
	want("value", *(u32 *)p, 5);
}
/* A compare-and-swap instruction needs a writable page even when the comparison fails; both forms check alike. */
static void cas_needs_write(void)
{
	catch_faults();
	u8 *p = pages(1, PROT_READ | PROT_WRITE);
	must(mprotect(p, 4096, PROT_READ));
	want_fault(__asm__ volatile("mv a0, %0\n li a1, 1\n li a2, 99\n .word 0x28b5262f" :: "r"(p) : "a0", "a1", "a2", "memory"),
		SIGSEGV, SEGV_ACCERR, p);
}
/* Fault as the second half of a fused-looking pair, and inside a taken branch's target. */
static void after_branches(void)
{
	prepare();
	for (int taken = 0; taken < 2; taken++) {
		fill();
		in.x[10] = (u64)none;
		in.x[5] = (u64)taken;
		want_state = in;
		u8 *p = code;
		want_state.x[31] = (u64)code;
		p = emit(p, I(0x13, 0, 5, 9, 9));
		want_state.x[9] += 5;
		p = emit(p, 0x00029463 /* bne t0, zero, +8 */);
		p = emit(p, I(0x13, 0, 7, 8, 8));
		if (!taken)
			want_state.x[8] += 7;
		p = emit(p, 0x00000517); /* auipc a0, 0: a value that is never stored */
		p = emit(p, I(0x13, 0, 0, 18, 10)); /* mv a0, s2 */
		in.x[18] = want_state.x[18] = want_state.x[10] = (u64)none + 8;
		u8 *at = p;
		p = emit(p, I(0x03, 3, 0, 10, 11));
		go(code, p);
		static const struct access load = { "ld", 0, 10, 0, 0 };
		compare(&load, taken ? "after a taken branch" : "after a branch not taken", at, (u64)none + 8, SEGV_ACCERR);
	}
}

static const struct check checks[] = {
	C(first_in_block), C(middle_of_block_all_dirty), C(last_in_block_all_dirty), C(after_stores), C(in_a_loop),
	C(cache_block_zero), C(store_conditional), C(cas_needs_write), C(after_branches),
};
MAIN(checks)
#else
int main(void) { return 0; }
#endif
