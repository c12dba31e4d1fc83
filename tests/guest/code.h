/* Machine code by hand: the few byte sequences that tests write into memory and then call, for each architecture. */
#ifndef CODE_H
#define CODE_H
#include "check.h"

typedef int (*function)(void);
#define CODE_SIZE 12 /* bytes that `put` writes */

/* A function that returns `value` (any 32-bit value). */
__attribute__((unused)) static void put(void *at, int value)
{
#if defined(__riscv)
	u32 low = (u32)value & 0xfff, high = ((u32)value + 0x800) & 0xfffff000;
	u32 words[3] = { high | 0x537, low << 20 | 0x5051b, 0x00008067 }; /* lui a0; addiw a0,a0; ret */
#elif defined(__x86_64__)
	u8 words[CODE_SIZE] = { 0xb8, (u8)value, (u8)(value >> 8), (u8)(value >> 16), (u8)(value >> 24), 0xc3, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90 };
#endif
	memcpy(at, words, CODE_SIZE);
}
__attribute__((unused)) static int call(void *at) { return ((function)at)(); }
/* Tells the architecture that code at this place is new (a system call or vDSO call on RISC-V, nothing on x86). */
__attribute__((unused)) static void flush(void *at, size_t size) { __builtin___clear_cache((char *)at, (char *)at + size); }

/* One instruction that does nothing, and its length. */
#if defined(__riscv)
#define NOP_SIZE 2
__attribute__((unused)) static const u8 nop_bytes[NOP_SIZE] = { 0x01, 0x00 };
/* Four bytes that are one instruction: addi a0, zero, 7. */
__attribute__((unused)) static const u8 split_bytes[4] = { 0x13, 0x05, 0x70, 0x00 };
__attribute__((unused)) static const u8 return_bytes[2] = { 0x82, 0x80 };
#elif defined(__x86_64__)
#define NOP_SIZE 1
__attribute__((unused)) static const u8 nop_bytes[NOP_SIZE] = { 0x90 };
/* mov al, 7 with a padding prefix and no-op: 4 bytes one instruction (movzx-free): 66 b8 iw. */
__attribute__((unused)) static const u8 split_bytes[4] = { 0x66, 0xb8, 0x07, 0x00 };
__attribute__((unused)) static const u8 return_bytes[2] = { 0xc3, 0x90 };
#endif

/* What the last fault said; set by `note_fault`, which leaves by siglongjmp. */
static sigjmp_buf fault_exit;
static volatile struct {
	int signal, code;
	u64 address, pc;
} fault;
__attribute__((unused)) static void note_fault(int number, siginfo_t *info, void *context)
{
	fault.signal = number;
	fault.code = info->si_code;
	fault.address = (u64)info->si_addr;
	fault.pc = PC(context);
	siglongjmp(fault_exit, 1);
}
__attribute__((unused)) static void catch_faults(void)
{
	static char stack[65536];
	stack_t other = { .ss_sp = stack, .ss_size = sizeof stack };
	sigaltstack(&other, NULL);
	int numbers[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE };
	for (unsigned i = 0; i < 5; i++)
		on_signal(numbers[i], note_fault, SA_ONSTACK);
}
/* Runs the statement; true if it faulted, and `fault` says how. */
#define FAULTS(statement) (fault.signal = 0, sigsetjmp(fault_exit, 1) ? 1 : ({ statement; 0; }))
#define want_fault(statement, signal_, code_, address_) do { \
	need(FAULTS(statement), "%s: no fault", #statement); \
	need(fault.signal == (signal_) && fault.code == (code_) && fault.address == (u64)(address_), \
		"%s: signal %d code %d address 0x%llx, expected %d %d 0x%llx", #statement, fault.signal, fault.code, \
		(unsigned long long)fault.address, (signal_), (code_), (unsigned long long)(u64)(address_)); } while (0)
#endif
