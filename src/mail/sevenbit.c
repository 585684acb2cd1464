/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/sevenbit_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "mail/taglist.h"

/* HEADER -> LEAF | BETWEEN (a multipart: before its first part, behind its last) | HEADER (a message inside);
 * each -> HEADER at a boundary, BETWEEN at a closing one. */
enum where { IN_HEADER, IN_LEAF, IN_BETWEEN };

struct level {
	struct str boundary; /* in the arena */
	bool digest, sealed;
};

struct sevenbit {
	struct arena *arena;
	bool writing;
	enum where where;
	struct level levels[SEVENBIT_DEPTH_MAX]; /* the multiparts that are open */
	size_t depth, messages;                  /* messages within messages, so far */
	bool is_message;                         /* the header that is read is a message's */
	struct buf header;
	struct sevenbit_leaf leaf;
	char line[SEVENBIT_LINE];
	size_t nline;
	bool goes_on; /* line is not the first piece of its line */
	char tail[2]; /* the last line's end: perhaps a boundary's */
	size_t ntail;
	struct sevenbit_note *notes;
	size_t nnotes, room, at; /* at: of the part that is read */
	uint64_t bytes, grows;
	bool found; /* some part has to be coded */
	const char *cannot;
	struct strlist signers;
};

static const char sealed_words[] =
	"in a signed or encrypted part, which nobody may change (multipart/signed)";
static const char many_words[] = "and has more parts than can be followed";
static const char header_words[] = "in a part whose header is too long to be changed";
static const char nested_words[] = "in a message within too many others";

struct sevenbit *sevenbit_new(void)
{
	struct sevenbit *s = mem_alloc(sizeof(*s));
	s->arena = arena_new();
	s->is_message = true;
	return s;
}

void sevenbit_free(struct sevenbit **sp)
{
	struct sevenbit *s = *sp;
	if (!s)
		return;
	arena_free(&s->arena);
	buf_clear(&s->header);
	free(s->notes);
	mem_free(sp);
}

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
		s->notes[s->nnotes++] = (struct sevenbit_note){ CODING_NONE, false };
	}
}

static struct sevenbit_note note_of(const struct sevenbit *s)
{
	return s->at < s->nnotes ? s->notes[s->at] : (struct sevenbit_note){ CODING_NONE, false };
}

/* A part was looked at; its note was made when its header was read. */
static void judge_leaf(struct sevenbit *s)
{
	const struct sevenbit_leaf *l = &s->leaf;
	if (!l->high)
		return;
	bool noted = s->at < s->nnotes;
	const char *cannot = is_sealed(s) ? sealed_words : l->cannot ? l->cannot : noted ? NULL : many_words;
	if (cannot) {
		s->cannot = s->cannot ? s->cannot : cannot;
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

static void note_signers(struct sevenbit *s)
{
	struct header h;
	struct taglist tags;
	struct str domain;
	const struct header_field *f;
	header_read(s->arena, buf_str(&s->header), &h);
	for (size_t i = 0; (f = header_find(&h, "DKIM-Signature", i)); i++) {
		bool sound = taglist_parse(header_unfold(s->arena, f->value), &tags);
		if (!taglist_get(&tags, "d", false, &domain) || (!sound && !domain.len))
			continue;
		const char *z = arena_dup(s->arena, domain.p, domain.len);
		if (!strlist_has(&s->signers, z))
			strlist_add(&s->signers, s->arena, z);
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
	bool sealed = h->seals || is_sealed(s);
	struct str boundary = arena_str(s->arena, str_of(h->boundary));
	s->levels[s->depth++] = (struct level){ boundary, h->digest, sealed };
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
		s->is_message = true;
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
		sevenbit_write_head(text, &h, s->is_message, &n, out);
	} else if (s->writing) {
		buf_add(out, text.p, text.len);
	} else {
		note_down(s);
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
		enum mark m = mark_of(line, s->levels[i].boundary);
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
	s->at++;
}

/* Nobody is shown what stands here (RFC 2046, 5.1.1). */
static void between(struct sevenbit *s, struct str text, struct buf *out)
{
	if (is_sealed(s) && !text_is_ascii(text) && !s->cannot)
		s->cannot = sealed_words;
	s->found = s->found || !text_is_ascii(text);
	if (!s->writing)
		return;
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

static void on_text(struct sevenbit *s, struct str text, struct str eol, struct buf *out)
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

/* A line, or a piece of one that is too long; a CR that may belong to its end stays. */
static void take_line(struct sevenbit *s, struct buf *out)
{
	struct str all = { s->line, s->nline };
	bool lf = all.len && all.p[all.len - 1] == '\n', cr = false;
	size_t end = all.len - lf;
	if (end && all.p[end - 1] == '\r' && (lf || s->nline == SEVENBIT_LINE)) {
		end--;
		cr = !lf;
	}
	struct str eol = lf ? str_cut(all, end, all.len) : (struct str){ "", 0 };
	on_text(s, str_cut(all, 0, end), eol, out);
	s->goes_on = !lf;
	s->nline = 0;
	if (cr)
		s->line[s->nline++] = '\r';
}

static void feed(struct sevenbit *s, struct str piece, struct buf *out)
{
	while (piece.len) {
		const char *lf = memchr(piece.p, '\n', piece.len);
		size_t n = lf ? (size_t)(lf - piece.p) + 1 : piece.len;
		size_t room = SEVENBIT_LINE - s->nline;
		n = n > room ? room : n;
		memcpy(s->line + s->nline, piece.p, n);
		s->nline += n;
		if (s->line[s->nline - 1] == '\n' || s->nline == SEVENBIT_LINE)
			take_line(s, out);
		piece = str_cut(piece, n, piece.len);
	}
}

static void finish(struct sevenbit *s, struct buf *out)
{
	if (s->nline)
		take_line(s, out);
	if (s->where == IN_HEADER)
		end_header(s, (struct str){ "", 0 }, out);
	if (s->where != IN_HEADER)
		end_body(s, false, out);
}

/* ---- the two readings ---- */

void sevenbit_look(struct sevenbit *s, struct str piece)
{
	s->bytes += piece.len;
	feed(s, piece, NULL);
}

static void begin_again(struct sevenbit *s)
{
	s->writing = s->is_message = true;
	s->where = IN_HEADER;
	s->depth = s->messages = s->at = s->nline = s->ntail = 0;
	s->goes_on = false;
}

enum sevenbit_verdict sevenbit_looked(struct sevenbit *s)
{
	finish(s, NULL);
	begin_again(s);
	return s->cannot ? SEVENBIT_CANNOT : s->found ? SEVENBIT_CONVERTS : SEVENBIT_FITS;
}

const char *sevenbit_why(const struct sevenbit *s)
{
	return arena_printf(s->arena, "it holds 8-bit text %s", s->cannot);
}

uint64_t sevenbit_size(const struct sevenbit *s)
{
	return s->bytes + s->grows;
}

const struct strlist *sevenbit_signers(const struct sevenbit *s)
{
	return &s->signers;
}

void sevenbit_write(struct sevenbit *s, struct str piece, struct buf *out)
{
	feed(s, piece, out);
}

void sevenbit_end(struct sevenbit *s, struct buf *out)
{
	finish(s, out);
	begin_again(s);
}
