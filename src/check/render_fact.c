/* SPDX-License-Identifier: Apache-2.0 */
/* Facts as single lines of proof. */
#include <string.h>

#include "check/render_internal.h"

const char *render_provider(const struct verdict *v, bool title)
{
	for (const struct fact *f = NULL; (f = evidence_next(v->ev, FACT_PROVIDER, f));)
		if (!strcmp(f->provider.subject, "target"))
			return title ? f->provider.title : f->provider.name;
	return "";
}

static const char *dns_line(struct arena *a, const struct fact_dns *d)
{
	const char *answers = strlist_join(&d->answers, a, ", ");
	return arena_printf(a, "%s %s: %s%s%s", d->name, d->type, d->status, *answers ? " " : "", answers);
}

static const char *tls_line(struct arena *a, const struct fact_tls *t)
{
	if (!strcmp(t->result, "ok"))
		return arena_printf(a, "%s %s", t->version, t->cipher);
	const char *alert = *t->alert_received ? t->alert_received : t->alert_sent;
	return arena_printf(a, "TLS handshake: %s%s%s %s", t->result, *alert ? ", alert " : "", alert,
			    t->reason);
}

static const char *reply_line(struct arena *a, const struct fact_reply *r)
{
	return arena_printf(a, "%s -> %ld %s", *r->command ? r->command : r->step, r->code, r->text);
}

/* Any other kind: its name and its fields that hold something. */
static const char *generic_line(struct arena *a, const struct fact *f)
{
	size_t n;
	const struct fact_field *fields = fact_fields(f->kind, &n);
	const char *line = fact_kind_name(f->kind);
	for (size_t i = 0; i < n; i++) {
		const char *at = (const char *)f + fields[i].offset;
		if (fields[i].type == FACT_STR && **(const char *const *)at)
			line = arena_printf(a, "%s %s=%s", line, fields[i].name, *(const char *const *)at);
		else if (fields[i].type == FACT_LIST && ((const struct strlist *)at)->n)
			line = arena_printf(a, "%s %s=%s", line, fields[i].name,
					    strlist_join((const struct strlist *)at, a, ", "));
	}
	return line;
}

const char *render_fact(const struct verdict *v, const struct fact *f)
{
	struct arena *a = v->arena;
	switch (f->kind) {
	case FACT_REPLY:
		return reply_line(a, &f->reply);
	case FACT_DNS:
		return dns_line(a, &f->dns);
	case FACT_CONNECT:
		return arena_printf(a, *f->connect.error ? "%s port %ld: %s (%s)" : "%s port %ld: %s%s",
				    f->connect.address, f->connect.port, f->connect.result, f->connect.error);
	case FACT_TLS:
		return tls_line(a, &f->tls);
	case FACT_VERIFY:
		return arena_printf(a, "certificate for %s: %s", f->verify.name,
				    f->verify.trusted ? "trusted" : strlist_join(&f->verify.errors, a, "; "));
	case FACT_BREAK:
		return arena_printf(a, "at %s after %ld ms: %s", f->brk.step, f->brk.elapsed_ms, f->brk.how);
	case FACT_EXPERIMENT:
		return arena_printf(a, "%s (%s): %s", f->experiment.asked, f->experiment.changed,
				    f->experiment.result);
	case FACT_BYTES:
		return arena_printf(a, "first bytes: %s", f->bytes.text);
	default:
		return generic_line(a, f);
	}
}
