// A byte-wise Lempel-Ziv compressor with hash chains, and its decompressor: what comes back must be what went in.
#include "bench.h"
#define SIZE (1 << 18)
#define NONE 0xffffffffu

static uint8_t text[SIZE], packed[SIZE * 2], back[SIZE + 16];
static uint32_t head[1 << 15], chain[SIZE];

static uint32_t hash(const uint8_t *p) {
    uint32_t v = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
    return v * 2654435761u >> 17;
}

static uint32_t match_length(const uint8_t *a, const uint8_t *b, uint32_t most) {
    uint32_t n = 0;
    while (n < most && a[n] == b[n]) n++;
    return n;
}

// Tokens: control byte 0..127 = that many + 1 literals follow; 128..255 = copy of (byte - 128 + 3) from a
// distance in the next three bytes.
static size_t pack(uint8_t *out, const uint8_t *in, uint32_t n) {
    uint8_t *o = out;
    uint32_t pending = 0, i = 0;
    memset(head, 0xff, sizeof head);
    while (i < n) {
        uint32_t best = 0, from = 0, most = n - i < 130 ? n - i : 130;
        if (most >= 3) {
            uint32_t h = hash(in + i), tries = 12;
            for (uint32_t c = head[h]; c != NONE && tries; c = chain[c], tries--) {
                uint32_t len = match_length(in + c, in + i, most);
                if (len > best) best = len, from = c;
            }
            chain[i] = head[h];
            head[h] = i;
        }
        if (best >= 4 || pending == 128) {
            if (pending) *o++ = (uint8_t)(pending - 1), memcpy(o, in + i - pending, pending), o += pending, pending = 0;
        }
        if (best >= 4) {
            uint32_t d = i - from;
            *o++ = (uint8_t)(128 + best - 3), *o++ = (uint8_t)d, *o++ = (uint8_t)(d >> 8), *o++ = (uint8_t)(d >> 16);
            for (uint32_t k = 1; k < best && i + k + 3 < n; k++) {
                uint32_t h = hash(in + i + k);
                chain[i + k] = head[h];
                head[h] = i + k;
            }
            i += best;
        } else
            i++, pending++;
    }
    if (pending) *o++ = (uint8_t)(pending - 1), memcpy(o, in + n - pending, pending), o += pending;
    return (size_t)(o - out);
}

static size_t unpack(uint8_t *out, const uint8_t *in, size_t n) {
    uint8_t *o = out;
    for (const uint8_t *end = in + n; in < end;) {
        uint32_t c = *in++;
        if (c < 128) {
            for (uint32_t k = 0; k <= c; k++) *o++ = *in++;
        } else {
            uint32_t d = (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16;
            in += 3;
            for (uint32_t k = c - 128 + 3; k > 0; k--, o++) *o = *(o - d);
        }
    }
    return (size_t)(o - out);
}

int main(int argc, char **argv) {
    static const char *const words[] = {"block ", "guest ", "the ", "register ", "of ", "a ", "host ", "signal ",
                                        "and ",   "to ",    "is ",  "memory ",   "\n", "in ", "fault ", "page "};
    uint64_t seed = 5, sum = 0;
    for (long r = rounds(argc, argv, 60); r > 0; r--) {
        uint32_t n = 0;
        while (n < SIZE - 16) {
            uint64_t x = next_random(&seed);
            const char *w = words[(x & 15) & (x >> 4 & 15)];
            while (*w) text[n++] = (uint8_t)*w++;
            if ((x >> 8 & 31) == 0) text[n++] = (uint8_t)(x >> 16);
        }
        size_t size = pack(packed, text, n);
        check(unpack(back, packed, size) == n && memcmp(text, back, n) == 0, "round trip");
        check(size < n, "got smaller");
        sum = mix(sum, size);
        for (size_t i = 0; i < size; i += 61) sum = mix(sum, packed[i]);
    }
    return finish("lz", sum);
}
