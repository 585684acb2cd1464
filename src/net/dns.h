/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns.h - questions to the resolver, and every way in which they fail, kept apart.
 *
 * A stub resolver speaks to the configured resolver itself (EDNS, DO, UDP then
 * TCP), because a library that recurses folds REFUSED, time-outs and extended
 * errors into SERVFAIL.  libunbound validates where a proof is needed (DANE). */
#ifndef NET_DNS_H
#define NET_DNS_H

#include "base/arena.h"
#include "base/err.h"
#include "net/loop.h"

enum {
	DNS_ANSWERS_MAX = 64,    /* records kept of one answer */
	DNS_CNAME_MAX = 12,      /* aliases followed */
	DNS_QUESTIONS_MAX = 600, /* of one dns context; further ones fail with ERR_LIMIT */
	DNS_TRY_MS = 1500,       /* first try; the second waits twice as long */
	DNS_TRIES = 3,
	DNS_AT_ONCE = 100, /* questions on the wire; others queue */
};

enum dns_status_code {
	DNS_ANSWER_OK,
	DNS_ANSWER_NODATA,
	DNS_ANSWER_NXDOMAIN,
	DNS_ANSWER_SERVFAIL,
	DNS_ANSWER_REFUSED,
	DNS_ANSWER_TIMEOUT,
	DNS_ANSWER_BOGUS,
	DNS_ANSWER_MALFORMED,
	DNS_ANSWER_OTHER_RCODE,
	DNS_ANSWER_LOCAL_ERROR,
	DNS_ANSWER_STATUSES
};

/* Why it is open whether an answer is signed.  Without a validator, and where the resolver hands out no
 * signatures (net/dns_keys.h), nothing is: nothing is ever proven there, as dns_unprovable() says. */
enum dns_doubt {
	DNS_NO_DOUBT,
	DNS_PROOF_OPEN,   /* the proof did not come to its end */
	DNS_ANCHOR_WRONG, /* the anchor is out of date, or this clock is wrong */
	DNS_DOUBTS
};

struct dns_keys;

struct dns_options {              /* copied */
	const char *resolver;     /* "ADDR", "ADDR:PORT", "[V6]:PORT"; NULL: /etc/resolv.conf */
	const char *trust_anchor; /* file for the validator; NULL: the system's root anchor */
	const char *hosts_file;   /* NULL: /etc/hosts; "" none */
	struct dns_keys *keys; /* borrowed: what is known of the resolver outlives the context; NULL: own */
};

enum dns_flag {
	DNS_TCP = 1,      /* TCP only */
	DNS_CD = 2,       /* checking disabled: shows what a validator rejects */
	DNS_NO_HOSTS = 4, /* A, AAAA: do not look into the hosts file first */
	DNS_ONE_TRY = 8,
	DNS_VALIDATE = 16,  /* ask the validator too: .secure and BOGUS are then ours */
	DNS_NO_RECURSE = 32 /* RD=0, for asking an authoritative server */
};

struct dns_answer { /* owned by the question */
	enum dns_status_code status;
	int rcode, ede; /* -1: none */
	const char *ede_text;
	bool secure; /* validated, or AD from a resolver on loopback */
	enum dns_doubt doubt;
	bool truncated;  /* UDP had TC (then TCP was asked) */
	const char *via; /* udp tcp hosts validator */
	const char *resolver;
	const char *cname;      /* end of the alias chain, "" none */
	struct strlist records; /* presentation form, final dots of names removed; TXT joined raw
				   (may hold any bytes but NUL); MX "10 mx.example" sorted by preference */
	unsigned ttl;
	long elapsed_ms;
	const char *error; /* our own failure's words */
};

struct dns;
struct dns_question;

struct dns *dns_new(struct net_loop *l, const struct dns_options *o, struct err *e) MUST_USE;
void dns_free(struct dns **d); /* cancels what is open */

/* Starts a question (a later dns_ask of the same name, type, flags and server is
 * answered from memory).  server: "ADDR[:PORT]" instead of the resolver, or NULL.
 * Owned by d, valid until dns_free().  Names are lower-cased; U-labels are converted (libidn2). */
struct dns_question *dns_ask(struct dns *d, const char *name, const char *type, unsigned flags,
			     const char *server);
bool dns_done(const struct dns_question *q);
const struct dns_answer *dns_answer_of(const struct dns_question *q); /* NULL until done */
/* Waits for one; NULL at until_ms. */
const struct dns_answer *dns_wait(struct dns *d, struct dns_question *q, uint64_t until_ms);
const char *dns_question_name(const struct dns_question *q);
const char *dns_question_type(const struct dns_question *q);
const char *dns_status_name(enum dns_status_code s); /* fact_kinds.def's words */
/* "": it is known whether that is signed, or it failed, or is in doubt.  Else why nothing can be proven here
 * at all: no validator, no anchor, or a resolver that hands out no signatures.  NULL is fine. */
const char *dns_unprovable(const struct dns_answer *x);
const char *dns_resolver(const struct dns *d); /* "192.0.2.53:53", for people */
int dns_lack(const struct dns *d); /* errno: a question, or its proof, found no socket here; 0 none did */

#endif
