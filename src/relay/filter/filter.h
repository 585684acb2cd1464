/* SPDX-License-Identifier: Apache-2.0 */
/* relay/filter/filter.h - what the filters (milters) say to a message before it is taken.
 *
 * Asked one after the other when the whole message is here; each sees what those
 * before it changed.  Works in a fiber. */
#ifndef RELAY_FILTER_H
#define RELAY_FILTER_H

#include "relay/settings.h"
#include "smtp/server.h"
#include "net/loop.h"
#include "store/store.h"

enum {
	FILTER_CONNECT_MS = 5000,
	FILTER_HEAD_MAX = 1 << 20 /* bytes of a header that can be changed */
};

enum filter_word {
	FILTER_TAKE,
	FILTER_REFUSE,  /* answer says how, 4xx or 5xx */
	FILTER_DISCARD, /* taken, and goes nowhere: why says by whom */
	FILTER_HOLD     /* quarantine */
};

struct filter_case { /* borrowed */
	const char *hostname, *id;
	const char *helo, *address, *tls_version, *cipher; /* "" none */
	unsigned port;
	const char *account; /* "" none */
};

/* A recipient that a filter refuses for good while the others go on. */
struct filter_refusal {
	const char *rcpt, *filter;
	struct smtp_answer answer;
};

/* A recipient that a filter took away, or replaced: which of the two, it does not say. */
struct filter_removal {
	const char *rcpt, *why; /* why: which filter, and whom it put in */
};

/* The envelope, which filters may change; texts in the arena. */
struct filter_envelope {
	struct str sender;
	const char *sender_why;         /* which filters changed it, and from what; NULL none did */
	struct strlist rcpts;           /* without those refused and removed */
	struct filter_refusal *refused; /* of all filters so far */
	size_t nrefused;
	struct filter_removal *removed; /* the same; who was put in again is none */
	size_t nremoved;
};

struct filter_outcome {
	enum filter_word word;
	struct smtp_answer answer; /* texts in the arena */
	const char *why;           /* in the arena */
	bool envelope_changed, text_changed;
	const struct err *trouble; /* a filter failed, whatever came of it; NULL none; in the arena */
};

/* *body may be replaced by another. */
void filter_message(struct net_loop *l, struct store *s, const struct relay_settings *settings,
		    const struct filter_case *c, struct filter_envelope *v, struct store_body **body,
		    struct arena *a, struct filter_outcome *out);

#endif
