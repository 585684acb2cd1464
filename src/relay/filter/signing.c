/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/filter/signing.h"

struct signing {
	unsigned uses;
	const struct relay_settings *settings;
	struct signers *signers;
};

struct signing *signing_new(const struct relay_settings *settings, struct err *e)
{
	if (!settings->nsigns)
		return NULL;
	struct signers *signers = signers_new(settings, e);
	if (!signers)
		return NULL;
	struct signing *s = mem_alloc(sizeof(*s));
	*s = (struct signing){ 1, relay_settings_hold(settings), signers };
	return s;
}

struct signing *signing_hold(struct signing *s)
{
	s->uses++;
	return s;
}

void signing_free(struct signing **sp)
{
	struct signing *s = *sp;
	*sp = NULL;
	if (!s || --s->uses)
		return;
	signers_free(&s->signers);
	relay_settings_drop(&s->settings);
	mem_free(&s);
}

bool signing_have(const struct signing *s, const char *from)
{
	return s && signers_have(s->signers, from);
}

bool signing_sign(const struct signing *s, const char *from, struct store_body *body, long long now_s,
		  struct err *e)
{
	return signers_sign(s->signers, from, body, now_s, e);
}
