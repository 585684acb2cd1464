/* SPDX-License-Identifier: Apache-2.0 */
/* What all forms say of a log. */
#include "base/text_time.h"
#include "catalog/fill.h"
#include "explain/render_log.h"

static const char *const states[LOG_STATES] = {
	[LOG_HANDED_OVER] = "handed to the next server",
	[LOG_DELIVERED_HERE] = "delivered on this machine",
	[LOG_DELAYED] = "waiting, tried again",
	[LOG_REFUSED] = "refused",
	[LOG_EXPIRED] = "given up after too many tries",
	[LOG_HELD] = "held on purpose",
	[LOG_DISCARDED] = "dropped on purpose",
	[LOG_NOT_TAKEN] = "not let in: refused at this machine's door",
	[LOG_LOGIN_FAILED] = "logins that failed",
	[LOG_TROUBLE] = "troubles of the machine itself",
};

const char *log_state_words(enum log_state s)
{
	return states[s];
}

bool log_state_is_bad(enum log_state s)
{
	return s != LOG_HANDED_OVER && s != LOG_DELIVERED_HERE && s != LOG_HELD && s != LOG_DISCARDED;
}

/* In the zone the log's reader was told, for people. */
const char *log_time_words(struct arena *a, long long time_s, long long zone_s)
{
	char t[TEXT_TIME_BYTES];
	if (!time_s)
		return "";
	text_time(time_s + zone_s, t);
	return arena_printf(a, "%.10s %.8s", t, t + 11);
}

const char *log_span_words(struct arena *a, const struct log_report *l, long long zone_s)
{
	const struct log_totals *t = l->totals;
	if (!t->first_s)
		return "";
	return arena_printf(a, "%s to %s", log_time_words(a, t->first_s, zone_s),
			    log_time_words(a, t->last_s, zone_s));
}

enum answer_word log_word(const struct log_report *l)
{
	const struct log_digest *d = l->digest;
	if (d->ncauses && (d->states[LOG_REFUSED] || d->states[LOG_EXPIRED]))
		return ANSWER_FAILED;
	if (d->states[LOG_DELAYED])
		return ANSWER_DELAYED;
	return d->ncauses ? ANSWER_FAILED : ANSWER_WELL;
}

const char *log_sentence(struct arena *a, const struct log_report *l)
{
	const struct log_digest *d = l->digest;
	unsigned long long lost = d->states[LOG_REFUSED] + d->states[LOG_EXPIRED];
	unsigned long long went = d->states[LOG_HANDED_OVER] + d->states[LOG_DELIVERED_HERE];
	const char *part = l->partial ? " so far" : "";
	if (!l->totals->understood)
		return "Nothing in it looks like a line of a mail server's log.";
	if (!d->recipients)
		return arena_printf(a, "No mail's fate is told%s%s.", part,
				    d->ncauses ? ", but something else went wrong" : "");
	if (!lost && !d->states[LOG_DELAYED])
		return arena_printf(a, "All %llu recipients' mail went on%s.", went, part);
	return arena_printf(a, "Of %llu recipients, %llu refused or given up, %llu waiting, %llu went on%s.",
			    d->recipients, lost, d->states[LOG_DELAYED], went, part);
}

static const char *nothing_known(const void *source, struct str name, struct arena *a)
{
	(void)source;
	(void)name;
	(void)a;
	return "";
}

const char *explain_log_title(struct arena *a, const struct finding_entry *f)
{
	return fill_sentence(a, f->title, nothing_known, NULL);
}

const char *log_cause_counts(struct arena *a, const struct log_cause *c)
{
	struct strlist l = { 0 };
	if (c->refused)
		strlist_add(&l, a, arena_printf(a, "%llu lost", c->refused));
	if (c->delayed)
		strlist_add(&l, a, arena_printf(a, "%llu waiting", c->delayed));
	if (c->at_door)
		strlist_add(&l, a, arena_printf(a, "%llu at the door", c->at_door));
	if (c->troubles)
		strlist_add(&l, a, arena_printf(a, "%llu lines", c->troubles));
	return l.n ? strlist_join(&l, a, ", ") : arena_printf(a, "%llu lines", c->events);
}

const char *log_place_counts(struct arena *a, const struct log_place *p)
{
	return arena_printf(a, "%llu failed, %llu waiting, %llu went on%s", p->failed, p->delayed, p->taken,
			    p->most_wrong ? " (about)" : "");
}
