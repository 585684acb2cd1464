/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/filter/filter_apply.h"

#include <string.h>

#include "relay/filter/rewrite.h"

enum { NAMED_MAX = 5 }; /* recipients that were put in */

/* Behind the empty line; 0: it is not there yet. */
static size_t head_end(struct str s)
{
	if (str_istarts(s, "\r\n"))
		return 2;
	const char *end = memmem(s.p, s.len, "\r\n\r\n", 4);
	return end ? (size_t)(end - s.p) + 4 : 0;
}

bool filter_head(struct store_body *body, struct arena *a, struct str *head, struct err *e)
{
	CLEANUP(buf_clear) struct buf all = { .max = FILTER_HEAD_MAX };
	struct store_reader *r = store_body_look(body);
	struct str piece;
	size_t n = 0;
	int got = 0;
	while (!n && (got = store_reader_next(r, &piece, e)) > 0 && buf_add(&all, piece.p, piece.len))
		n = head_end(buf_str(&all));
	store_reader_free(&r);
	if (got < 0)
		return false;
	if (!n && got > 0)
		return ERR_FILL(e, ERR_LIMIT, 0, "read", "the message's header: it is too long");
	struct str s = buf_str(&all);
	*head = arena_str(a, str_cut(s, 0, n ? n : s.len));
	return true;
}

/* The old text behind the header, or the filter's new one. */
static bool copy_text(struct store_body *from, size_t skip, const struct buf *fresh, struct store_body *to,
		      struct err *e)
{
	struct str piece;
	if (fresh) {
		CLEANUP(buf_clear) struct buf clean = { 0 };
		rewrite_line_ends(buf_str(fresh), &clean);
		return store_body_append(to, buf_str(&clean), e);
	}
	struct store_reader *r = store_body_look(from);
	bool well = true;
	int got = 0;
	while (well && (got = store_reader_next(r, &piece, e)) > 0) {
		size_t n = skip < piece.len ? skip : piece.len;
		skip -= n;
		well = store_body_append(to, str_cut(piece, n, piece.len), e);
	}
	store_reader_free(&r);
	return well && got == 0;
}

static bool rewrite(struct store *s, const struct milter_change *changes, size_t n, const struct buf *text,
		    struct store_body **body, struct arena *a, struct err *e)
{
	struct str head = { 0 };
	CLEANUP(buf_clear) struct buf fresh = { 0 };
	if (!filter_head(*body, a, &head, e))
		return false;
	bool empty_line = head.len && head_end(head) > 0;
	rewrite_header(empty_line ? str_cut(head, 0, head.len - 2) : head, changes, n, &fresh);
	buf_adds(&fresh, empty_line || text ? "\r\n" : "");
	struct store_body *to = store_body_begin(s);
	if (!store_body_append(to, buf_str(&fresh), e) || !copy_text(*body, head.len, text, to, e)) {
		store_body_free(&to);
		return false;
	}
	store_body_take_id(to, *body);
	store_body_free(body);
	*body = to;
	return true;
}

/* Who it was stays known. */
static void remove_rcpt(struct filter_envelope *v, struct str address, struct arena *a)
{
	size_t kept = 0;
	struct filter_removal *all = arena_alloc(a, (v->nremoved + v->rcpts.n) * sizeof(*all));
	for (size_t i = 0; i < v->nremoved; i++)
		all[i] = v->removed[i];
	v->removed = all;
	for (size_t i = 0; i < v->rcpts.n; i++)
		if (str_ieq(address, v->rcpts.v[i]))
			all[v->nremoved++] = (struct filter_removal){ v->rcpts.v[i], NULL };
		else
			v->rcpts.v[kept++] = v->rcpts.v[i];
	v->rcpts.n = kept;
}

/* False: the same filter had removed it, and nothing has changed. */
static bool add_rcpt(struct filter_envelope *v, const char *address, struct arena *a)
{
	size_t kept = 0;
	bool fresh = true;
	for (size_t i = 0; i < v->nremoved; i++) {
		bool back = str_ieq(str_of(address), v->removed[i].rcpt);
		fresh = fresh && !(back && !v->removed[i].why);
		if (!back)
			v->removed[kept++] = v->removed[i];
	}
	v->nremoved = kept;
	strlist_add(&v->rcpts, a, address);
	return fresh;
}

/* Whom it put in, and who still is there; "" nobody. */
static const char *put_in(const struct strlist *added, const struct filter_envelope *v, struct arena *a)
{
	const char *names = "";
	size_t n = 0;
	for (size_t i = 0; i < added->n; i++)
		if (strlist_has(&v->rcpts, added->v[i]) && ++n <= NAMED_MAX)
			names = arena_printf(a, "%s%s%s", names, *names ? ", " : " and put in ", added->v[i]);
	return n > NAMED_MAX ? arena_printf(a, "%s and %zu more", names, n - NAMED_MAX) : names;
}

/* Of those removed just now. */
static void say_why(const char *filter, const struct strlist *added, struct filter_envelope *v,
		    struct arena *a)
{
	const char *why = NULL;
	for (size_t i = 0; i < v->nremoved; i++) {
		if (v->removed[i].why)
			continue;
		why = why ? why
			  : arena_printf(a, "the filter \"%s\" took this recipient away%s", filter,
					 put_in(added, v, a));
		v->removed[i].why = why;
	}
}

/* Said once a filter, however often it changes its mind. */
static void say_sender(const char *filter, struct str before, struct filter_envelope *v, struct arena *a)
{
	if (!str_equal(before, v->sender))
		v->sender_why = arena_printf(a,
					     "%s%sthe filter \"%s\" changed the sender from <" STR_FMT
					     "> to <" STR_FMT ">",
					     v->sender_why ? v->sender_why : "", v->sender_why ? "; " : "",
					     filter, STR_ARG(before), STR_ARG(v->sender));
}

static void change_envelope(const struct milter_change *c, const char *filter, struct filter_envelope *v,
			    struct strlist *added, struct arena *a, struct filter_outcome *out)
{
	const char *value = arena_str(a, c->value).p;
	out->envelope_changed |= c->kind != MILTER_QUARANTINE && !rewrite_is_field(c);
	if (c->kind == MILTER_CHANGE_FROM) {
		v->sender = str_of(value);
	} else if (c->kind == MILTER_ADD_RCPT && !strlist_has(&v->rcpts, value)) {
		if (add_rcpt(v, value, a))
			strlist_add(added, a, value);
	} else if (c->kind == MILTER_DELETE_RCPT) {
		remove_rcpt(v, c->value, a);
	} else if (c->kind == MILTER_QUARANTINE) {
		out->word = FILTER_HOLD;
		out->why = arena_printf(a, "quarantine by the filter \"%s\": %s", filter, value);
	}
}

static void carry_out(struct store *s, const char *filter, const struct milter *m, struct filter_envelope *v,
		      struct store_body **body, struct arena *a, struct filter_outcome *out, struct err *e)
{
	size_t n;
	const struct milter_change *c = milter_changes(m, &n);
	bool fields = false;
	struct strlist added = { 0 };
	for (size_t i = 0; i < n; i++)
		fields |= rewrite_is_field(&c[i]);
	fields = fields || milter_new_body(m);
	if (fields && !rewrite(s, c, n, milter_new_body(m), body, a, e))
		return;
	out->text_changed |= fields;
	struct str before = v->sender;
	for (size_t i = 0; i < n; i++)
		change_envelope(&c[i], filter, v, &added, a, out);
	say_why(filter, &added, v, a);
	say_sender(filter, before, v, a);
	if (!v->rcpts.n) {
		out->word = FILTER_DISCARD;
		out->why = arena_printf(a, "the filter \"%s\" took away all recipients", filter);
	}
}

struct smtp_answer filter_refusal_answer(const char *filter, const struct milter *m, struct arena *a)
{
	enum milter_verdict verdict = milter_verdict(m);
	bool spoken = verdict == MILTER_REPLY;
	unsigned code = spoken ? milter_code(m) : verdict == MILTER_REJECT ? 550 : 451;
	const char *enhanced = spoken ? milter_enhanced(m) : verdict == MILTER_REJECT ? "5.7.1" : "4.7.1";
	const char *text = spoken && *milter_text(m) ? milter_text(m)
			   : code >= 500             ? "The message was refused by the filter"
						     : "Not now, says the filter";
	return (struct smtp_answer){ code, arena_strdup(a, enhanced),
				     arena_printf(a, "%s (filter \"%s\")", text, filter) };
}

void filter_apply(struct store *s, const char *filter, const struct milter *m, struct filter_envelope *v,
		  struct store_body **body, struct arena *a, struct filter_outcome *out, struct err *e)
{
	switch (milter_verdict(m)) {
	case MILTER_CONTINUE:
	case MILTER_ACCEPT:
		carry_out(s, filter, m, v, body, a, out, e);
		break;
	case MILTER_DISCARD:
		out->word = FILTER_DISCARD;
		out->why = arena_printf(a,
					"discarded by the filter \"%s\": its own log says why; if that is "
					"wrong, mend its rules and send the mail again",
					filter);
		break;
	case MILTER_REJECT:
	case MILTER_TEMPFAIL:
	case MILTER_REPLY:
		out->word = FILTER_REFUSE;
		out->answer = filter_refusal_answer(filter, m, a);
		break;
	}
}
