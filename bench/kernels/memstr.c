// The C library's memcpy, memmove, memset, memcmp, strlen, strchr and strcmp over many lengths and alignments.
#include "bench.h"
#define SIZE (1 << 16)

static char from[SIZE + 64], to[SIZE + 64];

int main(int argc, char **argv) {
    uint64_t seed = 37, sum = 0;
    for (int i = 0; i < SIZE; i++) from[i] = (char)('a' + next_random(&seed) % 20);
    for (long r = rounds(argc, argv, 2400000); r > 0; r--) {
        uint64_t x = next_random(&seed);
        size_t len = (x & 7) == 0 ? x >> 20 & 8191 : x >> 20 & 255, a = x >> 36 & 4095, b = x >> 48 & 4095;
        memcpy(to + a, from + b, len);
        to[a + len] = 0;
        sum += strlen(to + a);
        char *found = strchr(to + a, 'z' - (int)(x >> 61));
        sum += found ? (uint64_t)(found - to) : 1;
        sum += (uint64_t)(memcmp(to + a, from + b, len) == 0);
        memmove(to + a + 3, to + a, len);
        if ((x & 15) == 3) memset(to + b, 'q', len);
        sum += (uint64_t)(strcmp(to + a + 3, from + b) > 0);
        sum = mix(sum, (uint8_t)to[(a + len / 2) & (SIZE - 1)]);
    }
    return finish("memstr", sum);
}
