// Long integers of 64-bit limbs: product, modular power by Montgomery's method, division by a word, decimal output.
#include "bench.h"
#define L 16 // 1024 bits
typedef unsigned __int128 wide;

static uint64_t modulus[L], inverse;

static int not_below(const uint64_t *a, const uint64_t *b) {
    for (int i = L - 1; i >= 0; i--)
        if (a[i] != b[i]) return a[i] > b[i];
    return 1;
}

static void subtract(uint64_t *a, const uint64_t *b) {
    uint64_t borrow = 0;
    for (int i = 0; i < L; i++) {
        wide d = (wide)a[i] - b[i] - borrow;
        a[i] = (uint64_t)d;
        borrow = (uint64_t)(d >> 64) & 1;
    }
}

static void montgomery(uint64_t *out, const uint64_t *a, const uint64_t *b) {
    uint64_t t[L + 2] = {0};
    for (int i = 0; i < L; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < L; j++) {
            wide x = (wide)a[j] * b[i] + t[j] + carry;
            t[j] = (uint64_t)x;
            carry = (uint64_t)(x >> 64);
        }
        wide top = (wide)t[L] + carry;
        t[L] = (uint64_t)top;
        t[L + 1] = (uint64_t)(top >> 64);
        uint64_t m = t[0] * inverse;
        carry = (uint64_t)(((wide)m * modulus[0] + t[0]) >> 64);
        for (int j = 1; j < L; j++) {
            wide x = (wide)m * modulus[j] + t[j] + carry;
            t[j - 1] = (uint64_t)x;
            carry = (uint64_t)(x >> 64);
        }
        top = (wide)t[L] + carry;
        t[L - 1] = (uint64_t)top;
        t[L] = t[L + 1] + (uint64_t)(top >> 64);
    }
    memcpy(out, t, sizeof modulus);
    if (t[L] || not_below(out, modulus)) subtract(out, modulus);
}

static void power(uint64_t *out, const uint64_t *base, const uint64_t *one, uint64_t exponent) {
    uint64_t square[L];
    memcpy(square, base, sizeof square);
    memcpy(out, one, sizeof square);
    for (; exponent; exponent >>= 1) {
        if (exponent & 1) montgomery(out, out, square);
        montgomery(square, square, square);
    }
}

static uint64_t decimal(const uint64_t *a) {
    uint64_t rest[L], sum = 0;
    memcpy(rest, a, sizeof rest);
    for (int digits = 0; digits < 309; digits += 9) {
        uint64_t r = 0;
        for (int i = 2 * L - 1; i >= 0; i--) { // by 32-bit halves, as a division by a word does
            uint64_t half = rest[i / 2] >> (i & 1 ? 32 : 0) & 0xffffffffu, x = r << 32 | half, q = x / 1000000000u;
            r = x % 1000000000u;
            rest[i / 2] = i & 1 ? (rest[i / 2] & 0xffffffffu) | q << 32 : (rest[i / 2] >> 32 << 32) | q;
        }
        sum = mix(sum, r);
    }
    return sum;
}

int main(int argc, char **argv) {
    uint64_t seed = 2, sum = 0, one[L] = {0}, x[L], y[L], a[L], b[L];
    for (int i = 0; i < L; i++) modulus[i] = next_random(&seed), x[i] = next_random(&seed);
    modulus[0] |= 1, modulus[L - 1] |= 1ULL << 63, x[L - 1] >>= 1;
    inverse = modulus[0]; // Newton: doubles the right bits each time
    for (int i = 0; i < 6; i++) inverse *= 2 - modulus[0] * inverse;
    inverse = -inverse;
    subtract(one, modulus); // 2^1024 - modulus is 2^1024 modulo it: 1 in Montgomery's form
    for (long r = rounds(argc, argv, 2000); r > 0; r--) {
        uint64_t e = next_random(&seed) >> 1, f = next_random(&seed) >> 1;
        power(a, x, one, e);
        power(b, x, one, f);
        montgomery(a, a, b);
        power(y, x, one, e + f);
        check(memcmp(a, y, sizeof a) == 0, "x^e x^f = x^(e+f)");
        sum = mix(sum, decimal(y));
        memcpy(x, y, sizeof x);
    }
    return finish("bignum", sum);
}
