/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/summary.h"

#include <stdlib.h>
#include <string.h>

#include "explain/log/example.h"
#include "explain/log/field.h"
#include "explain/log/mask.h"
#include "explain/log/top.h"
#include "explain/log/weight.h"

enum { CLASSES_MAX = 128 };

struct kept_cause {
	struct log_cause cause;
	struct log_example_room room;
};

struct log_summary {
	struct log_digest digest;
	struct kept_cause **by_finding; /* one a finding of the catalogue; NULL: not seen */
	size_t nfindings;
	struct log_cause *sorted;
	struct log_class_count classes[CLASSES_MAX];
	struct log_top *domains, *clients, *replies;
};

static size_t findings_known(void)
{
	size_t n = 0;
	while (finding_entry_at(n))
		n++;
	return n;
}

struct log_summary *log_summary_new(void)
{
	struct log_summary *s = mem_alloc(sizeof(*s));
	s->nfindings = findings_known();
	s->by_finding = mem_alloc((s->nfindings + 1) * sizeof(struct kept_cause *));
	s->sorted = mem_alloc((s->nfindings + 1) * sizeof(*s->sorted));
	s->domains = log_top_new();
	s->clients = log_top_new();
	s->replies = log_top_new();
	return s;
}

void log_summary_free(struct log_summary **s)
{
	if (!*s)
		return;
	for (size_t i = 0; i < (*s)->nfindings; i++)
		mem_free(&(*s)->by_finding[i]);
	mem_free(&(*s)->by_finding);
	mem_free(&(*s)->sorted);
	log_top_free(&(*s)->domains);
	log_top_free(&(*s)->clients);
	log_top_free(&(*s)->replies);
	mem_free(s);
}

static struct log_cause *cause_of(struct log_summary *s, const struct finding_entry *f)
{
	size_t i = f ? (size_t)(f - finding_entry_at(0)) : s->nfindings;
	if (i >= s->nfindings)
		return NULL;
	if (!s->by_finding[i]) {
		s->by_finding[i] = mem_alloc(sizeof(struct kept_cause));
		s->by_finding[i]->cause.finding = f;
		s->by_finding[i]->cause.class = finding_class_find(f->class);
	}
	return &s->by_finding[i]->cause;
}

static bool is_good(enum log_state s)
{
	return s == LOG_HANDED_OVER || s == LOG_DELIVERED_HERE;
}

static void less(unsigned long long *n)
{
	*n -= *n > 0;
}

static void cause_time(struct log_cause *c, long long t)
{
	if (!t)
		return;
	if (!c->first_s || t < c->first_s)
		c->first_s = t;
	if (t > c->last_s)
		c->last_s = t;
}

static void cause_count(struct log_cause *c, const struct log_event *e)
{
	c->hit++;
	switch (e->state) {
	case LOG_DELAYED:
	case LOG_HELD:
		c->delayed++;
		break;
	case LOG_NOT_TAKEN:
	case LOG_LOGIN_FAILED:
		c->at_door++;
		break;
	case LOG_TROUBLE:
		c->troubles++;
		break;
	default:
		c->refused++;
		break;
	}
}

/* What the event says of its cause; what an earlier delay said of its own no longer holds. */
static void add_cause(struct log_summary *s, const struct log_event *e)
{
	struct log_cause *before = e->was_delayed ? cause_of(s, e->delayed_by) : NULL;
	if (before) {
		less(&before->delayed);
		if (is_good(e->state))
			before->passed++;
		else
			less(&before->hit);
	}
	struct log_cause *c = e->nmeanings ? cause_of(s, e->meanings[0].entry) : NULL;
	if (!c)
		return;
	c->events++;
	cause_count(c, e);
	cause_time(c, e->time_s);
	if (!c->example.reply || e->meanings[0].confidence > c->confidence) {
		c->confidence = e->meanings[0].confidence;
		log_example_keep(&c->example, &((struct kept_cause *)c)->room, e);
	}
}

/* The domain of an address in lower case; "" for none. */
static struct str domain_of(struct str address, char out[LOG_SUMMARY_NAME_MAX])
{
	struct str domain = str_domain(address);
	size_t n = 0;
	for (; n < domain.len && n < LOG_SUMMARY_NAME_MAX; n++)
		out[n] = domain.p[n] >= 'A' && domain.p[n] <= 'Z' ? (char)(domain.p[n] + 32) : domain.p[n];
	return (struct str){ out, n };
}

static void place_after_delay(struct log_place *p, const struct log_event *e)
{
	if (!e->was_delayed)
		return;
	less(&p->delayed);
	p->passed += is_good(e->state);
}

static void add_domain(struct log_summary *s, const struct log_event *e)
{
	char bytes[LOG_SUMMARY_NAME_MAX];
	bool ended = e->state == LOG_REFUSED || e->state == LOG_EXPIRED;
	bool bad = ended || e->state == LOG_DELAYED;
	if (!bad && !log_top_any(s->domains))
		return;
	struct str domain = domain_of(e->to, bytes);
	if (!domain.len)
		return;
	struct log_counted *c = bad ? log_top_take(s->domains, domain) : log_top_find(s->domains, domain);
	if (!c)
		return;
	place_after_delay(&c->place, e);
	c->place.taken += is_good(e->state);
	c->place.failed += ended;
	c->place.delayed += e->state == LOG_DELAYED;
	if (bad && !e->was_delayed)
		c->n++;
	if (bad)
		log_top_example(c, e);
}

static void add_client(struct log_summary *s, const struct log_event *e)
{
	struct log_host h = log_host_of(e->client);
	struct str key = h.ip.len ? h.ip : h.name;
	if (!key.len)
		return;
	struct log_counted *c = log_top_take(s->clients, key);
	c->n++;
	c->place.failed++;
	log_top_example(c, e);
}

static void add_reply(struct log_summary *s, const struct log_event *e)
{
	uint64_t hash = log_mask_hash(e->reply);
	struct log_counted *c = log_top_take(s->replies, (struct str){ (const char *)&hash, sizeof(hash) });
	if (!c->place.example.reply) {
		log_top_name(c, e->reply);
		log_top_example(c, e);
	}
	c->n++;
	if (e->state == LOG_DELAYED)
		c->place.delayed++;
	else
		c->place.failed++;
}

static void add_states(struct log_digest *d, const struct log_event *e)
{
	if (e->was_delayed)
		less(&d->states[LOG_DELAYED]);
	d->late += e->was_delayed && is_good(e->state);
	d->states[e->state]++;
	d->events[e->state]++;
	if (e->tries > d->most_tries)
		d->most_tries = e->tries;
	if (!e->time_s)
		return;
	if (!d->first_s || e->time_s < d->first_s)
		d->first_s = e->time_s;
	if (e->time_s > d->last_s)
		d->last_s = e->time_s;
}

void log_summary_add(void *summary, const struct log_event *e)
{
	struct log_summary *s = summary;
	add_states(&s->digest, e);
	add_domain(s, e);
	if (is_good(e->state) && !e->was_delayed)
		return;
	add_cause(s, e);
	if (e->state == LOG_NOT_TAKEN || (e->state == LOG_LOGIN_FAILED && e->client.len))
		add_client(s, e);
	if (e->reply.len && !is_good(e->state))
		add_reply(s, e);
}

static int heavier_first(const void *a, const void *b)
{
	const struct log_cause *p = a, *q = b;
	if (p->weight != q->weight)
		return (p->weight < q->weight) - (p->weight > q->weight);
	if (p->hit != q->hit)
		return (p->hit < q->hit) - (p->hit > q->hit);
	return strcmp(p->finding->id, q->finding->id);
}

static int more_first(const void *a, const void *b)
{
	const struct log_class_count *p = a, *q = b;
	if (p->hit != q->hit)
		return (p->hit < q->hit) - (p->hit > q->hit);
	return strcmp(p->class->id, q->class->id);
}

static void add_class(struct log_summary *s, const struct log_cause *c)
{
	size_t i = 0, n = s->digest.nclasses;
	while (i < n && s->classes[i].class != c->class)
		i++;
	if (i == CLASSES_MAX || !c->class)
		return;
	if (i == n)
		s->classes[s->digest.nclasses++] = (struct log_class_count){ .class = c->class };
	s->classes[i].hit += c->hit;
	s->classes[i].events += c->events;
}

static void sort_causes(struct log_summary *s)
{
	struct log_digest *d = &s->digest;
	d->ncauses = d->nclasses = 0;
	for (size_t i = 0; i < s->nfindings; i++) {
		struct kept_cause *k = s->by_finding[i];
		if (!k || !k->cause.events)
			continue;
		k->cause.weight = log_weight(&k->cause);
		s->sorted[d->ncauses++] = k->cause;
		add_class(s, &k->cause);
	}
	qsort(s->sorted, d->ncauses, sizeof(*s->sorted), heavier_first);
	qsort(s->classes, d->nclasses, sizeof(*s->classes), more_first);
	d->causes = s->sorted;
	d->classes = s->classes;
	d->first = d->ncauses && d->causes[0].weight > 0 ? &d->causes[0] : NULL;
}

const struct log_digest *log_summary_digest(struct log_summary *s)
{
	struct log_digest *d = &s->digest;
	sort_causes(s);
	d->domains = log_top_worst(s->domains, &d->ndomains);
	d->clients = log_top_worst(s->clients, &d->nclients);
	d->replies = log_top_worst(s->replies, &d->nreplies);
	d->recipients = 0;
	for (int i = 0; i <= LOG_DISCARDED; i++)
		d->recipients += d->states[i];
	return d;
}
