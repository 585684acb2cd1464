/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/sasl_server.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/sasl_server_mechanism.h"

static sasl_server_fn plain_step, login_step, cram_step;

static sasl_server_fn *const mechanisms[SASL_MECHANISMS] = {
	[SASL_PLAIN] = plain_step,
	[SASL_LOGIN] = login_step,
	[SASL_CRAM_MD5] = cram_step,
	[SASL_SCRAM_SHA_256] = sasl_server_scram,
	[SASL_XOAUTH2] = sasl_server_xoauth2,
	[SASL_OAUTHBEARER] = sasl_server_bearer,
};

struct sasl_server *sasl_server_new(enum sasl_mechanism m, const struct sasl_server_options *o)
{
	if (m <= SASL_NONE || m >= SASL_MECHANISMS)
		return NULL;
	struct sasl_server *s = mem_alloc(sizeof(*s));
	s->mechanism = m;
	s->o = *o;
	s->user = mem_strdup("");
	s->secret = mem_strdup("");
	s->why = "";
	return s;
}

void sasl_server_free(struct sasl_server **s)
{
	if (!*s)
		return;
	sasl_server_wipe(&(*s)->user);
	sasl_server_wipe(&(*s)->secret);
	buf_clear(&(*s)->challenge);
	sasl_server_scram_wipe(&(*s)->scram);
	free(*s);
	*s = NULL;
}

static bool same_text(const char *a, const char *b)
{
	size_t n = strlen(a);
	return n == strlen(b) && CRYPTO_memcmp(a, b, n) == 0;
}

/* Name and password are here: compares them, or leaves it to the caller. */
static enum sasl_server_step compare_password(struct sasl_server *s)
{
	struct sasl_account account;
	if (!s->o.lookup)
		return SASL_SERVER_JUDGE;
	if (!sasl_server_lookup(s, &account))
		return sasl_server_refuse(s, "no such user");
	if (!account.password)
		return SASL_SERVER_JUDGE;
	return same_text(account.password, s->secret) ? SASL_SERVER_DONE
						      : sasl_server_refuse(s, "wrong password");
}

/* message = [authzid] NUL authcid NUL passwd   (RFC 4616, 2) */
static enum sasl_server_step plain_step(struct sasl_server *s, struct str response, struct buf *challenge)
{
	(void)challenge;
	const char *one = memchr(response.p, 0, response.len);
	size_t a = one ? (size_t)(one - response.p) : response.len;
	struct str rest = str_cut(response, a + 1, response.len);
	const char *two = one ? memchr(rest.p, 0, rest.len) : NULL;
	if (!two)
		return sasl_server_malformed(s, "PLAIN needs two NULs");
	size_t b = (size_t)(two - rest.p);
	if (!sasl_server_set_user(s, str_cut(rest, 0, b)))
		return sasl_server_malformed(s, "the user name is empty, too long or not UTF-8");
	if (!sasl_server_set_secret(s, str_cut(rest, b + 1, rest.len)))
		return sasl_server_malformed(s, "the password is empty, too long or holds a NUL");
	if (a && !str_eq(str_cut(response, 0, a), s->user))
		return sasl_server_refuse(s, "acting for another user is not allowed");
	return compare_password(s);
}

static enum sasl_server_step login_step(struct sasl_server *s, struct str response, struct buf *challenge)
{
	if (!*s->user) {
		if (!sasl_server_set_user(s, response))
			return sasl_server_malformed(s, "the user name is empty, too long or not UTF-8");
		buf_adds(challenge, s->o.login_prompts[1] ? s->o.login_prompts[1] : "Password:");
		return SASL_SERVER_CHALLENGE;
	}
	if (!sasl_server_set_secret(s, response))
		return sasl_server_malformed(s, "the password is empty, too long or holds a NUL");
	return compare_password(s);
}

/* user SP hex digest; the user may hold blanks   (RFC 2195, 2) */
static enum sasl_server_step cram_step(struct sasl_server *s, struct str response, struct buf *challenge)
{
	(void)challenge;
	unsigned char mac[EVP_MAX_MD_SIZE];
	char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
	unsigned n = 0;
	struct sasl_account account;
	const char *blank = memrchr(response.p, ' ', response.len);
	size_t at = blank ? (size_t)(blank - response.p) : 0;
	struct str digest = str_cut(response, at + 1, response.len);
	if (!blank || digest.len != 32 || !sasl_server_set_user(s, str_cut(response, 0, at)))
		return sasl_server_malformed(s, "CRAM-MD5 needs a name, a blank and 32 hex digits");
	if (!sasl_server_lookup(s, &account) || !account.password)
		return sasl_server_refuse(s, "no such user, or no clear password to compare with");
	struct str sent = buf_str(&s->challenge);
	if (!HMAC(EVP_md5(), account.password, (int)strlen(account.password), (const unsigned char *)sent.p,
		  sent.len, mac, &n))
		return sasl_server_refuse(s, "MD5 is not available here");
	for (unsigned i = 0; i < n; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", mac[i]);
	return digest.len == strlen(hex) && CRYPTO_memcmp(digest.p, hex, digest.len) == 0
		       ? SASL_SERVER_DONE
		       : sasl_server_refuse(s, "wrong password");
}

/* What the server says first when AUTH came alone. */
static enum sasl_server_step first_challenge(struct sasl_server *s, struct buf *challenge)
{
	CLEANUP(buf_clear) struct buf nonce = { 0 };
	struct err e = { 0 };
	if (s->mechanism == SASL_LOGIN)
		buf_adds(challenge, s->o.login_prompts[0] ? s->o.login_prompts[0] : "Username:");
	if (s->mechanism != SASL_CRAM_MD5)
		return SASL_SERVER_CHALLENGE;
	if (s->o.nonce ? !buf_adds(&nonce, s->o.nonce) : !scram_nonce_new(&nonce, &e))
		return sasl_server_refuse(s, "no random bytes");
	buf_addf(&s->challenge, "<" STR_FMT "@%s>", STR_ARG(buf_str(&nonce)),
		 s->o.host ? s->o.host : "localhost");
	struct str sent = buf_str(&s->challenge);
	buf_add(challenge, sent.p, sent.len);
	return SASL_SERVER_CHALLENGE;
}

enum sasl_server_step sasl_server_step(struct sasl_server *s, const struct str *response,
				       struct buf *challenge)
{
	if (s->over)
		return sasl_server_malformed(s, "the exchange is over");
	if (!response)
		return s->answered ? sasl_server_malformed(s, "a response is missing")
				   : first_challenge(s, challenge);
	if (response->len > SASL_MESSAGE_BYTES_MAX)
		return sasl_server_malformed(s, "the response is too long");
	if (s->acknowledging)
		return sasl_server_refuse(s, "the token was refused");
	if (s->mechanism == SASL_CRAM_MD5 && !buf_waiting(&s->challenge))
		return sasl_server_malformed(s, "CRAM-MD5 has no initial response");
	s->answered++;
	struct str said = response->len ? *response : STR_LIT("");
	enum sasl_server_step step = mechanisms[s->mechanism](s, said, challenge);
	s->over = step != SASL_SERVER_CHALLENGE;
	return step;
}

enum sasl_server_step sasl_server_judged(struct sasl_server *s, bool granted, const char *error_json,
					 struct buf *challenge)
{
	s->over = true;
	if (granted)
		return SASL_SERVER_DONE;
	if (!error_json || !sasl_mechanism_is_oauth(s->mechanism))
		return sasl_server_refuse(s, "the caller refused the password or token");
	s->over = false;
	s->acknowledging = true;
	buf_adds(challenge, error_json);
	return SASL_SERVER_CHALLENGE;
}

const char *sasl_server_user(const struct sasl_server *s)
{
	return s->user;
}

const char *sasl_server_secret(const struct sasl_server *s)
{
	return s->secret;
}

const char *sasl_server_why(const struct sasl_server *s)
{
	return s->why;
}
