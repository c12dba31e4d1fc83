/* What is an illegal instruction, and what is not (RISC-V only). */
#include "code.h"
#if defined(__riscv)
#include <sys/auxv.h>

static u8 *page;
/* Puts an instruction (2 bytes if its low bits are not 11) and a return after it. */
static u8 *insn(u32 word)
{
	if (!page)
		page = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	u16 halves[4] = { (u16)word, (u16)(word >> 16), 0x8082, 0x8082 };
	if ((word & 3) != 3)
		halves[1] = 0x8082;
	memcpy(page + 32, halves, 8);
	flush(page + 32, 8);
	return page + 32;
}
#define want_illegal(word) do { volatile u32 word_ = (word); u8 *volatile at_ = insn(word_); \
	need(FAULTS(call(at_)), "0x%08x ran", word_); \
	need(fault.signal == SIGILL && fault.code == ILL_ILLOPC && fault.address == (u64)at_ && fault.pc == (u64)at_, \
		"0x%08x: signal %d code %d address - pc: %lld", word_, fault.signal, fault.code, (long long)(fault.address - (u64)at_)); } while (0)
#define want_legal(word) do { volatile u32 word_ = (word); u8 *volatile at_ = insn(word_); \
	need(!FAULTS(call(at_)), "0x%08x: signal %d code %d", word_, fault.signal, fault.code); } while (0)

static void zeros_and_ones(void)
{
	catch_faults();
	want_illegal(0);
	want_illegal(0xffffffff);
}
static void reserved_compressed(void)
{
	catch_faults();
	want_illegal(0x0004); /* c.addi4spn with immediate 0, other rd */
	want_illegal(0x001c);
	want_illegal(0x9c00); /* quadrant 0, funct3 100, beyond Zcb's five */
	want_illegal(0x9000);
	want_illegal(0x9c78);
	want_illegal(0x8c40); /* like c.sh, but with bit 6 */
	want_illegal(0x2001); /* c.addiw with rd = 0 */
	want_illegal(0x2005);
	want_illegal(0x6101); /* c.addi16sp with immediate 0 */
	want_illegal(0x6401); /* c.lui s0, 0 */
	want_illegal(0x6f81); /* c.lui t6, 0 */
}
static void reserved_compressed_alu(void)
{
	catch_faults();
	want_illegal(0x9c79); /* Zcb's unary group, function 6 */
	want_illegal(0x9c7d); /* function 7 */
	want_illegal(0x4002); /* c.lwsp with rd = 0 */
	want_illegal(0x4012);
	want_illegal(0x6002); /* c.ldsp with rd = 0 */
	want_illegal(0x8002); /* c.jr with rs1 = 0 */
}
static void long_encodings(void)
{
	catch_faults();
	want_illegal(0x0000001f); /* 48 bits */
	want_illegal(0x0000003f); /* 64 bits */
	want_illegal(0x0000007f); /* 80 bits and more */
}
static void reserved_opcodes(void)
{
	catch_faults();
	want_illegal(0x0000000b); /* custom-0 */
	want_illegal(0x0000002b); /* custom-1 */
	want_illegal(0x0000005b); /* custom-2 */
	want_illegal(0x0000007b); /* custom-3 */
	want_illegal(0x0000006b); /* reserved */
	want_illegal(0x00007003); /* load, funct3 111 */
	want_illegal(0x00005023); /* store, funct3 101 */
	want_illegal(0x00002063); /* branch, funct3 010 */
	want_illegal(0x00003063); /* branch, funct3 011 */
	want_illegal(0x00001067); /* jalr, funct3 001 */
	want_illegal(0x80000033); /* add with a wrong funct7 */
	want_illegal(0x40002033); /* slt with 0100000 */
	want_illegal(0x0200101b); /* slliw with shamt[5] */
	want_illegal(0x0000203b); /* addw group, funct3 010 */
	want_illegal(0x0200103b); /* mulw group, funct3 001 */
	want_illegal(0x0000602f); /* AMO of width 6 */
	want_illegal(0x1010a52f); /* lr.w with rs2 = 1 */
	want_illegal(0xf8b5252f); /* AMO function that is none */
}
static void machine_level(void)
{
	catch_faults();
	want_illegal(0x30002573); /* csrr a0, mstatus */
	want_illegal(0x30102573); /* misa */
	want_illegal(0xf1402573); /* mhartid */
	want_illegal(0x10002573); /* sstatus */
	want_illegal(0x18002573); /* satp */
	want_illegal(0x10001073); /* csrw sstatus, zero */
	want_illegal(0x30200073); /* mret */
	want_illegal(0x10200073); /* sret */
	want_illegal(0x12000073); /* sfence.vma */
}
static void read_only_csrs(void)
{
	catch_faults();
	want_illegal(0xc0001073); /* csrw cycle, zero */
	want_illegal(0xc0201073); /* csrw instret, zero */
	want_illegal(0xc000e073); /* csrrsi zero, cycle, 1 */
	want_illegal(0xc012a573); /* csrrs a0, time, t0 */
	want_illegal(0x8ff02573); /* no such CSR */
	want_illegal(0x01f02573); /* no such CSR either */
}
static void user_csrs_legal(void)
{
	catch_faults();
	want_legal(0xc0002573); /* rdcycle a0 */
	want_legal(0xc0102573); /* rdtime a0 */
	want_legal(0xc0202573); /* rdinstret a0 */
	want_legal(0x00102573); /* frflags a0 */
	want_legal(0x00202573); /* frrm a0 */
	want_legal(0x00302573); /* frcsr a0 */
}
#define FADD_D(rm) ((0x02b57553u & ~0x7000u) | (u32)(rm) << 12)
#define FCVT_W_D(rm) ((0xc2050553u & ~0x7000u) | (u32)(rm) << 12)
#define FSQRT_S(rm) ((0x58050553u & ~0x7000u) | (u32)(rm) << 12)
#define FMADD_D(rm) ((0x6ab57543u & ~0x7000u) | (u32)(rm) << 12)
static void static_rounding_modes(void)
{
	catch_faults();
	for (volatile int rm = 0; rm <= 4; rm++) {
		want_legal(FADD_D(rm));
		want_legal(FCVT_W_D(rm));
	}
	for (volatile int rm = 5; rm <= 6; rm++) {
		want_illegal(FADD_D(rm));
		want_illegal(FCVT_W_D(rm));
		want_illegal(FSQRT_S(rm));
		want_illegal(FMADD_D(rm));
	}
	want_legal(FADD_D(7));
}
static void dynamic_rounding_modes(void)
{
	catch_faults();
	for (volatile u64 rm = 0; rm < 8; rm++) {
		__asm__ volatile("fsrm %0" ::"r"(rm));
		if (rm <= 4)
			want_legal(FADD_D(7));
		else {
			want_illegal(FADD_D(7));
			__asm__ volatile("fsrm %0" ::"r"(rm));
			want_illegal(FCVT_W_D(7));
		}
		__asm__ volatile("fsrm %0" ::"r"(rm));
		want_legal(FADD_D(1)); /* a static mode does not care */
		u64 got;
		__asm__ volatile("frrm %0" : "=r"(got));
		if (rm <= 4)
			want("frm", got, rm);
	}
	__asm__ volatile("fsrm zero");
}
/* The same translated code must see the mode at the time of each run. */
static void dynamic_mode_changes_under_code(void)
{
	catch_faults();
	u8 *at = insn(FADD_D(7));
	for (volatile int i = 0; i < 200; i++) {
		u64 rm = i & 7;
		__asm__ volatile("fsrm %0" ::"r"(rm));
		int faulted = FAULTS(call(at));
		__asm__ volatile("fsrm zero");
		need(faulted == ((i & 7) > 4), "round %d: fault %d", i, faulted);
	}
}
static void breakpoint_code(void)
{
	catch_faults();
	for (volatile int compressed = 0; compressed < 2; compressed++) {
		u8 *volatile at = insn(compressed ? 0x9002 : 0x00100073);
		want_fault(call(at), SIGTRAP, TRAP_BRKPT, at);
		want("pc", fault.pc, (u64)at);
	}
}
static volatile int traps;
static void skip_breakpoint(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	traps++;
	PC(context) += 2;
}
static void breakpoint_skipped_by_handler(void)
{
	on_signal(SIGTRAP, skip_breakpoint, 0);
	for (int i = 0; i < 100; i++)
		__asm__ volatile("c.ebreak");
	want("traps", traps, 100);
}
static void division_never_traps(void)
{
	u64 q, r;
	u64 minimum = 1ull << 63;
	__asm__ volatile("div %0, %2, zero\n rem %1, %2, zero" : "=&r"(q), "=&r"(r) : "r"(77));
	want("div by 0", q, -1);
	want("rem by 0", r, 77);
	__asm__ volatile("div %0, %2, %3\n rem %1, %2, %3" : "=&r"(q), "=&r"(r) : "r"(minimum), "r"(-1l));
	want("min / -1", q, minimum);
	want("min % -1", r, 0);
	__asm__ volatile("divw %0, %2, %3\n remw %1, %2, %3" : "=&r"(q), "=&r"(r) : "r"(0x80000000l), "r"(-1l));
	want("minw / -1", q, -0x80000000l);
	want("minw % -1", r, 0);
	__asm__ volatile("divuw %0, %2, zero\n remuw %1, %2, zero" : "=&r"(q), "=&r"(r) : "r"(0x80000005l));
	want("divuw by 0", q, -1);
	want("remuw by 0", r, (long)(int)0x80000005);
}
static void hints_are_legal(void)
{
	catch_faults();
	want_legal(0x00000013); /* nop */
	want_legal(0x12300013); /* addi zero, zero, 0x123 */
	want_legal(0x00100037); /* lui zero */
	want_legal(0x00c5a033); /* slt zero, a1, a2 */
	want_legal(0x0100000f); /* pause */
	want_legal(0x00e00033); /* add zero, zero, a4 */
	want_legal(0x0001); /* c.nop */
	want_legal(0x0015); /* c.nop with an immediate */
	want_legal(0x0501); /* c.addi a0, 0 */
	want_legal(0x4015); /* c.li zero */
	want_legal(0x6015); /* c.lui zero */
	want_legal(0x8006); /* c.mv zero, ra */
	want_legal(0x9006); /* c.add zero, ra */
	want_legal(0x0016); /* c.slli zero */
	want_legal(0x0502); /* c.slli a0, 0 */
	want_legal(0x0ff0000f); /* fence */
	want_legal(0x8330000f); /* fence.tso */
	want_legal(0x0000000f); /* fence with nothing set */
	want_legal(0x0000100f); /* fence.i */
	want_legal(0xfff5108f); /* fence.i with its reserved immediate */
}
/* The bits of HWCAP and what runs agree. */
static void hwcap_tells_the_truth(void)
{
	catch_faults();
	u64 bits = getauxval(AT_HWCAP);
	const char letters[] = "imafdc";
	for (int i = 0; letters[i]; i++)
		need(bits >> (letters[i] - 'a') & 1, "HWCAP lacks %c", letters[i]);
	int vector = bits >> ('v' - 'a') & 1;
	u8 *at = insn(0x0d0572d7); /* vsetvli t0, a0, e32 */
	int faulted = FAULTS(call(at));
	want("vsetvli runs", !faulted, vector);
	if (faulted)
		want("signal", fault.signal, SIGILL);
	at = insn(0x60051513); /* clz a0, a0: Zbb */
	faulted = FAULTS(call(at));
	need(!faulted || fault.signal == SIGILL, "clz: signal %d", fault.signal);
}
/* Effects of what comes before in the same block stay; what comes after does not happen. */
static void exact_in_the_middle(void)
{
	u8 *p = pages(1, PROT_READ | PROT_WRITE | PROT_EXEC);
	u16 code[] = { 0x0505 /* addi a0, 1 */, 0x0505, 0xc188 /* sw a0, 0(a1) */, 0x0505, 0x0000, 0x0505, 0xc1c8 /* sw a0, 4(a1) */, 0x8082 };
	memcpy(p, code, sizeof code);
	flush(p, sizeof code);
	static volatile int cells[2];
	catch_faults();
	for (volatile int i = 0; i < 10; i++) {
		cells[0] = cells[1] = -1;
		want_fault(((int (*)(int, volatile int *))p)(i, cells), SIGILL, ILL_ILLOPC, p + 8);
		want("store before", cells[0], i + 2);
		want("store after", cells[1], -1);
	}
}

static const struct check checks[] = {
	C(zeros_and_ones), C(reserved_compressed), C(reserved_compressed_alu), C(long_encodings), C(reserved_opcodes),
	C(machine_level), C(read_only_csrs), C(user_csrs_legal), C(static_rounding_modes), C(dynamic_rounding_modes),
	C(dynamic_mode_changes_under_code), C(breakpoint_code), C(breakpoint_skipped_by_handler), C(division_never_traps),
	C(hints_are_legal), C(hwcap_tells_the_truth), C(exact_in_the_middle),
};
MAIN(checks)
#else
int main(void) { return 0; }
#endif
