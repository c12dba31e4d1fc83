// Objects of several classes behind tables of functions, as a C++ compiler would lay them out: calls whose target
// changes from object to object.
#include "bench.h"
#define OBJECTS 1024

struct object;
struct class {
    int64_t (*area)(const struct object *);
    void (*grow)(struct object *, int64_t);
    int64_t (*visit)(const struct object *, int64_t (*)(int64_t, int64_t), int64_t);
};
struct object {
    const struct class *class;
    int64_t a, b, c;
};

static int64_t square_area(const struct object *o) { return o->a * o->a; }
static int64_t box_area(const struct object *o) { return o->a * o->b; }
static int64_t ring_area(const struct object *o) { return 355 * (o->a * o->a - o->b * o->b) / 113; }
static int64_t prism_area(const struct object *o) { return 2 * (o->a * o->b + o->b * o->c + o->c * o->a); }
static void grow_one(struct object *o, int64_t by) { o->a = (o->a + by) & 1023; }
static void grow_two(struct object *o, int64_t by) { o->a = (o->a + by) & 511, o->b = (o->b ^ by) & 511; }
static int64_t visit_one(const struct object *o, int64_t (*f)(int64_t, int64_t), int64_t x) { return f(x, o->a); }
static int64_t visit_two(const struct object *o, int64_t (*f)(int64_t, int64_t), int64_t x) { return f(f(x, o->a), o->b); }

static const struct class classes[] = {{square_area, grow_one, visit_one},
                                       {box_area, grow_two, visit_two},
                                       {ring_area, grow_two, visit_one},
                                       {prism_area, grow_one, visit_two}};
static struct object objects[OBJECTS];

static int64_t sum_up(int64_t x, int64_t y) { return x + y; }
static int64_t stir(int64_t x, int64_t y) { return (int64_t)((uint64_t)x * 31 ^ (uint64_t)y); }
static int64_t (*const folds[])(int64_t, int64_t) = {sum_up, stir};

int main(int argc, char **argv) {
    uint64_t seed = 77, sum = 0;
    for (int i = 0; i < OBJECTS; i++) {
        uint64_t x = next_random(&seed);
        objects[i] = (struct object){&classes[x >> 62], x >> 8 & 255, x >> 16 & 255, x >> 24 & 255};
    }
    for (long r = rounds(argc, argv, 18000); r > 0; r--) {
        int64_t total = 0, folded = r;
        for (int i = 0; i < OBJECTS; i++) {
            struct object *o = &objects[i];
            total += o->class->area(o);
            folded = o->class->visit(o, folds[i >> 3 & 1], folded);
            if ((i & 7) == (r & 7)) o->class->grow(o, r);
        }
        sum = mix(mix(sum, (uint64_t)total), (uint64_t)folded);
    }
    return finish("virtual", sum);
}
