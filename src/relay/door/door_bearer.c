/* SPDX-License-Identifier: Apache-2.0 */
/* Logins by access token: the identity provider is asked, its word names the account.
 *
 * A refused token is told by a challenge that says why, and by 535 after the client's
 * answer to that (RFC 7628, 3.2.2); where nobody could be asked, 454 and no failure. */
#include <string.h>
#include <strings.h>

#include "relay/door/bearers.h"
#include "relay/door/door_login_inner.h"

static struct relay *relay_of(const struct door *d)
{
	return d->port->relay;
}

/* Whom the client says it is has to be who the token is of; OAUTHBEARER may leave it out. */
static bool fits_name(const struct relay_account *a, const char *said)
{
	return !*said || !strcasecmp(said, a->name) || (*a->token_user && !strcmp(said, a->token_user));
}

static const struct relay_account *account_of(const struct door *d, const struct bearer_verdict *v)
{
	const struct relay_account *a =
		v->result == BEARER_GOOD ? relay_account_of_token(d->settings, v->user) : NULL;
	return a && fits_name(a, sasl_server_user(d->login->sasl)) ? a : NULL;
}

/* Counted at once: who leaves without an answer to the challenge has failed as well. */
static void challenge(struct door *d, enum bearer_result why)
{
	CLEANUP(buf_clear) struct buf json = { 0 }, out = { 0 };
	struct door_login *l = d->login;
	l->refused = why;
	door_login_failed(d);
	bearer_error_json(&d->settings->identity_provider, why, l->mechanism == SASL_XOAUTH2, &json);
	if (sasl_server_judged(l->sasl, false, buf_str(&json).p, &out) == SASL_SERVER_CHALLENGE)
		smtp_server_challenge(d->smtp, buf_str(&out));
	else
		door_login_refuse(d, bearer_result_text(why));
}

static void judge(struct door *d, const struct bearer_verdict *v)
{
	const struct relay_account *a = account_of(d, v);
	if (a)
		door_login_grant(d, a);
	else if (v->result == BEARER_UNTESTED)
		door_login_later(d, "The access token could not be tested just now: try again shortly");
	else
		challenge(d, v->result == BEARER_GOOD ? BEARER_NAMELESS : v->result);
}

static void on_vouched(void *ctx, const struct bearer_verdict *v)
{
	const struct door_login *l = ctx;
	if (!l->door && v->result != BEARER_GOOD && v->result != BEARER_UNTESTED)
		door_login_failed_gone(l);
	struct door *d = door_login_answered(ctx);
	if (!d)
		return;
	judge(d, v);
	door_go_on(d);
}

void door_bearer_ask(struct door *d)
{
	struct door_login *l = d->login;
	struct bearers *b = relay_of(d)->bearers;
	struct bearer_verdict v;
	if (bearers_known(b, d->settings, sasl_server_secret(l->sasl), &v)) {
		judge(d, &v);
		return;
	}
	l->asking = bearers_ask(b, d->settings, sasl_server_secret(l->sasl), &d->address, on_vouched, l);
	if (!l->asking)
		door_login_later(d, door_login_crowd);
}
