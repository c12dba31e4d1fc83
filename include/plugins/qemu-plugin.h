/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The place of the header since QEMU 11.0. Plugins that include it from here are built for version 6 unless they say. */
#ifndef FLUORO_PLUGIN_API
#define FLUORO_PLUGIN_API 6
#endif
#include "../qemu-plugin.h"
