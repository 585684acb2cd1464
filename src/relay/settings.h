/* SPDX-License-Identifier: Apache-2.0 */
/* relay/settings.h - what the relay was told: postrider.conf as plain values.
 *
 * Filled by cli/config_relay; never changed afterwards.  A reload makes a new one
 * and what is under way ends with the old. */
#ifndef RELAY_SETTINGS_H
#define RELAY_SETTINGS_H

#include "base/arena.h"
#include "mail/ipaddr.h"

enum relay_security { RELAY_SECURITY_NONE, RELAY_SECURITY_STARTTLS, RELAY_SECURITY_TLS };
enum relay_login { RELAY_LOGIN_NEVER, RELAY_LOGIN_OFFERED, RELAY_LOGIN_REQUIRED };

struct relay_network {
	struct ipaddr net;
	unsigned bits;
};

struct relay_listen {
	const char *where; /* "0.0.0.0:25" */
	enum relay_security security;
	enum relay_login login;
};

/* Patterns of addresses: "*", "*@example.com", "@example.com", "example.com", "a@example.com". */
struct relay_account {
	const char *name; /* what the client says */
	const char *password_hash;
	struct strlist senders; /* empty: any */
	long daily_cap;         /* recipients; 0 none */
	long long max_size;     /* bytes; 0 none */
};

struct relay_oauth {
	bool given;
	const char *client_id, *tenant_id, *client_secret_file, *refresh_token_file, *token_url, *scope;
};

struct relay_route {
	const char *name;
	struct strlist senders, recipients; /* patterns; empty: any */
	bool mx;                            /* else smarthost */
	const char *smarthost;              /* host */
	unsigned port;
	enum relay_security security; /* towards the smarthost */
	bool tls_required;            /* mx: not only when offered */
	const char *user, *auth, *password_file;
	struct relay_oauth oauth;
	unsigned connections; /* at once; 0: the provider's, or RELAY_CONNECTIONS */
	unsigned rate;        /* messages in rate_s; 0 none */
	unsigned rate_s;
};

struct relay_retry {
	long first_s, most_s, expire_s;
	double factor;
};

enum {
	RELAY_CONNECTIONS = 10, /* to one destination */
	RELAY_RETRY_FIRST_S = 300,
	RELAY_RETRY_MOST_S = 4 * 3600,
	RELAY_EXPIRE_S = 5 * 86400,
	RELAY_SIZE_MAX = 50 << 20, /* a message, where nothing else is said */
};

struct relay_settings {
	struct arena *arena; /* owns all texts */
	const char *hostname, *data, *resolver, *ca_file;
	const char *cert_file, *key_file; /* "" none */
	struct relay_listen *listens;
	size_t nlistens;
	struct relay_network *allow;
	size_t nallow;
	struct strlist local_domains;
	struct relay_account *accounts;
	size_t naccounts;
	struct relay_route *routes;
	size_t nroutes;
	struct relay_retry retry;
	char hash[17]; /* of the file's text: every trail says under which it was taken */
};

const struct relay_account *relay_account_find(const struct relay_settings *s, const char *name);
/* True when address fits one of the patterns; ASCII case is ignored in domains
 * and, as everywhere in practice, in local parts. */
bool relay_fits(const struct strlist *patterns, struct str address);
/* The first route that fits; NULL: none, nobody is to carry it. */
const struct relay_route *relay_route_find(const struct relay_settings *s, struct str sender,
					   struct str recipient);
bool relay_is_local(const struct relay_settings *s, struct str address);
bool relay_allows(const struct relay_settings *s, const struct ipaddr *client);

#endif
