// The stack machine that the two interpreters run: its operations, an assembler by line numbers, three programs.
#ifndef VM_H
#define VM_H
#include "bench.h"

enum op { PUSH, LOAD, STORE, ADD, SUB, MUL, MOD, LESS, EQUAL, XOR, SHIFT, JUMP, JUMP_IF, DUP, SWAP, GET, PUT, CALL, BACK, STOP };

struct line {
    enum op op;
    int32_t operand; // of jumps and calls: the number of a line
};

// Sum of gcd(i, 360360), the divisor by a subroutine.
static const struct line gcd_program[] = {
    {PUSH, 0}, {STORE, 2}, {PUSH, 1}, {STORE, 3},                            // 0: total, i
    {LOAD, 3}, {STORE, 0}, {PUSH, 360360}, {STORE, 1}, {CALL, 21},           // 4
    {LOAD, 2}, {LOAD, 0}, {ADD, 0}, {STORE, 2},                              // 9: total += gcd
    {LOAD, 3}, {PUSH, 1}, {ADD, 0}, {DUP, 0}, {STORE, 3},                    // 13: i += 1
    {PUSH, 2000}, {LESS, 0}, {JUMP_IF, 4},                                   // 18
    {LOAD, 1}, {PUSH, 0}, {EQUAL, 0}, {JUMP_IF, 32},                         // 21: while b
    {LOAD, 0}, {LOAD, 1}, {DUP, 0}, {STORE, 0}, {MOD, 0}, {STORE, 1},        // 25: a, b = b, a % b
    {JUMP, 21},                                                              // 31
    {LOAD, 3}, {PUSH, 1999}, {EQUAL, 0}, {JUMP_IF, 37}, {BACK, 0},           // 32: the last one ends the program
    {LOAD, 2}, {LOAD, 0}, {ADD, 0}, {STOP, 0},                               // 37
};

// A loop over memory with a hash: the same operations in the same order each time.
static const struct line hash_program[] = {
    {PUSH, 0}, {STORE, 0}, {PUSH, 12345}, {STORE, 1},                                  // 0: i, h
    {LOAD, 1}, {DUP, 0}, {SHIFT, 7}, {XOR, 0}, {PUSH, 1103515245}, {MUL, 0},           // 4
    {LOAD, 0}, {ADD, 0}, {DUP, 0}, {STORE, 1}, {LOAD, 0}, {PUT, 0},                    // 10: memory[i] = h
    {LOAD, 0}, {PUSH, 17}, {MUL, 0}, {GET, 0}, {LOAD, 1}, {XOR, 0}, {STORE, 1},        // 16
    {LOAD, 0}, {PUSH, 1}, {ADD, 0}, {DUP, 0}, {STORE, 0},                              // 23
    {PUSH, 20000}, {LESS, 0}, {JUMP_IF, 4},                                            // 28
    {LOAD, 1}, {STOP, 0},                                                              // 31
};

// How many numbers below 3000 no smaller one divides.
static const struct line prime_program[] = {
    {PUSH, 0}, {STORE, 2}, {PUSH, 2}, {STORE, 0},                                      // 0: count, n
    {PUSH, 2}, {STORE, 1},                                                             // 4: d
    {LOAD, 0}, {LOAD, 1}, {DUP, 0}, {MUL, 0}, {LESS, 0}, {JUMP_IF, 23},                // 6: n < d * d
    {LOAD, 0}, {LOAD, 1}, {MOD, 0}, {PUSH, 0}, {EQUAL, 0}, {JUMP_IF, 27},              // 12: d divides n
    {LOAD, 1}, {PUSH, 1}, {ADD, 0}, {STORE, 1}, {JUMP, 6},                             // 18
    {LOAD, 2}, {PUSH, 1}, {ADD, 0}, {STORE, 2},                                        // 23: count += 1
    {LOAD, 0}, {PUSH, 1}, {ADD, 0}, {DUP, 0}, {STORE, 0},                              // 27
    {PUSH, 3000}, {LESS, 0}, {JUMP_IF, 4},                                             // 32
    {LOAD, 2}, {STOP, 0},                                                              // 35
};

static inline int has_operand(enum op op) {
    return op == PUSH || op == LOAD || op == STORE || op == SHIFT || op == JUMP || op == JUMP_IF || op == CALL;
}

static void assemble(int32_t *code, const struct line *lines, size_t n) {
    int32_t place[64], at = 0;
    check(n <= 64, "a short program");
    for (size_t i = 0; i < n; i++) place[i] = at, at += 1 + has_operand(lines[i].op);
    for (size_t i = 0; i < n; i++) {
        enum op op = lines[i].op;
        *code++ = op;
        if (has_operand(op)) *code++ = op == JUMP || op == JUMP_IF || op == CALL ? place[lines[i].operand] : lines[i].operand;
    }
}

static int64_t run(const int32_t *code);

static int vm_main(const char *name, long times) {
    static int32_t gcd[160], hash[160], primes[160];
    uint64_t sum = 0;
    assemble(gcd, gcd_program, sizeof gcd_program / sizeof *gcd_program);
    assemble(hash, hash_program, sizeof hash_program / sizeof *hash_program);
    assemble(primes, prime_program, sizeof prime_program / sizeof *prime_program);
    check(run(primes) == 430, "430 primes below 3000");
    while (times-- > 0) {
        sum = mix(sum, (uint64_t)run(gcd));
        sum = mix(sum, (uint64_t)run(hash));
        sum = mix(sum, (uint64_t)run(primes));
    }
    return finish(name, sum);
}
#endif
