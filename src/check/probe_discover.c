/* SPDX-License-Identifier: Apache-2.0 */
/* From what was typed to the server to talk to: provider data, RFC 6186 and
 * 8314 SRV records, the MX's provider, then the usual names. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "catalog/provider.h"
#include "check/probe.h"
#include "mail/suffix.h"

void probe_provider(struct probe *p, const struct provider *v, const char *by, const char *subject)
{
	if (!v)
		return;
	struct fact *f = probe_fact(p, FACT_PROVIDER, 0);
	f->provider.name = v->name;
	f->provider.title = v->title;
	f->provider.by = by;
	f->provider.subject = subject;
	probe_tell(p, f);
}

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

static bool from_provider(struct probe *p, const struct provider *v)
{
	if (!v || !v->nservers)
		return false;
	use_server(p, v->servers[0].host, v->servers[0].port, v->servers[0].security, "provider");
	return true;
}

/* SRV rdata: priority weight port target; "." says: not offered. */
static bool from_srv(struct probe *p, const struct dns_answer *a, const char *security)
{
	unsigned priority, weight, port, best = 65536, best_port = 0;
	char target[256], chosen[256] = "";
	for (size_t i = 0; a && a->status == DNS_ANSWER_OK && i < a->records.n; i++)
		if (sscanf(a->records.v[i], "%u %u %u %255s", &priority, &weight, &port, target) == 4 &&
		    strcmp(target, ".") != 0 && priority < best && port) {
			best = priority;
			best_port = port;
			strcpy(chosen, target);
		}
	if (!*chosen)
		return false;
	use_server(p, chosen, best_port, security, "srv");
	return true;
}

static const char *mx_host(const char *record)
{
	const char *blank = strchr(record, ' ');
	return blank ? blank + 1 : record;
}

/* Asked together, used in order of merit. */
struct discovery {
	struct dns_question *mx, *submissions, *submission, *smtp, *mail;
};

static struct discovery ask_all(struct probe *p, const char *domain)
{
	struct arena *a = p->ev->arena;
	return (struct discovery){
		.mx = probe_ask(p, domain, "MX", 0),
		.submissions = probe_ask(p, arena_printf(a, "_submissions._tcp.%s", domain), "SRV", 0),
		.submission = probe_ask(p, arena_printf(a, "_submission._tcp.%s", domain), "SRV", 0),
		.smtp = probe_ask(p, arena_printf(a, "smtp.%s", domain), "A", 0),
		.mail = probe_ask(p, arena_printf(a, "mail.%s", domain), "A", 0),
	};
}

static bool from_name(struct probe *p, struct dns_question *q)
{
	const struct dns_answer *a = probe_answer(p, q, "near");
	if (!a || a->status != DNS_ANSWER_OK)
		return false;
	use_server(p, dns_question_name(q), 0, "", "guess");
	return true;
}

static void discover_address(struct probe *p, const char *domain)
{
	const struct provider *v = provider_by_domain(domain);
	probe_provider(p, v, "domain", "target");
	if (from_provider(p, v))
		return;
	struct discovery d = ask_all(p, domain);
	const struct dns_answer *mx = probe_answer(p, d.mx, "mx");
	if (from_srv(p, probe_answer(p, d.submissions, "srv"), "tls") ||
	    from_srv(p, probe_answer(p, d.submission, "srv"), "starttls"))
		return;
	if (mx && mx->status == DNS_ANSWER_OK && mx->records.n)
		v = provider_by_mx(mx_host(mx->records.v[0]));
	probe_provider(p, v, "mx", "target");
	if (from_provider(p, v) || from_name(p, d.smtp))
		return;
	from_name(p, d.mail);
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
