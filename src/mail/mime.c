/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mime.h"

#include <ctype.h>
#include <string.h>

#include "base/hex.h"
#include "base/base64.h"
#include "base/text.h"

enum { PARTS_FIRST = 8 }; /* room in the beginning */

struct walk {
	struct arena *a;
	struct mime *out;
	size_t room;  /* of out->v */
	bool outline; /* structure only */
};

static void problem(struct walk *w, const char *what)
{
	if (!strlist_has(&w->out->problems, what))
		strlist_add(&w->out->problems, w->a, what);
}

static const char *lower(struct arena *a, struct str s)
{
	char *z = arena_dup(a, s.p, s.len);
	for (char *c = z; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return z;
}

/* The word before the first semicolon. */
static const char *first_word(struct arena *a, struct str value)
{
	const char *semicolon = memchr(value.p, ';', value.len);
	return lower(a, str_trim(str_cut(value, 0, semicolon ? (size_t)(semicolon - value.p) : value.len)));
}

static bool is_type(const char *s)
{
	const char *slash = strchr(s, '/');
	return slash && slash > s && slash[1] && !strpbrk(s, " \t\"(),:;<>@[\\]") && !strchr(slash + 1, '/');
}

static void read_name(struct walk *w, struct mime_part *p, struct str type, struct str disposition)
{
	const char *name = mime_parameter(w->a, disposition, "filename", &p->coded_name);
	if (!name)
		name = mime_parameter(w->a, type, "name", &p->coded_name);
	p->name = name ? mime_words(w->a, name, &p->coded_name) : "";
	p->coded_name = *p->name && (p->coded_name || !text_is_ascii(str_of(p->name)));
}

static void read_part_header(struct walk *w, struct mime_part *p, bool digest)
{
	struct str type = p->content_type = header_get(w->a, &p->header, "Content-Type");
	p->type = type.len ? first_word(w->a, type) : digest ? "message/rfc822" : "text/plain";
	if (!is_type(p->type)) {
		problem(w, "bad-content-type");
		p->type = "text/plain";
	}
	p->encoding = first_word(w->a, header_get(w->a, &p->header, "Content-Transfer-Encoding"));
	if (p->header.odd_lines)
		problem(w, "bad-header-line");
	p->name = p->disposition = "";
	if (w->outline)
		return;
	struct str disposition = header_get(w->a, &p->header, "Content-Disposition");
	p->disposition = first_word(w->a, disposition);
	read_name(w, p, type, disposition);
}

static bool is_plain_encoding(const char *e)
{
	return !*e || !strcmp(e, "7bit") || !strcmp(e, "8bit") || !strcmp(e, "binary");
}

static void check_encoding(struct walk *w, const struct mime_part *p)
{
	struct str out;
	bool base64 = !strcmp(p->encoding, "base64"), qp = !strcmp(p->encoding, "quoted-printable");
	if (!base64 && !qp && !is_plain_encoding(p->encoding))
		problem(w, "bad-encoding");
	if ((base64 || qp) && !mime_decode(w->a, p, &out))
		problem(w, base64 ? "bad-base64" : "bad-quoted-printable");
	if ((!*p->encoding || !strcmp(p->encoding, "7bit") || base64 || qp) && !text_is_ascii(p->body))
		problem(w, "undeclared-8bit");
}

static void read_entity(struct walk *w, struct str entity, unsigned depth, bool digest);

/* "--boundary" or "--boundary--" with blanks behind it, alone on a line. */
enum line_kind { LINE_TEXT, LINE_DELIMITER, LINE_CLOSE };

static enum line_kind kind_of(struct str line, struct str boundary)
{
	if (line.len < boundary.len + 2 || memcmp(line.p, "--", 2) != 0 ||
	    memcmp(line.p + 2, boundary.p, boundary.len) != 0)
		return LINE_TEXT;
	struct str rest = str_cut(line, boundary.len + 2, line.len);
	if (rest.len >= 2 && !memcmp(rest.p, "--", 2))
		return str_trim(str_cut(rest, 2, rest.len)).len ? LINE_TEXT : LINE_CLOSE;
	return str_trim(rest).len ? LINE_TEXT : LINE_DELIMITER;
}

/* What precedes a boundary, without the line end that belongs to it. */
static struct str before_boundary(struct str body, size_t from, size_t line)
{
	size_t to = line;
	if (to > from && body.p[to - 1] == '\n')
		to--;
	if (to > from && body.p[to - 1] == '\r')
		to--;
	return str_cut(body, from, to);
}

/* The next line from `at` on that begins with mark ("--boundary"); body.len: none. */
static size_t next_mark(struct str body, size_t at, struct str mark)
{
	while (at < body.len) {
		const char *found = memmem(body.p + at, body.len - at, mark.p, mark.len);
		size_t i = found ? (size_t)(found - body.p) : body.len;
		if (!found || !i || body.p[i - 1] == '\n')
			return i;
		at = i + 1;
	}
	return body.len;
}

static struct str with_dashes(struct arena *a, struct str boundary)
{
	char *mark = arena_raw(a, boundary.len + 2);
	memcpy(mark, "--", 2);
	memcpy(mark + 2, boundary.p, boundary.len);
	return (struct str){ mark, boundary.len + 2 };
}

static void split(struct walk *w, struct str body, struct str boundary, unsigned depth, bool digest)
{
	size_t from = 0, parts = 0;
	bool open = false, closed = false;
	struct str mark = with_dashes(w->a, boundary);
	for (size_t at = next_mark(body, 0, mark); at < body.len && !closed; at = next_mark(body, at, mark)) {
		const char *lf = memchr(body.p + at, '\n', body.len - at);
		size_t next = lf ? (size_t)(lf - body.p) + 1 : body.len;
		enum line_kind kind = kind_of(str_cut(body, at, next), boundary);
		if (kind != LINE_TEXT && open) {
			read_entity(w, before_boundary(body, from, at), depth + 1, digest);
			parts++;
		}
		open = open || kind == LINE_DELIMITER;
		closed = kind == LINE_CLOSE;
		from = kind == LINE_DELIMITER ? next : from;
		at = next;
	}
	if (!closed)
		problem(w, "unclosed");
	if (!closed && open && from < body.len) {
		read_entity(w, str_cut(body, from, body.len), depth + 1, digest);
		parts++;
	}
	if (!parts)
		problem(w, "empty-multipart");
}

static void read_multipart(struct walk *w, const struct mime_part *p)
{
	bool coded = false;
	const char *boundary = mime_parameter(w->a, p->content_type, "boundary", &coded);
	if (!is_plain_encoding(p->encoding))
		problem(w, "encoded-multipart");
	if (!boundary || !*boundary)
		problem(w, "no-boundary");
	else if (strlen(boundary) > MIME_BOUNDARY_MAX || boundary[strlen(boundary) - 1] == ' ')
		problem(w, "bad-boundary");
	if (boundary && *boundary)
		split(w, p->body, str_of(boundary), p->depth, !strcmp(p->type, "multipart/digest"));
}

/* Earlier pointers into out->v are gone after this. */
static struct mime_part *next_part(struct walk *w)
{
	if (w->out->n == w->room) {
		size_t room = w->room ? w->room * 4 : PARTS_FIRST;
		struct mime_part *v = arena_raw(w->a, room * sizeof(*v));
		if (w->out->n)
			memcpy(v, w->out->v, w->out->n * sizeof(*v));
		w->out->v = v;
		w->room = room;
	}
	struct mime_part *p = &w->out->v[w->out->n++];
	*p = (struct mime_part){ 0 };
	return p;
}

/* Of a message inside the outline has the header only. */
static void read_inner_header(struct walk *w, struct str message, unsigned depth)
{
	if (w->out->n == MIME_PARTS_MAX)
		return;
	struct mime_part *p = next_part(w);
	p->depth = depth;
	p->leaf = true;
	header_read(w->a, message, &p->header);
	p->body = p->header.body;
	read_part_header(w, p, false);
}

static void read_entity(struct walk *w, struct str entity, unsigned depth, bool digest)
{
	if (w->out->n == MIME_PARTS_MAX) {
		problem(w, "too-many-parts");
		return;
	}
	struct mime_part *p = next_part(w);
	p->depth = depth;
	header_read(w->a, entity, &p->header);
	p->body = p->header.body;
	read_part_header(w, p, digest);
	bool multipart = z_istarts(p->type, "multipart/");
	bool message = !strcmp(p->type, "message/rfc822") && is_plain_encoding(p->encoding);
	p->leaf = !multipart && !message;
	if (p->leaf) {
		if (!w->outline)
			check_encoding(w, p);
	} else if (depth + 1 >= MIME_DEPTH_MAX) {
		p->leaf = true;
		problem(w, "too-deep");
	} else if (multipart) {
		read_multipart(w, p);
	} else if (w->outline) {
		read_inner_header(w, p->body, depth + 1);
	} else {
		read_entity(w, p->body, depth + 1, false);
	}
}

static void read_message(struct arena *a, struct str message, struct mime *out, bool outline)
{
	struct walk w = { .a = a, .out = out, .outline = outline };
	*out = (struct mime){ 0 };
	read_entity(&w, message, 0, false);
	const struct header *h = &out->v[0].header;
	if (!header_find(h, "MIME-Version", 0) && header_find(h, "Content-Type", 0))
		problem(&w, "no-mime-version");
}

void mime_read(struct arena *a, struct str message, struct mime *out)
{
	read_message(a, message, out, false);
}

void mime_outline(struct arena *a, struct str message, struct mime *out)
{
	read_message(a, message, out, true);
}

static bool decode_base64(struct arena *a, struct str in, struct str *out)
{
	struct buf packed = { 0 }, plain = { 0 };
	for (struct str rest = in, line; str_next(&rest, " \t\r\n", &line);)
		buf_add(&packed, line.p, line.len);
	bool good = base64_decode(&plain, buf_str(&packed));
	*out = arena_str(a, buf_str(&plain));
	buf_clear(&packed);
	buf_clear(&plain);
	return good;
}

/* Length of "=" blanks line-end at s, 0 when it is no soft break. */
static size_t soft_break(struct str s)
{
	size_t i = 1;
	while (i < s.len && (s.p[i] == ' ' || s.p[i] == '\t'))
		i++;
	if (i < s.len && s.p[i] == '\r')
		i++;
	if (i < s.len && s.p[i] == '\n')
		return i + 1;
	return i >= s.len ? i : 0;
}

/* "=C3"; -1: it is none. */
static int quoted_byte(struct str s)
{
	int hi = s.len > 2 ? hex_value(s.p[1]) : -1, lo = s.len > 2 ? hex_value(s.p[2]) : -1;
	return hi >= 0 && lo >= 0 ? hi * 16 + lo : -1;
}

static bool decode_qp(struct arena *a, struct str in, struct str *out)
{
	if (!memchr(in.p, '=', in.len)) {
		*out = in;
		return true;
	}
	char *z = arena_raw(a, in.len + 1);
	size_t n = 0;
	bool good = true;
	for (size_t i = 0; i < in.len; i++) {
		const char *equals = memchr(in.p + i, '=', in.len - i);
		size_t run = (equals ? (size_t)(equals - in.p) : in.len) - i;
		memcpy(z + n, in.p + i, run);
		n += run;
		i += run;
		if (i == in.len)
			break;
		size_t skip = soft_break(str_cut(in, i, in.len));
		int byte = skip ? -1 : quoted_byte(str_cut(in, i, in.len));
		good = good && (skip || byte >= 0);
		if (!skip)
			z[n++] = byte >= 0 ? (char)byte : '=';
		i += skip ? skip - 1 : byte >= 0 ? 2 : 0;
	}
	*out = (struct str){ z, n };
	return good;
}

bool mime_decode(struct arena *a, const struct mime_part *p, struct str *out)
{
	if (!strcmp(p->encoding, "base64"))
		return decode_base64(a, p->body, out);
	if (!strcmp(p->encoding, "quoted-printable"))
		return decode_qp(a, p->body, out);
	*out = p->body;
	return true;
}
