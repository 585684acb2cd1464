/* SPDX-License-Identifier: Apache-2.0 */
/* One question's way: hosts file, resolver, aliases. */
#include <stdlib.h>
#include <string.h>

#include "net/dns_inner.h"
#include "net/dns_prove.h"

void dns_question_free(struct dns_question **qp)
{
	struct dns_question *q = *qp;
	if (!q)
		return;
	dns_exchange_free(&q->exchange);
	dns_proof_free(&q->proof);
	dns_proof_free(&q->of_anchor);
	arena_free(&q->arena);
	free(q);
	*qp = NULL;
}

struct dns_question *dns_question_new(struct dns *d, const char *name, const char *type, unsigned flags,
				      const char *server)
{
	struct dns_question *q = mem_alloc(sizeof(*q));
	q->d = d;
	q->arena = arena_new();
	q->name = q->asked = arena_strdup(q->arena, name);
	q->type = arena_strdup(q->arena, type);
	q->flags = flags;
	q->server_text = arena_strdup(q->arena, server ? server : "");
	q->started_ms = net_loop_now_ms(d->loop);
	q->answer = (struct dns_answer){ .rcode = -1, .ede = -1, .ede_text = "", .via = "", .cname = "" };
	q->answer.resolver = q->answer.error = "";
	return q;
}

static void start_queued(struct dns *d);

static void finish(struct dns_question *q)
{
	struct dns *d = q->d;
	bool was_on_wire = q->state != Q_QUEUED;
	q->answer.elapsed_ms = (long)(net_loop_now_ms(d->loop) - q->started_ms);
	q->state = Q_DONE;
	dns_exchange_free(&q->exchange);
	dns_proof_free(&q->proof);
	dns_proof_free(&q->of_anchor);
	if (was_on_wire) {
		d->on_wire--;
		start_queued(d);
	}
}

void dns_question_fail(struct dns_question *q, const char *why)
{
	q->answer.status = DNS_ANSWER_LOCAL_ERROR;
	q->answer.error = why;
	finish(q);
}

static void ask(struct dns_question *q, const char *name, const char *type, unsigned flags,
		void (*done)(void *ctx))
{
	struct dns_exchange_options o = { .servers = q->d->servers,
					  .nservers = q->d->nservers,
					  .name = name,
					  .type = type,
					  .flags = flags,
					  .arena = q->arena,
					  .done = done,
					  .ctx = q };
	if (*q->server_text) {
		o.servers = &q->server;
		o.nservers = 1;
	}
	q->exchange = dns_exchange_start(q->d->loop, &o);
}

/* AD is an assertion, worth something only where nobody can have changed it. */
static void take_result(struct dns_question *q, const struct dns_exchange_result *x)
{
	struct dns_answer *a = &q->answer;
	a->status = x->status;
	a->via = x->via;
	a->error = x->error;
	a->truncated |= x->truncated;
	a->resolver = arena_strdup(q->arena, x->server->text);
	if (!x->answered) {
		q->d->lack = x->number ? x->number : q->d->lack;
		return;
	}
	dns_prove_take(a, &x->reply);
	bool whole = !q->hops || a->secure; /* of a chain of aliases each link counts */
	a->secure = whole && x->reply.authentic && x->server->loopback && !(q->flags & DNS_CD);
}

/* An alias without its target's records, and nothing that says there are none:
 * a server that does not follow aliases for us. */
static bool must_follow(const struct dns_question *q, const struct dns_exchange_result *x)
{
	return x->status == DNS_ANSWER_NODATA && *x->reply.cname && !x->reply.has_soa &&
	       !(q->flags & DNS_NO_RECURSE) && q->hops < DNS_CNAME_MAX &&
	       strcmp(x->reply.cname, q->asked) != 0;
}

static bool wants_proof(const struct dns_question *q)
{
	return q->flags & DNS_VALIDATE && !q->answer.secure && !*q->server_text &&
	       q->answer.status != DNS_ANSWER_TIMEOUT && q->answer.status != DNS_ANSWER_REFUSED &&
	       q->answer.status != DNS_ANSWER_LOCAL_ERROR;
}

static void on_exchange(void *ctx)
{
	struct dns_question *q = ctx;
	CLEANUP(dns_exchange_free) struct dns_exchange *over = STEAL(q->exchange);
	const struct dns_exchange_result *x = dns_exchange_result(over);
	take_result(q, x);
	if (must_follow(q, x)) {
		q->hops++;
		q->asked = q->answer.cname;
		ask(q, q->asked, q->type, q->flags, on_exchange);
	} else if (wants_proof(q)) {
		dns_prove(q, finish);
	} else {
		finish(q);
	}
}

static void start(struct dns_question *q)
{
	q->state = Q_ASKED;
	q->d->on_wire++;
	ask(q, q->asked, q->type, q->flags, on_exchange);
}

static void start_queued(struct dns *d)
{
	for (size_t i = 0; i < d->nquestions && d->on_wire < DNS_AT_ONCE; i++)
		if (d->questions[i]->state == Q_QUEUED)
			start(d->questions[i]);
}

/* RFC 6761, 6.3: localhost is always this machine. */
static bool find_localhost(struct dns_question *q)
{
	if (strcmp(q->name, "localhost") != 0 && !z_iends(q->name, ".localhost"))
		return false;
	strlist_add(&q->answer.records, q->arena, strcmp(q->type, "A") == 0 ? "127.0.0.1" : "::1");
	return true;
}

static bool answer_from_hosts(struct dns_question *q)
{
	struct dns *d = q->d;
	if ((strcmp(q->type, "A") != 0 && strcmp(q->type, "AAAA") != 0) || q->flags & DNS_NO_HOSTS ||
	    *q->server_text)
		return false;
	if (!d->hosts_read && *d->hosts_file)
		d->hosts = dns_file_read(d->hosts_file, d->arena);
	d->hosts_read = true;
	if (!dns_hosts_find(d->hosts, q->name, q->type, q->arena, &q->answer.records) && !find_localhost(q))
		return false;
	q->answer.status = q->answer.records.n ? DNS_ANSWER_OK : DNS_ANSWER_NODATA;
	q->answer.via = "hosts";
	q->answer.resolver = arena_strdup(q->arena, d->hosts_file);
	return true;
}

static bool may_ask(const struct dns_question *q)
{
	return dns_server_allowed(net_guard_here(q->d->loop), q->d->servers, q->d->nservers, &q->server);
}

void dns_question_begin(struct dns_question *q, const char *fault)
{
	if (fault)
		dns_question_fail(q, fault);
	else if (!dns_wire_type_number(q->type))
		dns_question_fail(q, "unknown record type");
	else if (*q->server_text && !dns_server_read(q->server_text, &q->server))
		dns_question_fail(q, "the server to ask is no address");
	else if (*q->server_text && !may_ask(q))
		dns_question_fail(q, "questions to this server are not allowed from here");
	else if (answer_from_hosts(q))
		finish(q);
	else if (q->d->on_wire < DNS_AT_ONCE)
		start(q);
}
