// Five bodies under gravity, stepped with the leapfrog method.
#include "bench.h"
#include <math.h>

struct body {
    real x[3], v[3], mass;
};
static struct body bodies[5] = {
    {{0, 0, 0}, {0, 0, 0}, 39.5},
    {{4.84, -1.16, -0.103}, {0.606, 2.81, -0.0252}, 0.0377},
    {{8.34, 4.12, -0.403}, {-1.01, 1.82, 0.00841}, 0.0113},
    {{12.9, -15.1, -0.223}, {1.08, 0.868, -0.0108}, 0.00172},
    {{15.4, -25.9, 0.179}, {0.979, 0.594, -0.0347}, 0.00203},
};

static real energy(void) {
    real e = 0;
    for (int i = 0; i < 5; i++) {
        struct body *p = &bodies[i];
        e += p->mass * (p->v[0] * p->v[0] + p->v[1] * p->v[1] + p->v[2] * p->v[2]) / 2;
        for (int j = i + 1; j < 5; j++) {
            real d = 0;
            for (int k = 0; k < 3; k++) d += (p->x[k] - bodies[j].x[k]) * (p->x[k] - bodies[j].x[k]);
            e -= p->mass * bodies[j].mass / (real)sqrt(d);
        }
    }
    return e;
}

static void step(real dt) {
    for (int i = 0; i < 5; i++)
        for (int j = i + 1; j < 5; j++) {
            struct body *p = &bodies[i], *q = &bodies[j];
            real d[3], far = 0;
            for (int k = 0; k < 3; k++) d[k] = p->x[k] - q->x[k], far += d[k] * d[k];
            real pull = sizeof(real) == 4 ? dt / (far * (real)sqrtf((float)far)) : dt / (far * (real)sqrt(far));
            for (int k = 0; k < 3; k++) {
                p->v[k] -= d[k] * q->mass * pull;
                q->v[k] += d[k] * p->mass * pull;
            }
        }
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 3; k++) bodies[i].x[k] += dt * bodies[i].v[k];
}

int main(int argc, char **argv) {
    real before = energy();
    for (long r = rounds(argc, argv, 4000000); r > 0; r--) step((real)0.001);
    real after = energy();
    check(fabs((double)(after / before) - 1) < 0.02, "energy is kept");
    uint64_t sum = bits_of(after);
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 3; k++) sum = mix(sum, bits_of(bodies[i].x[k]));
    return finish("nbody", sum);
}
