// LU decomposition with pivoting, and the solution of a system of equations.
#include "bench.h"
#include <math.h>
#define N 160

static real a[N][N], kept[N][N], b[N], x[N];
static int order[N];

static void decompose(void) {
    for (int i = 0; i < N; i++) order[i] = i;
    for (int k = 0; k < N; k++) {
        int pivot = k;
        for (int i = k + 1; i < N; i++)
            if (fabs((double)a[i][k]) > fabs((double)a[pivot][k])) pivot = i;
        for (int j = 0; pivot != k && j < N; j++) {
            real t = a[k][j];
            a[k][j] = a[pivot][j];
            a[pivot][j] = t;
        }
        int o = order[k];
        order[k] = order[pivot], order[pivot] = o;
        for (int i = k + 1; i < N; i++) {
            real f = a[i][k] /= a[k][k];
            for (int j = k + 1; j < N; j++) a[i][j] -= f * a[k][j];
        }
    }
}

static void solve(void) {
    for (int i = 0; i < N; i++) {
        real s = b[order[i]];
        for (int j = 0; j < i; j++) s -= a[i][j] * x[j];
        x[i] = s;
    }
    for (int i = N - 1; i >= 0; i--) {
        real s = x[i];
        for (int j = i + 1; j < N; j++) s -= a[i][j] * x[j];
        x[i] = s / a[i][i];
    }
}

int main(int argc, char **argv) {
    uint64_t seed = 19, sum = 0;
    for (long r = rounds(argc, argv, 500); r > 0; r--) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) a[i][j] = kept[i][j] = (real)((int)(next_random(&seed) >> 50) - 8192) / 8192;
            b[i] = (real)(i % 7) - 3;
            a[i][i] += 8, kept[i][i] += 8;
        }
        decompose();
        solve();
        for (int i = 0; i < N; i += 7) {
            real s = 0;
            for (int j = 0; j < N; j++) s += kept[i][j] * x[j];
            check(fabs((double)(s - b[i])) < 0.01, "solves the equations");
        }
        sum = mix(sum, bits_of(x[(unsigned)r % N]));
    }
    return finish("lu", sum);
}
