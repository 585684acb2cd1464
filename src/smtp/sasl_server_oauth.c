/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "smtp/sasl_server_mechanism.h"

static const char name_wrong[] = "the user name is empty, too long or not UTF-8";
static const char token_wrong[] = "the token is empty, too long or holds characters no token has";
static const char not_bearer[] = "auth= does not begin with Bearer";

/* Takes key=value up to the next ^A off *rest; false when there is no ^A. */
static bool next_pair(struct str *rest, struct str *pair)
{
	const char *end = rest->len ? memchr(rest->p, 1, rest->len) : NULL;
	if (!end)
		return false;
	size_t at = (size_t)(end - rest->p);
	*pair = str_cut(*rest, 0, at);
	*rest = str_cut(*rest, at + 1, rest->len);
	return true;
}

static bool keep_token(struct sasl_server *s, struct str value)
{
	struct str token = str_cut(value, strlen("Bearer "), value.len);
	for (size_t i = 0; i < token.len; i++)
		if (token.p[i] <= 0x20 || token.p[i] > 0x7e)
			return false;
	return sasl_server_set_secret(s, token);
}

static enum sasl_server_step take_token(struct sasl_server *s, struct str value)
{
	if (!str_istarts(value, "Bearer "))
		return sasl_server_malformed(s, not_bearer);
	return keep_token(s, value) ? SASL_SERVER_JUDGE : sasl_server_malformed(s, token_wrong);
}

/* "user=" user ^A "auth=Bearer " token ^A ^A */
enum sasl_server_step sasl_server_xoauth2(struct sasl_server *s, struct str response, struct buf *challenge)
{
	struct str user, auth;
	(void)challenge;
	if (!next_pair(&response, &user) || !next_pair(&response, &auth) || !str_eq(response, "\1"))
		return sasl_server_malformed(s, "XOAUTH2 needs user=..^Aauth=..^A^A");
	if (!str_istarts(user, "user=") || !str_istarts(auth, "auth="))
		return sasl_server_malformed(s, "XOAUTH2 needs user= and then auth=");
	if (!sasl_server_set_user(s, str_cut(user, strlen("user="), user.len)))
		return sasl_server_malformed(s, name_wrong);
	return take_token(s, str_cut(auth, strlen("auth="), auth.len));
}

/* ("n" / "y") "," ["a=" name] ","   (RFC 5801, 4); no name is allowed: the token has one */
static bool gs2_name(struct sasl_server *s, struct str header)
{
	CLEANUP(buf_clear) struct buf name = { .max = SASL_USER_BYTES_MAX };
	if (!str_istarts(header, "n,") && !str_istarts(header, "y,"))
		return false;
	header = str_cut(header, 2, header.len);
	if (str_eq(header, ","))
		return true;
	if (!str_istarts(header, "a=") || header.p[header.len - 1] != ',')
		return false;
	return scram_name_decode(str_cut(header, 2, header.len - 1), &name) &&
	       sasl_server_set_user(s, buf_str(&name));
}

/* gs2-header ^A *(key "=" value ^A) ^A   (RFC 7628, 3.1) */
enum sasl_server_step sasl_server_bearer(struct sasl_server *s, struct str response, struct buf *challenge)
{
	struct str pair, auth = { NULL, 0 };
	(void)challenge;
	if (!next_pair(&response, &pair) || !gs2_name(s, pair))
		return sasl_server_malformed(s, "OAUTHBEARER needs n,a=USER,^A at its beginning");
	while (next_pair(&response, &pair) && pair.len)
		if (str_istarts(pair, "auth="))
			auth = str_cut(pair, strlen("auth="), pair.len);
	if (pair.len || response.len)
		return sasl_server_malformed(s, "OAUTHBEARER ends with ^A^A");
	if (!auth.p)
		return sasl_server_malformed(s, "OAUTHBEARER needs auth=");
	return take_token(s, auth);
}
