/* SPDX-License-Identifier: Apache-2.0 */
/* check/probe.h - what all probes of one check share.
 *
 * Probes act and record facts; they decide how to go on, never what it means. */
#ifndef CHECK_PROBE_H
#define CHECK_PROBE_H

#include "check/check.h"
#include "net/dns.h"
#include "net/http.h"
#include "net/oauth_kept.h"
#include "net/session.h"

enum {
	PROBE_ADDRESSES_MAX = 12, /* of one name, all reported */
	PROBE_SESSIONS_MAX = 24   /* connections of one check, experiments included */
};

struct probe {
	struct net_loop *loop;
	struct dns *dns;
	struct tls_trust *trust;
	struct evidence *ev;
	const struct check_request *req;
	const struct check_observer *observer;
	struct fact *target;                 /* the target fact, refined as discovery goes on */
	uint64_t start_ms, until_ms;         /* of the loop's clock */
	unsigned sessions;                   /* numbers given out */
	unsigned connections;                /* opened so far */
	bool no_policy;                      /* what the domain publishes about its mail is not asked */
	bool told_to_go;                     /* a 421 came: no experiments on that server */
	struct session *leaving;             /* has said QUIT; closed before the next connection */
	unsigned leaving_no;                 /* its number in facts */
	struct strlist addresses;            /* of the target host, in order */
	char *token;                         /* access token in use; wiped */
	struct http_request *token_request;  /* for one, under way; NULL: none */
	const char *token_url, *token_flow;  /* of that request */
	bool token_failed;                   /* none was asked for */
	struct oauth_kept *kept;             /* where its refresh token is kept, locked; NULL: nowhere */
	struct buf newest;                   /* that one, where another came before; wiped */
	const char *refresh, *refresh_error; /* as in the token fact; NULL as "" */
};

/* Begins the evidence of p->req, with its target: loop, req and observer are set by
 * the caller.  False with *e when OUR work cannot be done.  Ends with probe_end()
 * either way, which hands the evidence over (out NULL: drops it). */
bool probe_begin(struct probe *p, struct err *e) MUST_USE;
void probe_end(struct probe *p, struct evidence **out);

long probe_t_ms(const struct probe *p);
uint64_t probe_left_ms(const struct probe *p);              /* until the deadline */
uint64_t probe_within(const struct probe *p, uint64_t ms);  /* now + ms, at most the deadline */
uint64_t probe_at_most(const struct probe *p, uint64_t ms); /* ms, or what is left of it (never 0) */
long long probe_now_s(const struct probe *p);               /* the time to judge at */

/* Appends a fact; tell the observer when it is filled. */
struct fact *probe_fact(struct probe *p, enum fact_kind kind, unsigned session);
void probe_tell(struct probe *p, const struct fact *f);
void probe_skip(struct probe *p, const char *step, const char *why);
const char *probe_text(struct probe *p, const char *s); /* into evidence */

/* DNS: asks, waits, records a DNS fact with the purpose.  The question runs on
 * even when until_ms is reached (then a timeout is recorded). */
struct dns_question *probe_ask(struct probe *p, const char *name, const char *type, unsigned flags);
const struct dns_answer *probe_answer(struct probe *p, struct dns_question *q, const char *purpose);
const struct dns_answer *probe_lookup(struct probe *p, const char *name, const char *type, unsigned flags,
				      const char *purpose);
struct fact *probe_record_dns(struct probe *p, const struct dns_question *q, const char *purpose);

/* Records a fetch, told by the caller when it is complete; a NULL: nothing came in time.
 * body: how many bytes of the file are kept. */
struct fact *probe_record_http(struct probe *p, const char *purpose, const char *url,
			       const struct http_answer *a, size_t body);

/* Records whose server or domain it is; NULL: nothing is. */
struct provider;
void probe_provider(struct probe *p, const struct provider *v, const char *by, const char *subject);

/* The stages, in order; each in its own file. */
bool probe_input(struct probe *p);       /* lints what was typed; false: nothing may be contacted */
void probe_discover(struct probe *p);    /* address or bare name -> host, port, security */
bool probe_addresses(struct probe *p);   /* host -> p->addresses; false: none */
void probe_random_name(struct probe *p); /* a control: nobody has this name */
void probe_secrets(struct probe *p);     /* shapes of what was given */
void probe_token_start(struct probe *p); /* an OAuth token where one is set up: asks, and goes on */
bool probe_token(struct probe *p);       /* waits for it; false: none to be had */
bool probe_wants_token(const struct probe *p);
/* Puts the newest refresh token into *o, and locks it.  False with *why: another shows it for so long, or it
 * cannot be had, and there may be one. */
bool probe_refresh_take(struct probe *p, struct oauth_options *o, const char **why);
void probe_refresh_keep(struct probe *p, const char *shown); /* waits for the answer; unlocks it */
void probe_refresh_leave(struct probe *p);
void probe_server(struct probe *p); /* the main dialogue and the other addresses */
void probe_experiments(struct probe *p);
void probe_clock(struct probe *p); /* other parties' clocks, from what was recorded */
/* Asks the system's resolver for the same name, where --resolver named another one. */
void probe_other_resolver(struct probe *p);
void probe_mx(struct probe *p);               /* a domain's MX hosts, one by one */
void probe_recipients_start(struct probe *p); /* the recipients' domains, asked early */
void probe_recipients(struct probe *p);
void probe_policy_go_on(struct probe *p); /* asks early what will be needed; again between replies */
void probe_policy(struct probe *p);       /* SPF, DKIM, DMARC, MTA-STS, DANE, PTR, lists */

#endif
