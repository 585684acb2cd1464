/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_prove.h"

void dns_prove_take(struct dns_answer *a, const struct dns_wire_reply *r)
{
	a->rcode = r->rcode;
	a->ede = r->ede;
	a->ede_text = r->ede_text;
	if (*r->cname)
		a->cname = r->cname;
	a->records = r->records;
	a->ttl = r->ttl;
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
		d->lack = e.kind == ERR_SYS ? (int)e.code : d->lack;
	}
	return d->validator;
}

static bool has_answer(const struct dns_question *q)
{
	enum dns_status_code s = q->answer.status;
	return s == DNS_ANSWER_OK || s == DNS_ANSWER_NODATA || s == DNS_ANSWER_NXDOMAIN;
}

/* ---- how it ends ---- */

static void believe_bogus(struct dns_question *q)
{
	q->answer.status = DNS_ANSWER_BOGUS;
	q->answer.records = (struct strlist){ 0 }; /* nobody may use them by mistake */
	q->answer.via = "validator";
	q->answer.error = dns_proof_why(q->proof);
	q->answer.secure = false;
	q->proved(q);
}

static bool is_bogus(const struct dns_question *q)
{
	return dns_proof_result(q->proof) == DNS_PROOF_BOGUS;
}

static void leave_open(struct dns_question *q, const char *why)
{
	q->answer.doubt = DNS_PROOF_OPEN;
	q->answer.error = why;
	q->proved(q);
}

static void find_unprovable(struct dns_question *q, enum dns_keys_word why)
{
	if (has_answer(q)) /* a failure keeps its own words */
		q->answer.error = dns_keys_why(why);
	q->proved(q);
}

static void find_anchor(struct dns_question *q, enum anchor_fit fit)
{
	q->d->anchor_fit = fit;
	if (fit == ANCHOR_FITS) {
		believe_bogus(q);
		return;
	}
	q->answer.error = "the trust anchor itself cannot be proven, so nothing else can: it is "
			  "out of date, or this computer's clock is wrong";
	q->answer.doubt = DNS_ANCHOR_WRONG;
	q->proved(q);
}

/* What is called secure must be what was proven, not what the stub heard before. */
static void take_proven(struct dns_question *q, const struct dns_wire_reply *r)
{
	const char *ede_text = q->answer.ede_text;
	int ede = q->answer.ede;
	dns_prove_take(&q->answer, r);
	q->answer.ede = ede;
	q->answer.ede_text = ede_text;
	q->answer.status = r->rcode == 3  ? DNS_ANSWER_NXDOMAIN
			   : r->records.n ? DNS_ANSWER_OK
					  : DNS_ANSWER_NODATA;
	q->answer.secure = true;
	q->answer.via = "validator";
	q->answer.error = "";
}

/* ---- is it the name's own trouble that there is none? ---- */

static void on_told(void *ctx);

static const char *anchor_owner(struct dns *d)
{
	if (!d->anchor)
		d->anchor = dns_anchor_owner(d->anchor_file, d->arena);
	return d->anchor;
}

static enum dns_keys_word look(struct dns_question *q, bool doubted)
{
	struct dns *d = q->d;
	const struct dns_keys_ask ask = { d->servers, d->nservers, anchor_owner(d), q->name, doubted };
	d->wait.told = on_told;
	d->wait.ctx = d;
	return dns_keys_look(d->keys, &ask, &d->wait);
}

static void on_anchor(void *ctx)
{
	struct dns_question *q = ctx;
	bool fits = dns_proof_result(q->of_anchor) != DNS_PROOF_BOGUS;
	find_anchor(q, fits ? ANCHOR_FITS : ANCHOR_MISFITS);
}

static void check_anchor(struct dns_question *q)
{
	struct dns *d = q->d;
	if (d->anchor_fit == ANCHOR_UNTRIED)
		q->of_anchor =
			dns_proof_start(d->validator, anchor_owner(d), "DNSKEY", q->arena, on_anchor, q);
	if (!q->of_anchor)
		find_anchor(q, d->anchor_fit == ANCHOR_MISFITS ? ANCHOR_MISFITS : ANCHOR_FITS);
}

static void judge(struct dns_question *q, enum dns_keys_word keys)
{
	if (dns_keys_withheld(keys))
		find_unprovable(q, keys);
	else if (keys == DNS_KEYS_UNTOLD)
		leave_open(q, "the key of the trust anchor did not come");
	else if (is_bogus(q))
		check_anchor(q);
	else
		leave_open(q, "its proof by DNSSEC did not come, so it may be forged");
}

/* SERVFAIL may pass while a proof still comes. */
static bool is_hopeless(enum dns_keys_word w)
{
	return dns_keys_withheld(w) && w != DNS_KEYS_FAILED;
}

/* What is still being proven need not go on where nothing can be. */
static void on_told(void *ctx)
{
	struct dns *d = ctx;
	enum dns_keys_word word = dns_keys_word(d->keys);
	for (size_t i = 0; i < d->nquestions; i++) {
		struct dns_question *q = d->questions[i];
		bool checks = q->state == Q_CHECKING && !q->of_anchor;
		if (checks || (q->state == Q_PROVING && is_hopeless(word)))
			judge(q, word);
	}
}

static void check(struct dns_question *q)
{
	q->state = Q_CHECKING;
	enum dns_keys_word word = look(q, true);
	if (dns_keys_withheld(word) || !dns_keys_asking(q->d->keys))
		judge(q, word);
}

/* ---- the proof ---- */

static void on_proof(void *ctx)
{
	struct dns_question *q = ctx;
	const struct dns_wire_reply *proven = dns_proof_reply(q->proof);
	/* What failed anyway is no less known without a proof. */
	bool open = dns_proof_result(q->proof) == DNS_PROOF_UNKNOWN && has_answer(q);
	if (is_bogus(q) || open) {
		check(q);
		return;
	}
	if (proven)
		take_proven(q, proven);
	q->proved(q);
}

static void start(struct dns_question *q)
{
	struct dns_validator *v = validator_of(q->d);
	if (v)
		q->proof = dns_proof_start(v, q->name, q->type, q->arena, on_proof, q);
	if (q->proof)
		return;
	if (v) {
		leave_open(q, "the validator takes no questions");
		return;
	}
	if (!*q->answer.error)
		q->answer.error = q->d->validator_error;
	q->proved(q);
}

void dns_prove(struct dns_question *q, void (*proved)(struct dns_question *q))
{
	q->state = Q_PROVING;
	q->proved = proved;
	enum dns_keys_word word = *anchor_owner(q->d) ? look(q, false) : DNS_KEYS_UNTOLD;
	if (is_hopeless(word))
		find_unprovable(q, word);
	else
		start(q);
}
