// Ackermann's function and the Takeuchi function: deep recursion with returns that come back to a few places.
#include "bench.h"

__attribute__((noinline)) static long ackermann(long m, long n) {
    if (m == 0) return n + 1;
    if (n == 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

__attribute__((noinline)) static long tak(long x, long y, long z) {
    return y < x ? tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) : z;
}

int main(int argc, char **argv) {
    uint64_t sum = 0;
    check(ackermann(2, 3) == 9, "A(2,3) = 9");
    for (long r = rounds(argc, argv, 120); r > 0; r--) {
        sum = mix(sum, (uint64_t)ackermann(3, 7 + (r & 1)));
        sum = mix(sum, (uint64_t)tak(16 + (r & 1), 10, 5));
    }
    return finish("ackermann", sum);
}
