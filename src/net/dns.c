/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns.h"

#include <stdlib.h>
#include <string.h>

#include "net/dns_inner.h"
#include "net/dns_name.h"

static const char *const status_names[DNS_ANSWER_STATUSES] = {
	[DNS_ANSWER_OK] = "ok",
	[DNS_ANSWER_NODATA] = "nodata",
	[DNS_ANSWER_NXDOMAIN] = "nxdomain",
	[DNS_ANSWER_SERVFAIL] = "servfail",
	[DNS_ANSWER_REFUSED] = "refused",
	[DNS_ANSWER_TIMEOUT] = "timeout",
	[DNS_ANSWER_BOGUS] = "bogus",
	[DNS_ANSWER_MALFORMED] = "malformed",
	[DNS_ANSWER_OTHER_RCODE] = "rcode",
	[DNS_ANSWER_LOCAL_ERROR] = "local",
};

const char *dns_status_name(enum dns_status_code s)
{
	return status_names[s];
}

const char *dns_unprovable(const struct dns_answer *x)
{
	bool told = x && !x->doubt &&
		    (x->status == DNS_ANSWER_OK || x->status == DNS_ANSWER_NODATA ||
		     x->status == DNS_ANSWER_NXDOMAIN);
	return told && !x->secure && x->error ? x->error : "";
}

static bool read_servers(struct dns *d, const char *resolver, struct err *e)
{
	if (!resolver) {
		d->nservers = dns_resolv_conf_read(dns_file_read("/etc/resolv.conf", d->arena), d->servers);
		return true;
	}
	if (!dns_server_read(resolver, &d->servers[0])) {
		ERR_FILL(e, ERR_USAGE, 0, "use resolver", "%s", resolver);
		return err_detail(e, "give an address, or address:port; [v6]:port");
	}
	d->nservers = 1;
	return true;
}

static const char *copy_or_null(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : NULL;
}

struct dns *dns_new(struct net_loop *l, const struct dns_options *o, struct err *e)
{
	CLEANUP(dns_free) struct dns *d = mem_alloc(sizeof(*d));
	d->loop = l;
	d->arena = arena_new();
	d->anchor_file = copy_or_null(d->arena, o->trust_anchor);
	d->hosts_file = arena_strdup(d->arena, o->hosts_file ? o->hosts_file : "/etc/hosts");
	d->validator_error = "";
	d->keys = o->keys;
	if (!d->keys)
		d->keys = d->own_keys = dns_keys_new(l);
	if (!read_servers(d, o->resolver, e))
		return NULL;
	return STEAL(d);
}

void dns_free(struct dns **dp)
{
	struct dns *d = *dp;
	if (!d)
		return;
	for (size_t i = 0; i < d->nquestions; i++)
		dns_question_free(&d->questions[i]);
	dns_question_free(&d->refused);
	dns_validator_leave(&d->validator);
	dns_keys_leave(d->keys, &d->wait);
	dns_keys_free(&d->own_keys);
	arena_free(&d->arena);
	free(d);
	*dp = NULL;
}

static struct dns_question *find(struct dns *d, const char *name, const char *type, unsigned flags,
				 const char *server)
{
	for (size_t i = 0; i < d->nquestions; i++) {
		struct dns_question *q = d->questions[i];
		if (q->flags == flags && !strcmp(q->name, name) && !strcmp(q->type, type) &&
		    !strcmp(q->server_text, server ? server : ""))
			return q;
	}
	return NULL;
}

static struct dns_question *over_limit(struct dns *d, const char *name, const char *type)
{
	if (d->refused)
		return d->refused;
	d->refused = dns_question_new(d, name, type, 0, NULL);
	dns_question_fail(d->refused, "more DNS questions than one run may ask (limit)");
	return d->refused;
}

struct dns_question *dns_ask(struct dns *d, const char *name, const char *type, unsigned flags,
			     const char *server)
{
	CLEANUP(arena_free) struct arena *scratch = arena_new();
	const char *fault = NULL;
	const char *clean = dns_name_clean(name, scratch, &fault);
	if (!clean)
		clean = name;
	struct dns_question *q = find(d, clean, type, flags, server);
	if (q)
		return q;
	if (d->nquestions == DNS_QUESTIONS_MAX)
		return over_limit(d, clean, type);
	q = dns_question_new(d, clean, type, flags, server);
	d->questions[d->nquestions++] = q;
	dns_question_begin(q, fault ? arena_strdup(q->arena, fault) : NULL);
	return q;
}

bool dns_done(const struct dns_question *q)
{
	return q->state == Q_DONE;
}

const struct dns_answer *dns_answer_of(const struct dns_question *q)
{
	return q->state == Q_DONE ? &q->answer : NULL;
}

static bool question_is_done(void *ctx)
{
	return dns_done(ctx);
}

const struct dns_answer *dns_wait(struct dns *d, struct dns_question *q, uint64_t until_ms)
{
	(void)net_loop_wait(d->loop, question_is_done, q, until_ms);
	return dns_answer_of(q);
}

const char *dns_question_name(const struct dns_question *q)
{
	return q->name;
}

const char *dns_question_type(const struct dns_question *q)
{
	return q->type;
}

int dns_lack(const struct dns *d)
{
	return d->lack;
}

const char *dns_resolver(const struct dns *d)
{
	return d->servers[0].text;
}
