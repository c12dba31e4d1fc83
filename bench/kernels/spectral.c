// Largest singular value of an infinite matrix by the power method: divisions and conversions.
#include "bench.h"
#include <math.h>
#define N 400

static real u[N], v[N], w[N];

static real element(int i, int j) { return 1 / (real)((i + j) * (i + j + 1) / 2 + i + 1); }

static void multiply(real *out, const real *in) {
    for (int i = 0; i < N; i++) {
        real sum = 0;
        for (int j = 0; j < N; j++) sum += element(i, j) * in[j];
        out[i] = sum;
    }
}

static void multiply_transposed(real *out, const real *in) {
    for (int i = 0; i < N; i++) {
        real sum = 0;
        for (int j = 0; j < N; j++) sum += element(j, i) * in[j];
        out[i] = sum;
    }
}

int main(int argc, char **argv) {
    for (int i = 0; i < N; i++) u[i] = 1;
    for (long r = rounds(argc, argv, 600); r > 0; r--) {
        multiply(w, u);
        multiply_transposed(v, w);
        real largest = 0;
        for (int i = 0; i < N; i++) largest = v[i] > largest ? v[i] : largest;
        for (int i = 0; i < N; i++) u[i] = v[i] / largest;
    }
    multiply(w, u);
    multiply_transposed(v, w);
    real uv = 0, uu = 0;
    for (int i = 0; i < N; i++) uv += u[i] * v[i], uu += u[i] * u[i];
    real norm = (real)sqrt((double)(uv / uu));
    check(fabs((double)norm - 1.2742) < 0.001, "the known norm");
    return finish("spectral", mix(bits_of(norm), bits_of(v[N - 1])));
}
