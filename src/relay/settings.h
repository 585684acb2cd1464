/* SPDX-License-Identifier: Apache-2.0 */
/* relay/settings.h - what the relay was told: postrider.conf as plain values.
 *
 * Filled by cli/config_relay; never changed afterwards.  A reload makes a new one
 * and what is under way ends with the old: whoever needs it longer than a call
 * holds it.  Texts are never NULL; "" is not given. */
#ifndef RELAY_SETTINGS_H
#define RELAY_SETTINGS_H

#include <stdatomic.h>

#include "base/arena.h"
#include "catalog/provider.h"
#include "mail/ipaddr.h"
#include "relay/lane/caps.h"

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
	long wait_s;         /* the answer to the dot waits that long for the next server's; 0 not */
	struct strlist auth; /* mechanisms offered, lower case; empty: all but cram-md5 */
};

/* Patterns of addresses: "*", "*@example.com", "@example.com", "example.com", "a@example.com". */
struct relay_account {
	const char *name;          /* what the client says */
	const char *password_hash; /* crypt(5); "" with a password_file, or for tokens alone */
	const char *password_file; /* in clear, for scram-sha-256 and cram-md5; "" none */
	const char *token_user;    /* whom its access tokens name; "" name */
	struct strlist senders;    /* empty: any */
	long daily_cap;            /* recipients; 0 none */
	long long max_size;        /* bytes; 0 none */
	unsigned rate, rate_s;     /* recipients in rate_s; 0 none */
	struct caps_told caps;     /* minute and hour: what is over them waits here */
	bool hold_over_cap;        /* so does what is over daily_cap and rate; else it is refused for now */
	bool hold_in_doubt;        /* in-doubt waits for an operator; else it is tried again */
};

struct relay_oauth {
	bool given;
	const char *client_id, *tenant_id, *client_secret_file, *refresh_token_file, *token_url, *scope;
};

/* Who vouches for access tokens at the door (RFC 7662). */
enum relay_claim { RELAY_CLAIM_USERNAME, RELAY_CLAIM_PREFERRED_USERNAME, RELAY_CLAIM_EMAIL, RELAY_CLAIM_SUB };

struct relay_identity_provider {
	const char *introspection; /* its address; "" there is none */
	const char *client_id, *client_secret_file;
	enum relay_claim claim;  /* which names the account */
	const char *scope;       /* words that a token must have; "" none */
	struct strlist audience; /* one of them it must be for; empty: any */
	const char *issuer;      /* "" any */
	long keep_s;             /* so long an answer is believed */
};

/* Instead of SMTP, where a provider has switched login by SMTP off. */
enum relay_api { RELAY_API_NONE, RELAY_API_GRAPH, RELAY_API_GMAIL };

struct relay_route {
	const char *name;
	struct strlist senders, recipients; /* patterns; empty: any */
	struct strlist accounts;            /* names; empty: any, and mail without one */
	bool mx;                            /* else smarthost */
	const char *smarthost;              /* host */
	const struct provider *provider;    /* who runs it; NULL unknown */
	unsigned port;
	enum relay_security security; /* towards the smarthost */
	bool tls_required;            /* mx, or starttls to a smarthost: not only when offered */
	const char *user, *auth, *password_file;
	struct relay_oauth oauth;
	enum relay_api api;   /* smarthost: the host of url */
	const char *url;      /* of the API, without what is asked of it */
	unsigned connections; /* at once; 0: the provider's, or RELAY_CONNECTIONS */
	unsigned rate;        /* messages in rate_s; 0 none */
	unsigned rate_s;
	struct caps_told caps;
	const char
		*return_path; /* relay/bounce/return_path.h: "*@bounces.example.com"; "" the sender's own */
	bool proven;          /* no cap of our own for a new account */
	bool hold_in_doubt;   /* what was never answered waits for a person */
	const char *next;     /* the route tried when this one fails for reasons of its own; "" none */
	const char *from;     /* mail goes in this name, its own becomes Reply-To; "" as it came */
};

/* A kind of mail (invoice, statement): "" and 0 as the profile has it. */
struct relay_kind {
	const char *name, *from, *reply_to, *route;
	struct caps_told caps;
};

/* In whose name mail goes that says so (X-Postrider-Profile); nothing leaves before its test has passed. */
struct relay_profile {
	const char *name, *from, *reply_to, *route;
	struct caps_told caps;
	struct relay_kind *kinds;
	size_t nkinds;
	bool hold_in_doubt; /* what was never answered waits for a person: so it is unless it says no */
	bool test;          /* has to pass first */
	char hash[17];      /* of what the test proves: another one has to pass again */
};

struct relay_retry {
	long first_s, most_s, expire_s;
	double factor;
	long delay_warning_s; /* a delay that has lasted so long is told to the sender; 0 never */
};

/* A program that looks at messages as they come in (the milter protocol). */
enum relay_on_failure { RELAY_FAILURE_DELAY, RELAY_FAILURE_ACCEPT, RELAY_FAILURE_REFUSE };

struct relay_filter {
	const char *name;
	const char *host; /* an address, or a socket's path with port 0 */
	unsigned port;
	enum relay_on_failure on_failure;
	long timeout_s;
};

/* Mail from @domain is signed (DKIM); several rows of one domain sign each. */
struct relay_sign {
	const char *name, *domain, *selector, *key_file;
};

/* The HTTP API and the page (web/). */
enum relay_role { RELAY_ROLE_NONE, RELAY_ROLE_READ, RELAY_ROLE_OPERATE, RELAY_ROLE_ADMIN };

struct relay_login_user { /* a person at the page */
	const char *name, *password_hash;
	enum relay_role role;
	const char *account; /* whose mail is sent under; "" none */
};

struct relay_http {
	const char *listen;                /* "" none */
	const char *token_file;            /* "" none */
	enum relay_role open;              /* what loopback may do without a token */
	struct strlist names;              /* it is called by, besides the hostname */
	struct relay_network *check_allow; /* a check may go there, besides the public internet */
	size_t ncheck_allow;
	bool tls;          /* with the certificate of all */
	bool behind_proxy; /* which does TLS and says who asks */
	struct relay_login_user *users;
	size_t nusers;
};

/* A mailbox that reports come to: looked into every poll_s. */
enum relay_after { RELAY_AFTER_SEEN, RELAY_AFTER_LEAVE, RELAY_AFTER_DELETE, RELAY_AFTER_MOVE };

struct relay_mailbox {
	const char *name, *host;
	unsigned port; /* 0: the usual one */
	bool pop3;
	enum relay_security security; /* NONE: to loopback only */
	const char *user, *password_file;
	struct relay_oauth oauth;
	const char *folder; /* "" the inbox */
	long poll_s;
	enum relay_after after;   /* what becomes of a report that was read */
	const char *after_folder; /* of MOVE */
};

/* A folder that programs drop mails into. */
struct relay_pickup {
	const char *title;                                             /* the folder as the file has it */
	const char *folder, *sender, *account, *attachments, *archive; /* "" none */
	bool json;                                                     /* results for programs, too */
};

/* What comes back. */
struct relay_bounces {
	const char *return_path; /* of routes that say nothing; "" none */
	long suppress_s;         /* so long no mail to an address that is known not to exist; 0: never */
	long keep_s;             /* so long a report that matches nothing */
};

/* Changes of state told to a program elsewhere (web/hooks.h). */
struct relay_webhook {
	const char *name, *url;
	const char *secret_file; /* signs; "" not */
	unsigned states;         /* a bit for each enum store_state; 0: all */
};

/* How long what is kept. */
struct relay_keep {
	long trails_s, keys_s, bodies_s;
	long long budget;       /* bytes of the data folder; 0 none */
	long long conversation; /* bytes of conversation.log; 0: relay/log.h's own bound */
};

enum {
	RELAY_CONNECTIONS = 10, /* to one destination */
	RELAY_RETRY_FIRST_S = 300,
	RELAY_RETRY_MOST_S = 4 * 3600,
	RELAY_EXPIRE_S = 5 * 86400,
	RELAY_DELAY_WARNING_S = 4 * 3600,
	RELAY_KEEP_TRAILS_S = 30 * 86400,
	RELAY_KEEP_KEYS_S = 7 * 86400,
	RELAY_FILTER_TIMEOUT_S = 30,
	RELAY_POLL_S = 120,
	RELAY_POLL_LEAST_S = 10, /* servers count logins */
	RELAY_SUPPRESS_S = 90 * 86400,
	RELAY_KEEP_REPORTS_S = 14 * 86400,
	RELAY_WAIT_MOST_S =
		300, /* clients wait ten minutes for the answer to the dot (RFC 5321, 4.5.3.2.6) */
	RELAY_TOKEN_KEEP_S = 60,
	RELAY_TOKEN_KEEP_MOST_S = 900, /* so long a token that was withdrawn may open the door */
	RELAY_SIZE_MAX = 50 << 20,     /* a message, where nothing else is said */
};

struct relay_settings {
	struct arena *arena; /* owns all texts, and this */
	atomic_uint uses;    /* in any thread */
	const char *hostname, *data, *resolver, *ca_file;
	const char *user;                 /* to become once the ports are bound; "" as started */
	const char *cert_file, *key_file; /* "" none */
	struct relay_listen *listens;
	size_t nlistens;
	struct relay_network *allow;
	size_t nallow;
	struct strlist local_domains;
	struct relay_account *accounts;
	size_t naccounts;
	struct relay_identity_provider identity_provider;
	struct relay_route *routes;
	size_t nroutes;
	struct relay_profile *profiles;
	size_t nprofiles;
	struct relay_retry retry;
	struct relay_keep keep;
	long long max_size;           /* of a message, where the account says nothing */
	struct relay_filter *filters; /* asked in this order */
	size_t nfilters;
	struct relay_sign *signs; /* several of a domain: each signs */
	size_t nsigns;
	struct relay_http http;
	struct relay_webhook *webhooks;
	size_t nwebhooks;
	struct relay_mailbox *mailboxes;
	size_t nmailboxes;
	struct relay_bounces bounces;
	struct relay_pickup *pickups;
	size_t npickups;
	char hash[17]; /* of the file's text: every trail says under which it was taken */
};

struct relay_settings *relay_settings_new(void) MUST_USE; /* empty, with one use */
/* One more use, given back by drop.  Uses are counted for one thread. */
const struct relay_settings *relay_settings_hold(const struct relay_settings *s);
void relay_settings_drop(const struct relay_settings **s); /* frees with the last use; NULL is fine */
void relay_settings_free(struct relay_settings **s);       /* the same, for who made it */

const char *relay_role_name(enum relay_role r); /* "operate"; "" of none */
bool relay_role_of(struct str name, enum relay_role *out);

const struct relay_account *relay_account_find(const struct relay_settings *s, const char *name);
const char *relay_account_token_user(const struct relay_account *a); /* whom its access tokens name */
/* Whose tokens name that user, letter for letter; NULL: nobody's. */
const struct relay_account *relay_account_of_token(const struct relay_settings *s, const char *user);
bool relay_account_has_password(const struct relay_account *a);
/* True when address fits one of the patterns; ASCII case is ignored in domains
 * and, as everywhere in practice, in local parts. */
bool relay_fits(const struct strlist *patterns, struct str address);
/* "*", "*@domain", "@domain", "domain" or an address; whatever else it is fits nobody. */
bool relay_is_pattern(const char *v);
/* Whose mail it is: the reverse-path, and the account it was handed in by ("" none). */
struct relay_sender {
	struct str address, account;
};
/* The first route that fits; NULL: none, nobody is to carry it. */
const struct relay_route *relay_route_find(const struct relay_settings *s, struct relay_sender sender,
					   struct str recipient);
const struct relay_route *relay_route_named(const struct relay_settings *s, const char *name);
const struct relay_profile *relay_profile_find(const struct relay_settings *s, struct str name);
const struct relay_kind *relay_kind_find(const struct relay_profile *p, struct str name);
bool relay_is_local(const struct relay_settings *s, struct str address);
bool relay_allows(const struct relay_settings *s, const struct ipaddr *client);

#endif
