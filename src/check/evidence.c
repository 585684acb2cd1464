/* SPDX-License-Identifier: Apache-2.0 */
#include "check/evidence.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check/evidence_hide.h"

static const char cut_mark[] = "...";
static const char transcript_full[] = "the transcript is cut here: it is too long";

struct evidence *evidence_new(long long started_s)
{
	struct evidence *ev = mem_alloc(sizeof(*ev));
	ev->arena = arena_new();
	ev->started_s = started_s;
	return ev;
}

void evidence_free(struct evidence **ev)
{
	if (!*ev)
		return;
	arena_free(&(*ev)->arena);
	free((*ev)->facts);
	free((*ev)->lines);
	free(*ev);
	*ev = NULL;
}

static void empty_texts(struct fact *f)
{
	size_t n;
	const struct fact_field *field = fact_fields(f->kind, &n);
	for (size_t i = 0; i < n; i++)
		if (field[i].type == FACT_STR)
			*(const char **)((char *)f + field[i].offset) = "";
}

static struct fact *scratch(struct evidence *ev)
{
	if (!ev->scratch)
		ev->scratch = arena_alloc(ev->arena, sizeof(*ev->scratch));
	memset(ev->scratch, 0, sizeof(*ev->scratch));
	ev->dropped++;
	return ev->scratch;
}

static struct fact *append(struct evidence *ev)
{
	if (ev->n == ev->room) {
		ev->room = ev->room ? ev->room * 2 : 64;
		ev->facts = mem_grow(ev->facts, ev->room, sizeof(struct fact *));
	}
	struct fact *f = arena_alloc(ev->arena, sizeof(*f));
	f->n = ev->n ? ev->facts[ev->n - 1]->n + 1 : 1;
	ev->facts[ev->n++] = f;
	return f;
}

struct fact *evidence_add(struct evidence *ev, enum fact_kind kind, unsigned session, long t_ms)
{
	struct fact *f = ev->n < EVIDENCE_FACTS_MAX ? append(ev) : scratch(ev);
	f->kind = kind;
	f->session = session;
	f->t_ms = t_ms;
	empty_texts(f);
	return f;
}

/* Bytes of the escape or UTF-8 sequence that printable text begins with. */
static size_t unit(const char *s)
{
	if (s[0] == '\\' && s[1] == 'x' && isxdigit((unsigned char)s[2]) && isxdigit((unsigned char)s[3]))
		return 4;
	if (s[0] == '\\' && s[1] == '\\')
		return 2;
	size_t n = 1;
	while (((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* Cuts between characters, so that what is left is as printable as before. */
static const char *bounded(struct evidence *ev, const char *z)
{
	size_t len = strlen(z), keep = 0;
	if (len <= EVIDENCE_TEXT_MAX)
		return z;
	for (size_t n = unit(z); keep + n <= EVIDENCE_TEXT_MAX - strlen(cut_mark); n = unit(z + keep))
		keep += n;
	return arena_printf(ev->arena, "%.*s%s", (int)keep, z, cut_mark);
}

const char *ev_bytes(struct evidence *ev, struct str s)
{
	/* Masked before it is cut: half a secret is not known for one.  Printable text is
	 * never shorter than its source, so the rest would be cut anyway. */
	s = str_cut(evidence_masked(ev, s), 0, EVIDENCE_TEXT_MAX + 1);
	return bounded(ev, text_printable(ev->arena, s));
}

const char *ev_text(struct evidence *ev, const char *s)
{
	return ev_bytes(ev, str_of(s));
}

const char *ev_keep(struct evidence *ev, struct str s)
{
	size_t backslashes = 0;
	s = evidence_masked(ev, s);
	const char *escaped = text_printable(ev->arena, s);
	for (size_t i = 0; i < s.len; i++)
		backslashes += s.p[i] == '\\';
	bool printable = strlen(escaped) == s.len + backslashes;
	return bounded(ev, printable ? arena_dup(ev->arena, s.p, s.len) : escaped);
}

void evidence_transcript(struct evidence *ev, unsigned session, long t_ms, char dir, const char *text)
{
	if (ev->nlines == EVIDENCE_TRANSCRIPT_MAX)
		return;
	if (ev->nlines == ev->lines_room) {
		ev->lines_room = ev->lines_room ? ev->lines_room * 2 : 64;
		ev->lines = mem_grow(ev->lines, ev->lines_room, sizeof(*ev->lines));
	}
	bool last = ev->nlines + 1 == EVIDENCE_TRANSCRIPT_MAX;
	ev->lines[ev->nlines++] = (struct transcript_line){
		.t_ms = t_ms,
		.session = session,
		.dir = last || (dir != '<' && dir != '>') ? '*' : dir,
		.text = last ? transcript_full : ev_keep(ev, str_of(text)),
	};
}

/* Index of the first fact after `after`; facts stand in order of n. */
static size_t index_after(const struct evidence *ev, const struct fact *after)
{
	size_t low = 0, high = ev->n;
	if (!after)
		return 0;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (ev->facts[mid]->n <= after->n)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct fact *evidence_next(const struct evidence *ev, enum fact_kind kind, const struct fact *after)
{
	for (size_t i = index_after(ev, after); i < ev->n; i++)
		if (ev->facts[i]->kind == kind)
			return ev->facts[i];
	return NULL;
}

const struct fact *evidence_in(const struct evidence *ev, enum fact_kind kind, unsigned session,
			       const struct fact *after)
{
	const struct fact *f = after;
	while ((f = evidence_next(ev, kind, f)))
		if (f->session == session)
			return f;
	return NULL;
}

const struct fact *evidence_last(const struct evidence *ev, enum fact_kind kind, unsigned session)
{
	for (size_t i = ev->n; i-- > 0;)
		if (ev->facts[i]->kind == kind && ev->facts[i]->session == session)
			return ev->facts[i];
	return NULL;
}

const struct fact *evidence_session(const struct evidence *ev, const char *purpose)
{
	for (size_t i = ev->n; i-- > 0;)
		if (ev->facts[i]->kind == FACT_SESSION && !strcmp(ev->facts[i]->dialogue.purpose, purpose))
			return ev->facts[i];
	return NULL;
}
