/* SPDX-License-Identifier: Apache-2.0 */
/* EHLO in a dialogue. */
#include "check/dialogue_inner.h"

static void record_ehlo(struct dialogue *d, bool helo)
{
	const struct smtp_ehlo *e = smtp_client_ehlo_answer(session_client(d->s));
	struct probe *p = d->p;
	struct fact *f = probe_fact(p, FACT_EHLO, d->no);
	f->ehlo.after_tls = d->encrypted;
	f->ehlo.helo = helo;
	f->ehlo.size = -1;
	if (e) {
		f->ehlo.name = probe_text(p, e->name);
		for (size_t i = 0; i < e->keywords.n; i++)
			strlist_add(&f->ehlo.keywords, p->ev->arena, probe_text(p, e->keywords.v[i]));
		for (size_t i = 0; i < e->auth.n; i++)
			strlist_add(&f->ehlo.auth, p->ev->arena, probe_text(p, e->auth.v[i]));
		for (size_t i = 0; i < e->masked.n; i++)
			strlist_add(&f->ehlo.masked, p->ev->arena, probe_text(p, e->masked.v[i]));
		f->ehlo.starttls = e->extensions & SMTP_EXT_STARTTLS;
		f->ehlo.pipelining = e->extensions & SMTP_EXT_PIPELINING;
		f->ehlo.eightbit = e->extensions & SMTP_EXT_8BITMIME;
		f->ehlo.smtputf8 = e->extensions & SMTP_EXT_SMTPUTF8;
		f->ehlo.dsn = e->extensions & SMTP_EXT_DSN;
		f->ehlo.chunking = e->extensions & SMTP_EXT_CHUNKING;
		f->ehlo.requiretls = e->extensions & SMTP_EXT_REQUIRETLS;
		f->ehlo.size = e->size;
	}
	probe_tell(p, f);
}

/* EHLO; where only that word is not known, HELO (RFC 5321, 3.2). */
bool dialogue_ehlo(struct dialogue *d)
{
	const char *name = d->plan->ehlo_name ? d->plan->ehlo_name : d->p->target->target.ehlo_name;
	struct smtp_client *c = session_client(d->s);
	struct err err = { 0 };
	unsigned code;
	if (!smtp_client_ehlo(c, name, &err))
		return dialogue_cannot(d, STEP_EHLO, &err);
	if (!dialogue_reply(d, STEP_EHLO, &code))
		return false;
	if (code == 500 || code == 502 || code == 504) {
		if (!smtp_client_helo(c, name, &err))
			return dialogue_cannot(d, STEP_EHLO, &err);
		if (!dialogue_reply(d, STEP_EHLO, &code))
			return false;
		if (code / 100 == 2)
			record_ehlo(d, true);
	} else if (code / 100 == 2) {
		record_ehlo(d, false);
	}
	d->out->ehlo = code / 100 == 2;
	if (!d->out->ehlo)
		d->out->broke = STEP_EHLO;
	return d->out->ehlo;
}
