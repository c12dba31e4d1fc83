// AES-128 (FIPS 197) in counter mode, with four round tables made at the start.
#include "bench.h"

static uint8_t sbox[256];
static uint32_t t[4][256];
static uint8_t data[1 << 16];

static uint8_t times2(uint8_t x) { return (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1b : 0)); }

static void make_tables(void) {
    uint8_t p = 1, q = 1;
    do { // p runs through the field as powers of 3, q as their inverses
        p = p ^ times2(p);
        q ^= (uint8_t)(q << 1), q ^= (uint8_t)(q << 2), q ^= (uint8_t)(q << 4);
        if (q & 0x80) q ^= 9;
        uint8_t x = q ^ (uint8_t)(q << 1 | q >> 7) ^ (uint8_t)(q << 2 | q >> 6) ^ (uint8_t)(q << 3 | q >> 5) ^
                    (uint8_t)(q << 4 | q >> 4);
        sbox[p] = x ^ 0x63;
    } while (p != 1);
    sbox[0] = 0x63;
    for (int i = 0; i < 256; i++) {
        uint8_t s = sbox[i], s2 = times2(s);
        t[0][i] = (uint32_t)s2 | (uint32_t)s << 8 | (uint32_t)s << 16 | (uint32_t)(s2 ^ s) << 24;
        for (int r = 1; r < 4; r++) t[r][i] = t[r - 1][i] << 8 | t[r - 1][i] >> 24;
    }
}

static uint32_t sub_word(uint32_t w) {
    return sbox[w & 255] | (uint32_t)sbox[w >> 8 & 255] << 8 | (uint32_t)sbox[w >> 16 & 255] << 16 |
           (uint32_t)sbox[w >> 24] << 24;
}

static void expand(uint32_t *key, const uint8_t *bytes) {
    uint8_t round = 1;
    memcpy(key, bytes, 16);
    for (int i = 4; i < 44; i++) {
        uint32_t w = key[i - 1];
        if (i % 4 == 0) {
            w = sub_word(w >> 8 | w << 24) ^ round;
            round = times2(round);
        }
        key[i] = key[i - 4] ^ w;
    }
}

static void encrypt(uint32_t *out, const uint32_t *in, const uint32_t *key) {
    uint32_t s[4], n[4];
    for (int i = 0; i < 4; i++) s[i] = in[i] ^ key[i];
    for (int r = 1; r < 10; r++) {
        key += 4;
        for (int i = 0; i < 4; i++)
            n[i] = t[0][s[i] & 255] ^ t[1][s[(i + 1) & 3] >> 8 & 255] ^ t[2][s[(i + 2) & 3] >> 16 & 255] ^
                   t[3][s[(i + 3) & 3] >> 24] ^ key[i];
        memcpy(s, n, sizeof s);
    }
    key += 4;
    for (int i = 0; i < 4; i++)
        out[i] = ((uint32_t)sbox[s[i] & 255] | (uint32_t)sbox[s[(i + 1) & 3] >> 8 & 255] << 8 |
                  (uint32_t)sbox[s[(i + 2) & 3] >> 16 & 255] << 16 | (uint32_t)sbox[s[(i + 3) & 3] >> 24] << 24) ^
                 key[i];
}

int main(int argc, char **argv) {
    uint8_t text[16], secret[16];
    uint32_t key[44], in[4], out[4];
    uint64_t sum = 0;
    make_tables();
    for (int i = 0; i < 16; i++) secret[i] = (uint8_t)i, text[i] = (uint8_t)(i * 17);
    expand(key, secret);
    memcpy(in, text, 16);
    encrypt(out, in, key);
    check(out[0] == 0xd8e0c469u && out[3] == 0x5ac5b470u, "known ciphertext");
    for (long r = rounds(argc, argv, 440); r > 0; r--) {
        for (size_t i = 0; i < sizeof data; i += 16) {
            uint32_t word[4];
            in[0]++;
            encrypt(out, in, key);
            memcpy(word, data + i, 16);
            for (int j = 0; j < 4; j++) word[j] ^= out[j];
            memcpy(data + i, word, 16);
        }
        sum = mix(sum, out[0] ^ (uint64_t)data[r & 0xffff] << 32);
    }
    return finish("aes", sum);
}
