// The same byte code by a table of functions: an indirect call and a return for each operation.
#include "vm.h"

struct machine {
    int64_t stack[64], *sp, slots[16], memory[4096];
    const int32_t *back[16], **rp, *pc, *code;
    int running;
};
static struct machine machine;
typedef void operation(struct machine *m);

#define OPERATION(name, body) \
    static void name(struct machine *m) { body; }
OPERATION(op_push, *m->sp++ = *m->pc++)
OPERATION(op_load, *m->sp++ = m->slots[*m->pc++])
OPERATION(op_store, m->slots[*m->pc++] = *--m->sp)
OPERATION(op_add, m->sp--; m->sp[-1] += m->sp[0])
OPERATION(op_sub, m->sp--; m->sp[-1] -= m->sp[0])
OPERATION(op_mul, m->sp--; m->sp[-1] = (int64_t)((uint64_t)m->sp[-1] * (uint64_t)m->sp[0]))
OPERATION(op_mod, m->sp--; m->sp[-1] = (int64_t)((uint64_t)m->sp[-1] % (uint64_t)m->sp[0]))
OPERATION(op_less, m->sp--; m->sp[-1] = m->sp[-1] < m->sp[0])
OPERATION(op_equal, m->sp--; m->sp[-1] = m->sp[-1] == m->sp[0])
OPERATION(op_xor, m->sp--; m->sp[-1] ^= m->sp[0])
OPERATION(op_shift, m->sp[-1] = (int64_t)((uint64_t)m->sp[-1] >> *m->pc++))
OPERATION(op_jump, m->pc = m->code + *m->pc)
OPERATION(op_jump_if, m->pc = *--m->sp ? m->code + *m->pc : m->pc + 1)
OPERATION(op_dup, *m->sp = m->sp[-1]; m->sp++)
OPERATION(op_swap, int64_t x = m->sp[-1]; m->sp[-1] = m->sp[-2]; m->sp[-2] = x)
OPERATION(op_get, m->sp[-1] = m->memory[m->sp[-1] & 4095])
OPERATION(op_put, m->sp -= 2; m->memory[m->sp[1] & 4095] = m->sp[0])
OPERATION(op_call, *m->rp++ = m->pc + 1; m->pc = m->code + *m->pc)
OPERATION(op_back, m->pc = *--m->rp)
OPERATION(op_stop, m->running = 0)

static operation *const operations[] = {op_push,  op_load, op_store,   op_add, op_sub,  op_mul, op_mod,
                                        op_less,  op_equal, op_xor,    op_shift, op_jump, op_jump_if, op_dup,
                                        op_swap,  op_get,  op_put,     op_call, op_back, op_stop};

static int64_t run(const int32_t *code) {
    machine.sp = machine.stack;
    machine.rp = machine.back;
    machine.pc = machine.code = code;
    memset(machine.slots, 0, sizeof machine.slots);
    for (machine.running = 1; machine.running;) operations[*machine.pc++](&machine);
    return machine.sp[-1];
}

int main(int argc, char **argv) { return vm_main("callvm", rounds(argc, argv, 60)); }
