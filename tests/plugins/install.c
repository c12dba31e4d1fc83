/*
 * What install is given, and what it may do.
 *   do=show | bools | outs | boards | time | fail:N | exit:N | atexit | uninstall
 */
#include "kit.h"

static void at_end(qemu_plugin_id_t id, void *data)
{
    printf("atexit %s num %d\n", (char *)data, qemu_plugin_num_vcpus());
    fflush(stdout);
}

static void words(void)
{
    static const char *const all[] = { "on", "yes", "true", "y", "off", "no", "false", "n", "ON", "1", "0", "", "Yes" };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        bool no = false, yes = true;
        bool first = qemu_plugin_bool_parse("name", all[i], &no), second = qemu_plugin_bool_parse("name", all[i], &yes);
        printf("bool '%s' %d%d %d%d\n", all[i], first, second, no, yes);
    }
    bool kept = true;
    printf("bool null %d%d kept %d\n", qemu_plugin_bool_parse("name", NULL, &kept),
           qemu_plugin_bool_parse(NULL, "off", &kept), kept);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    const char *what = value_of(argc, argv, "do", "show"), *tag = value_of(argc, argv, "tag", "");
    if (!strcmp(what, "show")) {
        printf("info %s %d %d %d %d %d size %zu\n", info->target_name, info->version.min, info->version.cur,
               info->system_emulation, info->system.smp_vcpus, info->system.max_vcpus, sizeof *info);
        printf("argc %d argv %s end %d\n", argc, argv ? "there" : "null", !argv || !argv[argc]);
        for (int i = 0; i < argc; i++) printf("argument %s\n", argv[i]);
        printf("vcpus %d id %d\n", qemu_plugin_num_vcpus(), id != 0);
    }
    if (!strcmp(what, "bools")) words();
    if (!strcmp(what, "outs")) {
        qemu_plugin_outs("a%sb%d");
        qemu_plugin_outs("");
        qemu_plugin_outs("c%n\n");
    }
    if (!strcmp(what, "boards")) {
        struct qemu_plugin_scoreboard *board = qemu_plugin_scoreboard_new(8);
        printf("sum %" PRIu64 "\n", qemu_plugin_u64_sum(qemu_plugin_scoreboard_u64(board)));
        qemu_plugin_scoreboard_free(board);
    }
    if (!strcmp(what, "time")) {
        const void *handle = qemu_plugin_request_time_control();
        printf("first %s second %s\n", handle ? "handle" : "null", qemu_plugin_request_time_control() ? "handle" : "null");
        if (handle) qemu_plugin_update_ns(handle, 1000);
    }
    if (strncmp(what, "fail", 4) == 0 || !strcmp(what, "atexit")) qemu_plugin_register_atexit_cb(id, at_end, strdup(tag));
    fflush(stdout);
    if (!strncmp(what, "exit:", 5)) exit(atoi(what + 5));
    if (!strcmp(what, "uninstall")) qemu_plugin_uninstall(id, NULL);
    return strncmp(what, "fail:", 5) ? 0 : atoi(what + 5);
}
