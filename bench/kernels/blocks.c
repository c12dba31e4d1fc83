// About 100,000 distinct blocks, each run once: what an emulator pays for code that it sees only once. Each STEP has a
// branch that hangs on the data and constants of its own, so that no compiler can fold two of them.
#include "bench.h"

#define STEP(n) \
    if (x & (1u << (n) % 29)) x = x * (2 * (n) + 0x10001u) + y; \
    else y ^= x + (n);
#define STEP10(n) \
    STEP(n##0) STEP(n##1) STEP(n##2) STEP(n##3) STEP(n##4) STEP(n##5) STEP(n##6) STEP(n##7) STEP(n##8) STEP(n##9)
#define STEP100(n) \
    STEP10(n##0) STEP10(n##1) STEP10(n##2) STEP10(n##3) STEP10(n##4) STEP10(n##5) STEP10(n##6) STEP10(n##7) \
    STEP10(n##8) STEP10(n##9)
#define PART(n) \
    __attribute__((noinline)) static uint64_t part##n(uint32_t x, uint32_t y) { STEP100(n) return (uint64_t)x << 32 | y; }
#define PART10(n) \
    PART(n##0) PART(n##1) PART(n##2) PART(n##3) PART(n##4) PART(n##5) PART(n##6) PART(n##7) PART(n##8) PART(n##9)
#define PART100(n) \
    PART10(n##0) PART10(n##1) PART10(n##2) PART10(n##3) PART10(n##4) PART10(n##5) PART10(n##6) PART10(n##7) \
    PART10(n##8) PART10(n##9)
PART100(1) PART100(2) PART100(3) PART100(4) PART100(5) PART100(6) PART100(7)

#define CALL(n) sum = mix(sum, part##n((uint32_t)sum, (uint32_t)(sum >> 32)));
#define CALL10(n) \
    CALL(n##0) CALL(n##1) CALL(n##2) CALL(n##3) CALL(n##4) CALL(n##5) CALL(n##6) CALL(n##7) CALL(n##8) CALL(n##9)
#define CALL100(n) \
    CALL10(n##0) CALL10(n##1) CALL10(n##2) CALL10(n##3) CALL10(n##4) CALL10(n##5) CALL10(n##6) CALL10(n##7) \
    CALL10(n##8) CALL10(n##9)

int main(int argc, char **argv) {
    uint64_t sum = 1;
    for (long r = rounds(argc, argv, 1); r > 0; r--) {
        CALL100(1) CALL100(2) CALL100(3) CALL100(4) CALL100(5) CALL100(6) CALL100(7)
    }
    return finish("blocks", sum);
}
