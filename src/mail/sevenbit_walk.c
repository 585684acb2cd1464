/* SPDX-License-Identifier: Apache-2.0 */
/* Which part a line is of, and where parts begin and end. */
#include <string.h>

#include "base/text.h"
#include "mail/dkim_data.h"
#include "mail/sevenbit_inner.h"

static const char sealed_words[] =
	"in a signed or encrypted part, which nobody may change (multipart/signed)";
static const char many_words[] = "and has more parts than can be followed";
static const char header_words[] = "in a part whose header is too long to be changed";
static const char nested_words[] = "in a message within too many others";

static bool is_sealed(const struct sevenbit *s)
{
	return s->depth && s->levels[s->depth - 1].sealed;
}

/* ---- the notes of parts ---- */

/* One for each that was passed, up to the present one. */
static void note_down(struct sevenbit *s)
{
	while (s->nnotes <= s->at && s->nnotes < SEVENBIT_PARTS_MAX) {
		if (s->nnotes == s->room) {
			s->room = s->room ? s->room * 2 : 8;
			s->notes = mem_grow(s->notes, s->room, sizeof(*s->notes));
		}
		s->notes[s->nnotes++] = (struct sevenbit_note){ CODING_NONE };
	}
}

static struct sevenbit_note note_of(const struct sevenbit *s)
{
	return s->at < s->nnotes ? s->notes[s->at] : (struct sevenbit_note){ CODING_NONE };
}

/* The messages that the i'th is the text of, one within the other. */
static void note_messages_around(struct sevenbit *s, size_t i)
{
	for (; i && i <= s->nnotes && s->notes[i - 1].holds_message; i--)
		s->notes[i - 1].stays_eight = true;
}

/* The present header's bytes go on as they are: what it stands in does not fit into 7 bits. */
static void note_eight_around(struct sevenbit *s)
{
	note_messages_around(s, s->at);
	for (size_t k = 0; k < s->depth; k++) {
		size_t i = s->levels[k].note;
		if (i < s->nnotes)
			s->notes[i].stays_eight = true;
		note_messages_around(s, i);
	}
}

/* A part was looked at; its note was made when its header was read. */
static void judge_leaf(struct sevenbit *s)
{
	const struct sevenbit_leaf *l = &s->leaf;
	bool high = l->high && s->causes & SEVENBIT_HIGH;
	if (!high && !(l->has_long && s->causes & SEVENBIT_LONG && !s->within))
		return;
	bool noted = s->at < s->nnotes;
	const char *cannot = is_sealed(s) ? sealed_words : l->cannot ? l->cannot : noted ? NULL : many_words;
	if (cannot) {
		s->cannot = s->cannot || !high ? s->cannot : cannot;
		return;
	}
	s->found = true;
	s->notes[s->at].coding = sevenbit_leaf_judge(l);
	s->notes[s->at].utf8 = !l->no_utf8 && !l->following;
	s->grows += sevenbit_leaf_grows(l, s->notes[s->at].coding);
}

static struct str take_tail(struct sevenbit *s)
{
	struct str tail = { s->tail, s->ntail };
	s->ntail = 0;
	return tail;
}

/* What is read ends: at a boundary, or with the message. */
static void end_body(struct sevenbit *s, bool at_boundary, struct buf *out)
{
	struct str tail = take_tail(s);
	if (s->writing && s->where == IN_LEAF)
		sevenbit_leaf_end(&s->leaf, tail, at_boundary, out);
	else if (s->writing)
		buf_add(out, tail.p, tail.len);
	else if (s->where == IN_LEAF)
		judge_leaf(s);
}

/* ---- a header is over ---- */

static void note_signer(struct sevenbit *s, enum sevenbit_signature kind, struct str value)
{
	const char *z = dkim_domain_of(s->arena, value);
	if (z && !strlist_has(&s->signers[kind], z))
		strlist_add(&s->signers[kind], s->arena, z);
}

static void note_signers(struct sevenbit *s)
{
	struct header h;
	bool below = false;
	header_read(s->arena, buf_str(&s->header), &h);
	for (size_t i = 0; i < h.n; i++) {
		const struct header_field *f = &h.v[i];
		if (str_ieq(f->name, "DKIM-Signature"))
			note_signer(s, below ? SEVENBIT_DKIM_BELOW : SEVENBIT_DKIM_ABOVE, f->value);
		else if (str_ieq(f->name, "ARC-Message-Signature"))
			note_signer(s, SEVENBIT_ARC, f->value);
		if (below || !str_ieq(f->name, "Received"))
			continue;
		below = true;
		s->received = arena_str(s->arena, f->value);
	}
}

static void enter_leaf(struct sevenbit *s, const char *cannot)
{
	s->where = IN_LEAF;
	s->leaf = (struct sevenbit_leaf){ .cannot = cannot, .coding = note_of(s).coding };
}

static void enter_multipart(struct sevenbit *s, const struct sevenbit_head *h)
{
	if (s->depth == SEVENBIT_DEPTH_MAX) {
		enter_leaf(s, nested_words);
		return;
	}
	struct sevenbit_level *l = &s->levels[s->depth];
	l->digest = h->digest;
	l->sealed = h->seals || is_sealed(s);
	l->within = s->within;
	l->note = s->at;
	memcpy(l->boundary, h->boundary, sizeof(l->boundary));
	s->depth++;
	s->where = IN_BETWEEN;
}

static void enter(struct sevenbit *s, const struct sevenbit_head *h)
{
	s->is_message = false;
	if (h->kind == KIND_MULTIPART) {
		enter_multipart(s, h);
	} else if (h->kind == KIND_LEAF) {
		enter_leaf(s, h->cannot);
	} else if (s->messages == SEVENBIT_DEPTH_MAX) {
		enter_leaf(s, nested_words);
	} else {
		s->messages++;
		s->is_message = s->within = true;
		s->where = IN_HEADER;
		s->at++;
	}
}

/* empty: the line that ends it; "" none, there is no body. */
static void end_header(struct sevenbit *s, struct str empty, struct buf *out)
{
	struct sevenbit_head h;
	struct str text = buf_str(&s->header);
	sevenbit_read_head(text, s->depth && s->levels[s->depth - 1].digest && !s->is_message, &h);
	if (s->writing && !is_sealed(s)) {
		struct sevenbit_note n = note_of(s);
		sevenbit_write_head(s, text, &h, &n, out);
	} else if (s->writing) {
		buf_add(out, text.p, text.len);
	} else {
		note_down(s);
		if (s->at < s->nnotes)
			s->notes[s->at].holds_message = h.kind == KIND_MESSAGE;
		if (!text_is_ascii(text))
			note_eight_around(s);
		s->grows += h.labelled ? SEVENBIT_CARRY : 0;
		if (!s->at)
			note_signers(s);
	}
	if (s->writing)
		buf_add(out, empty.p, empty.len);
	buf_take(&s->header, buf_waiting(&s->header));
	enter(s, &h);
}

/* Too long to be kept: it goes on as it is, and so does what belongs to it. */
static void give_header_up(struct sevenbit *s, struct buf *out)
{
	struct str text = buf_str(&s->header);
	if (s->writing)
		buf_add(out, text.p, text.len);
	else
		note_down(s);
	buf_take(&s->header, buf_waiting(&s->header));
	s->is_message = false;
	enter_leaf(s, header_words);
}

/* ---- lines ---- */

enum mark { MARK_NONE, MARK_PART, MARK_CLOSE };

static enum mark mark_of(struct str line, struct str boundary)
{
	if (line.len < boundary.len + 2 || memcmp(line.p, "--", 2) != 0 ||
	    memcmp(line.p + 2, boundary.p, boundary.len) != 0)
		return MARK_NONE;
	struct str rest = str_trim(str_cut(line, boundary.len + 2, line.len));
	return !rest.len ? MARK_PART : str_eq(rest, "--") ? MARK_CLOSE : MARK_NONE;
}

/* Of the innermost multipart that it is of; *level: which. */
static enum mark find_mark(const struct sevenbit *s, struct str line, size_t *level)
{
	if (line.len < 2 || line.p[0] != '-' || line.p[1] != '-')
		return MARK_NONE;
	for (size_t i = s->depth; i--;) {
		enum mark m = mark_of(line, str_of(s->levels[i].boundary));
		*level = i;
		if (m != MARK_NONE)
			return m;
	}
	return MARK_NONE;
}

static void at_mark(struct sevenbit *s, enum mark m, size_t level, struct str line, struct str eol,
		    struct buf *out)
{
	if (s->where == IN_HEADER)
		end_header(s, (struct str){ "", 0 }, out);
	if (s->where != IN_HEADER)
		end_body(s, true, out);
	if (s->writing) {
		buf_add(out, line.p, line.len);
		buf_add(out, eol.p, eol.len);
	}
	s->depth = level + (m == MARK_PART);
	s->where = m == MARK_PART ? IN_HEADER : IN_BETWEEN;
	s->is_message = false;
	s->within = s->levels[level].within;
	s->at++;
}

/* Nobody is shown what stands here (RFC 2046, 5.1.1). */
static void between(struct sevenbit *s, struct str text, struct buf *out)
{
	bool high = s->causes & SEVENBIT_HIGH && !text_is_ascii(text);
	if (is_sealed(s) && high && !s->cannot)
		s->cannot = sealed_words;
	s->found = s->found || high;
	if (!s->writing)
		return;
	if (!high) {
		buf_add(out, text.p, text.len);
		return;
	}
	for (size_t i = 0; i < text.len; i++)
		buf_add(out, (unsigned char)text.p[i] > 0x7f ? "?" : text.p + i, 1);
}

static void in_body(struct sevenbit *s, struct str text, struct str eol, struct buf *out)
{
	struct str before = take_tail(s);
	if (s->where == IN_LEAF && s->writing) {
		sevenbit_leaf_write(&s->leaf, before, text, s->goes_on, out);
	} else if (s->where == IN_LEAF) {
		sevenbit_leaf_look(&s->leaf, text, eol);
	} else {
		if (s->writing)
			buf_add(out, before.p, before.len);
		between(s, text, out);
	}
	memcpy(s->tail, eol.p, eol.len);
	s->ntail = eol.len;
}

static void in_header(struct sevenbit *s, struct str text, struct str eol, bool begins, struct buf *out)
{
	if (begins && eol.len && !text.len) {
		end_header(s, eol, out);
		return;
	}
	buf_add(&s->header, text.p, text.len);
	buf_add(&s->header, eol.p, eol.len);
	if (buf_waiting(&s->header) > SEVENBIT_HEADER_BYTES)
		give_header_up(s, out);
}

void sevenbit_text(struct sevenbit *s, struct str text, struct str eol, struct buf *out)
{
	size_t level = 0;
	bool begins = !s->goes_on;
	enum mark m = begins ? find_mark(s, text, &level) : MARK_NONE;
	if (m != MARK_NONE)
		at_mark(s, m, level, text, eol, out);
	else if (s->where == IN_HEADER)
		in_header(s, text, eol, begins, out);
	else
		in_body(s, text, eol, out);
}

void sevenbit_over(struct sevenbit *s, struct buf *out)
{
	if (s->where == IN_HEADER)
		end_header(s, (struct str){ "", 0 }, out);
	if (s->where != IN_HEADER)
		end_body(s, false, out);
}
