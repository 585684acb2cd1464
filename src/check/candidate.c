/* SPDX-License-Identifier: Apache-2.0 */
#include "check/candidate.h"

#include <string.h>

#include "mail/ipaddr.h"
#include "mail/suffix.h"

enum { NEAR_LABELS = 2 }; /* common last labels that mean "the same part of a provider" */

static const struct {
	const char *name;
	bool told;
} sources[SOURCES] = {
	[SOURCE_PROVIDER] = { "provider", true },
	[SOURCE_SRV] = { "srv", true },
	[SOURCE_MX_PROVIDER] = { "mx-provider", true },
	[SOURCE_AUTOCONFIG] = { "autoconfig", true },
	[SOURCE_AUTODISCOVER] = { "autodiscover", true },
	[SOURCE_NAME] = { "name", false },
	[SOURCE_HOSTER] = { "hoster", true },
	[SOURCE_MX] = { "mx", false },
	[SOURCE_CERTIFICATE] = { "certificate", false },
	[SOURCE_HOSTER_NAME] = { "hoster-name", false },
	[SOURCE_DOMAIN] = { "domain", false },
	[SOURCE_ISP] = { "isp", false },
};

const char *candidate_source_name(enum candidate_source s)
{
	return sources[s].name;
}

bool candidate_source_of(const char *name, enum candidate_source *s)
{
	for (enum candidate_source i = 0; i < SOURCES; i++)
		if (!strcmp(sources[i].name, name)) {
			*s = i;
			return true;
		}
	return false;
}

bool candidate_source_is_told(enum candidate_source s)
{
	return sources[s].told;
}

bool candidate_is_own(const char *host, const char *domain)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	const char *of_host = suffix_registered(a, host), *of_domain = suffix_registered(a, domain);
	return of_host && of_domain && !strcmp(of_host, of_domain);
}

/* Lower case, without the root's dot. */
static const char *plain_name(struct arena *a, const char *host)
{
	size_t n = strlen(host);
	char *plain = arena_dup(a, host, n && host[n - 1] == '.' ? n - 1 : n);
	for (char *c = plain; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + ('a' - 'A'));
	return plain;
}

/* One of the servers by its whole name: below a hoster's suffix customers have machines too. */
static bool is_catalogued(const char *host)
{
	const struct provider *v = provider_by_host(host);
	for (size_t i = 0; v && i < v->nservers; i++)
		if (!strcmp(v->servers[i].host, host))
			return true;
	return false;
}

/* An address proves nothing, and has no business in a record or a set-up file. */
static bool is_name(const char *host)
{
	struct ipaddr ip;
	return strchr(host, '.') && !ipaddr_read(str_of(host), &ip);
}

static const char *vouched_by(const struct candidates *l, const struct candidate *c)
{
	if (*c->vouched)
		return c->vouched;
	if (candidate_is_own(c->host, l->domain))
		return "own-domain";
	return is_catalogued(c->host) ? "catalogue" : "";
}

void candidates_add(struct candidates *l, struct candidate c)
{
	c.host = plain_name(l->arena, c.host);
	c.vouched = vouched_by(l, &c);
	if (!c.provider)
		c.provider = provider_by_host(c.host);
	if (!*c.login && c.provider)
		c.login = c.provider->username;
	for (size_t i = 0; i < l->n; i++) {
		struct candidate *x = &l->v[i];
		if (strcmp(x->host, c.host) != 0 || x->port != c.port || x->security != c.security)
			continue;
		if (!*x->vouched)
			x->vouched = c.vouched;
		if (!*x->login) {
			x->login = c.login;
			x->user = c.user;
		}
		return;
	}
	if (l->n < CANDIDATES_MAX && c.port && is_name(c.host))
		l->v[l->n++] = c;
}

/* Takes the last label off. */
static struct str last_label(struct str *name)
{
	size_t from = name->len;
	while (from && name->p[from - 1] != '.')
		from--;
	struct str label = str_cut(*name, from, name->len);
	name->len = from ? from - 1 : 0;
	return label;
}

static unsigned common_labels(const char *a, const char *b)
{
	struct str x = str_of(a), y = str_of(b);
	unsigned n = 0;
	while (x.len && y.len) {
		struct str label = last_label(&x), other = last_label(&y);
		if (!str_iequal(label, other))
			break;
		n++;
	}
	return n;
}

static unsigned nearest(const struct provider *v, const char *name)
{
	unsigned best = 0;
	for (size_t i = 0; i < v->nservers; i++) {
		unsigned n = common_labels(v->servers[i].host, name);
		best = n > best ? n : best;
	}
	return best;
}

void candidates_add_provider(struct candidates *l, const struct provider *v, const char *name,
			     enum candidate_source source, const char *why)
{
	unsigned best = v ? nearest(v, name) : 0;
	size_t added = 0;
	for (size_t i = 0; v && i < v->nservers && added < CANDIDATES_OF_PROVIDER; i++) {
		const struct provider_server *s = &v->servers[i];
		struct candidate c = { .host = s->host,
				       .port = s->port,
				       .source = source,
				       .why = why,
				       .login = v->username,
				       .user = "",
				       .vouched = "catalogue",
				       .provider = v };
		if (best >= NEAR_LABELS && common_labels(s->host, name) < best)
			continue;
		if (!request_security_of(s->security, &c.security))
			continue;
		candidates_add(l, c);
		added++;
	}
}

void candidates_add_usual(struct candidates *l, struct candidate c)
{
	static const struct {
		unsigned port;
		enum request_security security;
	} usual[] = { { 465, SECURITY_TLS }, { 587, SECURITY_STARTTLS }, { 25, SECURITY_STARTTLS } };
	for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
		c.port = usual[i].port;
		c.security = usual[i].security;
		candidates_add(l, c);
	}
}
