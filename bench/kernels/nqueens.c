// All ways to place n queens, by recursion over columns with arrays (not bit sets).
#include "bench.h"

static int n, row_used[32], up[64], down[64];

__attribute__((noinline)) static int is_free(int column, int row) {
    return !row_used[row] && !up[row + column] && !down[row - column + n];
}

__attribute__((noinline)) static void set(int column, int row, int value) {
    row_used[row] = up[row + column] = down[row - column + n] = value;
}

__attribute__((noinline)) static uint64_t place(int column) {
    uint64_t ways = 0;
    if (column == n) return 1;
    for (int row = 0; row < n; row++)
        if (is_free(column, row)) {
            set(column, row, 1);
            ways += place(column + 1);
            set(column, row, 0);
        }
    return ways;
}

int main(int argc, char **argv) {
    uint64_t sum = 0;
    n = 8;
    check(place(0) == 92, "92 ways for eight");
    n = (int)rounds(argc, argv, 13);
    sum = mix(sum, place(0));
    return finish("nqueens", sum);
}
