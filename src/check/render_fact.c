/* SPDX-License-Identifier: Apache-2.0 */
/* Facts as single lines of proof: a table of kinds, a function each. */
#include <string.h>

#include "check/render_inner.h"

const char *render_provider(const struct verdict *v, bool title)
{
	for (const struct fact *f = NULL; (f = evidence_next(v->ev, FACT_PROVIDER, f));)
		if (!strcmp(f->provider.subject, "target"))
			return title ? f->provider.title : f->provider.name;
	return "";
}

static const char *join(struct arena *a, const struct strlist *l)
{
	return strlist_join(l, a, ", ");
}

/* ": text" or nothing. */
static const char *after(struct arena *a, const char *text)
{
	return *text ? arena_printf(a, ": %s", text) : "";
}

static const char *day(struct arena *a, const char *time)
{
	return arena_printf(a, "%.10s", time);
}

static const char *line_dns(struct arena *a, const struct fact *f)
{
	const struct fact_dns *d = &f->dns;
	return arena_printf(a, "DNS %s %s: %s%s%s", d->name, d->type, d->status, d->answers.n ? " " : "",
			    join(a, &d->answers));
}

static const char *line_connect(struct arena *a, const struct fact *f)
{
	const struct fact_connect *c = &f->connect;
	return arena_printf(a, *c->error ? "%s port %ld: %s (%s)" : "%s port %ld: %s%s", c->address, c->port,
			    c->result, c->error);
}

static const char *line_reply(struct arena *a, const struct fact *f)
{
	const struct fact_reply *r = &f->reply;
	return arena_printf(a, "%s -> %ld %s", *r->command ? r->command : r->step, r->code, r->text);
}

static const char *line_tls(struct arena *a, const struct fact *f)
{
	const struct fact_tls *t = &f->tls;
	if (!strcmp(t->result, "ok"))
		return arena_printf(a, "%s %s", t->version, t->cipher);
	const char *alert = *t->alert_received ? t->alert_received : t->alert_sent;
	return arena_printf(a, "TLS handshake: %s%s%s %s", t->result, *alert ? ", alert " : "", alert,
			    *t->first_bytes ? t->first_bytes : t->reason);
}

static const char *line_cert(struct arena *a, const struct fact *f)
{
	const struct fact_cert *c = &f->cert;
	return arena_printf(a, "certificate %s, issued by %s, valid %s to %s%s%s",
			    *c->cn ? c->cn : c->subject, *c->issuer_cn ? c->issuer_cn : c->issuer,
			    day(a, c->not_before), day(a, c->not_after), c->names.n ? ", for " : "",
			    join(a, &c->names));
}

/* "10@0 certificate has expired" without the number. */
const char *render_verify_error(const struct fact *f)
{
	const char *first = f->verify.errors.n ? f->verify.errors.v[0] : "not trusted";
	const char *blank = strchr(first, ' ');
	return blank && strspn(first, "0123456789@") == (size_t)(blank - first) ? blank + 1 : first;
}

static const char *line_verify(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "certificate judged for %s: %s", f->verify.name,
			    f->verify.trusted ? "trusted" : render_verify_error(f));
}

static const char *line_break(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "at %s after %ld ms: %s%s", f->brk.step, f->brk.elapsed_ms, f->brk.how,
			    after(a, f->brk.text));
}

static const char *line_bytes(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "first bytes: %s", f->bytes.text);
}

static const char *line_ehlo(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "EHLO %s: %s", f->ehlo.after_tls ? "after TLS" : "before TLS",
			    join(a, &f->ehlo.keywords));
}

static const char *line_auth(struct arena *a, const struct fact *f)
{
	const struct fact_auth *x = &f->auth;
	return arena_printf(a, "login of %s with %s: %s%s%s", x->user, x->mechanism, x->result,
			    after(a, x->error), x->challenges.n ? after(a, join(a, &x->challenges)) : "");
}

static const char *line_token(struct arena *a, const struct fact *f)
{
	const struct fact_token *t = &f->token;
	return arena_printf(a, "token (%s): for %s, scope %s, roles %s, user %s, expires %s", t->form,
			    t->audience, *t->scope ? t->scope : "none",
			    t->roles.n ? join(a, &t->roles) : "none", *t->user ? t->user : "none",
			    t->expires);
}

static const char *line_http(struct arena *a, const struct fact *f)
{
	const struct fact_http *h = &f->http;
	return arena_printf(a, "%s -> %s%s%s%s%s", h->url,
			    h->status ? arena_printf(a, "%ld", h->status) : h->result,
			    *h->oauth_error ? " " : "", h->oauth_error, after(a, h->oauth_text),
			    after(a, h->error));
}

static const char *line_experiment(struct arena *a, const struct fact *f)
{
	const struct fact_experiment *x = &f->experiment;
	return arena_printf(a, *x->changed ? "%s (%s) %s" : "%s%s %s", x->asked, x->changed, x->result);
}

static const char *line_input(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "typed for %s: \"%s\" (%s at character %ld)", f->input.field, f->input.value,
			    f->input.problem, f->input.at + 1);
}

static const char *line_secret(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "the %s has %ld characters%s", f->secret.what, f->secret.chars,
			    after(a, join(a, &f->secret.notes)));
}

static const char *line_answer(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "you said (%s): %s", f->answer.question, f->answer.answer);
}

static const char *line_provider(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "%s, known by its %s", f->provider.title, f->provider.by);
}

static const char *line_session(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "dialogue with %s port %ld%s", f->dialogue.host, f->dialogue.port,
			    after(a, f->dialogue.changed));
}

static const char *line_clock(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "clock: %s here, %s there (%s), %ld s apart", f->clock.ours, f->clock.theirs,
			    f->clock.source, f->clock.skew_s);
}

static const char *line_skipped(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "%s not tested: %s", f->skipped.step, f->skipped.why);
}

static const char *line_spf(struct arena *a, const struct fact *f)
{
	const struct fact_spf *s = &f->spf;
	return arena_printf(a, "SPF of %s%s%s: %s%s%s", s->domain, *s->ip ? " for " : "", s->ip,
			    *s->result ? s->result : s->problem, *s->term ? " at " : "", s->term);
}

static const char *line_dkim(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "DKIM key %s._domainkey.%s: %s%s", f->dkim_key.selector, f->dkim_key.domain,
			    f->dkim_key.result, after(a, f->dkim_key.problem));
}

static const char *line_dmarc(struct arena *a, const struct fact *f)
{
	const struct fact_dmarc *d = &f->dmarc;
	return arena_printf(a, "DMARC of %s: %s%s%s%s", d->domain, d->result, after(a, d->record),
			    *d->outcome ? ", this mail: " : "", d->outcome);
}

static const char *line_mta_sts(struct arena *a, const struct fact *f)
{
	const struct fact_mta_sts *m = &f->mta_sts;
	return arena_printf(a, "MTA-STS of %s: %s %s%s%s%s", m->domain, m->result, m->mode,
			    m->unlisted.n ? ", not listed: " : "", join(a, &m->unlisted),
			    after(a, m->problem));
}

static const char *line_tlsa(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "TLSA _%ld._tcp.%s: %s%s", f->tlsa.port, f->tlsa.host, f->tlsa.result,
			    after(a, join(a, &f->tlsa.records)));
}

static const char *line_ptr(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "reverse name of %s: %s%s", f->ptr.ip, f->ptr.result,
			    after(a, join(a, &f->ptr.names)));
}

static const char *line_dnsbl(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "%s in %s: %s%s%s%s", f->dnsbl.subject, f->dnsbl.zone, f->dnsbl.result,
			    f->dnsbl.answers.n ? " " : "", join(a, &f->dnsbl.answers),
			    after(a, f->dnsbl.reason));
}

static const char *line_attachment(struct arena *a, const struct fact *f)
{
	const struct fact_attachment *x = &f->attachment;
	return arena_printf(a, "attachment %s: %ld bytes, %s%s%s", x->name, x->bytes, x->type,
			    x->inside.n ? ", holds " : "", join(a, &x->inside));
}

static const char *line_oauth(struct arena *a, const struct fact *f)
{
	return arena_printf(a, "OAuth (%s): client %s, tenant %s%s%s", f->oauth.flow,
			    *f->oauth.client_id ? f->oauth.client_id : "none",
			    *f->oauth.tenant_id ? f->oauth.tenant_id : "none",
			    f->oauth.missing.n ? ", missing " : "", join(a, &f->oauth.missing));
}

static const char *(*const lines[FACT_KINDS])(struct arena *a, const struct fact *f) = {
	[FACT_DNS] = line_dns,
	[FACT_CONNECT] = line_connect,
	[FACT_REPLY] = line_reply,
	[FACT_TLS] = line_tls,
	[FACT_CERT] = line_cert,
	[FACT_VERIFY] = line_verify,
	[FACT_BREAK] = line_break,
	[FACT_BYTES] = line_bytes,
	[FACT_EHLO] = line_ehlo,
	[FACT_AUTH] = line_auth,
	[FACT_TOKEN] = line_token,
	[FACT_HTTP] = line_http,
	[FACT_EXPERIMENT] = line_experiment,
	[FACT_INPUT] = line_input,
	[FACT_SECRET] = line_secret,
	[FACT_ANSWER] = line_answer,
	[FACT_PROVIDER] = line_provider,
	[FACT_SESSION] = line_session,
	[FACT_CLOCK] = line_clock,
	[FACT_SKIPPED] = line_skipped,
	[FACT_SPF] = line_spf,
	[FACT_DKIM_KEY] = line_dkim,
	[FACT_DMARC] = line_dmarc,
	[FACT_MTA_STS] = line_mta_sts,
	[FACT_TLSA] = line_tlsa,
	[FACT_PTR] = line_ptr,
	[FACT_DNSBL] = line_dnsbl,
	[FACT_ATTACHMENT] = line_attachment,
	[FACT_OAUTH] = line_oauth,
};

/* Any other kind: its name and its fields that hold something. */
static const char *generic_line(struct arena *a, const struct fact *f)
{
	size_t n;
	const struct fact_field *fields = fact_fields(f->kind, &n);
	const char *line = fact_kind_name(f->kind);
	for (size_t i = 0; i < n; i++) {
		const char *at = (const char *)f + fields[i].offset, *name = fields[i].name;
		if (fields[i].type == FACT_STR && **(const char *const *)at)
			line = arena_printf(a, "%s %s=%s", line, name, *(const char *const *)at);
		else if (fields[i].type == FACT_LIST && ((const struct strlist *)at)->n)
			line = arena_printf(a, "%s %s=%s", line, name, join(a, (const struct strlist *)at));
		else if (fields[i].type == FACT_NUM && *(const long *)at)
			line = arena_printf(a, "%s %s=%ld", line, name, *(const long *)at);
		else if (fields[i].type == FACT_YES && *(const bool *)at)
			line = arena_printf(a, "%s %s", line, name);
	}
	return line;
}

const char *render_fact(const struct verdict *v, const struct fact *f)
{
	return lines[f->kind] ? lines[f->kind](v->arena, f) : generic_line(v->arena, f);
}

static bool is_same_experiment(const struct fact *a, const struct fact *b)
{
	return !strcmp(a->experiment.asked, b->experiment.asked) &&
	       !strcmp(a->experiment.result, b->experiment.result);
}

const char *render_experiment(const struct verdict *v, const struct fact *f)
{
	struct strlist changed = { 0 };
	for (const struct fact *x = NULL; (x = evidence_next(v->ev, FACT_EXPERIMENT, x));) {
		if (!is_same_experiment(x, f))
			continue;
		if (x->n < f->n)
			return NULL;
		if (*x->experiment.changed && !strlist_has(&changed, x->experiment.changed))
			strlist_add(&changed, v->arena, x->experiment.changed);
	}
	return arena_printf(v->arena, changed.n ? "%s (%s) %s" : "%s%s %s", f->experiment.asked,
			    join(v->arena, &changed), f->experiment.result);
}
