/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the places of the catalogue's sentences when only a text is known. */
#include <string.h>

#include "catalog/fill.h"
#include "catalog/provider.h"
#include "explain/explain.h"

enum { QUOTED_MAX = 80 };

static const char *domain_of(const char *address)
{
	const char *at = strrchr(address, '@');
	return at ? at + 1 : "";
}

/* The provider's usual submission server stands for a host that was not told. */
static const struct provider_server *usual_server(const struct explanation *x)
{
	const struct provider *p = *x->host ? provider_by_host(x->host) : provider_by_name(x->provider);
	return p && p->nservers ? &p->servers[0] : NULL;
}

static const char *security_of(const struct explanation *x)
{
	const struct provider_server *s = usual_server(x);
	if (x->port)
		return x->port == 465 ? "tls" : x->port == 587 ? "starttls" : "auto";
	return s ? s->security : "";
}

static const char *explain_value(const void *source, struct str name, struct arena *a)
{
	const struct explanation *x = source;
	const struct provider_server *s = usual_server(x);
	if (str_eq(name, "host"))
		return *x->host || !s ? x->host : s->host;
	if (str_eq(name, "port"))
		return x->port ? arena_printf(a, "%u", x->port) : s ? arena_printf(a, "%u", s->port) : "";
	if (str_eq(name, "security"))
		return security_of(x);
	if (str_eq(name, "provider"))
		return x->provider_title;
	if (str_eq(name, "user"))
		return *x->user ? x->user : x->sender;
	if (str_eq(name, "from"))
		return x->sender;
	if (str_eq(name, "to"))
		return x->recipient;
	if (str_eq(name, "domain"))
		return domain_of(x->sender);
	if (str_eq(name, "ip"))
		return x->client;
	if (str_eq(name, "address"))
		return x->address;
	if (str_eq(name, "reply"))
		return x->text;
	if (str_eq(name, "value") && !strcmp(x->meanings[0].entry->id, "explain-conflated-app-error") &&
	    strlen(x->text) <= QUOTED_MAX)
		return arena_printf(a, "\"%s\"", x->text);
	return "";
}

const char *explain_fill(struct arena *a, const struct explanation *x, const char *sentence)
{
	return fill_sentence(a, sentence, explain_value, x);
}

const char *explain_fill_command(struct arena *a, const struct explanation *x, const char *command)
{
	return fill_command(a, command, explain_value, x);
}
