/* SPDX-License-Identifier: Apache-2.0 */
/* Which words of a report are the reply that a recipient got. */
#include <string.h>

#include "base/buf.h"
#include "mail/dsn_spoken.h"

enum {
	NEAR_LINES = 3,
	MENTIONS_MAX = 50, /* recipients for which the whole text is searched */
};

struct candidate {
	struct buf text;
	unsigned rank;
};

static bool is_end(const struct dsn_spoken *s, size_t i, size_t from)
{
	const struct dsn_line *line = &s->j->lines.v[i];
	return line->blank ||
	       (i > from && (dsn_spoken_hit(s, i, BOUNCE_RECIPIENT) || dsn_spoken_hit(s, i, BOUNCE_SECTION)));
}

static void append(struct buf *b, struct str s)
{
	if (buf_waiting(b) && s.len)
		buf_adds(b, " ");
	buf_add(b, s.p, s.len);
}

/* `first`, then the lines behind line i up to the end of the paragraph, or of [.., to).
 * Words that belong to no reply end it. */
static void gather(const struct dsn_spoken *s, struct str first, size_t i, size_t to, struct buf *out)
{
	out->max = DSN_REPLY_MAX + 500;
	append(out, first);
	for (size_t k = i + 1; k < to && !is_end(s, k, i) && !dsn_spoken_hit(s, k, BOUNCE_DROP); k++)
		append(out, s->j->lines.v[k].text);
}

static unsigned rank_of(struct str text, bool introduced)
{
	size_t at = dsn_reply_at(text);
	bool code = at < text.len;
	char z[64] = { 0 };
	memcpy(z, text.p, text.len < sizeof(z) - 1 ? text.len : sizeof(z) - 1);
	if (!text.len)
		return 0;
	return 1u + (code ? 8u : 0u) + (introduced ? 4u : 0u) + (dsn_is_poor(z) ? 0u : 2u);
}

static void offer(struct candidate *best, struct buf *text, bool introduced)
{
	unsigned rank = rank_of(buf_str(text), introduced);
	if (rank > best->rank) {
		struct buf old = best->text;
		*best = (struct candidate){ *text, rank };
		*text = old;
	}
	buf_clear(text);
}

/* What line i offers as a reply. */
static void offer_line(const struct dsn_spoken *s, struct candidate *best, size_t i, size_t to)
{
	const struct dsn_line *line = &s->j->lines.v[i];
	const struct dsn_hit *h = dsn_spoken_hit(s, i, BOUNCE_REPLY);
	struct buf text = { 0 };
	if (line->blank || dsn_spoken_hit(s, i, BOUNCE_DROP))
		return;
	if (h && h->reply.len) {
		gather(s, h->reply, i, to, &text);
	} else if (h) {
		size_t next = i + 1;
		while (next < to && s->j->lines.v[next].blank)
			next++;
		const struct dsn_hit *inner = next < to ? dsn_spoken_hit(s, next, BOUNCE_REPLY) : NULL;
		if (next < to)
			gather(s, inner && inner->reply.len ? inner->reply : s->j->lines.v[next].text, next,
			       to, &text);
	} else {
		size_t at = dsn_reply_at(line->text);
		if (at == line->text.len)
			return;
		gather(s, str_cut(line->text, at, line->text.len), i, to, &text);
	}
	offer(best, &text, h != NULL);
}

static size_t behind_paragraph(const struct dsn_spoken *s, size_t i, size_t to)
{
	while (i < to && !s->j->lines.v[i].blank)
		i++;
	return i < to && !s->j->lines.v[i].ruled ? i + 1 : i;
}

/* The lines of a paragraph that say something; all of it, or nothing when it only says that mail failed. */
static void add_paragraph(const struct dsn_spoken *s, size_t i, size_t to, struct buf *out)
{
	struct buf text = { .max = DSN_REPLY_MAX };
	for (size_t k = i; k < to && !s->j->lines.v[k].blank; k++)
		if (!dsn_spoken_hit(s, k, BOUNCE_DROP))
			append(&text, s->j->lines.v[k].text);
	if (!dsn_says_nothing(buf_str(&text)))
		append(out, buf_str(&text));
	buf_clear(&text);
}

static void offer_span(const struct dsn_spoken *s, struct candidate *best, size_t from, size_t to)
{
	struct buf text = { 0 };
	for (size_t i = from; i < to && best->rank < 15; i++)
		offer_line(s, best, i, to);
	if (best->rank >= 8)
		return;
	text.max = DSN_REPLY_MAX;
	for (size_t i = from; i < to && buf_waiting(&text) < DSN_REPLY_MAX / 2 && !s->j->lines.v[i].ruled;
	     i = behind_paragraph(s, i, to))
		add_paragraph(s, i, to, &text);
	offer(best, &text, false);
}

/* Lines elsewhere that name the address: sendmail's transcript, a list of reasons. */
static void offer_mentions(const struct dsn_spoken *s, struct candidate *best, const struct dsn_span *span)
{
	const struct dsn_lines *l = &s->j->lines;
	const char *address = dsn_spoken_recipient(s, span)->address;
	for (size_t i = 0; *address && s->n <= MENTIONS_MAX && i < l->n; i++) {
		if ((i >= span->from && i < span->to && span->hit) ||
		    str_ifind(l->v[i].low, address) == l->v[i].low.len)
			continue;
		for (size_t k = i; k < l->n && k < i + NEAR_LINES && best->rank < 15; k++)
			offer_line(s, best, k, l->n);
	}
}

/* "<<< 550 ..." that a server said just before the line which names the recipient. */
static void offer_said_before(const struct dsn_spoken *s, struct candidate *best, const struct dsn_span *span)
{
	const struct dsn_lines *l = &s->j->lines;
	struct buf text = { .max = DSN_REPLY_MAX };
	for (size_t i = span->from; i-- > 0 && i + NEAR_LINES >= span->from && !is_end(s, i, 0);) {
		struct str said = l->v[i].text;
		size_t at = dsn_reply_at(said);
		if (dsn_spoken_hit(s, i, BOUNCE_RECIPIENT))
			break;
		if (!l->v[i].quoted || *said.p != '<' || at == said.len)
			continue;
		append(&text, str_cut(said, at, said.len));
		append(&text, str_cut(l->v[span->from].text, 0, DSN_REPLY_MAX));
		offer(best, &text, true);
		return;
	}
}

/* Words that stand before the address, in its paragraph. */
static void offer_before(const struct dsn_spoken *s, struct candidate *best, const struct dsn_span *span)
{
	size_t from = span->from;
	while (from && !is_end(s, from - 1, 0) && !dsn_spoken_hit(s, from - 1, BOUNCE_RECIPIENT))
		from--;
	offer_span(s, best, from, span->from);
}

static size_t behind_sections(const struct dsn_spoken *s)
{
	size_t from = 0;
	for (size_t i = 0; i < s->j->lines.n; i++)
		if (dsn_spoken_hit(s, i, BOUNCE_SECTION))
			from = i + 1;
	return from;
}

/* "You are not a member of the list {address}": the line is the reason. */
static bool says_something(const struct bounce_pattern *p)
{
	return p->strong && p->dialect != 0;
}

/* The line that names the address says more than that: "{address} is not found in our system". */
static bool tells_failure(const struct dsn_spoken *s, size_t i)
{
	return dsn_spoken_hit(s, i, BOUNCE_FAILED) && !dsn_says_nothing(s->j->lines.v[i].text);
}

/* What stands in the span itself. */
static void offer_own(const struct dsn_spoken *s, struct candidate *best, const struct dsn_span *span,
		      size_t to)
{
	struct buf text = { 0 };
	if (span->hit->reply.len) {
		gather(s, span->hit->reply, span->from, to, &text);
		offer(best, &text, true);
		offer_said_before(s, best, span);
	}
	if (!span->hit->reply.len && says_something(span->hit->pattern)) {
		gather(s, s->j->lines.v[span->from].text, span->from, to, &text);
		if (dsn_says_nothing(buf_str(&text)))
			buf_clear(&text);
		else
			offer(best, &text, true);
	}
	if (!span->hit->reply.len && tells_failure(s, span->from)) {
		gather(s, s->j->lines.v[span->from].text, span->from, to, &text);
		offer(best, &text, false);
	}
	if (span->shared)
		offer_span(s, best, span->text_from,
			   span->text_to < s->j->lines.n ? span->text_to : s->j->lines.n);
	else if (best->rank < 12)
		offer_span(s, best, span->from + 1, to);
}

const char *dsn_spoken_reply(const struct dsn_spoken *s, const struct dsn_span *span, bool *sure)
{
	struct candidate best = { 0 };
	const struct dsn_lines *l = &s->j->lines;
	if (span->hit)
		offer_own(s, &best, span, span->to < l->n ? span->to : l->n);
	if (best.rank < 8)
		offer_mentions(s, &best, span);
	for (size_t i = 0; best.rank < 8 && s->n == 1 && i < l->n; i++)
		offer_line(s, &best, i, l->n);
	if (!best.rank && span->hit)
		offer_before(s, &best, span);
	if (!best.rank && s->n == 1)
		offer_span(s, &best, behind_sections(s), l->n);
	if (!best.rank)
		offer_span(s, &best, 0, s->v[0].from);
	*sure = best.rank >= 4;
	const char *out = dsn_text(s->j->a, buf_str(&best.text), DSN_REPLY_MAX);
	buf_clear(&best.text);
	return out;
}
