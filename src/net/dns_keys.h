/* SPDX-License-Identifier: Apache-2.0 */
/* net/dns_keys.h - do the resolvers hand out what every proof by DNSSEC begins with, the trust anchor's
 * signed key?
 *
 * Many forwarders leave signatures out, refuse such questions, or keep silent to them (they drop these, or
 * long answers).  Then nothing can be proven, of no name at all, and that says nothing of any name.  It is
 * asked past libunbound, whose patience is longer than a look-up's; silence counts only where a plain
 * question is answered right behind it, as else the line is down.  Remembered for named times, for all
 * look-ups of its owner. */
#ifndef NET_DNS_KEYS_H
#define NET_DNS_KEYS_H

#include "net/dns.h"
#include "net/dns_conf.h"

enum {
	DNS_KEYS_TRY_MS = 500,     /* the first of three tries; each waits twice as long as the one before */
	DNS_KEYS_GIVEN_MS = 60000, /* believed for so long */
	DNS_KEYS_WITHHELD_MS = 300000, /* then it is asked again, while look-ups go on without */
	DNS_KEYS_FAILED_MS = 30000,
	DNS_KEYS_DOUBTED_MS = 5000, /* believed for so long where a proof has failed since */
};

enum dns_keys_word {
	DNS_KEYS_UNTOLD,   /* not asked yet, or nothing can be said: the resolvers answer nothing */
	DNS_KEYS_GIVEN,    /* what has no proof is the name's own matter */
	DNS_KEYS_STRIPPED, /* the key, or its signature, is not handed out */
	DNS_KEYS_FAILED,   /* SERVFAIL, or refused: so it is now */
	DNS_KEYS_SILENT,   /* no answer to this, and one to a plain question */
	DNS_KEYS_WORDS
};

/* What was seen; DNS_ANSWER_TIMEOUT where it was not asked either. */
struct dns_keys_seen {
	enum dns_status_code key;
	bool has_signatures;
	enum dns_status_code plain; /* of a question right behind one that nobody answered */
};

/* Pure. */
enum dns_keys_word dns_keys_judge(const struct dns_keys_seen *s);
/* One failure behind a key that was given may be a few lost packets or a busy resolver: it takes a second one,
 * and until then what is not proven stays in doubt. */
enum dns_keys_word dns_keys_follow(enum dns_keys_word before, enum dns_keys_word now);
/* Nothing can be proven: for the answers of now that is no doubt. */
bool dns_keys_withheld(enum dns_keys_word w);
/* Does what was told so long ago still stand?  *again: and it is time to ask anew. */
bool dns_keys_stands(enum dns_keys_word w, uint64_t age_ms, bool *again);
const char *dns_keys_why(enum dns_keys_word w); /* of one that is withheld: words; else "" */

struct dns_keys;

struct dns_keys *dns_keys_new(struct net_loop *l) MUST_USE;
void dns_keys_free(struct dns_keys **k); /* after all that wait */

/* The word that counts now, of whichever resolvers were asked last; nothing is asked. */
enum dns_keys_word dns_keys_word(const struct dns_keys *k);

struct dns_keys_ask {
	const struct dns_server *servers; /* others than before: what was known is forgotten */
	size_t nservers;
	const char *anchor; /* whose key: "." mostly */
	const char *name;   /* that was just answered */
	bool doubted;       /* a proof has failed: what is older than DNS_KEYS_DOUBTED_MS is asked anew */
};

/* Who hears of it when the question under way has its answer; in the loop. */
struct dns_keys_wait {
	struct dns_keys_wait *next;
	void (*told)(void *ctx);
	void *ctx;
	bool waits;
};

/* The same, asked where it is due: then w (where it does not wait yet) is told.  While a word that no longer
 * stands is asked anew it is DNS_KEYS_UNTOLD, and one that only is due again still counts. */
enum dns_keys_word dns_keys_look(struct dns_keys *k, const struct dns_keys_ask *ask, struct dns_keys_wait *w);
bool dns_keys_asking(const struct dns_keys *k);
void dns_keys_leave(struct dns_keys *k, struct dns_keys_wait *w);

#endif
