/* SPDX-License-Identifier: Apache-2.0 */
/* Checks asked for over HTTP: what they may do, where they may go, and their begin.
 *
 * They go to public addresses only and to what check-allow lists, whatever a name points to at that very
 * moment; files, resolvers and local addresses cannot be named.  A profile's check goes to the profile's port
 * as well, wherever its server stands. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/cause_json.h"
#include "mail/ipaddr.h"
#include "net/address.h"
#include "watch/runner.h"
#include "watch/watch.h"
#include "web/endpoints.h"
#include "web/order.h"
#include "web/web_inner.h"

/* ---- where a check may go ---- */

static bool is_mail_port(unsigned port)
{
	static const unsigned ports[] = { 25, 26, 53, 80, 110, 143, 443, 465, 587, 993, 995, 2525 };
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		if (ports[i] == port)
			return true;
	return port >= 1024;
}

static bool is_listed(struct web *w, const char *address)
{
	struct ipaddr a;
	bool listed = false;
	if (!ipaddr_read(str_of(address), &a))
		return false;
	pthread_rwlock_rdlock(&w->lock);
	const struct relay_http *h = &w->access.settings->http;
	for (size_t i = 0; i < h->ncheck_allow; i++)
		listed = listed || ipaddr_in(&a, &h->check_allow[i].net, h->check_allow[i].bits);
	pthread_rwlock_unlock(&w->lock);
	return listed;
}

/* In the runner's thread, with each address right before the connection. */
static bool may_go(void *ctx, const char *address, unsigned port)
{
	return is_listed(ctx, address) || (net_address_is_public(address) && is_mail_port(port));
}

/* ---- beginning ---- */

static void take_place(struct web_call *c, struct check_request *r)
{
	pthread_rwlock_rdlock(&c->web->lock);
	const struct relay_settings *s = c->web->access.settings;
	r->resolver = *s->resolver ? arena_strdup(c->arena, s->resolver) : r->resolver;
	r->ca_file = *s->ca_file ? arena_strdup(c->arena, s->ca_file) : r->ca_file;
	r->ehlo_name = arena_strdup(c->arena, s->hostname);
	pthread_rwlock_unlock(&c->web->lock);
}

static bool may_send(struct web_call *c, const struct check_request *r)
{
	if (r->until != UNTIL_MESSAGE || c->who.role >= RELAY_ROLE_OPERATE)
		return true;
	web_problem(c, 403, "This is not yours to do", "Sending a message wants the role \"operate\".");
	return false;
}

static bool start(struct web_call *c, const struct runner_order *o)
{
	char id[RUNNER_ID_BYTES];
	struct err e = { 0 };
	if (!runner_start(c->web->runner, o, id, &e)) {
		web_add_header(c, "Retry-After", "10");
		web_problem(c, 503, "Too many checks at a time", "Try again in a moment.");
		return false;
	}
	web_add_header(c, "Location", arena_printf(c->arena, "/api/v1/check/%s", id));
	web_answer_json(c, 202, json_pack("{s:i,s:s}", "schema", 1, "id", id));
	return true;
}

/* ---- by a profile ---- */

struct profile_check {
	struct web *web;
	unsigned port; /* of the profile's server, which may stand in an inner network */
};

static bool may_go_there(void *ctx, const char *address, unsigned port)
{
	const struct profile_check *x = ctx;
	return port == x->port || may_go(x->web, address, port);
}

static void on_ended(void *ctx, const struct runner_end *end)
{
	(void)end;
	free(ctx);
}

/* With the company's own login: not for who may only look. */
static bool may_use_profiles(struct web_call *c)
{
	if (c->who.role >= RELAY_ROLE_OPERATE)
		return true;
	web_problem(c, 403, "This is not yours to do",
		    "A check that logs in by a profile wants the role \"operate\".");
	return false;
}

static void start_profile(struct web_call *c, const struct check_request *asked)
{
	struct err e = { 0 };
	if (!may_use_profiles(c))
		return;
	CLEANUP(request_free)
	struct check_request *own =
		c->web->watch ? watch_profile(c->web->watch, asked->input + strlen("profile:"), &e) : NULL;
	if (!own) {
		if (e.kind == ERR_NONE)
			ERR_FILL(&e, ERR_USAGE, 0, "check", "%s: no profile is known here", asked->input);
		web_problem_err(c, &e);
		return;
	}
	struct check_request r = *own;
	r.to = asked->to;
	r.until = asked->until;
	r.timeout_s = asked->timeout_s;
	r.experiments = asked->experiments;
	take_place(c, &r);
	struct profile_check *x = mem_alloc(sizeof(*x));
	*x = (struct profile_check){ c->web, r.port };
	const struct runner_order o = {
		.request = &r, .guard = { may_go_there, x }, .ended = on_ended, .ctx = x
	};
	if (!start(c, &o))
		free(x);
}

static void add_profile(void *ctx, const struct watch_monitor *p)
{
	json_array_append_new(ctx, json_pack("{s:o,s:o,s:i}", "name", text_json(p->name), "host",
					     text_json(p->request.host), "port", (int)p->request.port));
}

void check_profiles(struct web_call *c)
{
	json_t *list = json_array();
	if (c->web->watch)
		watch_profiles(c->web->watch, add_profile, list);
	web_answer_json(c, 200, json_pack("{s:i,s:o}", "schema", 1, "profiles", list));
}

static void start_named(struct web_call *c, struct check_request *r)
{
	const struct runner_order o = { .request = r, .guard = { may_go, c->web } };
	take_place(c, r);
	(void)start(c, &o);
}

void check_post(struct web_call *c)
{
	json_t *o;
	struct err e = { 0 };
	struct check_request r;
	if (!web_body_json(c, &o))
		return;
	if (!order_read(o, c->arena, &r, &e)) {
		web_problem_err(c, &e);
	} else if (may_send(c, &r) && r.form == FORM_PROFILE) {
		start_profile(c, &r);
	} else if (!c->status) {
		start_named(c, &r);
	}
	json_decref(o); /* the runner has its own copy */
}
