/* SPDX-License-Identifier: Apache-2.0 */
/* The two readings, line by line. */
#include <stdlib.h>
#include <string.h>

#include "mail/sevenbit_inner.h"

struct sevenbit *sevenbit_new(unsigned causes)
{
	struct sevenbit *s = mem_alloc(sizeof(*s));
	s->causes = causes;
	s->arena = arena_new();
	s->is_message = true;
	s->received = STR_LIT("");
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
	sevenbit_text(s, str_cut(all, 0, end), eol, out);
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
	sevenbit_over(s, out);
}

/* ---- the two readings ---- */

void sevenbit_look(struct sevenbit *s, struct str piece)
{
	s->bytes += piece.len;
	feed(s, piece, NULL);
}

void sevenbit_again(struct sevenbit *s)
{
	s->writing = s->is_message = true;
	s->where = IN_HEADER;
	s->depth = s->messages = s->at = s->nline = s->ntail = 0;
	s->goes_on = s->within = false;
	buf_take(&s->header, buf_waiting(&s->header));
}

enum sevenbit_verdict sevenbit_looked(struct sevenbit *s)
{
	finish(s, NULL);
	sevenbit_again(s);
	return s->cannot ? SEVENBIT_CANNOT : s->found ? SEVENBIT_CONVERTS : SEVENBIT_FITS;
}

const char *sevenbit_why(const struct sevenbit *s)
{
	return arena_printf(s->arena, "it holds 8-bit text %s", s->cannot);
}

unsigned sevenbit_causes(const struct sevenbit *s)
{
	return s->causes;
}

uint64_t sevenbit_size(const struct sevenbit *s)
{
	return s->bytes + s->grows;
}

const struct strlist *sevenbit_signers(const struct sevenbit *s, enum sevenbit_signature kind)
{
	return &s->signers[kind];
}

struct str sevenbit_received(const struct sevenbit *s)
{
	return s->received;
}

void sevenbit_write(struct sevenbit *s, struct str piece, struct buf *out)
{
	feed(s, piece, out);
}

void sevenbit_end(struct sevenbit *s, struct buf *out)
{
	finish(s, out);
	sevenbit_again(s);
}
