/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

NORETURN void mem_out(void)
{
	static const char text[] = "postrider: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)ignored;
	_exit(3);
}

static void *raw(size_t n)
{
	void *p = malloc(n ? n : 1);
	if (!p)
		mem_out();
	return p;
}

/* glibc keeps small pieces for each thread, but calloc() does not take them (2.36).  The barrier keeps the
 * compiler from making a calloc() of the two calls. */
void *mem_alloc(size_t n)
{
	enum { KEPT_BYTES_MAX = 1024 };
	if (n > KEPT_BYTES_MAX) {
		void *big = calloc(1, n);
		if (!big)
			mem_out();
		return big;
	}
	void *p = raw(n);
	__asm__("" : "+r"(p));
	return memset(p, 0, n);
}

void *mem_grow(void *p, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		mem_out();
	void *q = realloc(p, count && size ? count * size : 1);
	if (!q)
		mem_out();
	return q;
}

char *mem_dup(const void *p, size_t n)
{
	char *q = raw(n + 1);
	if (n)
		memcpy(q, p, n);
	q[n] = '\0';
	return q;
}

char *mem_strdup(const char *s)
{
	return mem_dup(s, strlen(s));
}

char *mem_printf(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *s = NULL;
	int n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		mem_out();
	return s;
}

void mem_free(void *pp)
{
	void **p = pp;
	free(*p);
	*p = NULL;
}

void close_file(void *fpp)
{
	FILE **f = fpp;
	if (*f)
		fclose(*f);
	*f = NULL;
}

void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void mem_wipe(void *p, size_t n)
{
	if (p && n)
		explicit_bzero(p, n);
}
