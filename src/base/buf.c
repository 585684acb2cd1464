/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_clear(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ .max = b->max };
}

void buf_wipe(struct buf *b)
{
	mem_wipe(b->data, b->room);
	buf_clear(b);
}

size_t buf_waiting(const struct buf *b)
{
	return b->len - b->start;
}

static void make_room(struct buf *b, size_t n)
{
	if (b->start) {
		memmove(b->data, b->data + b->start, buf_waiting(b));
		b->len -= b->start;
		b->start = 0;
	}
	if (b->room - b->len >= n)
		return;
	size_t room = b->room ? b->room : 256;
	while (room - b->len < n)
		room *= 2;
	b->data = mem_grow(b->data, room, 1);
	b->room = room;
}

char *buf_reserve(struct buf *b, size_t n)
{
	if (b->max && (n > b->max || buf_waiting(b) > b->max - n))
		return NULL;
	if (b->room - b->len < n)
		make_room(b, n);
	return b->data + b->len;
}

void buf_added(struct buf *b, size_t n)
{
	b->len += n;
}

bool buf_add(struct buf *b, const void *p, size_t n)
{
	if (b->max && (n > b->max || buf_waiting(b) > b->max - n))
		return false;
	if (!n)
		return true;
	if (b->room - b->len < n)
		make_room(b, n);
	memcpy(b->data + b->len, p, n);
	b->len += n;
	return true;
}

bool buf_adds(struct buf *b, const char *z)
{
	return buf_add(b, z, strlen(z));
}

bool buf_addf(struct buf *b, const char *fmt, ...)
{
	enum { SHORT = 512 }; /* most are */
	char text[SHORT];
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	CLEANUP(mem_free) char *s = NULL;
	if (n >= SHORT)
		n = vasprintf(&s, fmt, again);
	va_end(again);
	return n >= 0 && buf_add(b, s ? s : text, (size_t)n);
}

struct str buf_str(const struct buf *b)
{
	return (struct str){ b->data ? b->data + b->start : "", buf_waiting(b) };
}

void buf_take(struct buf *b, size_t n)
{
	b->start += n;
	if (b->start >= b->len)
		b->start = b->len = 0;
}
