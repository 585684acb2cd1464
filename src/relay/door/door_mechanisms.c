/* SPDX-License-Identifier: Apache-2.0 */
/* The ways to log in that a listener offers. */
#include "relay/door/door_inner.h"

/* A client takes the strongest it knows: what works for some accounts only is offered where the
 * configuration says so. */
static bool offers(const struct relay_listen *l, const char *mechanism, bool unasked)
{
	return l->auth.n ? strlist_has(&l->auth, mechanism) : unasked;
}

void door_mechanisms(const struct relay_settings *s, const struct relay_listen *l, struct buf *out)
{
	size_t files = 0, passwords = 0;
	bool tokens = s->naccounts && *s->identity_provider.introspection;
	for (size_t i = 0; i < s->naccounts; i++) {
		files += *s->accounts[i].password_file != '\0';
		passwords += relay_account_has_password(&s->accounts[i]);
	}
	const struct {
		const char *name;
		bool possible, unasked;
	} all[] = {
		{ "PLAIN", passwords, true },
		{ "LOGIN", passwords, true },
		{ "SCRAM-SHA-256", files, files == passwords },
		{ "CRAM-MD5", files, false },
		{ "XOAUTH2", tokens, true },
		{ "OAUTHBEARER", tokens, true },
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].possible && offers(l, all[i].name, all[i].unasked))
			buf_addf(out, "%s%s", buf_waiting(out) ? " " : "", all[i].name);
	buf_add(out, "", 1);
}
