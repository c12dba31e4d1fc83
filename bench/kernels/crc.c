// CRC-32 by one table and by four tables at once (slicing), and a bitwise CRC-16.
#include "bench.h"

static uint32_t table[4][256];
static uint8_t data[1 << 18];

static void make_tables(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
        table[0][i] = c;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int t = 1; t < 4; t++) table[t][i] = (table[t - 1][i] >> 8) ^ table[0][table[t - 1][i] & 255];
}

static uint32_t by_byte(uint32_t crc, const uint8_t *p, size_t n) {
    crc = ~crc;
    while (n--) crc = table[0][(crc ^ *p++) & 255] ^ (crc >> 8);
    return ~crc;
}

static uint32_t by_word(uint32_t crc, const uint8_t *p, size_t n) {
    crc = ~crc;
    for (; n >= 4; n -= 4, p += 4) {
        uint32_t w;
        memcpy(&w, p, 4);
        crc ^= w;
        crc = table[3][crc & 255] ^ table[2][crc >> 8 & 255] ^ table[1][crc >> 16 & 255] ^ table[0][crc >> 24];
    }
    return by_byte(~crc, p, n);
}

static uint16_t crc16(uint16_t crc, const uint8_t *p, size_t n) {
    while (n--) {
        crc ^= (uint16_t)(*p++ << 8);
        for (int k = 0; k < 8; k++) crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
    }
    return crc;
}

int main(int argc, char **argv) {
    uint64_t seed = 7, sum = 0;
    make_tables();
    check(by_byte(0, (const uint8_t *)"123456789", 9) == 0xcbf43926u, "known CRC-32");
    check(crc16(0xffff, (const uint8_t *)"123456789", 9) == 0x29b1, "known CRC-16");
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(next_random(&seed) >> 32);
    for (long r = rounds(argc, argv, 260); r > 0; r--) {
        data[r & 1023]++;
        uint32_t a = by_byte(0, data, sizeof data), b = by_word(0, data, sizeof data);
        check(a == b, "both tables agree");
        sum = mix(sum, a);
        sum = mix(sum, crc16((uint16_t)a, data, sizeof data / 16));
    }
    return finish("crc", sum);
}
