# gcc, as, ld and make building programs that then run: C with floating point, threads, a library and a parallel make.
mkdir p; cd p
cat >main.c <<'END'
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int twice(int);
static void *work(void *p) { double s = 0; for (int i = 1; i < 100000; i++) s += 1.0 / i / i; *(double *)p = s; return p; }
static int order(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
int main(int argc, char **argv) {
    pthread_t t[3]; double r[3];
    for (int i = 0; i < 3; i++) pthread_create(&t[i], 0, work, &r[i]);
    for (int i = 0; i < 3; i++) pthread_join(t[i], 0);
    qsort(argv + 1, argc - 1, sizeof *argv, order);
    for (int i = 1; i < argc; i++) printf("%s ", argv[i]);
    printf("%d %.15f %.15g %.12f %zu\n", twice(21), r[0] + r[1] - r[2], sqrt(2), sin(1) + cos(2), sizeof(long double) > 8 ? sizeof(void *) : 0);
    return argc;
}
END
echo 'int twice(int x) { return 2 * x; }' >lib.c
cat >Makefile <<'END'
CFLAGS = -O2 -Wall
objects = main.o $(patsubst %.c,%.o,$(wildcard gen*.c))
all: prog static shared
prog: $(objects) lib.o
	@$(CC) -o $@ $^ -lm
static: $(objects) libtwice.a
	@$(CC) -static -o $@ $(objects) -L. -ltwice -lm
shared: $(objects) libtwice.so
	@$(CC) -o $@ $(objects) -L. -ltwice -lm -Wl,-rpath,'$$ORIGIN'
libtwice.a: lib.o
	@ar rcs $@ $<
libtwice.so: lib.c
	@$(CC) -shared -fPIC -o $@ $<
%.o: %.c
	@$(CC) $(CFLAGS) -c -o $@ $<
END
for i in 1 2 3 4; do echo "int gen$i(void) { return $i; }" >gen$i.c; done
make -s -j2 && for p in prog static shared; do ./$p delta alpha charlie bravo; echo "status $?"; done; make -q; echo "up to date $?"; touch lib.c; make -n | grep -c -- '-o'
for O in -O0 -O1 -O2 -O3 -Os; do gcc $O -w -o o main.c lib.c -lm && ./o x y | md5sum; done
gcc -E - </dev/null | wc -l; echo 'int main(void) { return undeclared; }' | gcc -x c - 2>&1 | grep -o "error: .*"; echo "int x = ;" | gcc -xc -fsyntax-only - 2>/dev/null; echo "status $?"
echo 'int f(int x) { return x * 3; }' | gcc -O2 -g -xc -c -o d.o - && nm d.o && readelf -h d.o | grep -E 'Class|Type'; strip d.o; size lib.o | wc -l; objcopy -O binary lib.o l.bin && test -s l.bin && echo flat; gcc -O2 -flto -o lto main.c lib.c -lm && ./lto z; gcc -pg -fprofile-arcs -ftest-coverage -o cov lib.c main.c -lm 2>&1 && ./cov >/dev/null; ls *.gcda 2>/dev/null | wc -l; gcc -fsanitize=undefined -x c - -o ub 2>/dev/null <<<'int main(int c, char **v) { int x = 0x7fffffff; return (x + c) != 0 ? 0 : 1; }' && ./ub 2>&1 | grep -c 'runtime error'
