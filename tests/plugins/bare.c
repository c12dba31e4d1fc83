/* A plugin that lacks something, as a macro says. */
#include <stdint.h>

#ifndef NO_VERSION
__attribute__((visibility("default"))) int qemu_plugin_version = VERSION;
#endif

#ifdef UNKNOWN_FUNCTION
void qemu_plugin_frobnicate(void);
__attribute__((visibility("default"))) void uses(void) { qemu_plugin_frobnicate(); }
#endif

#ifdef NULL_INSTALL
__asm__(".globl qemu_plugin_install\n.set qemu_plugin_install, 0\n");
#elif !defined(NO_INSTALL)
__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    return 0;
}
#endif
