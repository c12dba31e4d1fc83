// An open-addressing hash map (insert, find, remove with back-shifting) and a chained map of words.
#include "bench.h"
#define SLOTS (1 << 13)
#define WORDS 2048

static uint64_t keys[SLOTS], values[SLOTS];
struct word {
    struct word *next;
    uint32_t hash, count;
    char text[24];
};
static struct word pool[WORDS], *bucket[1024];
static unsigned used;

static uint32_t slot_of(uint64_t key) { return (uint32_t)(key * 0x9e3779b97f4a7c15ULL >> 51); }

static uint32_t find(uint64_t key) {
    uint32_t i = slot_of(key);
    while (keys[i] && keys[i] != key) i = (i + 1) % SLOTS;
    return i;
}

static void take_out(uint64_t key) {
    uint32_t hole = find(key);
    if (!keys[hole]) return;
    for (uint32_t i = (hole + 1) % SLOTS; keys[i]; i = (i + 1) % SLOTS) {
        uint32_t home = slot_of(keys[i]);
        if ((uint32_t)(i - home) % SLOTS >= (uint32_t)(i - hole) % SLOTS) {
            keys[hole] = keys[i];
            values[hole] = values[i];
            hole = i;
        }
    }
    keys[hole] = 0;
}

static struct word *word(const char *text) {
    uint32_t h = 2166136261u;
    for (const char *p = text; *p; p++) h = (h ^ (uint8_t)*p) * 16777619u;
    for (struct word *w = bucket[h % 1024]; w; w = w->next)
        if (w->hash == h && strcmp(w->text, text) == 0) return w;
    if (used == WORDS) return &pool[h % WORDS];
    struct word *w = &pool[used++];
    w->hash = h;
    strcpy(w->text, text);
    w->next = bucket[h % 1024];
    return bucket[h % 1024] = w;
}

int main(int argc, char **argv) {
    uint64_t seed = 3, sum = 0;
    long live = 0;
    for (long r = rounds(argc, argv, 9000000); r > 0; r--) {
        uint64_t x = next_random(&seed), key = (x >> 20) % 7000 + 1;
        uint32_t i = find(key);
        switch (x & 3) {
        case 0:
            if (!keys[i]) keys[i] = key, values[i] = 0, live++;
            values[i] += x >> 40;
            break;
        case 1:
            live -= keys[i] != 0;
            take_out(key);
            break;
        default: sum += keys[i] ? values[i] : x & 15;
        }
        if ((r & 3) == 0) {
            char text[24];
            uint64_t n = (x >> 30) % 2500;
            int len = 0;
            do text[len++] = (char)('a' + n % 26);
            while ((n /= 26) && len < 20);
            text[len] = 0;
            sum += ++word(text)->count;
        }
    }
    long count = 0;
    for (int i = 0; i < SLOTS; i++) count += keys[i] != 0;
    check(count == live, "as many keys as put in and not taken out");
    return finish("hashmap", mix(sum, (uint64_t)count));
}
