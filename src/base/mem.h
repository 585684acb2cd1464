/* SPDX-License-Identifier: Apache-2.0 */
/* base/mem.h - memory that is never NULL, and cleanup by scope.
 *
 * Out of memory ends the process here (exit status 3), so that no caller needs
 * a branch for it.  Whatever a peer can make grow has a named limit of its own. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

#define ARRAY_LEN(a)            (sizeof(a) / sizeof((a)[0]))
#define MUST_USE                __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define NORETURN                __attribute__((noreturn))

/* CLEANUP(x_free) struct x *p = ...;  calls x_free(&p) when the scope ends. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Hands a pointer over and leaves NULL behind. */
#define STEAL(p)                                                                                             \
	({                                                                                                   \
		__typeof__(p) stolen_ = (p);                                                                 \
		(p) = NULL;                                                                                  \
		stolen_;                                                                                     \
	})

/* The caller owns what these return and frees it with free(). */
void *mem_alloc(size_t n) MUST_USE;                          /* zeroed */
void *mem_grow(void *p, size_t count, size_t size) MUST_USE; /* realloc; overflow checked */
char *mem_dup(const void *p, size_t n) MUST_USE;             /* n bytes and a NUL */
char *mem_strdup(const char *s) MUST_USE;
char *mem_printf(const char *fmt, ...) PRINTF_LIKE(1, 2) MUST_USE;

/* Ends the process as the calls above do, for memory that comes from elsewhere. */
NORETURN void mem_out(void);

/* Cleanup functions for plain pieces of memory and files. */
void mem_free(void *pp);      /* pp is the address of a pointer; it becomes NULL */
void close_file(void *fpp);   /* FILE ** */
void close_fd(const int *fd); /* -1 is fine */

/* Overwrites a secret before it is freed; never optimised away. */
void mem_wipe(void *p, size_t n);

#endif
