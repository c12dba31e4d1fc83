/* Sizes, offsets and values of the header, checked by the compiler; and every function found by name. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include "kit.h"

#define IS(a, b) _Static_assert((a) == (b), #a)
IS(sizeof(qemu_plugin_id_t), 8);
IS(sizeof(qemu_plugin_meminfo_t), 4);
IS(sizeof(qemu_info_t), 32);
IS(offsetof(qemu_info_t, target_name), 0);
IS(offsetof(qemu_info_t, version.min), 8);
IS(offsetof(qemu_info_t, version.cur), 12);
IS(offsetof(qemu_info_t, system_emulation), 16);
IS(offsetof(qemu_info_t, system.smp_vcpus), 20);
IS(offsetof(qemu_info_t, system.max_vcpus), 24);
IS(sizeof(qemu_plugin_u64), 16);
IS(offsetof(qemu_plugin_u64, offset), 8);
IS(sizeof(qemu_plugin_mem_value), 24);
IS(offsetof(qemu_plugin_mem_value, data), 8);
IS(offsetof(qemu_plugin_reg_descriptor, handle), 0);
IS(offsetof(qemu_plugin_reg_descriptor, name), 8);
IS(offsetof(qemu_plugin_reg_descriptor, feature), 16);
#if QEMU_PLUGIN_VERSION >= 6
IS(sizeof(qemu_plugin_reg_descriptor), 32);
IS(offsetof(qemu_plugin_reg_descriptor, is_readonly), 24);
IS(QEMU_PLUGIN_CB_RW_REGS_PC, 3);
#else
IS(sizeof(qemu_plugin_reg_descriptor), 24);
#endif
IS(QEMU_PLUGIN_CB_NO_REGS, 0);
IS(QEMU_PLUGIN_CB_R_REGS, 1);
IS(QEMU_PLUGIN_CB_RW_REGS, 2);
IS(QEMU_PLUGIN_MEM_R, 1);
IS(QEMU_PLUGIN_MEM_W, 2);
IS(QEMU_PLUGIN_MEM_RW, 3);
IS(QEMU_PLUGIN_MEM_VALUE_U8, 0);
IS(QEMU_PLUGIN_MEM_VALUE_U128, 4);
IS(QEMU_PLUGIN_COND_NEVER, 0);
IS(QEMU_PLUGIN_COND_ALWAYS, 1);
IS(QEMU_PLUGIN_COND_EQ, 2);
IS(QEMU_PLUGIN_COND_NE, 3);
IS(QEMU_PLUGIN_COND_LT, 4);
IS(QEMU_PLUGIN_COND_LE, 5);
IS(QEMU_PLUGIN_COND_GT, 6);
IS(QEMU_PLUGIN_COND_GE, 7);
IS(QEMU_PLUGIN_INLINE_ADD_U64, 0);
IS(QEMU_PLUGIN_INLINE_STORE_U64, 1);
#if QEMU_PLUGIN_VERSION >= 5
IS(QEMU_PLUGIN_HWADDR_OPERATION_OK, 0);
IS(QEMU_PLUGIN_HWADDR_OPERATION_ERROR, 1);
IS(QEMU_PLUGIN_HWADDR_OPERATION_DEVICE_ERROR, 2);
IS(QEMU_PLUGIN_HWADDR_OPERATION_ACCESS_DENIED, 3);
IS(QEMU_PLUGIN_HWADDR_OPERATION_INVALID_ADDRESS, 4);
IS(QEMU_PLUGIN_HWADDR_OPERATION_INVALID_ADDRESS_SPACE, 5);
IS(QEMU_PLUGIN_DISCON_INTERRUPT, 1);
IS(QEMU_PLUGIN_DISCON_EXCEPTION, 2);
IS(QEMU_PLUGIN_DISCON_HOSTCALL, 4);
IS(QEMU_PLUGIN_DISCON_ALL, -1);
#endif

static const char *const names[] = {
    "uninstall", "reset", "register_vcpu_init_cb", "register_vcpu_exit_cb", "register_vcpu_idle_cb",
    "register_vcpu_resume_cb", "register_flush_cb", "register_atexit_cb", "vcpu_for_each", "num_vcpus",
    "register_vcpu_tb_trans_cb", "register_vcpu_tb_exec_cb", "register_vcpu_tb_exec_cond_cb",
    "register_vcpu_tb_exec_inline_per_vcpu", "register_vcpu_insn_exec_cb", "register_vcpu_insn_exec_cond_cb",
    "register_vcpu_insn_exec_inline_per_vcpu", "register_vcpu_mem_cb", "register_vcpu_mem_inline_per_vcpu",
    "register_vcpu_syscall_cb", "register_vcpu_syscall_ret_cb", "tb_n_insns", "tb_vaddr", "tb_get_insn", "insn_data",
    "insn_size", "insn_vaddr", "insn_haddr", "insn_disas", "insn_symbol", "mem_size_shift", "mem_is_sign_extended",
    "mem_is_big_endian", "mem_is_store", "mem_get_value", "get_hwaddr", "hwaddr_is_io", "hwaddr_phys_addr",
    "hwaddr_device_name", "get_registers", "read_register", "read_memory_vaddr", "outs", "bool_parse",
    "path_to_binary", "start_code", "end_code", "entry_code", "request_time_control", "update_ns", "scoreboard_new",
    "scoreboard_free", "scoreboard_find", "u64_add", "u64_get", "u64_set", "u64_sum",
};
static const char *const later[] = {
    "write_memory_vaddr", "read_memory_hwaddr", "write_memory_hwaddr", "write_register", "translate_vaddr",
    "register_vcpu_discon_cb", "set_pc", "register_vcpu_syscall_filter_cb",
};
static const char *const removed[] = {
    "n_vcpus", "n_max_vcpus", "register_vcpu_tb_exec_inline", "register_vcpu_insn_exec_inline",
    "register_vcpu_mem_inline",
};

static int found(const char *const *list, size_t n, const char *what, bool wanted)
{
    int count = 0;
    for (size_t i = 0; i < n; i++) {
        char full[100];
        snprintf(full, sizeof full, "qemu_plugin_%s", list[i]);
        bool there = dlsym(RTLD_DEFAULT, full) != NULL;
        count += there;
        if (there != wanted) printf("%s %s\n", full, there ? "is there" : "is missing");
    }
    printf("%s %d\n", what, count);
    return count;
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    found(names, sizeof names / sizeof *names, "functions", true);
    found(later, sizeof later / sizeof *later, "later", true);
    found(removed, sizeof removed / sizeof *removed, "removed", false);
    fflush(stdout);
    return 0;
}
