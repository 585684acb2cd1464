/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check/request.h"

struct kept_request {
	struct check_request request; /* first: what the caller holds */
	struct arena *arena;
};

#define AT(field) offsetof(struct check_request, field)
static const size_t texts[] = {
	AT(input),     AT(host),         AT(domain),        AT(user),      AT(from),
	AT(auth),      AT(sending_ip),   AT(dkim_selector), AT(bind),      AT(resolver),
	AT(ca_file),   AT(trust_anchor), AT(ehlo_name),     AT(client_id), AT(tenant_id),
	AT(token_url), AT(scope),        AT(message_file),  AT(tokens),
};
static const size_t secrets[] = { AT(password), AT(token), AT(client_secret), AT(refresh_token) };
static const size_t lists[] = { AT(to), AT(attach), AT(dnsbl) };
#undef AT

static const char **text_at(struct check_request *r, size_t offset)
{
	return (const char **)(void *)((char *)r + offset);
}

static void own_list(struct strlist *l, struct arena *a)
{
	struct strlist from = *l;
	*l = (struct strlist){ 0 };
	for (size_t i = 0; i < from.n; i++)
		strlist_add(l, a, from.v[i]);
}

struct check_request *request_copy(const struct check_request *r)
{
	struct kept_request *k = mem_alloc(sizeof(*k));
	struct check_request *c = &k->request;
	k->arena = arena_new();
	*c = *r;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (*text_at(c, texts[i]))
			*text_at(c, texts[i]) = arena_strdup(k->arena, *text_at(c, texts[i]));
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
		if (*text_at(c, secrets[i]))
			*text_at(c, secrets[i]) = mem_strdup(*text_at(c, secrets[i]));
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		own_list((struct strlist *)(void *)((char *)c + lists[i]), k->arena);
	for (size_t i = 0; i < c->nanswers; i++) {
		c->answers[i].question = arena_strdup(k->arena, c->answers[i].question);
		c->answers[i].answer = arena_strdup(k->arena, c->answers[i].answer);
	}
	return c;
}

void request_free(struct check_request **rp)
{
	struct check_request *c = *rp;
	if (!c)
		return;
	struct kept_request *k = (struct kept_request *)c;
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
		char *secret = (char *)(uintptr_t)*text_at(c, secrets[i]);
		if (secret)
			mem_wipe(secret, strlen(secret));
		free(secret);
	}
	arena_free(&k->arena);
	free(k);
	*rp = NULL;
}
