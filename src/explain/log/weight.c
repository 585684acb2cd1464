/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/weight.h"

#include <math.h>
#include <string.h>

/* What a recipient counts for by what became of it. */
static const double refused = 1.0, delayed = 0.6, passed = 0.03;
/* A try at the door is mostly somebody else's: a spammer, a guesser of passwords. */
static const double at_door = 0.01, own_at_door = 0.02;
static const double trouble = 2.0; /* times the logarithm: the same line comes again and again */

static const double by_actor[ACTOR_COUNT] = {
	[ACTOR_USER] = 1.0,      [ACTOR_IT_PROVIDER] = 1.0, [ACTOR_MAIL_ADMIN] = 0.8,
	[ACTOR_RECIPIENT] = 0.3, [ACTOR_NOBODY] = 0.02,
};
static const double by_retry[RETRY_COUNT] = { [RETRY_NEVER] = 1.0, [RETRY_LATER] = 0.7, [RETRY_WAIT] = 0.05 };

/* One mend of these helps every mail that follows; an unknown address is mended one by one. */
static const struct {
	const char *class;
	double times;
} wide[] = {
	{ "auth-", 4 },
	{ "sender-account-restricted", 4 },
	{ "sender-not-owned", 3 },
	{ "relay-denied", 4 },
	{ "policy-ip-reputation", 4 },
	{ "policy-rdns-helo", 4 },
	{ "policy-spf", 3 },
	{ "policy-dkim", 3 },
	{ "policy-dmarc", 3 },
	{ "policy-sender", 3 },
	{ "tls-", 2 },
	{ "mail-loop", 2 },
	{ "settings", 3 },
	{ "server-misconfigured", 1.5 },
	{ "message-format", 2 },
	{ "mailbox-unknown", 1 },
	{ "unknown", 0.1 },
	{ "not-a-bounce", 0 },
};

static double breadth(const char *class)
{
	for (size_t i = 0; i < ARRAY_LEN(wide); i++)
		if (z_istarts(class, wide[i].class))
			return wide[i].times;
	return 1;
}

/* Who is turned away for these may be one of our own devices or programs. */
static bool may_be_own(const char *class)
{
	return !strcmp(class, "relay-denied") || !strcmp(class, "auth-required") ||
	       !strcmp(class, "tls-required") || !strcmp(class, "message-too-large");
}

double log_weight(const struct log_cause *c)
{
	const char *class = c->finding->class;
	double n = refused * (double)c->refused + delayed * (double)c->delayed + passed * (double)c->passed;
	n += (may_be_own(class) ? own_at_door : at_door) * (double)c->at_door;
	n += trouble * log1p((double)c->troubles);
	enum class_retry retry = c->class ? c->class->retry : RETRY_LATER;
	return n * by_actor[c->finding->actor] * by_retry[retry] * breadth(class);
}
