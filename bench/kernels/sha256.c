// SHA-256 (FIPS 180-4) of a growing message.
#include "bench.h"

static uint32_t k[64], start[8];
static uint8_t data[1 << 16];

// The constants are the first 32 bits of the fractions of roots of the first primes: found with integers.
static uint32_t root_fraction(unsigned prime, int cube) {
    __uint128_t low = 0, high = (__uint128_t)1 << 37; // root * 2^32
    while (high - low > 1) {
        __uint128_t mid = (low + high) / 2, power = cube ? mid * mid * mid >> 32 : mid * mid;
        if (power >> 64 >= prime) high = mid;
        else low = mid;
    }
    return (uint32_t)low;
}

static void make_constants(void) {
    for (unsigned n = 0, p = 2; n < 64; p++) {
        int prime = 1;
        for (unsigned d = 2; d * d <= p; d++) prime &= p % d != 0;
        if (!prime) continue;
        if (n < 8) start[n] = root_fraction(p, 0);
        k[n++] = root_fraction(p, 1);
    }
}

static inline uint32_t ror(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void compress(uint32_t *h, const uint8_t *p) {
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (ror(a, 7) ^ ror(a, 18) ^ a >> 3) + w[i - 7] + (ror(b, 17) ^ ror(b, 19) ^ b >> 10);
    }
    memcpy(s, h, sizeof s);
    for (int i = 0; i < 64; i++) {
        uint32_t e = s[4], a = s[0];
        uint32_t t1 = s[7] + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + ((e & s[5]) ^ (~e & s[6])) + k[i] + w[i];
        uint32_t t2 = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
        s[7] = s[6], s[6] = s[5], s[5] = e, s[4] = s[3] + t1;
        s[3] = s[2], s[2] = s[1], s[1] = a, s[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) h[i] += s[i];
}

static void digest(uint32_t *h, const uint8_t *p, size_t n) {
    uint8_t tail[128] = {0};
    size_t rest = n % 64, tail_len = rest < 56 ? 64 : 128;
    memcpy(h, start, sizeof start);
    for (size_t i = 0; i + 64 <= n; i += 64) compress(h, p + i);
    memcpy(tail, p + n - rest, rest);
    tail[rest] = 0x80;
    for (int i = 0; i < 8; i++) tail[tail_len - 1 - i] = (uint8_t)((uint64_t)n * 8 >> 8 * i);
    for (size_t i = 0; i < tail_len; i += 64) compress(h, tail + i);
}

int main(int argc, char **argv) {
    uint32_t h[8];
    uint64_t sum = 0;
    make_constants();
    digest(h, (const uint8_t *)"abc", 3);
    check(h[0] == 0xba7816bfu && h[7] == 0xf20015adu, "known digest");
    for (long r = rounds(argc, argv, 1000); r > 0; r--) {
        digest(h, data, sizeof data - (size_t)(r & 127));
        memcpy(data + (size_t)(r & 1023) * 32, h, sizeof h);
        sum = mix(sum, (uint64_t)h[0] << 32 | h[7]);
    }
    return finish("sha256", sum);
}
