/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/header.h"

#include <string.h>
#include <strings.h>

#include "base/sixteen.h"

enum { FIELDS_FIRST = 16 }; /* room in the beginning */

/* The line at s with its line end. */
static struct str first_line(struct str s)
{
	const char *lf = memchr(s.p, '\n', s.len);
	return str_cut(s, 0, lf ? (size_t)(lf - s.p) + 1 : s.len);
}

static struct str without_end(struct str line)
{
	if (line.len && line.p[line.len - 1] == '\n')
		line.len--;
	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* ftext = %d33-57 / %d59-126; blanks before the colon are an old form.  *colon: where it stands. */
static size_t name_length(struct str line, size_t *colon)
{
	size_t n = 0;
	for (unsigned step = SIXTEEN; step == SIXTEEN && n + SIXTEEN <= line.len; n += step) {
		struct sixteen b = sixteen_at(line.p + n);
		unsigned odd = ~sixteen_between(b, '!', '~') | sixteen_between(b, ':', ':');
		step = (unsigned)__builtin_ctz(odd | 1u << SIXTEEN);
	}
	while (n < line.len && line.p[n] > 32 && line.p[n] != 127 && line.p[n] != ':')
		n++;
	*colon = n;
	while (*colon < line.len && (line.p[*colon] == ' ' || line.p[*colon] == '\t'))
		++*colon;
	return n && *colon < line.len && line.p[*colon] == ':' ? n : 0;
}

/* The field at s with all its folded lines: up to a line that neither is blank nor begins with one. */
static struct str first_field(struct str s)
{
	size_t n = first_line(s).len;
	while (n < s.len && (s.p[n] == ' ' || s.p[n] == '\t')) {
		struct str line = first_line(str_cut(s, n, s.len));
		if (!without_end(line).len)
			break;
		n += line.len;
	}
	return str_cut(s, 0, n);
}

static void make_room(struct arena *a, struct header *h, size_t *room)
{
	if (h->n < *room)
		return;
	*room = *room ? *room * 4 : FIELDS_FIRST;
	struct header_field *v = arena_raw(a, *room * sizeof(*v));
	if (h->n)
		memcpy(v, h->v, h->n * sizeof(*v));
	h->v = v;
}

static void add_field(struct arena *a, struct header *h, size_t *room, struct str raw)
{
	size_t colon, n = name_length(raw, &colon);
	if (!n || h->n == HEADER_FIELDS_MAX) {
		h->odd_lines++;
		return;
	}
	make_room(a, h, room);
	h->v[h->n++] = (struct header_field){
		.name = str_cut(raw, 0, n),
		.value = without_end(str_cut(raw, colon + 1, raw.len)),
		.raw = raw,
	};
}

bool header_has_divider(struct str message)
{
	size_t colon;
	return message.len > 5 && !memcmp(message.p, "From ", 5) && !name_length(first_line(message), &colon);
}

void header_read(struct arena *a, struct str message, struct header *out)
{
	size_t room = 0;
	*out = (struct header){ 0 };
	struct str rest = message;
	if (header_has_divider(rest))
		rest = str_cut(rest, first_line(rest).len, rest.len);
	while (rest.len) {
		size_t empty = rest.p[0] == '\n'                                        ? 1
			       : rest.len > 1 && rest.p[0] == '\r' && rest.p[1] == '\n' ? 2
											: 0;
		if (empty || str_eq(rest, "\r")) {
			out->has_body = true;
			rest = str_cut(rest, empty ? empty : 1, rest.len);
			break;
		}
		struct str field = first_field(rest);
		add_field(a, out, &room, field);
		rest = str_cut(rest, field.len, rest.len);
	}
	out->body = rest;
}

const struct header_field *header_find(const struct header *h, const char *name, size_t nth)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < h->n; i++) {
		struct str s = h->v[i].name;
		if (s.len == n && (s.p[0] | 32) == (name[0] | 32) && !strncasecmp(s.p, name, n) && !nth--)
			return &h->v[i];
	}
	return NULL;
}

unsigned header_count(const struct header *h, const char *name)
{
	unsigned n = 0;
	for (size_t i = 0; i < h->n; i++)
		n += str_ieq(h->v[i].name, name);
	return n;
}

/* Such as stand alone within a line; the length that is left. */
static size_t without_returns(char *p, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		if (p[i] != '\r')
			p[n++] = p[i];
	return n;
}

struct str header_unfold(struct arena *a, struct str value)
{
	value = str_trim(value);
	char *out = arena_raw(a, value.len + 1);
	size_t n = 0;
	for (struct str rest = value; rest.len;) {
		struct str line = first_line(rest), words = without_end(line);
		memcpy(out + n, words.p, words.len);
		n += words.len;
		rest = str_cut(rest, line.len, rest.len);
	}
	if (memchr(out, '\r', n))
		n = without_returns(out, n);
	out[n] = '\0';
	return (struct str){ out, n };
}

struct str header_get(struct arena *a, const struct header *h, const char *name)
{
	const struct header_field *f = header_find(h, name, 0);
	return f ? header_unfold(a, f->value) : (struct str){ "", 0 };
}
