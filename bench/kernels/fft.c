// A radix-2 transform forth and back; the roots of unity by repeated half-angle formulas.
#include "bench.h"
#include <math.h>
#define N 4096

static real re[N], im[N], cosine[N / 2], sine[N / 2], before[N];

static void make_roots(void) {
    for (int i = 0; i < N / 2; i++) {
        double angle = 6.283185307179586 * i / N, term = 1, c = 0, s = 0;
        for (int k = 0; k < 24; k += 2) { // the series, so that no library decides a bit
            c += (k & 2 ? -1 : 1) * term;
            term *= angle / (k + 1);
            s += (k & 2 ? -1 : 1) * term;
            term *= angle / (k + 2);
        }
        cosine[i] = (real)c, sine[i] = (real)s;
    }
}

static void transform(int inverse) {
    for (int i = 1, j = 0; i < N; i++) {
        int bit = N >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) {
            real x = re[i], y = im[i];
            re[i] = re[j], im[i] = im[j];
            re[j] = x, im[j] = y;
        }
    }
    for (int half = 1; half < N; half *= 2)
        for (int start = 0; start < N; start += 2 * half)
            for (int k = 0; k < half; k++) {
                int a = start + k, b = a + half, root = k * (N / 2 / half);
                real c = cosine[root], s = inverse ? sine[root] : -sine[root];
                real x = re[b] * c - im[b] * s, y = re[b] * s + im[b] * c;
                re[b] = re[a] - x, im[b] = im[a] - y;
                re[a] += x, im[a] += y;
            }
}

int main(int argc, char **argv) {
    uint64_t seed = 13, sum = 0;
    make_roots();
    for (int i = 0; i < N; i++) re[i] = before[i] = (real)((int)(next_random(&seed) >> 48) - 32768) / 32768;
    for (long r = rounds(argc, argv, 3000); r > 0; r--) {
        transform(0);
        sum = mix(sum, bits_of(re[(unsigned)r % N]));
        transform(1);
        for (int i = 0; i < N; i++) re[i] /= N, im[i] /= N;
    }
    for (int i = 0; i < N; i += 5) check(fabs((double)(re[i] - before[i])) < 0.001, "back where it began");
    return finish("fft", mix(sum, bits_of(re[17])));
}
