/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/filter/signing.h"

#include <string.h>

#include "mail/header.h"
#include "mail/taglist.h"

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

/* How many fields stand above the Received field of ours; 0: it is not there. */
static size_t ours_above(const struct header *h, const char *id)
{
	size_t i = 0;
	while (i < h->n && !str_ieq(h->v[i].name, "Received"))
		i++;
	return i < h->n && signing_wrote(h->v[i].value, id) ? i : 0;
}

/* The domain of ours that it is of; NULL: it is another field. */
static const char *own_domain(const struct signing *s, struct arena *a, const struct header_field *f)
{
	struct taglist tags;
	struct str d;
	if (!str_ieq(f->name, "DKIM-Signature") || !taglist_parse(header_unfold(a, f->value), &tags) ||
	    !taglist_get(&tags, "d", false, &d))
		return NULL;
	const char *domain = arena_str(a, d).p;
	return signing_has_domain(s, domain) ? domain : NULL;
}

bool signing_again(const struct signing *s, struct str message, const char *id, long long now_s,
		   struct arena *a, struct strlist *domains, struct buf *whole, struct err *e)
{
	CLEANUP(buf_clear) struct buf kept = { 0 };
	struct header h;
	header_read(a, message, &h);
	const char *at = message.p;
	for (size_t i = 0, n = ours_above(&h, id); i < n; i++) {
		const char *domain = own_domain(s, a, &h.v[i]);
		if (!domain)
			continue;
		if (!strlist_has(domains, domain))
			strlist_add(domains, a, domain);
		buf_add(&kept, at, (size_t)(h.v[i].raw.p - at));
		at = h.v[i].raw.p + h.v[i].raw.len;
	}
	buf_add(&kept, at, (size_t)(message.p + message.len - at));
	for (size_t i = 0; i < domains->n; i++)
		if (!signers_fields(s->signers, domains->v[i], buf_str(&kept), now_s, whole, e))
			return false;
	return buf_add(whole, buf_str(&kept).p, buf_waiting(&kept));
}
