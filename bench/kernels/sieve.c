// Primes by crossing out in a field of bytes that no first-level cache holds.
#include "bench.h"
#define LIMIT 4000000

static uint8_t crossed[LIMIT + 1];

int main(int argc, char **argv) {
    uint64_t sum = 0;
    for (long r = rounds(argc, argv, 36); r > 0; r--) {
        long count = 0;
        memset(crossed, 0, sizeof crossed);
        for (long i = 2; i <= LIMIT; i++) {
            if (crossed[i]) continue;
            count++;
            for (long j = i * i; j <= LIMIT; j += i) crossed[j] = 1;
        }
        check(count == 283146, "the known number of primes");
        sum = mix(sum, (uint64_t)count);
    }
    return finish("sieve", sum);
}
