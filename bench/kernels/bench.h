// What every kernel shares: a repeatable random source, a running checksum, and the last line of output.
// A kernel prints one line, "NAME CHECKSUM", which must be the same natively and in any emulator, and ends with
// status 0; a failed check of its own ends it with status 1.
#ifndef BENCH_H
#define BENCH_H
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef REAL
#define REAL double
#endif
typedef REAL real;

// xorshift64*: never 0 for a start value other than 0.
static inline uint64_t next_random(uint64_t *state) {
    uint64_t x = *state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545f4914f6cdd1dULL;
}

// Order-dependent mix of one more value into a checksum.
static inline uint64_t mix(uint64_t sum, uint64_t value) {
    sum ^= value + 0x9e3779b97f4a7c15ULL + (sum << 6) + (sum >> 2);
    return sum * 0xff51afd7ed558ccdULL;
}

// The bits of a floating-point value, so that a checksum sees the last one of them.
static inline uint64_t bits_of(real value) {
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    return bits;
}

static inline void check(int holds, const char *what) {
    if (!holds) {
        printf("check failed: %s\n", what);
        exit(1);
    }
}

// The amount of work: the first argument, or what makes about 0.2 s natively; "/8" is an eighth of that.
static inline long rounds(int argc, char **argv, long usual) {
    if (argc < 2) return usual;
    if (argv[1][0] != '/') return atol(argv[1]);
    long part = usual / atol(argv[1] + 1);
    return part > 0 ? part : 1;
}

static inline int finish(const char *name, uint64_t sum) {
    printf("%s %016llx\n", name, (unsigned long long)sum);
    return 0;
}
#endif
