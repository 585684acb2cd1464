/* SPDX-License-Identifier: Apache-2.0 */
/* One question's way: hosts file, resolver, aliases, proof. */
#include <stdlib.h>
#include <string.h>

#include "net/dns_inner.h"

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

static void take_reply(struct dns_answer *a, const struct dns_wire_reply *r)
{
	a->rcode = r->rcode;
	a->ede = r->ede;
	a->ede_text = r->ede_text;
	if (*r->cname)
		a->cname = r->cname;
	a->records = r->records;
	a->ttl = r->ttl;
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
	if (!x->answered)
		return;
	take_reply(a, &x->reply);
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

static struct dns_validator *validator_of(struct dns *d)
{
	struct err e = { 0 };
	if (d->validator_tried)
		return d->validator;
	d->validator_tried = true;
	d->validator = dns_validator_use(d->loop, d->servers, d->nservers, d->anchor_file, &e);
	if (!d->validator) {
		char words[512];
		d->validator_error = arena_strdup(d->arena, err_text(&e, words, sizeof(words)));
	}
	return d->validator;
}

static const char never_ended[] = "its proof by DNSSEC did not come, so it may be forged";

static void believe_bogus(struct dns_question *q)
{
	q->answer.status = DNS_ANSWER_BOGUS;
	q->answer.records = (struct strlist){ 0 }; /* nobody may use them by mistake */
	q->answer.via = "validator";
	q->answer.error = dns_proof_why(q->proof);
	q->answer.secure = false;
}

static bool is_bogus(const struct dns_question *q)
{
	return dns_proof_result(q->proof) == DNS_PROOF_BOGUS;
}

static void leave_open(struct dns_question *q, const char *why)
{
	q->answer.doubt = DNS_PROOF_OPEN;
	q->answer.error = why;
}

static void end_of_check(struct dns_question *q, enum proofs proofs)
{
	static const char *const why_not[] = {
		[PROOFS_STRIPPED] = "the resolver leaves out DNSSEC signatures, so nothing can be proven",
		[PROOFS_WITHOUT_ANCHOR] =
			"the trust anchor itself cannot be proven, so nothing else can: it is "
			"out of date, or this computer's clock is wrong",
	};
	q->d->proofs = proofs;
	if (proofs != PROOFS_COUNT)
		q->answer.error = why_not[proofs];
	else if (is_bogus(q))
		believe_bogus(q);
	else
		leave_open(q, never_ended);
	if (proofs == PROOFS_WITHOUT_ANCHOR)
		q->answer.doubt = DNS_ANCHOR_WRONG;
	finish(q);
}

static void on_anchor(void *ctx)
{
	struct dns_question *q = ctx;
	bool fits = dns_proof_result(q->of_anchor) != DNS_PROOF_BOGUS;
	end_of_check(q, fits ? PROOFS_COUNT : PROOFS_WITHOUT_ANCHOR);
}

/* Does the resolver hand out the signature of the anchor's own key, and does the anchor fit that key? */
static void on_checked(void *ctx)
{
	struct dns_question *q = ctx;
	const struct dns_exchange_result *x = dns_exchange_result(q->exchange);
	struct dns_validator *v = q->d->validator;
	bool silent = x->status == DNS_ANSWER_TIMEOUT || x->status == DNS_ANSWER_LOCAL_ERROR;
	if (!silent && (x->status != DNS_ANSWER_OK || !x->reply.has_signatures)) {
		end_of_check(q, PROOFS_STRIPPED);
		return;
	}
	if (silent || !is_bogus(q)) { /* this question's trouble: the next one is looked at anew */
		leave_open(q, silent ? "the key of the trust anchor did not come" : never_ended);
		finish(q);
		return;
	}
	q->of_anchor = dns_proof_start(v, dns_validator_anchor(v), "DNSKEY", q->arena, on_anchor, q);
	if (!q->of_anchor)
		end_of_check(q, PROOFS_COUNT);
}

/* Is it the name's own trouble that there is no proof? */
static void check_proofs(struct dns_question *q)
{
	q->state = Q_CHECKING;
	if (q->d->proofs != PROOFS_UNTRIED) {
		end_of_check(q, q->d->proofs);
		return;
	}
	ask(q, dns_validator_anchor(q->d->validator), "DNSKEY", DNS_CD, on_checked);
}

static enum dns_status_code status_of_proven(const struct dns_wire_reply *r)
{
	if (r->rcode == 3)
		return DNS_ANSWER_NXDOMAIN;
	return r->records.n ? DNS_ANSWER_OK : DNS_ANSWER_NODATA;
}

/* What is called secure must be what was proven, not what the stub heard before. */
static void take_proven(struct dns_question *q, const struct dns_wire_reply *r)
{
	const char *ede_text = q->answer.ede_text;
	int ede = q->answer.ede;
	take_reply(&q->answer, r);
	q->answer.ede = ede;
	q->answer.ede_text = ede_text;
	q->answer.status = status_of_proven(r);
	q->answer.secure = true;
	q->answer.via = "validator";
	q->answer.error = "";
}

/* What failed anyway is no less known without a proof. */
static bool leaves_open(const struct dns_question *q)
{
	enum dns_status_code s = q->answer.status;
	return dns_proof_result(q->proof) == DNS_PROOF_UNKNOWN &&
	       (s == DNS_ANSWER_OK || s == DNS_ANSWER_NODATA || s == DNS_ANSWER_NXDOMAIN);
}

static void on_proof(void *ctx)
{
	struct dns_question *q = ctx;
	const struct dns_wire_reply *proven = dns_proof_reply(q->proof);
	if (is_bogus(q) || leaves_open(q)) {
		check_proofs(q);
		return;
	}
	if (proven)
		take_proven(q, proven);
	finish(q);
}

static void prove(struct dns_question *q)
{
	struct dns_validator *v = validator_of(q->d);
	q->state = Q_PROVING;
	if (v)
		q->proof = dns_proof_start(v, q->name, q->type, q->arena, on_proof, q);
	if (q->proof)
		return;
	if (v)
		leave_open(q, "the validator takes no questions");
	else if (!*q->answer.error)
		q->answer.error = q->d->validator_error;
	finish(q);
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
		prove(q);
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
