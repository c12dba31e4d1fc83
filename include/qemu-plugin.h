/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The interface between TCG plugins and the emulator that runs them: Fluoro, or QEMU 9.0 and later.
 *
 * A plugin is a shared object that includes this header, defines `qemu_plugin_version` and `qemu_plugin_install`, and
 * leaves the functions below undefined: the emulator has them.
 *
 *     cc -shared -fPIC -I<this folder> -o count.so count.c
 *     fluoro run -p ./count.so ./prog
 *
 * FLUORO_PLUGIN_API, defined before this header is included, is the version that the plugin is built for, 2 to 6. An
 * emulator loads a plugin of its own version and older ones:
 *
 *     2  QEMU 9.0        4  QEMU 9.2 and 10.0 (the default)        6  QEMU 11.0
 *     3  QEMU 9.1        5  QEMU 10.1                                 Fluoro: 2 to 6
 *
 * This file is made from the table of functions in crates/plugin-abi and is checked against it; do not edit it.
 */
#ifndef QEMU_QEMU_PLUGIN_H
#define QEMU_QEMU_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef FLUORO_PLUGIN_API
#define FLUORO_PLUGIN_API 4
#endif

#if FLUORO_PLUGIN_API < 2 || FLUORO_PLUGIN_API > 6
#error "FLUORO_PLUGIN_API: versions 2 to 6 are known"
#endif

/* The version that `qemu_plugin_version` is to be set to. */
#define QEMU_PLUGIN_VERSION FLUORO_PLUGIN_API

/*
 * glib's arrays carry registers and memory. With its headers (`pkg-config --cflags glib-2.0`) all of glib can be used.
 * Without them, or if FLUORO_PLUGIN_NO_GLIB is defined, what follows is enough for this interface; the emulator brings
 * the library into the process.
 */
#if !defined(FLUORO_PLUGIN_NO_GLIB) && defined(__has_include)
#if __has_include(<glib.h>)
#include <glib.h>
#define FLUORO_PLUGIN_HAS_GLIB 1
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif

#if !defined(FLUORO_PLUGIN_HAS_GLIB) && !defined(__G_LIB_H__)
typedef struct _GArray {
    char *data;
    unsigned int len; /* elements */
} GArray;
typedef struct _GByteArray {
    uint8_t *data;
    unsigned int len; /* bytes */
} GByteArray;
#define g_array_index(array, type, index) (((type *)(void *)(array)->data)[index])
void g_free(void *block);
char *g_array_free(GArray *array, int free_elements);
GByteArray *g_byte_array_new(void);
GByteArray *g_byte_array_append(GByteArray *array, const uint8_t *bytes, unsigned int count);
GByteArray *g_byte_array_set_size(GByteArray *array, unsigned int length);
uint8_t *g_byte_array_free(GByteArray *array, int free_bytes);
#endif

/* Put before what the plugin exports, what it keeps to itself, and what the emulator has. */
#define QEMU_PLUGIN_EXPORT __attribute__((visibility("default")))
#define QEMU_PLUGIN_LOCAL __attribute__((visibility("hidden")))
#define QEMU_PLUGIN_API __attribute__((visibility("default")))

/* ---- Types ----------------------------------------------------------------------------------------------------- */

/* Names the loaded plugin; install gets it. */
typedef uint64_t qemu_plugin_id_t;

/* Describes a memory access; the qemu_plugin_mem_ functions take it apart. */
typedef uint32_t qemu_plugin_meminfo_t;

/* Known by pointers only. */
struct qemu_plugin_tb;         /* a block, in its translation callback */
struct qemu_plugin_insn;       /* an instruction of it */
struct qemu_plugin_scoreboard; /* memory with an element for each vCPU */
struct qemu_plugin_register;   /* a register */
struct qemu_plugin_hwaddr;     /* where an access went, in its callback */

/* What install learns about the emulator. Valid during install only. */
typedef struct qemu_info_t {
    const char *target_name; /* riscv64, aarch64, x86_64 */
    struct {
        int min; /* versions that the emulator loads */
        int cur;
    } version;
    bool system_emulation; /* a machine, not a program */
    union {
        struct {
            int smp_vcpus;
            int max_vcpus;
        } system; /* zero for a program */
    };
} qemu_info_t;

/* A counter in each element of a scoreboard. */
typedef struct qemu_plugin_u64 {
    struct qemu_plugin_scoreboard *score;
    size_t offset; /* bytes from the element's start */
} qemu_plugin_u64;

/* The counter that a scoreboard's elements consist of, and one that is a member of them. */
#ifdef __cplusplus
#define qemu_plugin_scoreboard_u64(score) (qemu_plugin_u64{(score), 0})
#define qemu_plugin_scoreboard_u64_in_struct(score, type, member) (qemu_plugin_u64{(score), offsetof(type, member)})
#else
#define qemu_plugin_scoreboard_u64(score) ((qemu_plugin_u64){(score), 0})
#define qemu_plugin_scoreboard_u64_in_struct(score, type, member) ((qemu_plugin_u64){(score), offsetof(type, member)})
#endif

enum qemu_plugin_cb_flags {
    QEMU_PLUGIN_CB_NO_REGS = 0, /* reads no register */
    QEMU_PLUGIN_CB_R_REGS = 1, /* reads registers */
    QEMU_PLUGIN_CB_RW_REGS = 2, /* reads and writes registers */
#if QEMU_PLUGIN_VERSION >= 6
    QEMU_PLUGIN_CB_RW_REGS_PC = 3, /* reads and writes registers, and may set the program counter */
#endif
};

enum qemu_plugin_mem_rw {
    QEMU_PLUGIN_MEM_R = 1, /* loads */
    QEMU_PLUGIN_MEM_W = 2, /* stores */
    QEMU_PLUGIN_MEM_RW = 3, /* both */
};

#if QEMU_PLUGIN_VERSION >= 4
enum qemu_plugin_mem_value_type {
    QEMU_PLUGIN_MEM_VALUE_U8 = 0, /* 1 byte */
    QEMU_PLUGIN_MEM_VALUE_U16 = 1, /* 2 bytes */
    QEMU_PLUGIN_MEM_VALUE_U32 = 2, /* 4 bytes */
    QEMU_PLUGIN_MEM_VALUE_U64 = 3, /* 8 bytes */
    QEMU_PLUGIN_MEM_VALUE_U128 = 4, /* 16 bytes, as two halves */
};
#endif

#if QEMU_PLUGIN_VERSION >= 3
enum qemu_plugin_cond {
    QEMU_PLUGIN_COND_NEVER = 0, /* never: nothing is registered */
    QEMU_PLUGIN_COND_ALWAYS = 1, /* always: a plain registration */
    QEMU_PLUGIN_COND_EQ = 2, /* cell == imm */
    QEMU_PLUGIN_COND_NE = 3, /* cell != imm */
    QEMU_PLUGIN_COND_LT = 4, /* cell < imm */
    QEMU_PLUGIN_COND_LE = 5, /* cell <= imm */
    QEMU_PLUGIN_COND_GT = 6, /* cell > imm */
    QEMU_PLUGIN_COND_GE = 7, /* cell >= imm */
};
#endif

enum qemu_plugin_op {
    QEMU_PLUGIN_INLINE_ADD_U64 = 0, /* cell += imm, wrapping, not atomic */
#if QEMU_PLUGIN_VERSION >= 3
    QEMU_PLUGIN_INLINE_STORE_U64 = 1, /* cell = imm */
#endif
};

#if QEMU_PLUGIN_VERSION >= 5
enum qemu_plugin_hwaddr_operation_result {
    QEMU_PLUGIN_HWADDR_OPERATION_OK = 0, /* done */
    QEMU_PLUGIN_HWADDR_OPERATION_ERROR = 1, /* empty buffer, or there is no machine */
    QEMU_PLUGIN_HWADDR_OPERATION_DEVICE_ERROR = 2, /* the device said no */
    QEMU_PLUGIN_HWADDR_OPERATION_ACCESS_DENIED = 3, /* no right to it */
    QEMU_PLUGIN_HWADDR_OPERATION_INVALID_ADDRESS = 4, /* nothing at that address */
    QEMU_PLUGIN_HWADDR_OPERATION_INVALID_ADDRESS_SPACE = 5, /* the vCPU has no such address space */
};
#endif

#if QEMU_PLUGIN_VERSION >= 5
enum qemu_plugin_discon_type {
    QEMU_PLUGIN_DISCON_INTERRUPT = 1, /* an interrupt */
    QEMU_PLUGIN_DISCON_EXCEPTION = 2, /* an exception */
    QEMU_PLUGIN_DISCON_HOSTCALL = 4, /* a call served by the host, such as semihosting */
    QEMU_PLUGIN_DISCON_ALL = -1, /* all of them */
};
#endif

#if QEMU_PLUGIN_VERSION >= 4
/* The value of an access; `type` says which member holds it. */
typedef struct qemu_plugin_mem_value {
    enum qemu_plugin_mem_value_type type;
    union {
        uint8_t u8;
        uint16_t u16;
        uint32_t u32;
        uint64_t u64;
        struct {
            uint64_t low;
            uint64_t high;
        } u128;
    } data;
} qemu_plugin_mem_value;
#endif

/* An element of the array that qemu_plugin_get_registers returns. */
typedef struct qemu_plugin_reg_descriptor {
    struct qemu_plugin_register *handle; /* may be NULL */
    const char *name;
    const char *feature; /* the gdb feature that it belongs to */
#if QEMU_PLUGIN_VERSION >= 6
    bool is_readonly;
#endif
} qemu_plugin_reg_descriptor;

/* ---- Callbacks ------------------------------------------------------------------------------------------------- */

typedef void (*qemu_plugin_simple_cb_t)(qemu_plugin_id_t id);
typedef void (*qemu_plugin_udata_cb_t)(qemu_plugin_id_t id, void *userdata);
typedef void (*qemu_plugin_vcpu_simple_cb_t)(qemu_plugin_id_t id, unsigned int vcpu_index);
typedef void (*qemu_plugin_vcpu_udata_cb_t)(unsigned int vcpu_index, void *userdata);
typedef void (*qemu_plugin_vcpu_tb_trans_cb_t)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);
typedef void (*qemu_plugin_vcpu_mem_cb_t)(unsigned int vcpu_index, qemu_plugin_meminfo_t info, uint64_t vaddr,
                                          void *userdata);
typedef void (*qemu_plugin_vcpu_syscall_cb_t)(qemu_plugin_id_t id, unsigned int vcpu_index, int64_t num, uint64_t a1,
                                              uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6,
                                              uint64_t a7, uint64_t a8);
typedef void (*qemu_plugin_vcpu_syscall_ret_cb_t)(qemu_plugin_id_t id, unsigned int vcpu_index, int64_t num,
                                                  int64_t ret);
#if QEMU_PLUGIN_VERSION >= 5
typedef void (*qemu_plugin_vcpu_discon_cb_t)(qemu_plugin_id_t id, unsigned int vcpu_index,
                                             enum qemu_plugin_discon_type type, uint64_t from_pc, uint64_t to_pc);
#endif
#if QEMU_PLUGIN_VERSION >= 6
typedef bool (*qemu_plugin_vcpu_syscall_filter_cb_t)(qemu_plugin_id_t id, unsigned int vcpu_index, int64_t num,
                                                     uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                                                     uint64_t a6, uint64_t a7, uint64_t a8, uint64_t *sysret);
#endif

/* ---- What the plugin defines ----------------------------------------------------------------------------------- */

/* Set it to QEMU_PLUGIN_VERSION. */
extern QEMU_PLUGIN_EXPORT int qemu_plugin_version;

/*
 * Called once when the plugin is loaded, before the guest begins: register callbacks here. Each of the `argc` strings
 * of `argv` is `name=value`, as given behind the plugin's name; they stay valid. Anything but 0 is a refusal, and ends
 * the run.
 */
QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

/* ---- Lifecycle and events ---------------------------------------------------------------------------------------- */

/*
 * A plugin has one callback per event: registering again replaces it, registering NULL takes it away. If several
 * plugins are loaded, the last one is called first. Threads of a program are vCPUs.
 */

/*
 * Asks for the plugin's removal. When the vCPUs have left the current blocks, all translations are dropped, all
 * registrations go, `cb` is called, and the file is closed. Until then callbacks still come. The atexit callback will
 * not. During install it is an error that ends the run: return non-zero there instead.
 * Cost: stops all vCPUs once and has everything translated again.
 */
QEMU_PLUGIN_API void qemu_plugin_uninstall(qemu_plugin_id_t id, qemu_plugin_simple_cb_t cb);

/*
 * Takes all registrations of the plugin back, as `qemu_plugin_uninstall` does, but keeps it loaded with its id,
 * arguments and scoreboards. `cb` is called when that is done and may register anew.
 * Cost: stops all vCPUs once and has everything translated again.
 */
QEMU_PLUGIN_API void qemu_plugin_reset(qemu_plugin_id_t id, qemu_plugin_simple_cb_t cb);

/*
 * `cb` runs on each new vCPU before its first instruction. Registers can be listed and read there, and memory.
 * Cost: one call per vCPU.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_simple_cb_t cb);

/*
 * `cb` runs when a thread ends by the exit system call while others go on. The end of the whole program does not call
 * it: use the atexit callback for that.
 * Cost: one call per vCPU.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_exit_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_simple_cb_t cb);

/*
 * `cb` runs before a vCPU of a machine sleeps because it has nothing to do.
 * Cost: one call per sleep. For machines.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_idle_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_simple_cb_t cb);

/*
 * `cb` runs when a sleeping vCPU of a machine goes on.
 * Cost: one call per sleep. For machines.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_resume_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_simple_cb_t cb);

/*
 * `cb` runs after all translations were dropped: code memory was full, the first extra thread began, a scoreboard
 * grew, or a plugin was reset. Data kept for translated blocks can be freed there. All other vCPUs stand still
 * meanwhile.
 * Cost: one call per flush.
 */
QEMU_PLUGIN_API void qemu_plugin_register_flush_cb(qemu_plugin_id_t id, qemu_plugin_simple_cb_t cb);

/*
 * `cb` runs when the guest ends: by exit, by a signal that dumps core, or by a failed install. It is the place for
 * the report. It runs in forked children as well. Destructors and buffered files of the plugin are not flushed
 * afterwards, so close files there.
 * Cost: one call per process.
 */
QEMU_PLUGIN_API void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, qemu_plugin_udata_cb_t cb, void *userdata);

/*
 * Calls `cb` for each vCPU that is alive, in no particular order, before it returns.
 * Cost: one call per vCPU.
 */
QEMU_PLUGIN_API void qemu_plugin_vcpu_for_each(qemu_plugin_id_t id, qemu_plugin_vcpu_simple_cb_t cb);

/*
 * The largest index of a vCPU so far, plus one. 0 during install. It never shrinks; the index of an ended thread may
 * be used again.
 * Cost: a load.
 */
QEMU_PLUGIN_API int qemu_plugin_num_vcpus(void);

/*
 * `cb` runs before each system call of the program, with its number and eight argument words, of which six mean
 * something. Unknown numbers are shown as well. A call that a signal interrupted and that is made again is shown
 * again.
 * Cost: one call per system call. For programs.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_syscall_cb_t cb);

/*
 * `cb` runs after each system call with its result; errors are negative error numbers. -512 stands for a call that is
 * to be restarted, -513 for the return from a signal handler. Calls that do not return (exit, a successful execve)
 * are not shown.
 * Cost: one call per system call. For programs.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_syscall_ret_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_syscall_ret_cb_t
    cb);

/*
 * `cb` runs after the system call callbacks and may take the call over: if it returns true, `*sysret` is the result
 * and the call is not made. The first plugin that takes it is the last one asked. The callbacks for results follow as
 * ever.
 * Cost: one call per system call. Since version 6. For programs.
 */
#if QEMU_PLUGIN_VERSION >= 6
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_syscall_filter_cb(qemu_plugin_id_t id,
    qemu_plugin_vcpu_syscall_filter_cb_t cb);
#endif

/*
 * `cb` runs after an interrupt, an exception or a call served by the host has moved the program counter: `from_pc` is
 * where the vCPU was, `to_pc` where it is now. Each bit of `type` is a slot of its own. Programs have no such events.
 * Cost: one call per event. Since version 5. For machines. Came with QEMU 10.2 without a new version number.
 */
#if QEMU_PLUGIN_VERSION >= 5
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_discon_cb(qemu_plugin_id_t id, enum qemu_plugin_discon_type type,
    qemu_plugin_vcpu_discon_cb_t cb);
#endif

/* ---- Instrumentation --------------------------------------------------------------------------------------------- */

/*
 * The translation callback is shown each block before it is translated, and registers there what is to happen
 * whenever it is executed. Registrations hold for that translation; when the block is translated again, the callback
 * is called again. For one block or instruction, callbacks and inline operations happen in the order of their
 * registration: first those of the block, then for each instruction its own, then its accesses'.
 */

/*
 * `cb` is shown each block before it is translated. The same code may be shown many times: after a flush, for another
 * state of the vCPU, when the first thread starts. The handles are valid inside the callback only. Registered while
 * the guest runs, it sees what is translated from then on.
 * Cost: one call per translation.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_plugin_vcpu_tb_trans_cb_t cb);

/*
 * `cb` runs each time the block is entered, before its first instruction. `flags` says what it does with registers.
 * Cost: a call per execution; with register access also the write-back of cached registers.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, qemu_plugin_vcpu_udata_cb_t cb,
    enum qemu_plugin_cb_flags flags, void *userdata);

/*
 * As the plain form, if at that moment the vCPU's cell `entry` compares with `imm` as `cond` says, unsigned.
 * Cost: a load, a compare and a branch per execution; the call only if it holds. Since version 3.
 */
#if QEMU_PLUGIN_VERSION >= 3
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_tb_exec_cond_cb(struct qemu_plugin_tb *tb,
    qemu_plugin_vcpu_udata_cb_t cb, enum qemu_plugin_cb_flags flags, enum qemu_plugin_cond cond, qemu_plugin_u64 entry,
    uint64_t imm, void *userdata);
#endif

/*
 * Adds `imm` to the vCPU's cell, or stores it there, each time the block is entered. No call is made.
 * Cost: a few host instructions; often the cheapest way to count.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(struct qemu_plugin_tb *tb, enum
    qemu_plugin_op op, qemu_plugin_u64 entry, uint64_t imm);

/*
 * `cb` runs each time before the instruction. If that faults, it has been counted, and is counted again when it is
 * tried again.
 * Cost: a call per execution.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
    qemu_plugin_vcpu_udata_cb_t cb, enum qemu_plugin_cb_flags flags, void *userdata);

/*
 * As the plain form, if the vCPU's cell compares with `imm` as `cond` says.
 * Cost: a load, a compare and a branch per execution; the call only if it holds. Since version 3.
 */
#if QEMU_PLUGIN_VERSION >= 3
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_insn_exec_cond_cb(struct qemu_plugin_insn *insn,
    qemu_plugin_vcpu_udata_cb_t cb, enum qemu_plugin_cb_flags flags, enum qemu_plugin_cond cond, qemu_plugin_u64 entry,
    uint64_t imm, void *userdata);
#endif

/*
 * Adds to or stores into the vCPU's cell each time before the instruction.
 * Cost: a few host instructions per execution.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *insn, enum
    qemu_plugin_op op, qemu_plugin_u64 entry, uint64_t imm);

/*
 * `cb` runs after each successful access of the instruction that `rw` names, before its next access. An atomic
 * operation is a load and then a store. Fetches and accesses by the kernel are not shown.
 * Cost: a call per access.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, qemu_plugin_vcpu_mem_cb_t cb,
    enum qemu_plugin_cb_flags flags, enum qemu_plugin_mem_rw rw, void *userdata);

/*
 * Adds to or stores into the vCPU's cell after each access of the instruction that `rw` names.
 * Cost: a few host instructions per access.
 */
QEMU_PLUGIN_API void qemu_plugin_register_vcpu_mem_inline_per_vcpu(struct qemu_plugin_insn *insn, enum
    qemu_plugin_mem_rw rw, enum qemu_plugin_op op, qemu_plugin_u64 entry, uint64_t imm);

/* ---- Blocks and instructions ------------------------------------------------------------------------------------- */

/*
 * For use inside the translation callback, where the handles are valid.
 */

/*
 * How many instructions the block has, at least 1.
 * Cost: a load.
 */
QEMU_PLUGIN_API size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);

/*
 * The guest address of its first instruction.
 * Cost: a load.
 */
QEMU_PLUGIN_API uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

/*
 * Its instruction number `idx`, counted from 0; NULL if there is none.
 * Cost: a load.
 */
QEMU_PLUGIN_API struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);

/*
 * Copies the instruction's bytes, at most `len`, to `dest` and returns how many.
 * Cost: a copy. Version 2 returned a pointer to the bytes.
 */
#if QEMU_PLUGIN_VERSION >= 3
QEMU_PLUGIN_API size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *dest, size_t len);
#elif QEMU_PLUGIN_VERSION >= 2
QEMU_PLUGIN_API const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
#endif

/*
 * How many bytes the instruction has.
 * Cost: a load.
 */
QEMU_PLUGIN_API size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

/*
 * The guest address of the instruction.
 * Cost: a load.
 */
QEMU_PLUGIN_API uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

/*
 * Where its bytes are in the host's memory; NULL in a machine if they are not in RAM.
 * Cost: an addition.
 */
QEMU_PLUGIN_API void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);

/*
 * The instruction as text, without address and bytes. Free it with `g_free`.
 * Cost: formats a string.
 */
QEMU_PLUGIN_API char *qemu_plugin_insn_disas(const struct qemu_plugin_insn *insn);

/*
 * The name of the function that the instruction is in, or NULL. Do not free it.
 * Cost: a search in the sorted symbols.
 */
QEMU_PLUGIN_API const char *qemu_plugin_insn_symbol(const struct qemu_plugin_insn *insn);

/* ---- Memory accesses --------------------------------------------------------------------------------------------- */

/*
 * For use inside a memory callback, with the word it was given.
 */

/*
 * The access has 1 << this many bytes; 0 to 4.
 * Cost: a call.
 */
QEMU_PLUGIN_API unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);

/*
 * Whether it is a load whose value is widened with its sign.
 * Cost: a call.
 */
QEMU_PLUGIN_API bool qemu_plugin_mem_is_sign_extended(qemu_plugin_meminfo_t info);

/*
 * Whether the first byte is the most significant.
 * Cost: a call.
 */
QEMU_PLUGIN_API bool qemu_plugin_mem_is_big_endian(qemu_plugin_meminfo_t info);

/*
 * Whether it is a store; a load otherwise.
 * Cost: a call.
 */
QEMU_PLUGIN_API bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);

/*
 * The value loaded or stored, as the program sees it, cut to the access's size. `info` has to be the word of the
 * callback that is running.
 * Cost: a call. Since version 4.
 */
#if QEMU_PLUGIN_VERSION >= 4
QEMU_PLUGIN_API qemu_plugin_mem_value qemu_plugin_mem_get_value(qemu_plugin_meminfo_t info);
#endif

/*
 * Where in a machine the access went. NULL for programs.
 * Cost: a search in the TLB. For machines.
 */
QEMU_PLUGIN_API struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t vaddr);

/*
 * Whether that is a device. False for programs.
 * Cost: a load. For machines.
 */
QEMU_PLUGIN_API bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *haddr);

/*
 * The guest's physical address of it. 0 for programs.
 * Cost: a load. For machines.
 */
QEMU_PLUGIN_API uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *haddr);

/*
 * The name of the device, or `RAM`. `Invalid` for programs. Do not free it.
 * Cost: a load. For machines.
 */
QEMU_PLUGIN_API const char *qemu_plugin_hwaddr_device_name(const struct qemu_plugin_hwaddr *h);

/* ---- Scoreboards ------------------------------------------------------------------------------------------------- */

/*
 * A scoreboard is an array with one element per vCPU, so counting in it needs no locks and no atomics. It grows when
 * more vCPUs begin. `qemu_plugin_u64` names one counter of each element; make it with the macros
 * `qemu_plugin_scoreboard_u64` and `qemu_plugin_scoreboard_u64_in_struct`.
 */

/*
 * A new scoreboard, all zero. May be called at any time.
 * Cost: memory for at least 16 elements.
 */
QEMU_PLUGIN_API struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t element_size);

/*
 * Gives it back. Translations may still count in it, so free it in the atexit or the reset callback.
 * Cost: none.
 */
QEMU_PLUGIN_API void qemu_plugin_scoreboard_free(struct qemu_plugin_scoreboard *score);

/*
 * The element of a vCPU. The index must be below `qemu_plugin_num_vcpus`, so it cannot be used during install. The
 * pointer is valid until the scoreboard grows, which happens before the callback of a new vCPU.
 * Cost: a call.
 */
QEMU_PLUGIN_API void *qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard *score, unsigned int vcpu_index);

/*
 * Adds to the cell of a vCPU. Not atomic: a vCPU's callbacks should touch their own cell.
 * Cost: a call.
 */
QEMU_PLUGIN_API void qemu_plugin_u64_add(qemu_plugin_u64 entry, unsigned int vcpu_index, uint64_t added);

/*
 * Reads the cell of a vCPU.
 * Cost: a call.
 */
QEMU_PLUGIN_API uint64_t qemu_plugin_u64_get(qemu_plugin_u64 entry, unsigned int vcpu_index);

/*
 * Writes the cell of a vCPU.
 * Cost: a call.
 */
QEMU_PLUGIN_API void qemu_plugin_u64_set(qemu_plugin_u64 entry, unsigned int vcpu_index, uint64_t val);

/*
 * The sum of the cells of all vCPUs, ended ones included. 0 during install.
 * Cost: a load per vCPU.
 */
QEMU_PLUGIN_API uint64_t qemu_plugin_u64_sum(qemu_plugin_u64 entry);

/* ---- Registers, memory and the program --------------------------------------------------------------------------- */

/*
 * Registers, memory and the code's range belong to the current vCPU: use these functions from the vCPU's init
 * callback on, in its callbacks. From version 5 on a register can be read only in a callback that was registered with
 * a flag for it; system call, vCPU and translation callbacks may always.
 */

/*
 * A new array of `qemu_plugin_reg_descriptor`, one for each register. Free it with `g_array_free`; the strings in it
 * live for ever. A handle may be NULL: pass it on, do not test it.
 * Cost: builds the list: call it once per vCPU. From version 6 on the elements have `is_readonly` and are 32 bytes
 * long instead of 24.
 */
QEMU_PLUGIN_API GArray *qemu_plugin_get_registers(void);

/*
 * Appends the register's bytes, in the target's order, to `buf`.
 * Cost: a call and a copy; the callback needs `QEMU_PLUGIN_CB_R_REGS` or more. Returns the number of bytes, or -1;
 * from version 6 on true or false. Up to version 4 flags were not checked and the value could be stale without one.
 */
#if QEMU_PLUGIN_VERSION >= 6
QEMU_PLUGIN_API bool qemu_plugin_read_register(struct qemu_plugin_register *handle, GByteArray *buf);
#elif QEMU_PLUGIN_VERSION >= 2
QEMU_PLUGIN_API int qemu_plugin_read_register(struct qemu_plugin_register *handle, GByteArray *buf);
#endif

/*
 * Sets the register from `buf`, which has at least its length. The callback needs `QEMU_PLUGIN_CB_RW_REGS`. The
 * program counter is changed with `qemu_plugin_set_pc` instead.
 * Cost: a call and a copy; registers are read again after the callback. Since version 5. Returns the number of bytes,
 * or -1; from version 6 on true or false.
 */
#if QEMU_PLUGIN_VERSION >= 6
QEMU_PLUGIN_API bool qemu_plugin_write_register(struct qemu_plugin_register *handle, GByteArray *buf);
#elif QEMU_PLUGIN_VERSION >= 5
QEMU_PLUGIN_API int qemu_plugin_write_register(struct qemu_plugin_register *handle, GByteArray *buf);
#endif

/*
 * Goes on at `vaddr` and does not return: the rest of the block and later callbacks of the same event do not happen.
 * The callback needs `QEMU_PLUGIN_CB_RW_REGS_PC`. In a system call callback the call is not made.
 * Cost: leaves the block. Since version 6.
 */
#if QEMU_PLUGIN_VERSION >= 6
QEMU_PLUGIN_API void qemu_plugin_set_pc(uint64_t vaddr);
#endif

/*
 * Makes `data` `len` bytes long and fills it with the guest's memory at `addr`, whatever its protection. False if
 * part of it is not there (the array has its new length then) or if `len` is 0.
 * Cost: a call and a copy. Since version 4.
 */
#if QEMU_PLUGIN_VERSION >= 4
QEMU_PLUGIN_API bool qemu_plugin_read_memory_vaddr(uint64_t addr, GByteArray *data, size_t len);
#endif

/*
 * Writes the bytes of `data` to the guest's memory at `addr`, whatever its protection. Translations of code that is
 * hit are dropped.
 * Cost: a call and a copy; new translations if code was hit. Since version 5.
 */
#if QEMU_PLUGIN_VERSION >= 5
QEMU_PLUGIN_API bool qemu_plugin_write_memory_vaddr(uint64_t addr, GByteArray *data);
#endif

/*
 * Writes the string to the plugin log, if there is one (`-d plugin`). It is not a format and gets no line break.
 * Cost: a write.
 */
QEMU_PLUGIN_API void qemu_plugin_outs(const char *string);

/*
 * Turns `on`, `yes`, `true`, `y` and `off`, `no`, `false`, `n` into `*ret`. Anything else gives false and leaves
 * `*ret` alone.
 * Cost: a call.
 */
QEMU_PLUGIN_API bool qemu_plugin_bool_parse(const char *name, const char *val, bool *ret);

/*
 * The program's path as given on the command line, a new copy: free it with `g_free`. NULL for machines.
 * Cost: a copy. For programs. QEMU 10.0 lacks it for programs: plugins that need it load here, not there.
 */
QEMU_PLUGIN_API const char *qemu_plugin_path_to_binary(void);

/*
 * The lowest address of the program's code. 0 for machines.
 * Cost: a load. For programs. QEMU 10.0 lacks it for programs.
 */
QEMU_PLUGIN_API uint64_t qemu_plugin_start_code(void);

/*
 * The end of the program's code. 0 for machines.
 * Cost: a load. For programs. QEMU 10.0 lacks it for programs.
 */
QEMU_PLUGIN_API uint64_t qemu_plugin_end_code(void);

/*
 * Where execution begins: the interpreter's entry for a dynamic program, else the program's. 0 for machines.
 * Cost: a load. For programs. QEMU 10.0 lacks it for programs.
 */
QEMU_PLUGIN_API uint64_t qemu_plugin_entry_code(void);

/* ---- Machines: physical memory and time -------------------------------------------------------------------------- */

/*
 * For plugins of whole machines. For programs they say that there is nothing.
 */

/*
 * Reads `len` bytes at a physical address into `data`. `QEMU_PLUGIN_HWADDR_OPERATION_ERROR` for programs.
 * Cost: a call and a copy. Since version 5. For machines.
 */
#if QEMU_PLUGIN_VERSION >= 5
QEMU_PLUGIN_API enum qemu_plugin_hwaddr_operation_result qemu_plugin_read_memory_hwaddr(uint64_t addr, GByteArray
    *data, size_t len);
#endif

/*
 * Writes the bytes of `data` at a physical address. Not for the code whose translation callback is running.
 * `QEMU_PLUGIN_HWADDR_OPERATION_ERROR` for programs.
 * Cost: a call and a copy; new translations if code was hit. Since version 5. For machines.
 */
#if QEMU_PLUGIN_VERSION >= 5
QEMU_PLUGIN_API enum qemu_plugin_hwaddr_operation_result qemu_plugin_write_memory_hwaddr(uint64_t addr, GByteArray
    *data);
#endif

/*
 * The physical address that a virtual one stands for now. False if there is none, and for programs.
 * Cost: a page walk. Since version 5. For machines.
 */
#if QEMU_PLUGIN_VERSION >= 5
QEMU_PLUGIN_API bool qemu_plugin_translate_vaddr(uint64_t vaddr, uint64_t *hwaddr);
#endif

/*
 * The right to move the virtual clock, for the first plugin that asks; NULL for others.
 * Cost: none. Since version 4. For machines. Programs' plugins get a handle whose updates change nothing; QEMU 10.0
 * gives them NULL.
 */
#if QEMU_PLUGIN_VERSION >= 4
QEMU_PLUGIN_API const void *qemu_plugin_request_time_control(void);
#endif

/*
 * Moves the virtual clock forward to `time`, in nanoseconds from the start, and runs timers that are due.
 * Cost: a call. Since version 4. For machines.
 */
#if QEMU_PLUGIN_VERSION >= 4
QEMU_PLUGIN_API void qemu_plugin_update_ns(const void *handle, int64_t time);
#endif

#ifdef __cplusplus
}
#endif

#endif /* QEMU_QEMU_PLUGIN_H */
