/* SPDX-License-Identifier: Apache-2.0 */
/* The text for people of a report, as folded lines with the patterns they match. */
#include <string.h>

#include "mail/dsn_job.h"

enum {
	RULE_LEAST = 20,  /* dashes that part two texts */
	LITTLE_TEXT = 30, /* letters of a plain part that hides behind its HTML sister */
	LINES_AHEAD = 16, /* that tell whether a header begins */
};

/* Lines of one part, before they are cut at the original. */
struct piece {
	struct dsn_job *j;
	const char *raw_end;
	const char **raw; /* where each line of j->lines begins in the part */
	bool address;     /* one was seen in the part */
};

static bool is_decoration(char c)
{
	switch (c) {
	case ' ':
	case '\t':
	case '\r':
	case '-':
	case '=':
	case '*':
	case '_':
	case '#':
	case '~':
	case '>':
	case '|':
	case '+':
		return true;
	default:
		return false;
	}
}

/* "> text" and "> > text"; ">>> RCPT" is what a server was told. */
static bool is_cited(struct str lead)
{
	const char *gt = memchr(lead.p, '>', lead.len);
	return gt && !str_istarts(str_cut(lead, (size_t)(gt - lead.p), lead.len), ">>>");
}

/* No tab, CR or NUL, and no blank behind a blank.  No branches: many bytes at once. */
static bool is_single_spaced(struct str s)
{
	unsigned char odd = 0;
	for (size_t i = 0; i < s.len; i++)
		odd |= (unsigned char)(s.p[i] == '\t') | (unsigned char)(s.p[i] == '\r') |
		       (unsigned char)(s.p[i] == '\0');
	for (size_t i = 1; i < s.len; i++)
		odd |= (unsigned char)((unsigned char)(s.p[i] == ' ') & (unsigned char)(s.p[i - 1] == ' '));
	return !odd;
}

static struct str single_spaced(struct arena *a, struct str s)
{
	char *out = arena_raw(a, s.len + 1);
	size_t n = 0;
	bool after_blank = false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		bool blank = c == ' ' || c == '\t' || c == '\r';
		out[n] = blank ? ' ' : c ? c : '?';
		n += !(blank & after_blank);
		after_blank = blank;
	}
	return (struct str){ out, n };
}

/* Takes a line with single blanks, and folded; decoration at both ends goes. */
static void fold_line(struct arena *a, struct str raw, struct dsn_line *line)
{
	raw = str_cut(raw, 0, DSN_LINE_MAX);
	size_t from = 0;
	while (from < raw.len && is_decoration(raw.p[from]))
		from++;
	bool decorated = from && memchr(raw.p, '-', from);
	while (line->indent < from && (raw.p[line->indent] == ' ' || raw.p[line->indent] == '\t'))
		line->indent++;
	line->quoted = from >= 3 && memchr(raw.p, '>', from);
	line->cited = is_cited(str_cut(raw, 0, from));
	line->ruled = from == raw.len && from >= RULE_LEAST;
	while (raw.len > from && strchr(decorated ? " \t\r-=*_#~" : " \t\r", raw.p[raw.len - 1]))
		raw.len--;
	struct str text = str_cut(raw, from, raw.len);
	if (!is_single_spaced(text))
		text = single_spaced(a, text);
	char *low = arena_raw(a, text.len + 1);
	for (size_t i = 0; i < text.len; i++)
		low[i] = (char)(text.p[i] + ((unsigned char)(text.p[i] - 'A') < 26 ? 'a' - 'A' : 0));
	line->text = text;
	line->low = (struct str){ low, text.len };
	line->quoted = line->quoted || str_istarts(text, "<<<");
	line->blank = !text.len;
}

static void add_line(struct piece *p, struct str raw, bool first)
{
	struct dsn_lines *l = &p->j->lines;
	if (l->n == DSN_LINES_MAX)
		return;
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 128;
		struct dsn_line *v = arena_raw(p->j->a, room * sizeof(*v));
		const char **at = arena_raw(p->j->a, room * sizeof(*at));
		if (l->n) {
			memcpy(v, l->v, l->n * sizeof(*v));
			memcpy(at, p->raw, l->n * sizeof(*at));
		}
		l->v = v;
		l->room = room;
		p->raw = at;
	}
	struct dsn_line *line = &l->v[l->n];
	*line = (struct dsn_line){ .part = first };
	p->raw[l->n++] = raw.p;
	fold_line(p->j->a, raw, line);
	line->gap = l->n > 1 && (l->v[l->n - 2].blank || first);
}

/* Late, for what stands behind the original's first line is never asked. */
static void match_line(struct arena *a, struct dsn_line *line)
{
	struct dsn_hit hits[DSN_HITS_MAX];
	line->nhits = line->blank ? 0 : dsn_match(line->text, line->low, DSN_WANT_BODY, hits);
	if (!line->nhits)
		return;
	line->hits = arena_raw(a, line->nhits * sizeof(*hits));
	memcpy(line->hits, hits, line->nhits * sizeof(*hits));
}

/* The next line with words from i on; l->n when there is none. */
static size_t next_words(const struct dsn_lines *l, size_t i)
{
	while (i < l->n && l->v[i].blank)
		i++;
	return i;
}

/* Words that introduce the original count where a header follows, or an address went before. */
static bool introduces_original(const struct dsn_lines *l, size_t i, bool address_before)
{
	size_t next = next_words(l, i + 1);
	return dsn_has_role(&l->v[i], BOUNCE_ORIGINAL) &&
	       (address_before || next == l->n || dsn_original_begins(l, next, true));
}

/* Cuts the part at line i when the original begins there; what follows it has been read. */
static bool cut_at(struct piece *p, size_t i)
{
	struct dsn_lines *l = &p->j->lines;
	match_line(p->j->a, &l->v[i]);
	bool words = introduces_original(l, i, p->address);
	bool header = (l->v[i].gap || l->v[i].part) && dsn_original_begins(l, i, false);
	p->address = p->address || memchr(l->v[i].text.p, '@', l->v[i].text.len);
	if (!words && !header)
		return false;
	const char *at = words && i + 1 < l->n ? p->raw[i + 1] : words ? p->raw_end : p->raw[i];
	if (!p->j->rest.len)
		p->j->rest = (struct str){ at, (size_t)(p->raw_end - at) };
	if (words && !p->j->turn.nhits)
		p->j->turn = l->v[i];
	l->n = i;
	return true;
}

/* Lines are judged some lines late, so that the original behind them is never read as the report. */
static void read_part(struct dsn_job *j, struct piece *p, struct str text)
{
	struct dsn_lines *l = &j->lines;
	size_t judged = l->n;
	bool cut = false;
	p->raw_end = text.p + text.len;
	p->address = false;
	for (size_t i = 0; i < text.len && !cut;) {
		const char *lf = memchr(text.p + i, '\n', text.len - i);
		size_t next = lf ? (size_t)(lf - text.p) + 1 : text.len;
		add_line(p, str_cut(text, i, next - (lf != NULL)), i == 0);
		i = next;
		if (l->n > judged + LINES_AHEAD)
			cut = cut_at(p, judged++);
	}
	while (!cut && judged < l->n)
		cut = cut_at(p, judged++);
}

static size_t letters(const struct dsn_lines *l)
{
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		n += l->v[i].text.len;
	return n;
}

void dsn_text_read(struct dsn_job *j)
{
	struct piece piece = { .j = j };
	for (size_t i = 0; i < j->mime.n; i++)
		if (dsn_part_is_for_people(j, i, "text/plain"))
			read_part(j, &piece, dsn_part_text(j, &j->mime.v[i]));
	for (size_t i = 0; letters(&j->lines) < LITTLE_TEXT && i < j->mime.n; i++)
		if (dsn_part_is_for_people(j, i, "text/html"))
			read_part(j, &piece, dsn_part_text(j, &j->mime.v[i]));
	/* A multipart without its boundary, a part of a type nobody knows: bytes are text then. */
	if (!j->lines.n && j->mime.n == 1)
		read_part(j, &piece, str_cut(j->mime.v[0].body, 0, DSN_TEXT_MAX));
	for (size_t i = 0; i < j->lines.n; i++) {
		j->failed = j->failed || dsn_has_role(&j->lines.v[i], BOUNCE_FAILED);
		j->delayed = j->delayed || dsn_has_role(&j->lines.v[i], BOUNCE_DELAYED);
		j->delivered = j->delivered || dsn_has_role(&j->lines.v[i], BOUNCE_DELIVERED);
	}
}
