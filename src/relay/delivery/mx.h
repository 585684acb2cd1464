/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/mx.h - in which order a domain's MX hosts are tried (RFC 5321, 5.1; RFC 7505).  Pure. */
#ifndef RELAY_MX_H
#define RELAY_MX_H

#include "base/arena.h"

enum { MX_HOSTS_MAX = 20 /* of one domain, considered */ };

enum mx_kind {
	MX_FOUND,
	MX_NULL, /* "0 .": the domain takes no mail */
	MX_BAD   /* records, and none of them is one */
};

struct mx_host {
	const char *name;
	unsigned preference;
};

struct mx_list {
	enum mx_kind kind;
	struct mx_host v[MX_HOSTS_MAX];
	size_t n;
};

/* Reads "10 mx.example" records: best first, equals shuffled by dice (0..1, one call a choice).
 * A host named twice stands once, at its best place.  Names go to a. */
void mx_read(const struct strlist *records, double (*dice)(void *ctx), void *ctx, struct arena *a,
	     struct mx_list *out);

/* Cuts off ourselves and all that is no better (RFC 5321, 5.1): v[i].preference >= ours.  is_self tells
 * hosts that are us.  Returns true when there was one; then n may be 0: mail would loop. */
bool mx_cut_self(struct mx_list *l, bool (*is_self)(void *ctx, size_t i), void *ctx);

/* Addresses of one host in the order of trying: kinds take turns, the preferred one first. */
void mx_mix(const struct strlist *first, const struct strlist *second, struct arena *a, struct strlist *out);

#endif
