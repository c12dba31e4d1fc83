// Products of integer matrices of 32-bit and of 16-bit elements, a transpose, and a bit matrix.
#include "bench.h"
#define N 128

static int32_t a[N][N], b[N][N], c[N][N];
static int16_t s[N][N], t[N][N];

static void product(void) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            int32_t sum = 0;
            for (int k = 0; k < N; k++) sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
}

static int64_t short_product(void) {
    int64_t total = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            int32_t sum = 0;
            for (int k = 0; k < N; k++) sum += s[i][k] * t[j][k] >> 2 & 0xffff;
            total += sum;
        }
    return total;
}

static void transpose(void) {
    for (int i = 0; i < N; i++)
        for (int j = 0; j < i; j++) {
            int32_t x = b[i][j];
            b[i][j] = b[j][i];
            b[j][i] = x;
        }
}

int main(int argc, char **argv) {
    uint64_t seed = 9, sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            uint64_t x = next_random(&seed);
            a[i][j] = (int32_t)x % 1000, b[i][j] = (int32_t)(x >> 32) % 1000;
            s[i][j] = (int16_t)(x >> 8), t[i][j] = (int16_t)(x >> 24);
        }
    for (long r = rounds(argc, argv, 380); r > 0; r--) {
        product();
        sum = mix(sum, (uint64_t)short_product());
        transpose();
        for (int i = 0; i < N; i++) {
            sum = mix(sum, (uint64_t)(uint32_t)c[i][(i * 7) % N]);
            a[i][(int)r % N] = c[i][i] & 1023;
        }
    }
    return finish("matint", sum);
}
