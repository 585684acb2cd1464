/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/filter/signing.h"

#include <string.h>

#include "mail/header.h"

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

bool signing_is_of(const struct signing *s, const struct relay_settings *asked)
{
	if (!s || s->settings->nsigns != asked->nsigns)
		return false;
	for (size_t i = 0; i < asked->nsigns; i++) {
		const struct relay_sign *a = &s->settings->signs[i], *b = &asked->signs[i];
		if (strcmp(a->domain, b->domain) != 0 || strcmp(a->selector, b->selector) != 0 ||
		    strcmp(a->key_file, b->key_file) != 0)
			return false;
	}
	return true;
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

bool signing_has_domain(const struct signing *s, const char *domain)
{
	return s && signers_have_domain(s->signers, domain);
}

/* ---- anew ---- */

bool signing_wrote(struct str received, const char *id)
{
	CLEANUP(mem_free) char *word = mem_printf("id %s", id);
	return memmem(received.p, received.len, word, strlen(word));
}

/* A signature of one of these. */
static bool is_of(struct arena *a, const struct header_field *f, const struct strlist *domains)
{
	const char *domain = str_ieq(f->name, "DKIM-Signature") ? dkim_domain_of(a, f->value) : NULL;
	return domain && strlist_has(domains, domain);
}

/* head without their signatures above the first Received field. */
static void without(struct str head, struct arena *a, const struct strlist *domains, struct buf *kept)
{
	struct header h;
	const char *at = head.p;
	header_read(a, head, &h);
	for (size_t i = 0; i < h.n && !str_ieq(h.v[i].name, "Received"); i++) {
		if (!is_of(a, &h.v[i], domains))
			continue;
		buf_add(kept, at, (size_t)(h.v[i].raw.p - at));
		at = h.v[i].raw.p + h.v[i].raw.len;
	}
	buf_add(kept, at, (size_t)(head.p + head.len - at));
}

bool signing_again(const struct signing *s, const struct sign_text *t, const struct strlist *domains,
		   long long now_s, struct arena *a, struct buf *head, struct err *e)
{
	CLEANUP(buf_clear) struct buf kept = { 0 };
	without(buf_str(&t->head), a, domains, &kept);
	for (size_t i = 0; i < domains->n; i++)
		if (!signers_fields(s->signers, domains->v[i], buf_str(&kept), t->body, now_s, head, e))
			return false;
	return buf_add(head, buf_str(&kept).p, buf_waiting(&kept));
}
