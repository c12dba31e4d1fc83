// A ray tracer: spheres over a chequered floor, shadows, mirrors to depth three.
#include "bench.h"
#include <math.h>

struct vector {
    real x, y, z;
};
struct sphere {
    struct vector centre;
    real radius, mirror, colour;
};
static const struct sphere spheres[] = {
    {{0, 1, 6}, 1, (real)0.5, (real)0.9},      {{-2, (real)0.7, 5}, (real)0.7, (real)0.2, (real)0.6},
    {{2, (real)0.5, 4}, (real)0.5, 0, (real)0.8}, {{1, 2, 9}, 2, (real)0.7, (real)0.3},
    {{-1, (real)0.3, 3}, (real)0.3, (real)0.3, (real)1.0},
};
#define SPHERES ((int)(sizeof spheres / sizeof *spheres))
static const struct vector light = {(real)-0.53, (real)0.76, (real)-0.38};

static struct vector along(struct vector a, struct vector d, real t) {
    return (struct vector){a.x + d.x * t, a.y + d.y * t, a.z + d.z * t};
}
static real dot(struct vector a, struct vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static real root(real x) { return sizeof(real) == 4 ? (real)sqrtf((float)x) : (real)sqrt((double)x); }

static real meets(const struct sphere *s, struct vector from, struct vector way) {
    struct vector d = along(from, s->centre, -1);
    real b = dot(d, way), c = dot(d, d) - s->radius * s->radius, under = b * b - c;
    if (under < 0) return -1;
    real t = -b - root(under);
    return t > (real)0.001 ? t : -1;
}

static int dark(struct vector from) {
    for (int i = 0; i < SPHERES; i++)
        if (meets(&spheres[i], from, light) > 0) return 1;
    return 0;
}

static real trace(struct vector from, struct vector way, int depth) {
    const struct sphere *hit = NULL;
    real near = way.y < 0 ? -from.y / way.y : 1000;
    for (int i = 0; i < SPHERES; i++) {
        real t = meets(&spheres[i], from, way);
        if (t > 0 && t < near) near = t, hit = &spheres[i];
    }
    if (near >= 1000) return (real)0.4 + (real)0.5 * way.y;
    struct vector at = along(from, way, near), up = {0, 1, 0};
    real colour, mirror = (real)0.15;
    if (hit) {
        up = along(at, hit->centre, -1);
        up = (struct vector){up.x / hit->radius, up.y / hit->radius, up.z / hit->radius};
        colour = hit->colour, mirror = hit->mirror;
    } else
        colour = ((int)(at.x + 1000) + (int)(at.z + 1000)) & 1 ? (real)0.9 : (real)0.2;
    real shade = dot(up, light);
    real lit = colour * ((real)0.15 + (shade > 0 && !dark(along(at, up, (real)0.002)) ? shade : 0));
    if (depth == 0 || mirror == 0) return lit;
    real twice = -2 * dot(way, up);
    return lit * (1 - mirror) + mirror * trace(along(at, up, (real)0.002), along(way, up, twice), depth - 1);
}

int main(int argc, char **argv) {
    long size = rounds(argc, argv, 2000);
    uint64_t sum = 0;
    real total = 0;
    for (long row = 0; row < size; row++)
        for (long column = 0; column < size; column++) {
            struct vector eye = {0, (real)1.2, -2};
            struct vector way = {(real)column / (real)size - (real)0.5, (real)0.4 - (real)row / (real)size, 1};
            real length = root(dot(way, way));
            real c = trace(eye, (struct vector){way.x / length, way.y / length, way.z / length}, 3);
            total += c;
            sum = mix(sum, (uint64_t)(int64_t)(c * 255) ^ bits_of(c) >> 3);
        }
    total /= (real)(size * size);
    check(total > (real)0.2 && total < (real)0.6, "neither black nor white");
    return finish("ray", sum);
}
