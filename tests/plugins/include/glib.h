/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What our test plugins use of glib, for hosts that have the library but not its headers. The functions stay undefined
 * in the plugin; the emulator brings the library into the process.
 */
#ifndef __G_LIB_H__
#define __G_LIB_H__

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef char gchar;
typedef int gint;
typedef int gboolean;
typedef unsigned int guint;
typedef uint8_t guint8;
typedef uint32_t guint32;
typedef uint64_t guint64;
typedef size_t gsize;
typedef void *gpointer;
typedef const void *gconstpointer;

#ifndef TRUE
#define FALSE 0
#define TRUE 1
#endif

typedef struct _GArray {
    gchar *data;
    guint len;
} GArray;

typedef struct _GByteArray {
    guint8 *data;
    guint len;
} GByteArray;

#define g_array_index(array, type, index) (((type *)(void *)(array)->data)[index])

void g_free(gpointer block);
gchar *g_strdup(const gchar *text);
gchar *g_strdup_printf(const gchar *format, ...) __attribute__((format(printf, 1, 2)));
gchar *g_array_free(GArray *array, gboolean free_elements);
guint g_array_get_element_size(GArray *array);
GByteArray *g_byte_array_new(void);
GByteArray *g_byte_array_append(GByteArray *array, const guint8 *bytes, guint count);
GByteArray *g_byte_array_set_size(GByteArray *array, guint length);
guint8 *g_byte_array_free(GByteArray *array, gboolean free_bytes);

#ifdef __cplusplus
}
#endif

#endif
