// Quicksort, merge sort, heap sort and the library's qsort with a comparison function, over integers and records.
#include "bench.h"
#define N 50000

struct record {
    uint32_t key, value;
};
static int64_t a[N], b[N], scratch[N];
static struct record records[N];

static void quick(int64_t *v, long low, long high) {
    while (high - low > 16) {
        int64_t pivot = v[(low + high) / 2];
        long i = low, j = high;
        while (i <= j) {
            while (v[i] < pivot) i++;
            while (v[j] > pivot) j--;
            if (i <= j) {
                int64_t x = v[i];
                v[i++] = v[j];
                v[j--] = x;
            }
        }
        if (j - low < high - i) {
            quick(v, low, j);
            low = i;
        } else {
            quick(v, i, high);
            high = j;
        }
    }
    for (long i = low + 1; i <= high; i++) {
        int64_t x = v[i];
        long j = i;
        for (; j > low && v[j - 1] > x; j--) v[j] = v[j - 1];
        v[j] = x;
    }
}

static void merge(int64_t *v, long n) {
    if (n < 2) return;
    long half = n / 2, i = 0, j = half, k = 0;
    merge(v, half);
    merge(v + half, n - half);
    while (i < half && j < n) scratch[k++] = v[i] <= v[j] ? v[i++] : v[j++];
    while (i < half) scratch[k++] = v[i++];
    while (j < n) scratch[k++] = v[j++];
    memcpy(v, scratch, (size_t)n * sizeof *v);
}

static void heap(int64_t *v, long n) {
    for (long start = n / 2, end = n; end > 1;) {
        if (start > 0) start--;
        else {
            int64_t x = v[--end];
            v[end] = v[0];
            v[0] = x;
        }
        long root = start;
        int64_t x = v[root];
        for (long child; (child = 2 * root + 1) < end; root = child) {
            if (child + 1 < end && v[child + 1] > v[child]) child++;
            if (v[child] <= x) break;
            v[root] = v[child];
        }
        v[root] = x;
    }
}

static int by_key(const void *x, const void *y) {
    const struct record *p = x, *q = y;
    return p->key != q->key ? (p->key < q->key ? -1 : 1) : (p->value > q->value) - (p->value < q->value);
}

int main(int argc, char **argv) {
    uint64_t seed = 11, sum = 0;
    for (long r = rounds(argc, argv, 18); r > 0; r--) {
        for (int i = 0; i < N; i++) {
            a[i] = b[i] = (int64_t)next_random(&seed) >> (r & 31);
            records[i] = (struct record){(uint32_t)(a[i] & 0xffff), (uint32_t)i};
        }
        quick(a, 0, N - 1);
        merge(b, N);
        check(memcmp(a, b, sizeof a) == 0, "two sorts agree");
        for (int i = 0; i < N; i++) b[i] = a[(long)i * 7919 % N];
        heap(b, N);
        check(memcmp(a, b, sizeof a) == 0, "three sorts agree");
        qsort(records, N, sizeof *records, by_key);
        for (int i = 1; i < N; i++) check(by_key(&records[i - 1], &records[i]) < 0, "records in order");
        for (int i = 0; i < N; i += 997) sum = mix(sum, (uint64_t)a[i] ^ records[i].value);
    }
    return finish("sort", sum);
}
