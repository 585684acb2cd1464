/* SPDX-License-Identifier: Apache-2.0 */
/* What a client said in an exchange, kept where it can be right; and how that ends. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "smtp/sasl_server_mechanism.h"

void sasl_server_wipe(char **z)
{
	mem_wipe(*z, strlen(*z));
	free(*z);
	*z = NULL;
}

enum sasl_server_step sasl_server_refuse(struct sasl_server *s, const char *why)
{
	s->why = why;
	s->over = true;
	return SASL_SERVER_REFUSED;
}

enum sasl_server_step sasl_server_malformed(struct sasl_server *s, const char *why)
{
	s->why = why;
	s->over = true;
	return SASL_SERVER_MALFORMED;
}

static void keep(char **z, struct str s)
{
	sasl_server_wipe(z);
	*z = mem_dup(s.p, s.len);
}

bool sasl_server_set_user(struct sasl_server *s, struct str user)
{
	if (!user.len || user.len > SASL_USER_BYTES_MAX || !text_is_utf8(user) || text_has_control(user))
		return false;
	keep(&s->user, user);
	return true;
}

bool sasl_server_set_secret(struct sasl_server *s, struct str secret)
{
	if (!secret.len || secret.len > SASL_SECRET_BYTES_MAX || memchr(secret.p, 0, secret.len))
		return false;
	keep(&s->secret, secret);
	return true;
}

bool sasl_server_lookup(const struct sasl_server *s, struct sasl_account *out)
{
	*out = (struct sasl_account){ 0 };
	return s->o.lookup && s->o.lookup(s->o.ctx, s->user, out);
}
