// Copy, scale, add and triad over arrays larger than the caches.
#include "bench.h"
#define N (1 << 20)

static real a[N], b[N], c[N];

int main(int argc, char **argv) {
    uint64_t sum = 0;
    long times = rounds(argc, argv, 180);
    for (long i = 0; i < N; i++) a[i] = (real)(i & 15), b[i] = 2, c[i] = 0;
    for (long r = 0; r < times; r++) {
        for (long i = 0; i < N; i++) c[i] = a[i];
        for (long i = 0; i < N; i++) b[i] = (real)0.5 * c[i];
        for (long i = 0; i < N; i++) c[i] = a[i] + b[i];
        for (long i = 0; i < N; i++) a[i] = b[i] + (real)0.25 * c[i];
    }
    for (long i = 0; i < N; i += 1001) sum = mix(sum, bits_of(a[i]));
    return finish("stream", sum);
}
