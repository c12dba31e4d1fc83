// How soon each point of a grid leaves the Mandelbrot set.
#include "bench.h"

int main(int argc, char **argv) {
    long size = rounds(argc, argv, 1800);
    uint64_t sum = 0, inside = 0;
    for (long row = 0; row < size; row++)
        for (long column = 0; column < size; column++) {
            real cx = (real)3 * (real)column / (real)size - 2, cy = (real)2 * (real)row / (real)size - 1, x = 0, y = 0;
            int n = 0;
            for (; n < 100; n++) {
                real xx = x * x, yy = y * y;
                if (xx + yy > 4) break;
                y = 2 * x * y + cy;
                x = xx - yy + cx;
            }
            inside += n == 100;
            sum = mix(sum, (uint64_t)n);
        }
    check(inside > (uint64_t)(size * size) / 5 && inside < (uint64_t)(size * size) / 3, "a quarter lies inside");
    return finish("mandel", sum);
}
