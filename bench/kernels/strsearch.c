// Search in text: Horspool, Knuth-Morris-Pratt, a simple pattern matcher with * and ?, and the distance of two words.
#include "bench.h"
#define SIZE (1 << 18)

static char text[SIZE + 1];

static long horspool(const char *hay, long n, const char *needle, long m) {
    long skip[256], hits = 0;
    for (int i = 0; i < 256; i++) skip[i] = m;
    for (long i = 0; i < m - 1; i++) skip[(uint8_t)needle[i]] = m - 1 - i;
    for (long i = 0; i + m <= n; i += skip[(uint8_t)hay[i + m - 1]]) {
        long k = m - 1;
        while (k >= 0 && hay[i + k] == needle[k]) k--;
        hits += k < 0;
    }
    return hits;
}

static long prefix_function(const char *hay, long n, const char *needle, long m) {
    long fail[64] = {0}, hits = 0;
    for (long i = 1, k = 0; i < m; i++) {
        while (k && needle[i] != needle[k]) k = fail[k - 1];
        k += needle[i] == needle[k];
        fail[i] = k;
    }
    for (long i = 0, k = 0; i < n; i++) {
        while (k && (k == m || hay[i] != needle[k])) k = fail[k - 1];
        k += hay[i] == needle[k];
        hits += k == m;
    }
    return hits;
}

static int matches(const char *p, const char *s, const char *end) {
    for (; *p; p++) {
        if (*p == '*') {
            for (; s <= end; s++)
                if (matches(p + 1, s, end)) return 1;
            return 0;
        }
        if (s == end || (*p != '?' && *p != *s)) return 0;
        s++;
    }
    return 1;
}

static int distance(const char *a, int n, const char *b, int m) {
    int row[65];
    for (int j = 0; j <= m; j++) row[j] = j;
    for (int i = 1; i <= n; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int cost = diagonal + (a[i - 1] != b[j - 1]), best = row[j - 1] + 1;
            diagonal = row[j];
            if (diagonal + 1 < best) best = diagonal + 1;
            row[j] = cost < best ? cost : best;
        }
    }
    return row[m];
}

int main(int argc, char **argv) {
    static const char *const words[] = {"register ", "of ", "the ", "guest ", "is ", "a ", "signal ", "block "};
    static const char *const needles[] = {"signal a", "the the", "of a guest", "register is a b", "gu", "a register of"};
    uint64_t seed = 41, sum = 0;
    for (int n = 0; n < SIZE;) {
        const char *w = words[next_random(&seed) >> 20 & 7];
        while (*w && n < SIZE) text[n++] = *w++;
    }
    for (long r = rounds(argc, argv, 45); r > 0; r--) {
        for (unsigned i = 0; i < sizeof needles / sizeof *needles; i++) {
            long m = (long)strlen(needles[i]);
            long a = horspool(text, SIZE, needles[i], m), b = prefix_function(text, SIZE, needles[i], m);
            check(m == 2 || a <= b, "no more hits without overlaps");
            sum = mix(mix(sum, (uint64_t)a), (uint64_t)b);
        }
        for (int i = 0; i + 64 < SIZE; i += 512) {
            sum += (uint64_t)matches("*o?*the*gnal*k b", text + i, text + i + 48);
            sum += (uint64_t)distance(text + i, 40, text + i + 20, 40);
        }
        text[(unsigned)r * 104729u % SIZE] = 'e';
    }
    return finish("strsearch", sum);
}
