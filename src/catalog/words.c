/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/words.h"

#include "base/mem.h"

static const char *const steps[STEP_COUNT] = {
	[STEP_CONFIG] = "Settings",
	[STEP_DNS] = "Name",
	[STEP_CONNECT] = "Connection",
	[STEP_BANNER] = "Greeting",
	[STEP_EHLO] = "Abilities",
	[STEP_STARTTLS] = "Encryption",
	[STEP_TLS_CERT] = "Certificate",
	[STEP_AUTH] = "Login",
	[STEP_OAUTH] = "OAuth",
	[STEP_MAIL_FROM] = "Sender",
	[STEP_RCPT] = "Recipient",
	[STEP_DATA] = "Message",
	[STEP_CONTENT] = "Content",
	[STEP_ATTACHMENT] = "Attachment",
	[STEP_POST_HANDOFF] = "Afterwards",
	[STEP_DOMAIN_POLICY] = "Domain",
	[STEP_RELAY_SERVER] = "Relay",
	[STEP_CLIENT_NETWORK] = "Your network",
};

static const char *const actors[ACTOR_COUNT] = {
	[ACTOR_USER] = "You",
	[ACTOR_IT_PROVIDER] = "Your IT provider",
	[ACTOR_MAIL_ADMIN] = "The mail server's administrator",
	[ACTOR_RECIPIENT] = "The recipient",
	[ACTOR_NOBODY] = "Nobody: wait",
};

static const struct {
	double least;
	const char *words;
} sure[] = {
	{ 0.99, "Certain" }, { 0.9, "Almost certain" }, { 0.8, "Very likely" },
	{ 0.6, "Likely" },   { 0.4, "Possible" },       { 0, "A guess" },
};

const char *words_step(enum step s)
{
	return steps[s];
}

const char *words_actor(enum finding_actor a)
{
	return actors[a];
}

static size_t sure_at(double confidence)
{
	size_t i = 0;
	while (i + 1 < ARRAY_LEN(sure) && confidence < sure[i].least)
		i++;
	return i;
}

const char *words_sure(double confidence)
{
	return sure[sure_at(confidence)].words;
}

bool words_is_guess(double confidence)
{
	return sure_at(confidence) + 1 == ARRAY_LEN(sure);
}

const struct finding_fix *words_fix_of(const struct finding_fix *fixes, size_t n, enum finding_actor first,
				       size_t i)
{
	for (unsigned turn = 0; turn < 2; turn++)
		for (size_t k = 0; k < n; k++)
			if ((fixes[k].actor == first) == (turn == 0) && i-- == 0)
				return &fixes[k];
	return NULL;
}

const struct finding_fix *words_fix(const struct finding_entry *e, size_t i)
{
	return words_fix_of(e->fixes, e->nfixes, e->actor, i);
}
