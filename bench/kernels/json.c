// Writes a document, parses it into a tree (recursive descent, numbers, escapes), walks the tree and writes it again.
#include "bench.h"

enum kind { NUL, BOOL, NUMBER, STRING, ARRAY, OBJECT };
struct node {
    enum kind kind;
    struct node *next, *first;
    const char *name, *text;
    int64_t number;
};
static struct node nodes[200000];
static char strings[1 << 21], document[1 << 21], again[1 << 21];
static size_t node_count, string_count;

static struct node *new_node(enum kind kind) {
    struct node *n = &nodes[node_count++];
    check(node_count < sizeof nodes / sizeof *nodes, "room for nodes");
    *n = (struct node){.kind = kind};
    return n;
}

static const char *space(const char *p) {
    while (*p == ' ' || *p == '\n' || *p == '\t') p++;
    return p;
}

static const char *string(const char *p, const char **out) {
    char *to = strings + string_count;
    *out = to;
    check(*p++ == '"', "a string begins");
    while (*p != '"') {
        char c = *p++;
        if (c == '\\') {
            c = *p++;
            if (c == 'n') c = '\n';
            else if (c == 't') c = '\t';
        }
        *to++ = c;
    }
    *to++ = 0;
    string_count = (size_t)(to - strings);
    return p + 1;
}

static const char *value(const char *p, struct node **out) {
    struct node *n;
    p = space(p);
    switch (*p) {
    case '{':
    case '[': {
        char close = *p == '{' ? '}' : ']';
        *out = n = new_node(*p == '{' ? OBJECT : ARRAY);
        struct node **last = &n->first;
        p = space(p + 1);
        while (*p != close) {
            const char *name = NULL;
            if (close == '}') {
                p = space(string(space(p), &name));
                check(*p++ == ':', "a colon");
            }
            p = space(value(p, last));
            (*last)->name = name;
            last = &(*last)->next;
            if (*p == ',') p++;
        }
        return p + 1;
    }
    case '"': *out = n = new_node(STRING); return string(p, &n->text);
    case 't': *out = n = new_node(BOOL); n->number = 1; return p + 4;
    case 'f': *out = new_node(BOOL); return p + 5;
    case 'n': *out = new_node(NUL); return p + 4;
    default: {
        int minus = *p == '-';
        *out = n = new_node(NUMBER);
        p += minus;
        check(*p >= '0' && *p <= '9', "a digit");
        while (*p >= '0' && *p <= '9') n->number = n->number * 10 + (*p++ - '0');
        if (minus) n->number = -n->number;
        return p;
    }
    }
}

static char *put_string(char *o, const char *s) {
    *o++ = '"';
    for (; *s; s++) {
        if (*s == '"' || *s == '\\') *o++ = '\\', *o++ = *s;
        else if (*s == '\n') *o++ = '\\', *o++ = 'n';
        else *o++ = *s;
    }
    *o++ = '"';
    return o;
}

static char *put_number(char *o, int64_t v) {
    char digits[24];
    int n = 0;
    uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do digits[n++] = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0) *o++ = '-';
    while (n) *o++ = digits[--n];
    return o;
}

static char *write_out(char *o, const struct node *n) {
    static const char *const words[] = {"false", "true"};
    switch (n->kind) {
    case NUL: return memcpy(o, "null", 4), o + 4;
    case BOOL: return strcpy(o, words[n->number]), o + strlen(words[n->number]);
    case NUMBER: return put_number(o, n->number);
    case STRING: return put_string(o, n->text);
    default:
        *o++ = n->kind == OBJECT ? '{' : '[';
        for (const struct node *c = n->first; c; c = c->next) {
            if (c->name) o = put_string(o, c->name), *o++ = ':';
            o = write_out(o, c);
            if (c->next) *o++ = ',';
        }
        *o++ = n->kind == OBJECT ? '}' : ']';
        return o;
    }
}

static uint64_t walk(const struct node *n, int depth) {
    uint64_t sum = (uint64_t)n->kind * 31 + (uint64_t)depth;
    if (n->kind == NUMBER) sum += (uint64_t)n->number;
    if (n->kind == STRING) sum += strlen(n->text);
    for (const struct node *c = n->first; c; c = c->next) sum = mix(sum, walk(c, depth + 1));
    return sum;
}

static char *make(char *o, uint64_t *seed, int depth) {
    uint64_t x = next_random(seed);
    unsigned pick = (unsigned)(x >> 33) % (depth > 5 ? 4 : 6);
    switch (pick) {
    case 0: return put_number(o, (int64_t)x >> (x & 63));
    case 1: return put_string(o, x & 64 ? "a \"quoted\" word\\" : "two\nlines of text");
    case 2: return memcpy(o, "true", 4), o + 4;
    case 3: return memcpy(o, "null", 4), o + 4;
    default: {
        int n = (int)(x >> 50 & 7), object = pick == 5;
        *o++ = object ? '{' : '[';
        for (int i = 0; i < n; i++) {
            char name[] = "member_0";
            if (i) *o++ = ',';
            name[7] = (char)('0' + i);
            if (object) o = put_string(o, name), *o++ = ':';
            o = make(o, seed, depth + 1);
        }
        *o++ = object ? '}' : ']';
        return o;
    }
    }
}

int main(int argc, char **argv) {
    uint64_t seed = 23, sum = 0;
    char *o = document;
    *o++ = '[';
    while (o < document + 600000) {
        if (o > document + 1) *o++ = ',';
        o = make(o, &seed, 0);
    }
    *o++ = ']';
    *o = 0;
    for (long r = rounds(argc, argv, 90); r > 0; r--) {
        struct node *root;
        node_count = string_count = 0;
        const char *end = value(document, &root);
        check(end == o, "the whole document was read");
        sum = mix(sum, walk(root, 0));
        char *last = write_out(again, root);
        check(last - again == o - document && memcmp(again, document, (size_t)(o - document)) == 0, "written as read");
    }
    return finish("json", mix(sum, node_count));
}
