/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/delivery_login.h"

#include <string.h>

#include "relay/delivery/tokens.h"
#include "relay/secret_file.h"
#include "smtp/host.h"
#include "smtp/sasl.h"

/* Best first.  Over verified TLS the forms every server really has; in clear (this very
 * machine) those first that do not show the password. */
static const enum sasl_mechanism over_tls[] = { SASL_PLAIN, SASL_LOGIN, SASL_SCRAM_SHA_256, SASL_CRAM_MD5 };
static const enum sasl_mechanism with_token[] = { SASL_XOAUTH2, SASL_OAUTHBEARER };
static const enum sasl_mechanism in_clear[] = { SASL_SCRAM_SHA_256, SASL_CRAM_MD5, SASL_PLAIN, SASL_LOGIN };

const char *delivery_user(const struct relay_route *r)
{
	return r->user ? r->user : "";
}

static bool stopped(struct delivery *d, const char *finding, const char *why)
{
	delivery_broke(d, TROUBLE_AUTH, finding, why);
	return false;
}

static bool may_send_secret(const struct delivery *d)
{
	return *d->tls ? d->proof > STORE_UNPROVEN : smtp_host_is_loopback(d->address);
}

static bool offers(const struct smtp_ehlo *e, enum sasl_mechanism m)
{
	return e && strlist_has(&e->auth, sasl_mechanism_name(m));
}

static enum sasl_mechanism choose(const struct delivery *d, const struct smtp_ehlo *e)
{
	const char *wish = d->route->auth ? d->route->auth : "";
	enum sasl_mechanism wished = sasl_mechanism_of(str_of(wish));
	if (*wish && strcmp(wish, "auto") != 0)
		return offers(e, wished) ? wished : SASL_NONE;
	bool token = d->route->oauth.given;
	const enum sasl_mechanism *list = token ? with_token : *d->tls ? over_tls : in_clear;
	for (size_t i = 0; i < (token ? ARRAY_LEN(with_token) : ARRAY_LEN(over_tls)); i++)
		if (offers(e, list[i]))
			return list[i];
	return SASL_NONE;
}

/* Through all challenges to the verdict.  One that tells why a token is refused stands in the trail. */
static bool finish(struct delivery *d, bool token)
{
	enum heard h;
	struct token_note note;
	bool noted = false;
	while ((h = delivery_hear(d, TROUBLE_AUTH)) == HEARD_CHALLENGE)
		noted = (token &&
			 token_note_find(d->scratch, smtp_client_challenge(session_client(d->session)),
					 &note)) ||
			noted;
	if (h != HEARD_REPLY)
		return false;
	if (smtp_client_authenticated(session_client(d->session))) {
		d->logged_in = true;
		return true;
	}
	const struct err *e = smtp_client_auth_err(session_client(d->session));
	char text[400];
	if (e && e->kind != ERR_NONE && smtp_client_reply(session_client(d->session))->code / 100 == 2)
		return stopped(d, "auth-mechanism-mismatch", err_text(e, text, sizeof(text)));
	if (token)
		delivery_refused_token(d, noted ? &note : NULL);
	else
		delivery_refused(d, TROUBLE_AUTH);
	return false;
}

static bool log_in_with(struct delivery *d, enum sasl_mechanism m, const char *secret)
{
	struct err e = { 0 };
	char text[400];
	const struct sasl_credentials c = {
		.user = d->route->user, .secret = secret, .host = d->host, .port = delivery_port(d)
	};
	struct sasl_client *mech = sasl_client_new(m, &c, &e);
	if (!mech || !smtp_client_auth(session_client(d->session), m, mech, true, &e))
		return stopped(d, "auth-mechanism-mismatch", err_text(&e, text, sizeof(text)));
	return finish(d, sasl_mechanism_is_oauth(m));
}

/* What is sent: the password, or a token; with its NUL. */
static bool find_secret(struct delivery *d, struct buf *out)
{
	struct err e = { 0 };
	char text[400];
	const char *finding, *why;
	const char *file = d->route->password_file;
	if (d->route->oauth.given)
		return tokens_get(d->relay, d->lanes->tokens, d->route, d->arena, out, &finding, &why) ||
		       stopped(d, finding, why);
	if (!file || !*file)
		return stopped(d, "rs-smarthost-auth-fails", "no password-file is configured");
	return secret_read(file, out, &e) ||
	       stopped(d, "rs-smarthost-auth-fails", err_text(&e, text, sizeof(text)));
}

bool delivery_login(struct delivery *d)
{
	const struct smtp_ehlo *e = smtp_client_ehlo_answer(session_client(d->session));
	CLEANUP(buf_wipe) struct buf secret = { .max = SECRET_BYTES_MAX };
	if (!e || !e->auth.n)
		return stopped(d, "auth-not-offered", "the server offers no login");
	if (!may_send_secret(d))
		return stopped(d, "auth-plaintext-refused-before-tls",
			       "no password is sent where the connection is not encrypted and verified");
	enum sasl_mechanism m = choose(d, e);
	if (m == SASL_NONE)
		return stopped(d,
			       d->route->oauth.given ? "oauth-mechanism-not-offered"
						     : "auth-mechanism-mismatch",
			       "the server offers no way of logging in that is known here");
	if (!find_secret(d, &secret))
		return false;
	bool in = log_in_with(d, m, buf_str(&secret).p);
	if (in && d->route->oauth.given)
		tokens_served(d->lanes->tokens, d->route, buf_str(&secret));
	else if (d->route->oauth.given)
		d->token_was_kept = tokens_refused(d->lanes->tokens, d->route, buf_str(&secret)) &&
				    d->failure.seen.code / 100 == 5;
	return in;
}
