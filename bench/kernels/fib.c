// Fibonacci numbers by double recursion: nothing but calls and returns.
#include "bench.h"

__attribute__((noinline, optimize("no-optimize-sibling-calls"))) static uint64_t fib(unsigned n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(int argc, char **argv) {
    long n = rounds(argc, argv, 39);
    uint64_t got = fib((unsigned)n), a = 0, b = 1;
    for (long i = 0; i < n; i++) {
        uint64_t c = a + b;
        a = b, b = c;
    }
    check(got == a, "as by addition");
    return finish("fib", got);
}
