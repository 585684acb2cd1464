/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dns_view.h - DNS answers that are already known, and questions that are not.
 *
 * The evaluators of mail policies are pure: they read a view and, where it has
 * no answer yet, add the question to their wants.  The caller fetches those
 * (all at once, they are independent) and calls again from the start, until
 * nothing is wanted.  So a saved case can be judged again without a network.
 *
 * A name is plain text without the final dot: labels between dots, no escapes;
 * built from macros it may hold any printable byte, blanks too.  Each label has
 * 1..63 bytes and a name at most 253: dns_view_ask() never asks for another. */
#ifndef MAIL_DNS_VIEW_H
#define MAIL_DNS_VIEW_H

#include "base/arena.h"

enum {
	DNS_NAME_BYTES_MAX = 253,
	DNS_LABEL_BYTES_MAX = 63,
	DNS_WANTS_MAX = 64, /* questions of one round; further ones come in the next */
};

enum dns_status { DNS_OK, DNS_NODATA, DNS_NXDOMAIN, DNS_TEMPERROR };

/* One answer; everything is owned by the view.  TXT: the strings of a record
 * joined (bytes as text_printable leaves them, or raw); MX: "10 host.";
 * others in presentation form.  A final dot on names is optional. */
struct dns_records {
	enum dns_status status;
	const char *const *v;
	size_t n;
	bool secure; /* validated with DNSSEC */
};

struct dns_view {
	/* False: not known yet.  Names are compared with ASCII case ignored. */
	bool (*get)(void *ctx, const char *name, const char *type, struct dns_records *out);
	void *ctx;
};

struct dns_want {
	const char *name, *type;
};

/* Zero-initialise, set arena (which owns the texts). */
struct dns_wants {
	struct arena *arena;
	struct dns_want v[DNS_WANTS_MAX];
	size_t n;
};

/* Looks into the view.  False: not known, and added to w (which may be NULL).
 * A name that cannot be asked is DNS_NXDOMAIN; DNS_OK without records becomes
 * DNS_NODATA. */
bool dns_view_ask(const struct dns_view *view, struct dns_wants *w, const char *name, const char *type,
		  struct dns_records *out) MUST_USE;

/* Whether each label has 1..63 bytes and all of it at most 253; a final dot is
 * allowed and dns_view_ask leaves it away. */
bool dns_name_askable(const char *name);

/* Names equal, a final dot and ASCII case ignored. */
bool dns_name_eq(const char *a, const char *b);
/* name is parent or lies below it. */
bool dns_name_within(const char *name, const char *parent);
/* The name without its final dot. */
const char *dns_name_plain(struct arena *a, const char *name) MUST_USE;
/* The host of "10 host.", without the dot; "" for a null MX.  NULL when it is not an MX. */
const char *dns_mx_host(struct arena *a, const char *mx) MUST_USE;

const char *dns_view_status_name(enum dns_status s); /* ok nodata nxdomain temperror */

#endif
