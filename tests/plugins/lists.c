/* Writes which log files are in the folder of out=FILE, at exit, the process's own number shown as PID. */
#include <dirent.h>
#include "kit.h"

static const char *out;

static void at_end(qemu_plugin_id_t id, void *data)
{
    char folder[4096], own[32];
    snprintf(folder, sizeof folder, "%s", out);
    *strrchr(folder, '/') = 0;
    snprintf(own, sizeof own, "log-%d", getpid());
    FILE *f = fopen(out, "w");
    DIR *d = opendir(folder);
    for (struct dirent *e; d && f && (e = readdir(d));)
        if (!strncmp(e->d_name, "log", 3)) fprintf(f, "%s\n", strcmp(e->d_name, own) ? e->d_name : "log-PID");
    if (f) fclose(f);
    if (d) closedir(d);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    out = value_of(argc, argv, "out", "");
    qemu_plugin_register_atexit_cb(id, at_end, NULL);
    return 0;
}
