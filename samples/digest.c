// A sample guest: digests of a text that it makes, in a small table.
//
// It has no C library, so that its binary is a few kilobytes and the same everywhere: bytes 0 to N of a generator go
// through CRC-32, Adler-32, FNV-1a and SHA-256, block by block, as a file would. Build: samples/build.sh.

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

enum { BLOCK = 4096, DEFAULT_KIB = 4096 };

static long call3(long number, long a, long b, long c) {
    register long a7 __asm__("a7") = number;
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
    return a0;
}

// The compiler may ask for these.
void *memcpy(void *to, const void *from, u64 n) {
    for (u64 i = 0; i < n; i++) ((u8 *)to)[i] = ((const u8 *)from)[i];
    return to;
}

void *memset(void *to, int c, u64 n) {
    for (u64 i = 0; i < n; i++) ((u8 *)to)[i] = (u8)c;
    return to;
}

// --- output: one buffer, one write ---

static char out[1024];
static u64 out_len;

static void put(const char *s) {
    while (*s && out_len < sizeof out) out[out_len++] = *s++;
}

static void put_hex(u64 value, int digits) {
    char s[17];
    for (int i = 0; i < digits; i++) s[i] = "0123456789abcdef"[value >> (4 * (digits - 1 - i)) & 15];
    s[digits] = 0;
    put(s);
}

static void put_number(u64 n) {
    char s[21];
    int at = 20;
    s[at] = 0;
    do s[--at] = '0' + n % 10;
    while (n /= 10);
    put(s + at);
}

// --- digests ---

static u32 crc_table[256];

static void crc_init(void) {
    for (u32 n = 0; n < 256; n++) {
        u32 c = n;
        for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        crc_table[n] = c;
    }
}

static u32 crc32(u32 crc, const u8 *p, u64 n) {
    crc = ~crc;
    while (n--) crc = crc_table[(crc ^ *p++) & 255] ^ crc >> 8;
    return ~crc;
}

static u32 adler32(u32 sum, const u8 *p, u64 n) {
    u32 a = sum & 0xffff, b = sum >> 16;
    while (n--) {
        a = (a + *p++) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

static u64 fnv1a(u64 hash, const u8 *p, u64 n) {
    while (n--) hash = (hash ^ *p++) * 0x100000001b3ul;
    return hash;
}

static const u32 K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static u32 rotr(u32 x, int n) { return x >> n | x << (32 - n); }

static void sha256_block(u32 h[8], const u8 *p) {
    u32 w[64], v[8];
    for (int i = 0; i < 16; i++)
        w[i] = (u32)p[4 * i] << 24 | (u32)p[4 * i + 1] << 16 | (u32)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        u32 s0 = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
        u32 s1 = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    for (int i = 0; i < 8; i++) v[i] = h[i];
    for (int i = 0; i < 64; i++) {
        u32 s1 = rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25);
        u32 t1 = v[7] + s1 + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[i] + w[i];
        u32 s0 = rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22);
        u32 t2 = s0 + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        for (int k = 7; k > 0; k--) v[k] = v[k - 1];
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (int i = 0; i < 8; i++) h[i] += v[i];
}

static void sha256_end(u32 h[8], u64 bytes) {
    u8 last[64] = {0x80};
    for (int i = 0; i < 8; i++) last[56 + i] = (u8)(bytes * 8 >> (56 - 8 * i));
    sha256_block(h, last);
}

// --- the program ---

static u8 block[BLOCK];

static void fill(u64 *state) {
    for (int i = 0; i < BLOCK; i += 8) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        for (int k = 0; k < 8; k++) block[i + k] = (u8)(*state >> 8 * k);
    }
}

static u64 number(const char *s) {
    u64 n = 0;
    while (*s >= '0' && *s <= '9') n = n * 10 + (u64)(*s++ - '0');
    return *s ? 0 : n;
}

int start(long *stack) {
    char **argv = (char **)(stack + 1);
    u64 kib = stack[0] > 1 ? number(argv[1]) : DEFAULT_KIB;
    if (kib == 0 || kib % 4) {
        put("usage: digest [KIB]   (a multiple of 4; 4096 if absent)\n");
        call3(64, 2, (long)out, (long)out_len);
        return 2;
    }
    u32 crc = 0, adler = 1, sha[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    u64 fnv = 0xcbf29ce484222325ul, state = 0x9e3779b97f4a7c15ul;
    crc_init();
    for (u64 done = 0; done < kib * 1024; done += BLOCK) {
        fill(&state);
        crc = crc32(crc, block, BLOCK);
        adler = adler32(adler, block, BLOCK);
        fnv = fnv1a(fnv, block, BLOCK);
        for (int i = 0; i < BLOCK; i += 64) sha256_block(sha, block + i);
    }
    sha256_end(sha, kib * 1024);
    put("digests of ");
    put_number(kib * 1024);
    put(" generated bytes\n  crc32    ");
    put_hex(crc, 8);
    put("\n  adler32  ");
    put_hex(adler, 8);
    put("\n  fnv1a    ");
    put_hex(fnv, 16);
    put("\n  sha256   ");
    for (int i = 0; i < 8; i++) put_hex(sha[i], 8);
    put("\n");
    call3(64, 1, (long)out, (long)out_len);
    return 0;
}

__asm__(".globl _start\n_start:\n\t.option push\n\t.option norelax\n\tla gp, __global_pointer$\n\t.option pop\n"
        "\tmv a0, sp\n\tandi sp, sp, -16\n\tcall start\n\tli a7, 94\n\tecall\n");
