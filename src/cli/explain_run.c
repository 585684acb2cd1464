/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain_run.h"

#include <string.h>

#include "cli/explain_log.h"
#include "base/buf.h"
#include "explain/kind.h"
#include "explain/log/wide.h"
#include "explain/unpack.h"

/* A file while it is read: what came and was not yet used. */
struct source {
	const char *path;
	const char *name; /* for people; "" standard input */
	struct unpack *u;
	struct buf got;
	bool ended;
	bool wide; /* got is UTF-8 of it */
	struct log_wide narrowing;
};

static void complain(struct explain_run *r, const struct err *e)
{
	char text[400];
	fprintf(stderr, "postrider: %s\n", err_text(e, text, sizeof(text)));
	r->cannot = true;
}

static bool is_wide(struct str s)
{
	return s.len >= 2 && (!memcmp(s.p, "\xff\xfe", 2) || !memcmp(s.p, "\xfe\xff", 2));
}

/* What Notepad and PowerShell save as "Unicode", as UTF-8. */
static bool narrow(struct log_wide *w, struct str in, struct buf *out)
{
	struct str piece;
	bool fits = true;
	while (log_wide_next(w, &in, &piece))
		fits = buf_add(out, piece.p, piece.len) && fits;
	return fits;
}

/* Adds the next piece to s->got; false at the end, or where no more can be read. */
static bool more(struct explain_run *r, struct source *s)
{
	struct str piece;
	struct err e = { 0 };
	if (s->ended)
		return false;
	int result = unpack_next(s->u, &piece, &e);
	if (result == 1)
		return s->wide ? narrow(&s->narrowing, piece, &s->got) : buf_add(&s->got, piece.p, piece.len);
	s->ended = true;
	if (result < 0)
		complain(r, &e);
	return false;
}

static bool can_write(const struct explain_run *r)
{
	(void)r;
	return !ferror(stdout);
}

static void give(struct explain_run *r, const struct answer *a)
{
	r->something = true;
	r->failure = r->failure || answer_is_failure(a);
	explain_render_answer(r->renderer, a);
}

static void explain_mail(struct explain_run *r, const char *name, struct str message)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct answer x;
	answer_mail(a, name, message, &r->o->hint, &x);
	give(r, &x);
}

static void explain_one(struct explain_run *r, const char *name, struct str text)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct answer x;
	if (!str_trim(text).len)
		return;
	answer_text(a, name, text, &r->o->hint, &x);
	give(r, &x);
}

void explain_run_text(struct explain_run *r, const char *text)
{
	explain_one(r, "", str_of(text));
}

static void fill_up(struct explain_run *r, struct source *s, size_t most)
{
	while (buf_waiting(&s->got) < most && more(r, s))
		;
}

static void cut_note(const struct source *s, const char *what, size_t most)
{
	fprintf(stderr, "postrider: %s: only the first %zu MB of the %s were read\n",
		*s->name ? s->name : "standard input", most / (1024 * 1024), what);
}

static void read_text(struct explain_run *r, struct source *s)
{
	fill_up(r, s, EXPLAIN_TEXT_MAX);
	if (!s->ended)
		cut_note(s, "text; a log is read whole with --log", EXPLAIN_TEXT_MAX);
	explain_one(r, s->name, str_cut(buf_str(&s->got), 0, EXPLAIN_TEXT_MAX));
}

static void read_mail(struct explain_run *r, struct source *s)
{
	fill_up(r, s, EXPLAIN_MAIL_MAX);
	if (!s->ended)
		cut_note(s, "mail", EXPLAIN_MAIL_MAX);
	explain_mail(r, s->name, str_cut(buf_str(&s->got), 0, EXPLAIN_MAIL_MAX));
}

/* Where the next mail begins in the mbox: "From " behind an empty line (RFC 4155);
 * from bytes are known to hold none.  s.len when there is none. */
static size_t next_mail(struct str s, size_t from)
{
	for (size_t at = from; at + 6 <= s.len; at++) {
		const char *p = memchr(s.p + at, '\n', s.len - at);
		if (!p)
			break;
		at = (size_t)(p - s.p);
		size_t next = at + 1;
		if (next < s.len && s.p[next] == '\r')
			next++;
		if (next + 6 <= s.len && s.p[next] == '\n' && !memcmp(s.p + next + 1, "From ", 5))
			return next + 1;
	}
	return s.len;
}

static bool read_mbox(struct explain_run *r, struct source *s)
{
	size_t looked = 0, n = 0;
	CLEANUP(arena_free) struct arena *a = arena_new();
	while (can_write(r)) {
		struct str have = buf_str(&s->got);
		size_t end = next_mail(have, looked);
		if (end == have.len && have.len < EXPLAIN_MAIL_MAX && more(r, s)) {
			looked = have.len > 8 ? have.len - 8 : 0;
			continue;
		}
		if (!have.len)
			return true;
		bool one = !n && end == have.len && s->ended;
		if (!one)
			explain_renderer_many(r->renderer);
		n++;
		explain_mail(r, one ? s->name : arena_printf(a, "%s mail %zu", s->name, n),
			     str_cut(have, 0, end));
		buf_take(&s->got, end);
		looked = 0;
	}
	return false;
}

static void explain_line(struct explain_run *r, struct str line, unsigned long long number)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct answer x;
	if (!str_trim(line).len)
		return;
	answer_line(a, str_cut(line, 0, EXPLAIN_LINE_MAX), number, &r->o->hint, &x);
	give(r, &x);
}

static bool read_lines(struct explain_run *r, struct source *s)
{
	unsigned long long number = 0;
	do {
		struct str have = buf_str(&s->got);
		const char *end;
		size_t used = 0;
		while ((end = memchr(have.p + used, '\n', have.len - used)) && can_write(r)) {
			size_t at = (size_t)(end - have.p);
			explain_line(r, str_cut(have, used, at), ++number);
			used = at + 1;
		}
		buf_take(&s->got, used);
	} while (can_write(r) && more(r, s));
	explain_line(r, buf_str(&s->got), ++number);
	return can_write(r);
}

static bool read_log(struct explain_run *r, struct source *s)
{
	struct str head = buf_str(&s->got);
	explain_renderer_many(r->renderer);
	if (!r->log)
		r->log = explain_log_new(r->o, r->renderer);
	bool go_on = explain_log_file(r->log, s->path, s->name, s->u, head, &r->cannot);
	s->ended = true;
	r->something = true;
	return go_on;
}

static enum explain_kind kind_of(const struct source *s)
{
	CLEANUP(buf_clear) struct buf narrowed = { 0 };
	struct str head = buf_str(&s->got);
	struct log_wide w;
	if (!is_wide(head))
		return explain_kind(head, s->ended);
	log_wide_start(&w);
	(void)narrow(&w, head, &narrowed);
	return explain_kind(buf_str(&narrowed), s->ended);
}

/* From here on; a log's reader does it itself. */
static void narrow_source(struct source *s)
{
	CLEANUP(buf_clear) struct buf narrowed = { 0 };
	log_wide_start(&s->narrowing);
	s->wide = narrow(&s->narrowing, buf_str(&s->got), &narrowed);
	buf_clear(&s->got);
	s->got = narrowed;
	narrowed = (struct buf){ 0 };
}

static bool read_kind(struct explain_run *r, struct source *s)
{
	if (r->o->log && !r->o->lines)
		return read_log(r, s);
	fill_up(r, s, r->o->lines ? 2 : EXPLAIN_KIND_BYTES); /* lines are told as they come */
	enum explain_kind kind = r->o->lines ? EXPLAIN_TEXT : kind_of(s);
	if (is_wide(buf_str(&s->got)) && kind != EXPLAIN_LOG)
		narrow_source(s);
	if (r->o->lines)
		return read_lines(r, s);
	switch (kind) {
	case EXPLAIN_BLANK:
		break;
	case EXPLAIN_TEXT:
		read_text(r, s);
		break;
	case EXPLAIN_MAIL:
		read_mail(r, s);
		break;
	case EXPLAIN_MBOX:
		return read_mbox(r, s);
	case EXPLAIN_LOG:
		return read_log(r, s);
	}
	return can_write(r);
}

bool explain_run_file(struct explain_run *r, const char *path)
{
	struct err e = { 0 };
	struct source s = { .path = path, .name = strcmp(path, "-") ? path : "" };
	s.u = unpack_open(path, &e);
	if (!s.u) {
		complain(r, &e);
		return true;
	}
	bool go_on = read_kind(r, &s);
	buf_clear(&s.got);
	unpack_close(&s.u);
	return go_on;
}

void explain_run_end(struct explain_run *r)
{
	if (!r->log)
		return;
	r->failure = explain_log_report(r->log) || r->failure;
	explain_log_free(&r->log);
}
