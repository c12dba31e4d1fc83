// A walk through a random ring of pointers, in a small and in a large area.
#include "bench.h"
#define LARGE (1 << 18)
#define SMALL (1 << 11)

struct link {
    struct link *next;
    uint64_t value[7];
};
static struct link *area;
static uint32_t order[LARGE];

static void make_ring(uint32_t n, uint64_t *seed) {
    for (uint32_t i = 0; i < n; i++) order[i] = i;
    for (uint32_t i = n - 1; i > 0; i--) {
        uint32_t j = (uint32_t)(next_random(seed) % i), x = order[i];
        order[i] = order[j], order[j] = x;
    }
    for (uint32_t i = 0; i < n; i++) {
        area[order[i]].next = &area[order[(i + 1) % n]];
        area[order[i]].value[0] = order[i] * 3 + 1;
    }
}

static uint64_t walk(long steps) {
    uint64_t sum = 0;
    for (struct link *p = area; steps > 0; steps--, p = p->next) sum += p->value[0];
    return sum;
}

int main(int argc, char **argv) {
    uint64_t seed = 29, sum = 0;
    long steps = rounds(argc, argv, 1000000);
    area = malloc(LARGE * sizeof *area);
    check(area != NULL, "memory");
    make_ring(LARGE, &seed);
    sum = mix(sum, walk(steps));
    make_ring(SMALL, &seed);
    sum = mix(sum, walk(steps * 40));
    return finish("chase", sum);
}
