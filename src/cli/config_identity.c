/* SPDX-License-Identifier: Apache-2.0 */
/* The identity-provider block of postrider.conf: who vouches for access tokens at the door; and which
 * accounts they open. */
#include <string.h>

#include "cli/config_relay_inner.h"

static const struct {
	const char *name;
	enum relay_claim claim;
} claims[] = {
	{ "", RELAY_CLAIM_USERNAME },
	{ "username", RELAY_CLAIM_USERNAME },
	{ "preferred_username", RELAY_CLAIM_PREFERRED_USERNAME },
	{ "email", RELAY_CLAIM_EMAIL },
	{ "sub", RELAY_CLAIM_SUB },
};

static enum relay_claim claim_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(claims); i++)
		if (!strcmp(name, claims[i].name))
			return claims[i].claim;
	return RELAY_CLAIM_USERNAME; /* the grammar has looked */
}

static bool judge(const struct config_reading *r, const struct relay_identity_provider *p, bool given)
{
	static const char block[] = "identity-provider";
	if (given && !*p->introspection)
		return config_mistake(
			r, block, "", "",
			"say where tokens are tested: introspection = \"https://...\" (RFC 7662)");
	if (given && (!*p->client_id || !*p->client_secret_file))
		return config_mistake(r, block, "", "",
				      "the provider wants to know who asks: add client-id = \"...\" and "
				      "client-secret-file = \"FILE\"");
	if (p->keep_s > RELAY_TOKEN_KEEP_MOST_S)
		return config_mistake(r, block, "", "keep",
				      "a token that was withdrawn would open the door for so long: give at "
				      "most %dm",
				      RELAY_TOKEN_KEEP_MOST_S / 60);
	return true;
}

bool config_read_identity_provider(const struct config_reading *r)
{
	cfg_t *b = cfg_getsec(r->c->cfg, "identity-provider");
	struct relay_identity_provider *p = &r->s->identity_provider;
	*p = (struct relay_identity_provider){
		.introspection = config_copy(r, b, "introspection"),
		.client_id = config_copy(r, b, "client-id"),
		.client_secret_file = config_copy_file(r, b, "client-secret-file"),
		.claim = claim_of(config_value(b, "user-claim")),
		.scope = config_copy(r, b, "scope"),
		.audience = config_copy_list(r, b, "audience"),
		.issuer = config_copy(r, b, "issuer"),
		.keep_s = config_seconds(config_value(b, "keep"), RELAY_TOKEN_KEEP_S),
	};
	bool given = *p->introspection || *p->client_id || *p->client_secret_file || *p->scope ||
		     p->audience.n || *p->issuer || *config_value(b, "user-claim") ||
		     *config_value(b, "keep");
	return judge(r, p, given);
}

/* One token opens one account. */
static bool is_alone(const struct config_reading *r, const struct relay_account *a)
{
	const struct relay_settings *s = r->s;
	for (size_t i = 0; i < s->naccounts && &s->accounts[i] != a; i++)
		if (!strcmp(relay_account_token_user(&s->accounts[i]), relay_account_token_user(a)))
			return config_mistake(r, "account", a->name, *a->token_user ? "token-user" : "",
					      "%s has the same token-user (by default its name): give each "
					      "account its own",
					      s->accounts[i].name);
	return true;
}

bool config_judge_token_user(const struct config_reading *r, const struct relay_account *a)
{
	bool vouched = *r->s->identity_provider.introspection;
	if (!vouched && !*a->token_user)
		return true;
	if (!vouched)
		return config_mistake(r, "account", a->name, "token-user",
				      "nobody vouches for tokens: add identity-provider { introspection = "
				      "\"https://...\" ... }");
	return is_alone(r, a);
}

bool config_judge_listen_auth(const struct config_reading *r, const struct relay_listen *l)
{
	bool tokens = strlist_has(&l->auth, "xoauth2") || strlist_has(&l->auth, "oauthbearer");
	if (!tokens || *r->s->identity_provider.introspection)
		return true;
	return config_mistake(r, "listen", l->where, "auth",
			      "xoauth2 and oauthbearer need somebody who vouches for tokens: add "
			      "identity-provider { introspection = \"https://...\" ... }");
}
