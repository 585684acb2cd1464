/* SPDX-License-Identifier: Apache-2.0 */
/* check/discover_inner.h - one search while it goes on; shared by discover*.c. */
#ifndef CHECK_DISCOVER_INNER_H
#define CHECK_DISCOVER_INNER_H

#include "check/dialogue.h"
#include "check/discover.h"

struct search {
	struct probe *p;
	const struct discover_request *r;
	struct candidates list;
	bool done[CANDIDATES_MAX];
	enum outcome outcome[CANDIDATES_MAX]; /* of those done */
	size_t tries, logins;
	bool token_asked;       /* for OAuth, once the provider is known */
	bool told_server_spoke; /* a server that the domain itself names was reached and proven */
	bool works;             /* one took the login */
	bool ready;             /* one is proven and offers a login */
};

/* What came of one candidate. */
struct trial {
	struct search *s;
	const struct candidate *c;
	const struct fact *fact; /* the candidate's */
	struct dialogue_result out;
	const char *user; /* login name tried or to be used */
	bool logged;      /* a login was tried */
};

/* Tries the i'th candidate and records both facts; may add candidates to the list. */
void search_try(struct search *s, size_t i);
/* Records the i'th as not tried, and why. */
void search_pass_over(struct search *s, size_t i, const char *why);

/* Names that a certificate holds for the same machine, for another try. */
void search_add_certificate_names(struct search *s, const struct candidate *c, unsigned session);

/* The access provider's servers, by this computer's public address. */
void search_add_isp(struct search *s);

#endif
