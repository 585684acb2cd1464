/* SPDX-License-Identifier: Apache-2.0 */
/* From what was typed to the server to talk to: the best of the candidates that
 * check/find knows, and the port and mode that fit. */
#include <string.h>
#include <strings.h>

#include "catalog/provider.h"
#include "check/find.h"
#include "mail/suffix.h"

static void use_server(struct probe *p, const char *host, unsigned port, const char *security,
		       const char *from)
{
	struct fact_target *t = &p->target->target;
	t->host = probe_text(p, host);
	t->host_from = from;
	if (!t->port)
		t->port = (long)port;
	if (!strcmp(t->security, "auto") && *security)
		t->security = security;
}

/* As the check's words for where the host comes from have it. */
static const char *host_from(enum candidate_source s)
{
	return s == SOURCE_PROVIDER || s == SOURCE_MX_PROVIDER || s == SOURCE_AUTODISCOVER ? "provider"
	       : s == SOURCE_SRV                                                           ? "srv"
	       : s == SOURCE_AUTOCONFIG                                                    ? "autoconfig"
											   : "guess";
}

/* A usual name says nothing of port and mode: the usual ones are tried. */
static void discover_address(struct probe *p, const char *domain)
{
	CLEANUP(mem_free) struct candidates *found = mem_alloc(sizeof(*found));
	struct finder f;
	find_begin(&f, p, p->target->target.input, domain, found);
	find_first(&f);
	const struct candidate *c = found->v;
	if (found->n)
		use_server(p, c->host, c->source == SOURCE_NAME ? 0 : c->port,
			   c->source == SOURCE_NAME ? "" : request_security_name(c->security),
			   host_from(c->source));
}

static bool typed_like_a_login(const struct check_request *r)
{
	return *r->user || r->password || r->token || r->oauth || r->security != SECURITY_AUTO;
}

/* A bare name: a domain when it is a registrable one or has MX records. */
static bool bare_name_is_domain(struct probe *p, const char *name)
{
	if (typed_like_a_login(p->req))
		return false;
	const char *registered = suffix_registered(p->ev->arena, name);
	if (registered && !strcasecmp(registered, name))
		return true;
	const struct dns_answer *mx = probe_lookup(p, name, "MX", 0, "mx");
	return mx && mx->status == DNS_ANSWER_OK && mx->records.n;
}

static void settle_bare_name(struct probe *p)
{
	struct fact_target *t = &p->target->target;
	if (bare_name_is_domain(p, t->host)) {
		t->form = "domain";
		t->domain = t->host;
		t->host = t->host_from = "";
		return;
	}
	t->form = "host";
}

/* The port and mode that fit, where they were left to us. */
static void settle_mode(struct probe *p)
{
	struct fact_target *t = &p->target->target;
	if (t->port == 465 && !strcmp(t->security, "auto"))
		t->security = "tls";
	if (!t->port && !strcmp(t->security, "tls"))
		t->port = 465;
}

static void settle_people(struct probe *p, const char *address)
{
	struct fact_target *t = &p->target->target;
	if (*address) {
		if (!*t->from)
			t->from = address;
		if (!*t->user && (p->req->password || p->req->token || p->req->oauth))
			t->user = address;
	}
	/* "<>" was asked for: an empty sender is a sender */
	if (!*t->from && !t->from_given && strchr(t->user, '@') && t->to.n)
		t->from = t->user;
	const char *at = strrchr(t->from, '@');
	if (!*t->domain && at)
		t->domain = at + 1;
}

void probe_discover(struct probe *p)
{
	struct fact_target *t = &p->target->target;
	if (!strcmp(t->form, "address") && !*t->host)
		discover_address(p, t->domain);
	else if (!strcmp(t->form, "auto"))
		settle_bare_name(p);
	if (*t->host && !evidence_next(p->ev, FACT_PROVIDER, NULL))
		probe_provider(p, provider_by_host(t->host), "host", "target");
	settle_people(p, !strcmp(t->form, "address") ? t->input : "");
	const char *at = strrchr(t->user, '@');
	if (at)
		probe_provider(p, provider_by_domain(at + 1), "domain", "user-domain");
	settle_mode(p);
}
