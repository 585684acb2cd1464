/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/sasl.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "smtp/sasl_mechanism.h"

static sasl_respond_fn plain_respond, login_respond, cram_respond, xoauth2_respond, bearer_respond;

static sasl_respond_fn *const responders[SASL_MECHANISMS] = {
	[SASL_PLAIN] = plain_respond,     [SASL_LOGIN] = login_respond,
	[SASL_CRAM_MD5] = cram_respond,   [SASL_SCRAM_SHA_256] = sasl_scram_respond,
	[SASL_XOAUTH2] = xoauth2_respond, [SASL_OAUTHBEARER] = bearer_respond,
};

/* message = [authzid] NUL authcid NUL passwd   (RFC 4616, 2); no authzid is sent */
static enum sasl_step plain_respond(struct sasl_client *s, struct str challenge, struct buf *out,
				    struct err *e)
{
	(void)challenge; /* "Go on" and the like: servers that prompt though nothing is to be said */
	if (s->answered)
		return sasl_protocol_error(s, e, "the server asked again after the whole answer");
	return sasl_sent(buf_add(out, "", 1) && buf_adds(out, s->c.user) && buf_add(out, "", 1) &&
				 buf_adds(out, s->c.secret),
			 s, e);
}

/* The prompts are free text ("Username:", "User Name", nothing at all); only
 * the order is sure, and even that is turned round by a prompt that says so. */
static enum sasl_step login_respond(struct sasl_client *s, struct str challenge, struct buf *out,
				    struct err *e)
{
	bool says_user = str_ifind(challenge, "user") < challenge.len;
	bool says_pass = !says_user && str_ifind(challenge, "pass") < challenge.len;
	if (s->gave_user && s->gave_secret)
		return sasl_protocol_error(s, e, "the server asked a third time");
	if ((says_user && s->gave_user) || (says_pass && s->gave_secret))
		return sasl_protocol_error(s, e, "the server asked for the same thing twice");
	bool secret = says_pass || s->gave_user;
	*(secret ? &s->gave_secret : &s->gave_user) = true;
	return sasl_sent(buf_adds(out, secret ? s->c.secret : s->c.user), s, e);
}

/* response = user SP 32 lower-case hex digits of HMAC-MD5(password, challenge)   (RFC 2195, 2) */
static enum sasl_step cram_respond(struct sasl_client *s, struct str challenge, struct buf *out,
				   struct err *e)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	if (s->answered)
		return sasl_protocol_error(s, e, "the server challenged twice");
	if (!challenge.len)
		return sasl_protocol_error(s, e, "the server's challenge is empty");
	if (!HMAC(EVP_md5(), s->c.secret, (int)strlen(s->c.secret), (const unsigned char *)challenge.p,
		  challenge.len, mac, &n)) {
		ERR_FILL(e, ERR_TLS, (long)ERR_get_error(), "log in", "with CRAM-MD5: MD5 is not available");
		return SASL_FAILED;
	}
	bool all = buf_adds(out, s->c.user) && buf_adds(out, " ");
	for (unsigned i = 0; i < n; i++)
		all = all && buf_addf(out, "%02x", mac[i]);
	return sasl_sent(all, s, e);
}

/* After the token, a challenge is the server's JSON error: acknowledging it
 * brings the real reply (5xx).  One acknowledgement is enough. */
static enum sasl_step acknowledge(struct sasl_client *s, const char *with, struct buf *out, struct err *e)
{
	if (s->answered > 1)
		return sasl_protocol_error(s, e, "the server asked on after its error was acknowledged");
	return sasl_sent(buf_adds(out, with), s, e);
}

/* "user=" user ^A "auth=Bearer " token ^A ^A   (Google's and Microsoft's XOAUTH2) */
static enum sasl_step xoauth2_respond(struct sasl_client *s, struct str challenge, struct buf *out,
				      struct err *e)
{
	(void)challenge;
	if (s->answered)
		return acknowledge(s, "", out, e);
	return sasl_sent(buf_adds(out, "user=") && buf_adds(out, s->c.user) &&
				 buf_adds(out, "\1auth=Bearer ") && buf_adds(out, s->c.secret) &&
				 buf_adds(out, "\1\1"),
			 s, e);
}

/* gs2-header ^A [host=..^A] [port=..^A] auth=Bearer SP token ^A ^A   (RFC 7628, 3.1) */
static enum sasl_step bearer_respond(struct sasl_client *s, struct str challenge, struct buf *out,
				     struct err *e)
{
	(void)challenge;
	if (s->answered)
		return acknowledge(s, "\1", out, e);
	bool all = buf_adds(out, "n,a=") && scram_name_encode(str_of(s->c.user), out) && buf_adds(out, ",\1");
	if (s->c.host && *s->c.host)
		all = all && buf_adds(out, "host=") && buf_adds(out, s->c.host) && buf_adds(out, "\1");
	if (s->c.port)
		all = all && buf_addf(out, "port=%u\1", s->c.port);
	all = all && buf_adds(out, "auth=Bearer ") && buf_adds(out, s->c.secret) && buf_adds(out, "\1\1");
	return sasl_sent(all, s, e);
}

static bool has_gap(const char *s)
{
	return strchr(s, ' ') || text_has_control(str_of(s));
}

/* 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=" is the standard's token; what
 * servers hand out is freer, but neither blanks nor control characters are ever part of it. */
static bool token_is_usable(const struct sasl_credentials *c, struct err *e)
{
	if (has_gap(c->secret))
		return ERR_FILL(e, ERR_USAGE, 0, "log in",
				"with this access token: it holds a blank or a line break");
	if (text_has_control(str_of(c->user)) || (c->host && has_gap(c->host)))
		return ERR_FILL(e, ERR_USAGE, 0, "log in", "as this user: control character in the name");
	return true;
}

static bool credentials_are_usable(enum sasl_mechanism m, const struct sasl_credentials *c, struct err *e)
{
	if (!c->user || !*c->user)
		return ERR_FILL(e, ERR_USAGE, 0, "log in", "without a user name");
	if (!c->secret || !*c->secret)
		return ERR_FILL(e, ERR_USAGE, 0, "log in", "without a %s",
				sasl_mechanism_is_oauth(m) ? "token" : "password");
	if (strlen(c->user) + strlen(c->secret) > SASL_MESSAGE_BYTES_MAX)
		return ERR_FILL(e, ERR_LIMIT, SASL_MESSAGE_BYTES_MAX, "log in",
				"with so long a name and secret");
	return !sasl_mechanism_is_oauth(m) || token_is_usable(c, e);
}

struct sasl_client *sasl_client_new(enum sasl_mechanism m, const struct sasl_credentials *c, struct err *e)
{
	if (m <= SASL_NONE || m >= SASL_MECHANISMS) {
		ERR_FILL(e, ERR_USAGE, (long)m, "log in", "without a mechanism");
		return NULL;
	}
	if (!credentials_are_usable(m, c, e))
		return NULL;
	CLEANUP(sasl_client_free) struct sasl_client *s = mem_alloc(sizeof(*s));
	s->mechanism = m;
	s->c = *c;
	if (m == SASL_SCRAM_SHA_256 && !sasl_scram_begin(s, e))
		return NULL;
	return STEAL(s);
}

void sasl_client_free(struct sasl_client **s)
{
	if (!*s)
		return;
	sasl_scram_wipe(&(*s)->scram);
	mem_wipe(*s, sizeof(**s));
	free(*s);
	*s = NULL;
}

enum sasl_step sasl_client_respond(struct sasl_client *s, struct str challenge, struct buf *out,
				   struct err *e)
{
	if (challenge.len > SASL_MESSAGE_BYTES_MAX) {
		ERR_FILL(e, ERR_LIMIT, SASL_MESSAGE_BYTES_MAX, "log in", "with %s: the challenge is too long",
			 sasl_mechanism_name(s->mechanism));
		return SASL_FAILED;
	}
	enum sasl_step step = responders[s->mechanism](s, challenge, out, e);
	s->answered++;
	return step;
}

bool sasl_client_accept(struct sasl_client *s, struct err *e)
{
	return s->mechanism != SASL_SCRAM_SHA_256 || sasl_scram_accept(s, e);
}
