/* SPDX-License-Identifier: Apache-2.0 */
#include "check/probe.h"

#include <time.h>

#include "base/text_time.h"
#include "catalog/provider.h"
#include "check/evidence.h"

long probe_t_ms(const struct probe *p)
{
	return (long)(net_loop_now_ms(p->loop) - p->start_ms);
}

uint64_t probe_left_ms(const struct probe *p)
{
	uint64_t now = net_loop_now_ms(p->loop);
	if (net_loop_interrupted(p->loop))
		return 0;
	return now < p->until_ms ? p->until_ms - now : 0;
}

uint64_t probe_within(const struct probe *p, uint64_t ms)
{
	uint64_t until = net_loop_now_ms(p->loop) + ms;
	return until < p->until_ms ? until : p->until_ms;
}

uint64_t probe_at_most(const struct probe *p, uint64_t ms)
{
	uint64_t left = probe_left_ms(p);
	return left > ms ? ms : left ? left : 1;
}

long long probe_now_s(const struct probe *p)
{
	return p->req->now_s ? p->req->now_s : (long long)time(NULL);
}

struct fact *probe_fact(struct probe *p, enum fact_kind kind, unsigned session)
{
	return evidence_add(p->ev, kind, session, probe_t_ms(p));
}

void probe_tell(struct probe *p, const struct fact *f)
{
	if (p->observer && p->observer->fact)
		p->observer->fact(p->observer->ctx, p->ev, f);
}

void probe_skip(struct probe *p, const char *step, const char *why)
{
	struct fact *f = probe_fact(p, FACT_SKIPPED, 0);
	f->skipped.step = probe_text(p, step);
	f->skipped.why = probe_text(p, why);
	probe_tell(p, f);
}

const char *probe_text(struct probe *p, const char *s)
{
	return ev_text(p->ev, s);
}

struct dns_question *probe_ask(struct probe *p, const char *name, const char *type, unsigned flags)
{
	return dns_ask(p->dns, name, type, flags, NULL);
}

struct fact *probe_record_dns(struct probe *p, const struct dns_question *q, const char *purpose)
{
	const struct dns_answer *a = dns_answer_of(q);
	struct fact *f = probe_fact(p, FACT_DNS, 0);
	f->dns.name = probe_text(p, dns_question_name(q));
	f->dns.type = probe_text(p, dns_question_type(q));
	f->dns.purpose = purpose;
	f->dns.status = dns_status_name(a ? a->status : DNS_ANSWER_TIMEOUT);
	f->dns.rcode = a ? a->rcode : -1;
	f->dns.ede = a ? a->ede : -1;
	f->dns.resolver = probe_text(p, a && a->resolver ? a->resolver : dns_resolver(p->dns));
	if (a) {
		f->dns.secure = a->secure;
		f->dns.truncated = a->truncated;
		f->dns.via = probe_text(p, a->via);
		f->dns.cname = probe_text(p, a->cname);
		for (size_t i = 0; i < a->records.n; i++)
			strlist_add(&f->dns.answers, p->ev->arena, probe_text(p, a->records.v[i]));
		f->dns.ttl = (long)a->ttl;
		f->dns.elapsed_ms = a->elapsed_ms;
		f->dns.error = probe_text(p, a->error);
	}
	probe_tell(p, f);
	return f;
}

const struct dns_answer *probe_answer(struct probe *p, struct dns_question *q, const char *purpose)
{
	const struct dns_answer *a = dns_wait(p->dns, q, p->until_ms);
	probe_record_dns(p, q, purpose);
	return a;
}

const struct dns_answer *probe_lookup(struct probe *p, const char *name, const char *type, unsigned flags,
				      const char *purpose)
{
	return probe_answer(p, probe_ask(p, name, type, flags), purpose);
}

struct fact *probe_record_http(struct probe *p, const char *purpose, const char *url,
			       const struct http_answer *a, size_t body)
{
	struct fact *f = probe_fact(p, FACT_HTTP, 0);
	char text[TEXT_TIME_BYTES];
	long long date;
	f->http.purpose = purpose;
	f->http.url = probe_text(p, url);
	f->http.result = a ? http_result_name(a->result) : "timeout";
	if (!a)
		return f;
	f->http.status = a->status;
	f->http.error = probe_text(p, a->error);
	if (a->date && text_mail_date_read(str_of(a->date), &date))
		f->http.date = arena_strdup(p->ev->arena, text_time(date, text));
	f->http.content_type = probe_text(p, a->content_type);
	f->http.body = ev_bytes(p->ev, str_cut(a->body, 0, body));
	f->http.elapsed_ms = a->elapsed_ms;
	return f;
}

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
