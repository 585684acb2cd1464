/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dmarc.h"

#include <string.h>

#include "base/text.h"
#include "mail/dmarc_record.h"
#include "mail/suffix.h"

/* What stands at one name of the walk. */
enum stands { STANDS_NOTHING, STANDS_RECORD, STANDS_MANY, STANDS_NEAR, STANDS_TEMPERROR, STANDS_WAITING };

struct level {
	const char *domain;
	enum stands stands;
	struct dmarc_record record;
	const char *near_text, *near_why;
};

struct walk {
	struct level v[DMARC_WALK_MAX];
	size_t n;   /* names up to where the walk stopped */
	size_t org; /* the organisational domain; n when unknown */
	bool waiting, temperror;
};

struct run {
	struct arena *a;
	const struct dns_view *view;
	struct dns_wants *w;
};

static void read_level(struct run *r, struct level *l)
{
	struct dns_records got;
	size_t found = 0;
	l->stands = STANDS_NOTHING;
	if (!dns_view_ask(r->view, r->w, arena_printf(r->a, "_dmarc.%s", l->domain), "TXT", &got)) {
		l->stands = STANDS_WAITING;
		return;
	}
	if (got.status == DNS_TEMPERROR && !suffix_is_public(l->domain))
		l->stands = STANDS_TEMPERROR;
	for (size_t i = 0; i < got.n; i++)
		if (dmarc_record_is(got.v[i]) && !found++)
			dmarc_record_parse(r->a, got.v[i], &l->record);
		else if (!found && (l->near_why = dmarc_record_near(got.v[i])))
			l->near_text = got.v[i];
	if (found)
		l->stands = found > 1 ? STANDS_MANY : STANDS_RECORD;
	else if (l->near_text)
		l->stands = STANDS_NEAR;
	if (found == 1 && suffix_is_public(l->domain))
		l->record.psd = 'y';
}

static unsigned labels(const char *name)
{
	unsigned n = 1;
	for (; *name; name++)
		n += *name == '.';
	return n;
}

/* One label less; of a very long name so many that 7 remain. */
static const char *next_up(const char *name, bool first)
{
	unsigned n = labels(name), drop = first && n > DMARC_WALK_MAX ? n - (DMARC_WALK_MAX - 1) : 1;
	for (; drop; drop--) {
		name = strchr(name, '.');
		if (!name)
			return NULL;
		name++;
	}
	return name;
}

/* Where the walk ends: at psd=n, or at psd=y above its start. */
static bool stops_at(const struct walk *w, size_t i)
{
	const struct level *l = &w->v[i];
	return l->stands == STANDS_RECORD && (l->record.psd == 'n' || (l->record.psd == 'y' && i > 0));
}

/* RFC 9989, 4.10.2. */
static size_t organisation(const struct walk *w)
{
	size_t last = w->n ? w->n - 1 : 0, org = 0;
	if (w->n && stops_at(w, last))
		return w->v[last].record.psd == 'n' ? last : last - 1;
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].stands == STANDS_RECORD)
			org = i;
	return org;
}

static void walk_from(struct run *r, const char *domain, struct walk *w)
{
	*w = (struct walk){ 0 };
	for (const char *d = domain; d && w->n < DMARC_WALK_MAX; d = next_up(d, w->n == 1)) {
		struct level *l = &w->v[w->n++];
		l->domain = d;
		read_level(r, l);
		w->waiting = w->waiting || l->stands == STANDS_WAITING;
		w->temperror = w->temperror || l->stands == STANDS_TEMPERROR;
		if (!w->waiting && stops_at(w, w->n - 1))
			break;
	}
	w->org = organisation(w);
}

/* The level whose record (or fault) speaks for the domain the walk began at:
 * its own, else the organisation's, else the registry's (RFC 9989, 4.10.1). */
static const struct level *speaker(const struct walk *w)
{
	if (!w->n)
		return NULL;
	if (w->v[0].stands != STANDS_NOTHING && w->v[0].stands != STANDS_NEAR)
		return &w->v[0];
	if (w->v[w->org].stands != STANDS_NOTHING)
		return &w->v[w->org];
	if (stops_at(w, w->n - 1))
		return &w->v[w->n - 1];
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].stands != STANDS_NOTHING && !suffix_is_public(w->v[i].domain))
			return &w->v[i]; /* a faulty one on the way */
	return NULL;
}

static const char *weaker(const char *policy)
{
	return !strcmp(policy, "reject") ? "quarantine" : "none";
}

/* p at its own domain, below it sp, and np where the domain does not exist.
 * False: waiting. */
static bool find_policy(struct run *r, const struct level *l, const char *domain, const char **policy)
{
	struct dns_records got;
	const struct dmarc_record *rec = &l->record;
	*policy = rec->p;
	if (!dns_name_eq(l->domain, domain)) {
		if (*rec->np && !dns_view_ask(r->view, r->w, domain, "A", &got))
			return false;
		if (*rec->np && got.status == DNS_NXDOMAIN)
			*policy = rec->np;
		else if (*rec->sp)
			*policy = rec->sp;
	}
	if (rec->testing)
		*policy = weaker(*policy);
	return true;
}

/* Alignment of an authenticated domain with From:. */
enum aligned { NOT_ALIGNED, ALIGNED, ALIGNMENT_UNKNOWN, ALIGNMENT_WAITING };

static enum aligned align(struct run *r, const struct walk *from, const char *domain, bool strict)
{
	struct walk w;
	domain = dns_name_plain(r->a, domain);
	if (!dns_name_askable(domain))
		return NOT_ALIGNED;
	if (dns_name_eq(from->v[0].domain, domain))
		return ALIGNED;
	if (strict)
		return NOT_ALIGNED;
	walk_from(r, domain, &w);
	if (w.waiting)
		return ALIGNMENT_WAITING;
	if (dns_name_eq(w.v[w.org].domain, from->v[from->org].domain))
		return ALIGNED;
	return w.temperror || from->temperror ? ALIGNMENT_UNKNOWN : NOT_ALIGNED;
}

/* One authenticated identifier; folds what is unknown into *unknown. */
static bool counts(struct run *r, const struct walk *from, const char *domain, enum dmarc_auth auth,
		   bool strict, bool *unknown, bool *waiting)
{
	if (auth == DMARC_AUTH_FAILED || !*domain)
		return false;
	enum aligned is = align(r, from, domain, strict);
	*waiting = *waiting || is == ALIGNMENT_WAITING;
	*unknown = *unknown || is == ALIGNMENT_UNKNOWN || (is == ALIGNED && auth == DMARC_AUTH_UNKNOWN);
	return is == ALIGNED && auth == DMARC_AUTH_PASSED;
}

/* False: waiting. */
static bool judge(struct run *r, const struct dmarc_ask *q, const struct walk *from,
		  const struct dmarc_record *rec, struct dmarc_report *out)
{
	bool unknown = false, waiting = false;
	out->spf_aligned = counts(r, from, q->spf_domain, q->spf, rec->strict_spf, &unknown, &waiting);
	for (size_t i = 0; i < q->nsigners && i < DMARC_SIGNERS_MAX; i++) {
		const struct dmarc_signer *s = &q->signers[i];
		bool good = counts(r, from, s->domain, s->auth, rec->strict_dkim, &unknown, &waiting);
		if (i == 0 || (good && !out->dkim_aligned))
			out->dkim_domain = text_printable(r->a, str_of(s->domain));
		out->dkim_aligned = out->dkim_aligned || good;
	}
	out->outcome = out->spf_aligned || out->dkim_aligned ? DMARC_PASS
		       : unknown                             ? DMARC_UNKNOWN
							     : DMARC_FAIL;
	return !waiting;
}

static void report_record(struct arena *a, const struct level *l, struct dmarc_report *out)
{
	const struct dmarc_record *rec = &l->record;
	out->record = text_printable(a, str_of(rec->text));
	out->policy = rec->p;
	out->sub_policy = rec->sp;
	out->adkim = rec->strict_dkim ? "s" : "r";
	out->aspf = rec->strict_spf ? "s" : "r";
	out->problem = rec->problem;
	out->result = *rec->problem ? DMARC_SYNTAX : DMARC_OK;
}

static void report_fault(struct arena *a, const struct level *l, struct dmarc_report *out)
{
	switch (l->stands) {
	case STANDS_MANY:
		out->result = DMARC_MULTIPLE;
		out->record = text_printable(a, str_of(l->record.text));
		out->problem = "more than one DMARC record; none counts";
		break;
	case STANDS_NEAR:
		out->result = DMARC_SYNTAX;
		out->record = text_printable(a, str_of(l->near_text));
		out->problem = l->near_why;
		break;
	default:
		out->result = DMARC_TEMPERROR;
		out->outcome = DMARC_UNKNOWN;
		out->problem = arena_printf(a, "no answer from the DNS about _dmarc.%s", l->domain);
	}
}

static struct dmarc_report empty_report(struct arena *a, const struct dmarc_ask *q)
{
	return (struct dmarc_report){
		.result = DMARC_NONE,
		.domain = text_printable(a, str_of(q->from_domain)),
		.at = "",
		.policy = "",
		.sub_policy = "",
		.applies = "",
		.adkim = "",
		.aspf = "",
		.record = "",
		.problem = "",
		.spf_domain = q->spf_domain ? text_printable(a, str_of(q->spf_domain)) : "",
		.dkim_domain = q->nsigners ? text_printable(a, str_of(q->signers[0].domain)) : "",
	};
}

/* What the record, or what stands there instead, says of this mail.  False: more must be looked up. */
static bool report_level(struct run *r, const struct dmarc_ask *q, const struct walk *from,
			 const struct level *l, struct dmarc_report *out)
{
	out->at = text_printable(r->a, str_of(l->domain));
	if (l->stands != STANDS_RECORD) {
		report_fault(r->a, l, out);
		return true;
	}
	report_record(r->a, l, out);
	if (!l->record.usable)
		return true;
	bool known = find_policy(r, l, q->from_domain, &out->applies);
	if (q->judge)
		known = judge(r, q, from, &l->record, out) && known;
	return known;
}

bool dmarc_check(struct arena *a, const struct dmarc_ask *ask, const struct dns_view *view,
		 struct dns_wants *w, struct dmarc_report *out)
{
	struct run r = { a, view, w };
	struct dmarc_ask q = *ask;
	struct walk from;
	w->n = 0;
	q.spf_domain = q.spf_domain ? q.spf_domain : "";
	q.from_domain = dns_name_plain(a, q.from_domain);
	*out = empty_report(a, &q);
	if (!dns_name_askable(q.from_domain))
		return true;
	walk_from(&r, q.from_domain, &from);
	if (from.waiting)
		return false;
	const struct level *l = speaker(&from);
	return !l || report_level(&r, &q, &from, l, out);
}

const char *dmarc_result_name(enum dmarc_result r)
{
	static const char *const names[] = { "ok", "none", "multiple", "syntax", "temperror" };
	return names[r];
}

const char *dmarc_outcome_name(enum dmarc_outcome o)
{
	static const char *const names[] = { "", "pass", "fail", "unknown" };
	return names[o];
}
