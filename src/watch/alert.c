/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/alert.h"

#include <jansson.h>
#include <string.h>

#include "base/json_line.h"
#include "base/text_time.h"
#include "catalog/cause_json.h"

static const char *plural(size_t n, const char *one, const char *more)
{
	return n == 1 ? one : more;
}

static size_t count(const struct alert *x, enum news n)
{
	size_t found = 0;
	for (size_t i = 0; i < x->nparts; i++)
		found += x->parts[i].news == n;
	return found;
}

enum news alert_kind(const struct alert *x)
{
	static const enum news grave[] = { NEWS_BAD, NEWS_WORSE };
	if (x->network == NEWS_AWAY)
		return NEWS_AWAY;
	for (size_t i = 0; i < ARRAY_LEN(grave); i++)
		if (count(x, grave[i]))
			return grave[i];
	return x->nexpiries ? NEWS_EXPIRING : x->network == NEWS_BACK ? NEWS_BACK : NEWS_WELL;
}

/* ---- in words ---- */

static const char *day_of(int64_t ms, char out[TEXT_TIME_BYTES])
{
	text_time(ms / 1000, out);
	out[strlen("2026-11-21")] = 0;
	return out;
}

static const char *what_it_is(const char *kind)
{
	static const struct {
		const char *kind, *words;
	} known[] = { { "certificate", "the certificate of" },
		      { "own-certificate", "this relay's own certificate," },
		      { "client-secret", "the client secret or password of" },
		      { "token", "the access token of" } };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (z_eq(known[i].kind, kind))
			return known[i].words;
	return kind;
}

static const char *renewal_of(const struct alert_expiry *e, struct arena *a)
{
	bool fails = z_eq(e->kind, "own-certificate") && *e->detail;
	return fails ? arena_printf(a, "; its renewal fails: %s", e->detail) : "";
}

static const char *runs_out(const struct alert_expiry *e, struct arena *a)
{
	char day[TEXT_TIME_BYTES];
	const char *what = arena_printf(a, "%s %s", what_it_is(e->kind), e->name), *why = renewal_of(e, a);
	day_of(e->expires_ms, day);
	if (e->days_left < 0)
		return arena_printf(a, "%s ran out on %s%s", what, day, why);
	if (e->days_left == 0)
		return arena_printf(a, "%s runs out within a day (%s)%s", what, day, why);
	return arena_printf(a, "%s runs out in %lld %s (%s)%s", what, e->days_left,
			    plural((size_t)e->days_left, "day", "days"), day, why);
}

static const char *part_words(const struct alert_part *p, struct arena *a)
{
	const char *why = *p->title ? p->title : p->summary;
	switch (p->news) {
	case NEWS_BAD:
		return arena_printf(a, "%s is bad: %s", p->name, why);
	case NEWS_WORSE:
		return p->now == CONDITION_WARNING ? arena_printf(a, "%s has a new warning: %s", p->name, why)
						   : arena_printf(a, "%s got worse: %s", p->name, why);
	case NEWS_WELL:
		return p->now == CONDITION_WARNING
			       ? arena_printf(a, "%s works again, with a warning: %s", p->name, why)
			       : arena_printf(a, "%s is well again", p->name);
	default:
		return p->name;
	}
}

static const char *tally(const struct alert *x, struct arena *a)
{
	static const struct {
		enum news n;
		const char *words;
	} rows[] = { { NEWS_BAD, "bad" }, { NEWS_WORSE, "worse" }, { NEWS_WELL, "well again" } };
	struct strlist l = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = count(x, rows[i].n);
		if (n)
			strlist_add(&l, a, arena_printf(a, "%zu %s", n, rows[i].words));
	}
	if (x->nexpiries)
		strlist_add(&l, a, arena_printf(a, "%zu running out", x->nexpiries));
	return strlist_join(&l, a, ", ");
}

/* No line break of a peer's gets into a header. */
static const char *one_line(const char *text, struct arena *a)
{
	char *copy = arena_strdup(a, text);
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p < ' ')
			*p = ' ';
	return copy;
}

static const char *subject_words(const struct alert *x, struct arena *a)
{
	if (x->network == NEWS_AWAY)
		return arena_printf(a, "no server can be reached from %s: all %zu monitors fail", x->host,
				    x->nparts);
	if (x->network == NEWS_BACK)
		return arena_printf(a, "%s reaches servers again", x->host);
	if (x->nparts == 1 && !x->nexpiries)
		return part_words(&x->parts[0], a);
	if (x->nexpiries == 1 && !x->nparts)
		return runs_out(&x->expiries[0], a);
	return arena_printf(a, "monitors: %s", tally(x, a));
}

const char *alert_subject(const struct alert *x, struct arena *a)
{
	return one_line(arena_printf(a, "[postrider] %s", subject_words(x, a)), a);
}

static void add_part(struct buf *b, const struct alert_part *p, struct arena *a)
{
	char since[TEXT_TIME_BYTES];
	struct str report = str_cut(str_of(p->report), 0, ALERT_REPORT_MAX);
	buf_addf(b, "%s\n", part_words(p, a));
	buf_addf(b, "  looks at: %s\n", p->target);
	if (p->since_ms)
		buf_addf(b, "  since:    %s\n", text_time(p->since_ms / 1000, since));
	if (p->news != NEWS_WELL && report.len)
		buf_addf(b, "\n" STR_FMT "\n", STR_ARG(report));
	else if (p->news == NEWS_WELL)
		buf_addf(b, "  %s\n", p->summary);
	buf_adds(b, "\n");
}

static void add_network(struct buf *b, const struct alert *x)
{
	if (x->network == NEWS_BACK) {
		buf_addf(b, "%s reaches servers again.  What is still bad by itself will be told.\n\n",
			 x->host);
		return;
	}
	buf_addf(b,
		 "Nothing outside answers %s any more: neither servers nor their names.  All monitors fail "
		 "at once, so the fault is most likely this machine's network (cable, router, firewall, "
		 "resolver), not the mail set-ups.  Their own alerts are kept back until it is over.\n\n"
		 "The monitors:\n",
		 x->host);
	for (size_t i = 0; i < x->nparts; i++)
		buf_addf(b, "  %s (%s): %s\n", x->parts[i].name, x->parts[i].target, x->parts[i].summary);
	buf_adds(b, "\n");
}

static void add_expiries(struct buf *b, const struct alert *x, struct arena *a)
{
	for (size_t i = 0; i < x->nexpiries; i++) {
		const struct alert_expiry *e = &x->expiries[i];
		buf_addf(b, "%s\n", one_line(runs_out(e, a), a));
		if (*e->detail)
			buf_addf(b, "  %s\n", one_line(e->detail, a));
		buf_adds(b, "  Renew it before that day: afterwards mail stops.\n\n");
	}
}

const char *alert_text(const struct alert *x, struct arena *a)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	if (x->network != NEWS_NONE)
		add_network(&b, x);
	for (size_t i = 0; i < x->nparts && x->network == NEWS_NONE; i++)
		add_part(&b, &x->parts[i], a);
	add_expiries(&b, x, a);
	buf_addf(&b, "-- \nPostrider on %s.  `postrider monitor` shows the history.\n", x->host);
	return arena_str(a, buf_str(&b)).p;
}

/* ---- as JSON ---- */

static json_t *time_json(int64_t ms)
{
	char text[JSON_TIME_BYTES];
	return ms ? json_string(json_time(ms, text)) : json_null();
}

static json_t *part_json(const struct alert *x, const struct alert_part *p)
{
	json_t *o = json_object(), *finding = *p->finding ? json_loads(p->finding, 0, NULL) : NULL;
	json_object_set_new(o, "name", text_json(p->name));
	json_object_set_new(o, "target", text_json(p->target));
	json_object_set_new(o, "news", text_json(news_name(x->network ? x->network : p->news)));
	json_object_set_new(o, "state", text_json(condition_name(p->now)));
	json_object_set_new(o, "since", time_json(p->since_ms));
	json_object_set_new(o, "summary", text_json(p->summary));
	json_object_set_new(o, "finding", finding ? finding : json_null());
	return o;
}

static json_t *expiry_json(const struct alert_expiry *e)
{
	json_t *o = json_object();
	json_object_set_new(o, "kind", text_json(e->kind));
	json_object_set_new(o, "name", text_json(e->name));
	json_object_set_new(o, "detail", text_json(e->detail));
	json_object_set_new(o, "expires", time_json(e->expires_ms));
	json_object_set_new(o, "days_left", json_integer(e->days_left));
	return o;
}

char *alert_json(const struct alert *x)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	json_t *o = json_object(), *parts = json_array(), *expiries = json_array();
	for (size_t i = 0; i < x->nparts; i++)
		json_array_append_new(parts, part_json(x, &x->parts[i]));
	for (size_t i = 0; i < x->nexpiries; i++)
		json_array_append_new(expiries, expiry_json(&x->expiries[i]));
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "at", time_json(x->at_ms));
	json_object_set_new(o, "host", text_json(x->host));
	json_object_set_new(o, "kind", text_json(news_name(alert_kind(x))));
	json_object_set_new(o, "subject", text_json(alert_subject(x, a)));
	json_object_set_new(o, "text", text_json(alert_text(x, a)));
	json_object_set_new(o, "monitors", parts);
	json_object_set_new(o, "expiring", expiries);
	char *text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text ? text : mem_strdup("{}");
}
