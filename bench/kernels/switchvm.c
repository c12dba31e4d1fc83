// An interpreter of byte code with one switch: an indirect jump for each operation.
#include "vm.h"

static int64_t memory[4096];

static int64_t run(const int32_t *code) {
    int64_t stack[64], *sp = stack, slots[16] = {0};
    const int32_t *back[16], **rp = back, *pc = code;
    for (;;) {
        switch ((enum op)*pc++) {
        case PUSH: *sp++ = *pc++; break;
        case LOAD: *sp++ = slots[*pc++]; break;
        case STORE: slots[*pc++] = *--sp; break;
        case ADD: sp--, sp[-1] += sp[0]; break;
        case SUB: sp--, sp[-1] -= sp[0]; break;
        case MUL: sp--, sp[-1] = (int64_t)((uint64_t)sp[-1] * (uint64_t)sp[0]); break;
        case MOD: sp--, sp[-1] = (int64_t)((uint64_t)sp[-1] % (uint64_t)sp[0]); break;
        case LESS: sp--, sp[-1] = sp[-1] < sp[0]; break;
        case EQUAL: sp--, sp[-1] = sp[-1] == sp[0]; break;
        case XOR: sp--, sp[-1] ^= sp[0]; break;
        case SHIFT: sp[-1] = (int64_t)((uint64_t)sp[-1] >> *pc++); break;
        case JUMP: pc = code + *pc; break;
        case JUMP_IF: pc = *--sp ? code + *pc : pc + 1; break;
        case DUP: *sp = sp[-1], sp++; break;
        case SWAP: {
            int64_t x = sp[-1];
            sp[-1] = sp[-2], sp[-2] = x;
            break;
        }
        case GET: sp[-1] = memory[sp[-1] & 4095]; break;
        case PUT: sp -= 2, memory[sp[1] & 4095] = sp[0]; break;
        case CALL: *rp++ = pc + 1, pc = code + *pc; break;
        case BACK: pc = *--rp; break;
        case STOP: return sp[-1];
        }
    }
}

int main(int argc, char **argv) { return vm_main("switchvm", rounds(argc, argv, 250)); }
