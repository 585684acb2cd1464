/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/sevenbit_inner.h"

#include <string.h>

#include "base/text.h"
#include "mail/quoted.h"

enum {
	QUOTED_SHARE = 6, /* base64 is shorter when more than every sixth byte has to be coded */
	SOFT_BREAK_COSTS = 5,
	HEAD_GROWS = 200 /* at most, by new fields */
};

static const char charset_utf8[] = "utf-8", charset_unknown[] = "unknown-8bit"; /* RFC 1428 */

/* ---- a header ---- */

static struct str word_of(struct arena *a, struct str value)
{
	const char *end = memchr(value.p, ';', value.len);
	struct str w = arena_str(a, str_trim(str_cut(value, 0, end ? (size_t)(end - value.p) : value.len)));
	return w;
}

static bool is_plain(struct str coding)
{
	return !coding.len || str_ieq(coding, "7bit") || str_ieq(coding, "8bit") || str_ieq(coding, "binary");
}

/* False: none that could be followed. */
static bool read_boundary(struct arena *a, struct str type, struct sevenbit_head *out)
{
	bool coded;
	const char *z = mime_parameter(a, type, "boundary", &coded);
	size_t n = z ? strlen(z) : 0;
	if (!n || n > MIME_BOUNDARY_MAX || !text_is_ascii(str_of(z)))
		return false;
	memcpy(out->boundary, z, n + 1);
	return true;
}

static void read_multipart(struct arena *a, struct str type, struct str word, struct sevenbit_head *out)
{
	out->kind = KIND_MULTIPART;
	out->digest = str_ieq(word, "multipart/digest");
	out->seals = str_ieq(word, "multipart/signed") || str_ieq(word, "multipart/encrypted");
	if (read_boundary(a, type, out))
		return;
	out->kind = KIND_LEAF;
	out->cannot = "in a multipart whose boundary cannot be read";
}

void sevenbit_read_head(struct str header, bool digest, struct sevenbit_head *out)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct header h;
	header_read(a, header, &h);
	struct str type = header_get(a, &h, "Content-Type");
	struct str word = type.len ? word_of(a, type) : str_of(digest ? "message/rfc822" : "text/plain");
	struct str coding = word_of(a, header_get(a, &h, "Content-Transfer-Encoding"));
	*out = (struct sevenbit_head){ .kind = KIND_LEAF,
				       .labelled = str_ieq(coding, "8bit") || str_ieq(coding, "binary"),
				       .typed = type.len > 0,
				       .versioned = header_count(&h, "MIME-Version") > 0 };
	if (!is_plain(coding))
		out->cannot = "in a part that says it is coded already (Content-Transfer-Encoding)";
	else if (str_istarts(word, "multipart/"))
		read_multipart(a, type, word, out);
	else if (str_ieq(word, "message/rfc822"))
		out->kind = KIND_MESSAGE;
	else if (str_istarts(word, "message/") && !str_istarts(word, "message/global"))
		out->cannot = "in a message/ part, which may not be coded (RFC 2046, 5.2)";
}

/* All but the fields that say how it is coded; those with what is odd in them. */
static void copy_head(struct str header, struct buf *out)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct header h;
	const char *at = header.p;
	header_read(a, header, &h);
	for (size_t i = 0; i < h.n; i++) {
		if (!str_ieq(h.v[i].name, "Content-Transfer-Encoding"))
			continue;
		buf_add(out, at, (size_t)(h.v[i].raw.p - at));
		at = h.v[i].raw.p + h.v[i].raw.len;
	}
	buf_add(out, at, (size_t)(header.p + header.len - at));
}

/* What is called 8bit may stay so where only long lines are coded. */
void sevenbit_write_head(const struct sevenbit *s, struct str header, const struct sevenbit_head *h,
			 const struct sevenbit_note *n, struct buf *out)
{
	bool relabelled = h->labelled && s->causes & SEVENBIT_HIGH;
	bool whole = header.len && header.p[header.len - 1] == '\n';
	if ((n->coding == CODING_NONE && !relabelled) || (header.len && !whole)) {
		buf_add(out, header.p, header.len);
		return;
	}
	copy_head(header, out);
	if (s->is_message && !h->versioned)
		buf_adds(out, "MIME-Version: 1.0\r\n");
	if (n->coding != CODING_NONE && !h->typed)
		buf_addf(out, "Content-Type: text/plain; charset=%s\r\n",
			 n->utf8 ? charset_utf8 : charset_unknown);
	buf_addf(out, "Content-Transfer-Encoding: %s\r\n",
		 n->stays_eight               ? "8bit"
		 : n->coding == CODING_QUOTED ? "quoted-printable"
		 : n->coding == CODING_BASE64 ? "base64"
					      : "7bit");
}

/* ---- a body: looked at ---- */

static void look_byte(struct sevenbit_leaf *l, unsigned char c)
{
	bool follows = (c & 0xc0) == 0x80;
	l->no_utf8 = l->no_utf8 || follows != (l->following > 0) || c == 0xc0 || c == 0xc1 || c > 0xf4;
	if (follows)
		l->following -= l->following > 0;
	else
		l->following = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
	l->high += c > 0x7f;
	l->odd += c < ' ' || c > '~' || c == '=';
}

void sevenbit_leaf_look(struct sevenbit_leaf *l, struct str text, struct str eol)
{
	for (size_t i = 0; i < text.len; i++)
		look_byte(l, (unsigned char)text.p[i]);
	if (eol.len && l->following)
		l->no_utf8 = true;
	l->line += text.len;
	l->has_long = l->has_long || l->line > SEVENBIT_LONG_BYTES;
	if (eol.len)
		l->line = 0;
	l->bytes += text.len + eol.len;
	l->lines++;
}

enum sevenbit_coding sevenbit_leaf_judge(const struct sevenbit_leaf *l)
{
	return l->odd > l->bytes / QUOTED_SHARE ? CODING_BASE64 : CODING_QUOTED;
}

/* Quoted: a line may end in a blank; each full one has a soft break, and "From " or a dot may come behind it.
 */
uint64_t sevenbit_leaf_grows(const struct sevenbit_leaf *l, enum sevenbit_coding c)
{
	uint64_t coded = l->bytes + 2 * l->odd + 8 * l->lines;
	if (c == CODING_NONE)
		return 0;
	if (c == CODING_BASE64)
		return base64_lines_size(l->bytes) - l->bytes + HEAD_GROWS;
	return coded - l->bytes + SOFT_BREAK_COSTS * (coded / (QUOTED_LINE_MAX - 6)) + HEAD_GROWS;
}

/* ---- a body: written ---- */

static void carry(struct sevenbit_leaf *l, struct str bytes, struct buf *out)
{
	while (bytes.len) {
		size_t n = SEVENBIT_CARRY - l->ncarry;
		n = n > bytes.len ? bytes.len : n;
		memcpy(l->carry + l->ncarry, bytes.p, n);
		l->ncarry += n;
		bytes = str_cut(bytes, n, bytes.len);
		if (l->ncarry < SEVENBIT_CARRY)
			return;
		base64_lines(out, (struct str){ l->carry, l->ncarry });
		l->ncarry = 0;
		l->coded = true;
	}
}

void sevenbit_leaf_write(struct sevenbit_leaf *l, struct str before, struct str text, bool goes_on,
			 struct buf *out)
{
	if (l->coding == CODING_BASE64) {
		carry(l, before, out);
		carry(l, text, out);
		return;
	}
	buf_add(out, before.p, before.len);
	if (l->coding == CODING_NONE)
		buf_add(out, text.p, text.len);
	else if (goes_on && text.len)
		quoted_write_on(out, text);
	else
		quoted_write(out, text);
}

void sevenbit_leaf_end(struct sevenbit_leaf *l, struct str tail, bool is_boundarys, struct buf *out)
{
	if (l->coding != CODING_BASE64) {
		buf_add(out, tail.p, tail.len);
		return;
	}
	if (!is_boundarys)
		carry(l, tail, out);
	if (l->ncarry)
		base64_lines(out, (struct str){ l->carry, l->ncarry });
	else if (!l->coded)
		buf_add(out, tail.p, tail.len);
}
