/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/provider.h - what is known of mail providers: hosts, ports, login forms.
 * Compiled in from catalog/providers/; static. */
#ifndef CATALOG_PROVIDER_H
#define CATALOG_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>

struct provider_server {
	const char *host;
	unsigned port;
	const char *security; /* starttls | tls | none */
};

/* What its submission servers take of one account; 0 unknown. */
struct provider_limits {
	unsigned per_minute;        /* messages */
	unsigned per_hour, per_day; /* recipients */
	unsigned personal_per_day;  /* of an address of the provider's own domains */
	unsigned connections;       /* at once */
	unsigned recipients;        /* of one message */
	const char *source, *as_of; /* where that is written; when it was true: "2026-05" */
};

struct provider {
	const char *name;                      /* "microsoft365", "google", ... else the main domain */
	const char *title;                     /* for people: "Microsoft 365" */
	const char *const *domains;            /* mail domains; NULL-terminated */
	const char *const *hosts;              /* host names or ".suffix" that are this provider's */
	const char *const *mx;                 /* ".suffix" of its MX targets */
	const struct provider_server *servers; /* right submission servers, best first */
	size_t nservers;
	bool servers_complete; /* these hosts offer no other port */
	const char *username;  /* full-address | local-part | apikey | other */
	bool app_password;     /* the normal password is refused */
	bool oauth_only;       /* passwords are refused (or soon: note says when) */
	const char *note;      /* what people get wrong here, with date; "" none */
	struct provider_limits limits;
};

const struct provider *provider_by_host(const char *host);     /* submission host, or NULL */
const struct provider *provider_by_domain(const char *domain); /* mail domain, or NULL */
const struct provider *provider_by_mx(const char *mx_host);    /* MX target, or NULL */
const struct provider *provider_by_name(const char *name);
/* The known submission host nearest to a misspelt one (NEAREST_WRONG letters at most), or NULL;
 * NULL too for a host that is known as it stands. */
const char *provider_near_host(const char *host);
/* True when the provider has a server on that host, but none on that port, and
 * all its ports are known. */
bool provider_lacks_port(const struct provider *p, const char *host, unsigned port);

#endif
