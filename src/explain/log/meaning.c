/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/meaning.h"

#include <string.h>

#include "catalog/provider.h"
#include "explain/log/table.h"

enum { REPLIES_KEPT = 256, PROVIDERS_KEPT = 64, NAME_BYTES = 254, ENHANCED_BYTES = 16 };

struct kept_reply {
	uint64_t hash; /* 0: empty */
	size_t n;
	struct reply_meaning meanings[REPLY_MEANINGS_MAX];
};

struct kept_provider {
	uint64_t hash;
	const char *name; /* "" unknown */
};

struct log_meanings {
	struct kept_reply replies[REPLIES_KEPT];
	struct kept_provider providers[PROVIDERS_KEPT];
	char text[LOG_REPLY_MAX + 1];
};

struct log_meanings *log_meanings_new(void)
{
	return mem_alloc(sizeof(struct log_meanings));
}

void log_meanings_free(struct log_meanings **m)
{
	mem_free(m);
}

/* NUL-terminated, NULs within made blanks, cut at room - 1. */
static const char *z_of(struct str s, char *out, size_t room)
{
	size_t n = s.len < room ? s.len : room - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = s.p[i] ? s.p[i] : ' ';
	out[n] = '\0';
	return out;
}

static const struct provider *provider_of_host(const char *host)
{
	const struct provider *p = provider_by_host(host);
	return p ? p : provider_by_mx(host);
}

static const char *provider_find(struct log_meanings *m, struct str name, bool domain)
{
	if (!name.len)
		return "";
	char z[NAME_BYTES];
	uint64_t hash = log_hash(name) + domain + 1;
	struct kept_provider *k = &m->providers[hash % PROVIDERS_KEPT];
	if (k->hash == hash)
		return k->name;
	z_of(name, z, sizeof(z));
	const struct provider *p = domain ? provider_by_domain(z) : provider_of_host(z);
	*k = (struct kept_provider){ hash, p ? p->name : "" };
	return k->name;
}

static const char *provider_of(struct log_meanings *m, const struct log_event *e)
{
	if (e->state == LOG_NOT_TAKEN || (e->state == LOG_LOGIN_FAILED && !e->relay.len))
		return ""; /* the words are this machine's */
	const char *p = provider_find(m, e->relay, false);
	const char *at = *p || !e->to.len ? NULL : memrchr(e->to.p, '@', e->to.len);
	if (!at || e->relay.len)
		return p;
	return provider_find(m, str_cut(e->to, (size_t)(at + 1 - e->to.p), e->to.len), true);
}

static void ask(struct log_meanings *m, const struct log_event *e, const char *provider,
		struct kept_reply *out)
{
	char enhanced[ENHANCED_BYTES];
	struct reply_context c = {
		.provider = provider,
		.step = e->step,
		.code = e->code,
		.enhanced = z_of(e->enhanced, enhanced, sizeof(enhanced)),
		.text = z_of(e->reply, m->text, sizeof(m->text)),
	};
	out->n = reply_meanings(&c, out->meanings);
}

void log_meanings_find(struct log_meanings *m, struct log_event *e)
{
	const char *provider = provider_of(m, e);
	uint64_t hash = log_hash(e->reply) ^ log_hash(e->enhanced) * 31 ^ log_hash(str_of(e->step)) * 131 ^
			log_hash(str_of(provider)) * 8191 ^ e->code;
	hash += !hash;
	struct kept_reply *k = &m->replies[hash % REPLIES_KEPT];
	if (k->hash != hash) {
		ask(m, e, provider, k);
		k->hash = hash;
	}
	e->meanings = k->n ? k->meanings : NULL;
	e->nmeanings = k->n;
}
