/* SPDX-License-Identifier: Apache-2.0 */
/* What the mechanisms are called and do; and how a step of any of them ends. */
#include "smtp/sasl_mechanism.h"

static const struct {
	const char *name;
	bool initial;   /* the client speaks first */
	bool oauth;     /* the secret is a token */
	bool plaintext; /* the server sees the secret */
} mechanisms[SASL_MECHANISMS] = {
	[SASL_NONE] = { "", false, false, false },
	[SASL_PLAIN] = { "PLAIN", true, false, true },
	[SASL_LOGIN] = { "LOGIN", false, false, true },
	[SASL_CRAM_MD5] = { "CRAM-MD5", false, false, false },
	[SASL_SCRAM_SHA_256] = { "SCRAM-SHA-256", true, false, false },
	[SASL_XOAUTH2] = { "XOAUTH2", true, true, true },
	[SASL_OAUTHBEARER] = { "OAUTHBEARER", true, true, true },
};

const char *sasl_mechanism_name(enum sasl_mechanism m)
{
	return m < SASL_MECHANISMS ? mechanisms[m].name : "";
}

enum sasl_mechanism sasl_mechanism_of(struct str name)
{
	for (unsigned m = SASL_NONE + 1; m < SASL_MECHANISMS; m++)
		if (str_ieq(name, mechanisms[m].name))
			return (enum sasl_mechanism)m;
	return SASL_NONE;
}

bool sasl_mechanism_is_oauth(enum sasl_mechanism m)
{
	return m < SASL_MECHANISMS && mechanisms[m].oauth;
}

bool sasl_mechanism_is_plaintext(enum sasl_mechanism m)
{
	return m < SASL_MECHANISMS && mechanisms[m].plaintext;
}

bool sasl_client_has_initial(const struct sasl_client *s)
{
	return mechanisms[s->mechanism].initial;
}

enum sasl_step sasl_protocol_error(const struct sasl_client *s, struct err *e, const char *what)
{
	ERR_FILL(e, ERR_PROTOCOL, 0, "log in", "with %s: %s", sasl_mechanism_name(s->mechanism), what);
	return SASL_FAILED;
}

enum sasl_step sasl_sent(bool all, const struct sasl_client *s, struct err *e)
{
	if (all)
		return SASL_SEND;
	ERR_FILL(e, ERR_LIMIT, SASL_MESSAGE_BYTES_MAX, "log in", "with %s: the response is too long",
		 sasl_mechanism_name(s->mechanism));
	return SASL_FAILED;
}
