/* What the test plugins share: the version word, printing through qemu_plugin_outs, reading of name=value. */
#include <glib.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <qemu-plugin.h>

#ifndef DECLARED_VERSION
#define DECLARED_VERSION QEMU_PLUGIN_VERSION
#endif
QEMU_PLUGIN_EXPORT int qemu_plugin_version = DECLARED_VERSION;

typedef uint64_t u64;
typedef struct qemu_plugin_tb Tb;
typedef struct qemu_plugin_insn Insn;

static qemu_plugin_id_t self;

/* One string of the log. */
static void say(const char *format, ...)
{
    char line[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    qemu_plugin_outs(line);
}

/* The value of an argument; the last one counts. */
static const char *value_of(int argc, char **argv, const char *name, const char *otherwise)
{
    size_t n = strlen(name);
    for (int i = 0; i < argc; i++)
        if (!strncmp(argv[i], name, n) && argv[i][n] == '=') otherwise = argv[i] + n + 1;
    return otherwise;
}

static u64 number_of(int argc, char **argv, const char *name, u64 otherwise)
{
    const char *v = value_of(argc, argv, name, NULL);
    return v ? strtoull(v, NULL, 0) : otherwise;
}

/* Whether a word is in a list joined by '+'. */
static bool listed(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = list; p; p = strchr(p, '+') ? strchr(p, '+') + 1 : NULL)
        if (!strncmp(p, word, n) && (p[n] == 0 || p[n] == '+')) return true;
    return false;
}

static void *key(u64 n) { return (void *)(uintptr_t)n; }
static u64 plain(void *data) { return (u64)(uintptr_t)data; }
