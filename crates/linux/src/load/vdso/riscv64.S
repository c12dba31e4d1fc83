# The guest's vDSO. Every function makes the system call of its name; what can be answered without one comes first.
# Build with build.sh; the result is in the repository, because it needs a cross compiler.

        .macro  call name, number
        .globl  __vdso_\name
        .type   __vdso_\name, @function
        .balign 4
__vdso_\name:
        .cfi_startproc
        li      a7, \number
        ecall
        ret
        .cfi_endproc
        .size   __vdso_\name, . - __vdso_\name
        .endm

        .text
# Unwinders know a signal frame by these two instructions. As in Linux, the frame description begins at the symbol: a
# return address is looked up minus one and so is not found in it, which makes unwinders look at the instructions. (A
# description that was found would have to say where each register is.)
        nop
        .globl  __vdso_rt_sigreturn
        .type   __vdso_rt_sigreturn, @function
__vdso_rt_sigreturn:
        .cfi_startproc
        .cfi_signal_frame
        li      a7, 139
        ecall
        .cfi_endproc
        .size   __vdso_rt_sigreturn, . - __vdso_rt_sigreturn

        call    clock_gettime, 113
        call    clock_getres, 114
        call    gettimeofday, 169
        call    getcpu, 168
        call    flush_icache, 259
        call    riscv_hwprobe, 258
