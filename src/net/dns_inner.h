/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns_inner.h - what dns.c (the context), dns_question.c and dns_prove.c share. */
#ifndef NET_DNS_INNER_H
#define NET_DNS_INNER_H

#include "net/dns.h"
#include "net/dns_exchange.h"
#include "net/dns_keys.h"
#include "net/dns_validate.h"

/* Of a question: QUEUED -> ASKED (again for each alias that is followed) -> PROVING
 * -> CHECKING (why "bogus", why no proof?) -> DONE; any -> DONE. */
enum question_state { Q_QUEUED, Q_ASKED, Q_PROVING, Q_CHECKING, Q_DONE };

struct dns_question {
	struct dns *d;
	struct arena *arena;
	const char *name, *type, *server_text;
	unsigned flags;
	enum question_state state;
	struct dns_server server; /* where server_text is set */
	struct dns_exchange *exchange;
	struct dns_proof *proof, *of_anchor;
	void (*proved)(struct dns_question *q);
	const char *asked; /* the name, or the alias that is followed */
	unsigned hops;
	uint64_t started_ms;
	struct dns_answer answer;
};

/* Whether "bogus" means anything here: not where the anchor's own key does not fit (it is out of date, or this
 * clock is wrong). */
enum anchor_fit { ANCHOR_UNTRIED, ANCHOR_FITS, ANCHOR_MISFITS };

struct dns {
	struct net_loop *loop;
	struct arena *arena;
	struct dns_server servers[DNS_SERVERS_MAX];
	size_t nservers;
	const char *anchor_file, *hosts_file;
	const char *anchor; /* whose key it is; NULL: not looked at yet */
	struct str hosts;
	bool hosts_read, validator_tried;
	struct dns_validator *validator;
	const char *validator_error;
	struct dns_keys *keys, *own_keys; /* own: none were lent */
	struct dns_keys_wait wait;
	enum anchor_fit anchor_fit;
	struct dns_question *questions[DNS_QUESTIONS_MAX];
	size_t nquestions, on_wire;
	int lack;                     /* errno of the last question, or proof, that found no socket; 0 none */
	struct dns_question *refused; /* what is handed out beyond the limit */
};

struct dns_question *dns_question_new(struct dns *d, const char *name, const char *type, unsigned flags,
				      const char *server) MUST_USE;
void dns_question_free(struct dns_question **q);
/* Answers it from the hosts file, asks, or leaves it queued; fault (kept): why it cannot be asked. */
void dns_question_begin(struct dns_question *q, const char *fault);
void dns_question_fail(struct dns_question *q, const char *why);

#endif
