/* SPDX-License-Identifier: Apache-2.0 */
/* Recipients and replies out of words for people.
 *
 * A line that names a recipient opens a span: up to the next such line, or to
 * words that begin another section.  The reply is looked for in the span, then
 * where the text names the address again, then in the whole text. */
#include <string.h>

#include "mail/dsn_job.h"
#include "mail/dsn_spoken.h"

enum {
	FIELD_RECIPIENTS_MAX = 200, /* of X-Failed-Recipients */
	SURROUNDINGS_MAX = 12,      /* lines that tell of one recipient's host and step */
};

static bool is_own(const struct dsn_spoken *s, struct str address)
{
	bool to = str_ieq(address, s->to);
	return (s->weak && (to || str_ieq(address, s->from))) || (to && s->n);
}

static struct dsn_span *span_of(struct dsn_spoken *s, struct str address)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct dsn_recipient *r = dsn_spoken_recipient(s, &s->v[i]);
		if (str_ieq(address, r->address) || str_ieq(address, r->original))
			return &s->v[i];
	}
	return NULL;
}

static struct dsn_span *open_span(struct dsn_spoken *s, struct str address)
{
	struct dsn_span *span = span_of(s, address);
	if (span || s->known_only || s->n == s->room || is_own(s, address))
		return span;
	struct dsn_recipient *r = dsn_recipient_add(s->j);
	if (!r)
		return NULL;
	r->address = dsn_text(s->j->a, address, DSN_FIELD_MAX);
	s->v[s->n] = (struct dsn_span){ .r = s->j->out->n - 1 };
	return &s->v[s->n++];
}

/* Finds the spans; one recipient that is named twice keeps the place that says more. */
static void find_spans(struct dsn_spoken *s)
{
	const struct dsn_lines *l = &s->j->lines;
	struct dsn_span *cur = NULL;
	for (size_t i = 0; i < l->n; i++) {
		const struct dsn_hit *h = dsn_spoken_hit(s, i, BOUNCE_RECIPIENT);
		bool section = dsn_spoken_hit(s, i, BOUNCE_SECTION) || l->v[i].part;
		struct dsn_span *next = h ? open_span(s, h->address) : NULL;
		if (cur && (next || section))
			cur->to = i;
		if (section)
			cur = NULL;
		if (!next)
			continue;
		if (!next->hit || (h->reply.len && !next->hit->reply.len)) {
			next->hit = h;
			next->from = i;
			next->to = l->n;
		}
		cur = next;
	}
}

static void spoken_init(struct dsn_spoken *s, struct dsn_job *j)
{
	*s = (struct dsn_spoken){ .j = j };
	s->room = j->lines.n + j->out->n + 1 +
		  (header_find(j->header, "X-Failed-Recipients", 0) ? FIELD_RECIPIENTS_MAX : 0);
	s->v = arena_raw(j->a, s->room * sizeof(*s->v)); /* each is written whole when it is added */
	struct str to = dsn_address(header_get(j->a, j->header, "To"));
	struct str from = dsn_address(header_get(j->a, j->header, "From"));
	s->to = arena_dup(j->a, to.p, to.len);
	s->from = arena_dup(j->a, from.p, from.len);
}

static void add_known(struct dsn_spoken *s)
{
	for (size_t i = 0; i < s->j->out->n; i++)
		s->v[s->n++] = (struct dsn_span){ .r = i };
	s->known_only = s->n > 0;
}

/* X-Failed-Recipients of Exim and Google. */
static void add_failed_field(struct dsn_spoken *s)
{
	const struct header_field *f;
	for (size_t i = 0;
	     i < FIELD_RECIPIENTS_MAX && (f = header_find(s->j->header, "X-Failed-Recipients", i)); i++) {
		struct str rest = str_of(dsn_words(s->j->a, f->value)), piece;
		while (str_next(&rest, ", \t", &piece))
			open_span(s, dsn_address(piece));
	}
	s->known_only = s->n > 0;
}

static bool any_hit(const struct dsn_spoken *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].hit)
			return true;
	return false;
}

static void forget(struct dsn_spoken *s)
{
	s->n = 0;
	s->known_only = false;
	s->j->out->n = 0;
}

/* A list of addresses that one text follows: it holds for all of them. */
static void share_text(struct dsn_spoken *s)
{
	for (size_t i = s->n; i-- > 1;) {
		struct dsn_span *a = &s->v[i - 1], *b = &s->v[i];
		if (a->hit && b->hit && !a->hit->reply.len && a->to == b->from && a->to == a->from + 1) {
			a->shared = true;
			a->text_from = b->shared ? b->text_from : b->from + 1;
			a->text_to = b->shared ? b->text_to : b->to;
		}
	}
}

/* Step and host, where the words around the reply name them. */
static void take_surroundings(struct dsn_spoken *s, const struct dsn_span *span)
{
	struct dsn_recipient *r = dsn_spoken_recipient(s, span);
	size_t to = span->to < s->j->lines.n ? span->to : s->j->lines.n;
	for (size_t i = span->from; span->hit && i < to && i < span->from + SURROUNDINGS_MAX; i++) {
		const struct dsn_hit *step = dsn_spoken_hit(s, i, BOUNCE_STEP);
		if (!*r->step && step)
			r->step = step->pattern->step;
		dsn_host_read(s->j, r, s->j->lines.v[i].text);
	}
}

static void take_replies(struct dsn_spoken *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct dsn_recipient *r = dsn_spoken_recipient(s, &s->v[i]);
		bool sure = false;
		const char *reply = dsn_spoken_reply(s, &s->v[i], &sure);
		take_surroundings(s, &s->v[i]);
		if (!sure && dsn_status_tells(r->status))
			continue; /* the status says more than words found near it */
		if (!*r->reply || dsn_is_poor(r->reply))
			r->reply = *reply ? reply : r->reply;
		else if (dsn_reply_at(str_of(r->reply)) == strlen(r->reply) &&
			 dsn_reply_at(str_of(reply)) < strlen(reply))
			r->reply =
				dsn_text(s->j->a, str_of(arena_printf(s->j->a, "%s / %s", r->reply, reply)),
					 DSN_REPLY_MAX);
	}
}

/* The text names others than the field: hashed, or written anew by a list. */
static void find_others(struct dsn_spoken *s)
{
	struct dsn *out = s->j->out;
	size_t n = s->n;
	struct dsn_recipient *kept = arena_alloc(s->j->a, n * sizeof(*kept));
	memcpy(kept, out->v, n * sizeof(*kept));
	forget(s);
	find_spans(s);
	if (s->n)
		return;
	memcpy(out->v, kept, n * sizeof(*kept));
	out->n = n;
	add_known(s);
}

bool dsn_spoken_read(struct dsn_job *j)
{
	struct dsn_spoken s;
	spoken_init(&s, j);
	add_failed_field(&s);
	find_spans(&s);
	if (s.n && !any_hit(&s) && j->dialect != bounce_ndialects)
		find_others(&s);
	if (!s.n) {
		s.weak = true;
		find_spans(&s);
	}
	bool named = s.n > 0;
	if (!s.n)
		named = dsn_spoken_guess(&s);
	share_text(&s);
	take_replies(&s);
	return named;
}

void dsn_spoken_complete(struct dsn_job *j)
{
	struct dsn_spoken s;
	bool needed = false;
	for (size_t i = 0; i < j->out->n && !needed; i++)
		needed = dsn_is_poor(j->out->v[i].reply) ||
			 dsn_reply_at(str_of(j->out->v[i].reply)) == strlen(j->out->v[i].reply);
	if (!needed || !j->lines.n)
		return;
	spoken_init(&s, j);
	add_known(&s);
	s.weak = true;
	*s.to = *s.from = '\0';
	find_spans(&s);
	share_text(&s);
	take_replies(&s);
}
