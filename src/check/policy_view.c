/* SPDX-License-Identifier: Apache-2.0 */
#include "check/policy_view.h"

#include <string.h>

static bool is_plain(const struct fact_dns *d)
{
	static const char *const others[] = { "cd",        "tcp",   "reference", "other-resolver",
					      "authority", "small", "validated" };
	if (!strcmp(d->via, "hosts"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (!strcmp(d->purpose, others[i]))
			return false;
	return true;
}

const struct fact *policy_view_fact(const struct evidence *ev, const char *name, const char *type)
{
	for (size_t i = ev->n; i-- > 0;) {
		const struct fact *f = ev->facts[i];
		if (f->kind == FACT_DNS && !strcmp(f->dns.type, type) && dns_name_eq(f->dns.name, name) &&
		    is_plain(&f->dns))
			return f;
	}
	return NULL;
}

static enum dns_status status_of(const char *word)
{
	for (enum dns_status s = DNS_OK; s < DNS_TEMPERROR; s++)
		if (!strcmp(dns_view_status_name(s), word))
			return s;
	return DNS_TEMPERROR;
}

static bool get(void *ctx, const char *name, const char *type, struct dns_records *out)
{
	const struct policy_view *v = ctx;
	const struct fact *f = policy_view_fact(v->ev, name, type);
	*out = (struct dns_records){ .status = DNS_TEMPERROR };
	if (!f)
		return v->final;
	out->status = status_of(f->dns.status);
	out->v = f->dns.answers.v;
	out->n = f->dns.answers.n;
	out->secure = f->dns.secure;
	return true;
}

struct dns_view policy_view_of(struct policy_view *v)
{
	return (struct dns_view){ get, v };
}
