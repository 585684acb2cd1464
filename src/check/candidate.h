/* SPDX-License-Identifier: Apache-2.0 */
/* check/candidate.h - servers that an address might send through, in order of merit.
 *
 * Pure: who names a server, how far that may be believed, and which comes first.
 * Asking is check/find, trying is check/discover.
 *
 * A password is worth as much as the name it is sent to.  A certificate proves the
 * name; that the name is the address's own server must be `vouched` for as well
 * (RFC 6186, 6): plain DNS can be forged. */
#ifndef CHECK_CANDIDATE_H
#define CHECK_CANDIDATE_H

#include "base/arena.h"
#include "catalog/provider.h"
#include "check/request.h"

enum {
	CANDIDATES_MAX = 48,       /* of one address; further ones are left out */
	CANDIDATES_OF_PROVIDER = 6 /* servers of one provider */
};

/* Best first. */
enum candidate_source {
	SOURCE_PROVIDER,     /* the catalogue knows the domain */
	SOURCE_SRV,          /* RFC 6186, RFC 8314 */
	SOURCE_MX_PROVIDER,  /* the catalogue knows who receives for the domain */
	SOURCE_AUTOCONFIG,   /* the domain's own set-up file, by HTTPS */
	SOURCE_AUTODISCOVER, /* its autodiscover name leads to a known provider, or answers itself */
	SOURCE_NAME,         /* smtp., mail. */
	SOURCE_HOSTER,       /* the set-up file of whoever receives for the domain */
	SOURCE_MX,           /* the server that receives for the domain */
	SOURCE_CERTIFICATE,  /* the name in a certificate that was shown for another name */
	SOURCE_HOSTER_NAME,  /* smtp., mail. of whoever receives for the domain */
	SOURCE_DOMAIN,       /* the bare domain */
	SOURCE_ISP,          /* the access provider's own server: an alternative */
	SOURCES
};

struct candidate {
	const char *host;
	unsigned port;
	enum request_security security;
	enum candidate_source source;
	const char *why;     /* who names it, a clause: "the domain's SRV record names it" */
	const char *login;   /* full-address | local-part | apikey | other | given; "" not known */
	const char *user;    /* of `given`: the name itself; else "" */
	const char *vouched; /* catalogue | dnssec | https | own-domain | accepted; "" by nobody */
	const struct provider *provider; /* NULL unknown */
};

struct candidates {
	struct arena *arena;
	const char *domain; /* of the address */
	struct candidate v[CANDIDATES_MAX];
	size_t n;
};

/* Adds c unless its host, port and mode are there; then the earlier one stays, and
 * is vouched for by whatever either had.  A host in the domain vouches for itself,
 * one of a known provider by the catalogue.  What has no port, is an address,
 * or comes past CANDIDATES_MAX is left out. */
void candidates_add(struct candidates *l, struct candidate c);

/* The provider's servers, those nearest to `name` (the domain, an MX host) first and
 * alone where any are near: zoho.eu's customers are not zoho.com's. */
void candidates_add_provider(struct candidates *l, const struct provider *v, const char *name,
			     enum candidate_source source, const char *why);

/* The ports of submission on a host of which nothing else is known: 465 (RFC 8314,
 * 3.3), 587, and 25 with TLS. */
void candidates_add_usual(struct candidates *l, struct candidate c);

const char *candidate_source_name(enum candidate_source s); /* fact_kinds.def's words */
bool candidate_source_of(const char *name, enum candidate_source *s);
/* The domain, its provider or a file of theirs says so; not a name that was tried on the off chance. */
bool candidate_source_is_told(enum candidate_source s);

/* The same registered domain: mail.acme.example and acme.example. */
bool candidate_is_own(const char *host, const char *domain);

#endif
