/* SPDX-License-Identifier: Apache-2.0 */
#include "check/discover.h"

#include <string.h>

#include "check/discover_inner.h"
#include "check/find.h"

/* The best that is left: by source, then as it was named.  CANDIDATES_MAX: none. */
static size_t next_of(const struct search *s, bool isp)
{
	size_t best = CANDIDATES_MAX;
	for (size_t i = 0; i < s->list.n; i++)
		if (!s->done[i] && (s->list.v[i].source == SOURCE_ISP) == isp &&
		    (best == CANDIDATES_MAX || s->list.v[i].source < s->list.v[best].source))
			best = i;
	return best;
}

static size_t count_on_host(const struct search *s, const char *host, enum outcome o)
{
	size_t n = 0;
	for (size_t i = 0; i < s->list.n; i++)
		n += s->done[i] && s->outcome[i] == o && !strcmp(s->list.v[i].host, host);
	return n;
}

static bool is_enough(const struct search *s)
{
	return s->works || (s->ready && !request_has_secret(s->p->req));
}

/* Why this one need not be tried; NULL: it is tried. */
static const char *needless(const struct search *s, const struct candidate *c)
{
	if (!probe_left_ms(s->p))
		return "the time was up";
	if (is_enough(s) && !s->r->all)
		return "a better one works";
	if (s->tries >= DISCOVER_TRIES_MAX)
		return "enough servers were asked";
	if (count_on_host(s, c->host, OUTCOME_NO_ADDRESS))
		return "its name has no address";
	if (count_on_host(s, c->host, OUTCOME_NO_ANSWER) >= DISCOVER_SILENT_MAX)
		return "its host did not answer on other ports";
	if (count_on_host(s, c->host, OUTCOME_LOGIN_REFUSED))
		return "this host refused the login already";
	if (s->told_server_spoke && !candidate_source_is_told(c->source) && !s->r->all)
		return "the domain names its server itself, and that one answers";
	return NULL;
}

static void go_through(struct search *s, bool isp)
{
	size_t i;
	while ((i = next_of(s, isp)) != CANDIDATES_MAX) {
		const char *why = needless(s, &s->list.v[i]);
		if (why)
			search_pass_over(s, i, why);
		else
			search_try(s, i);
	}
}

/* What a person vouched for beforehand; and what another source vouches for by now is tried again. */
static void take_vouched(struct search *s)
{
	for (size_t i = 0; i < s->list.n; i++) {
		struct candidate *c = &s->list.v[i];
		if (!*c->vouched && strlist_has(&s->r->accept, c->host))
			c->vouched = "accepted";
		if (s->done[i] && s->outcome[i] == OUTCOME_UNCONFIRMED && *c->vouched)
			s->done[i] = false;
	}
}

/* Source after source, and only as far as it takes. */
static void look_and_try(struct search *s)
{
	struct probe *p = s->p;
	const struct fact_target *t = &p->target->target;
	struct finder f;
	find_begin(&f, p, t->input, t->domain, &s->list);
	while (find_next(&f)) {
		take_vouched(s);
		go_through(s, false);
		if (is_enough(s) && !s->r->all)
			break;
	}
}

static void run(struct search *s)
{
	if (!probe_input(s->p))
		return;
	look_and_try(s);
	if (!is_enough(s) || s->r->all || *s->r->isp) {
		search_add_isp(s);
		go_through(s, true);
	}
}

bool discover_run(struct net_loop *loop, const struct discover_request *r, const struct check_observer *o,
		  struct evidence **out, struct err *e)
{
	struct probe p = { .loop = loop, .req = &r->check, .observer = o, .no_policy = true };
	CLEANUP(mem_free) struct search *s = mem_alloc(sizeof(*s));
	s->p = &p;
	s->r = r;
	bool ok = probe_begin(&p, e);
	if (ok) {
		probe_tell(&p, p.target);
		probe_secrets(&p);
		run(s);
	}
	probe_end(&p, ok ? out : NULL);
	return ok;
}
