/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to what was said: waited for, and recorded. */
#include "check/dialogue_inner.h"

static const char *odd_words(struct probe *p, unsigned odd)
{
	static const struct {
		unsigned bit;
		const char *word;
	} bits[] = { { SMTP_REPLY_BARE_LF, "bare-lf" },   { SMTP_REPLY_CODE_CHANGED, "code-changed" },
		     { SMTP_REPLY_NO_TEXT, "no-text" },   { SMTP_REPLY_LONG_LINE, "long-line" },
		     { SMTP_REPLY_ODD_CODE, "odd-code" }, { SMTP_REPLY_CONTROL, "control" } };
	struct strlist words = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		if (odd & bits[i].bit)
			strlist_add(&words, p->ev->arena, bits[i].word);
	return strlist_join(&words, p->ev->arena, " ");
}

void dialogue_record_reply(struct dialogue *d, enum step step)
{
	const struct smtp_client *c = session_client(d->s);
	const struct smtp_reply *r = smtp_client_reply(c);
	struct evidence *ev = d->p->ev;
	struct fact *f = probe_fact(d->p, FACT_REPLY, d->no);
	f->reply.step = step_name(step);
	f->reply.command = ev_keep(ev, str_of(smtp_client_command_text(c)));
	f->reply.code = (long)r->code;
	if (r->enh[0])
		f->reply.enhanced = arena_printf(ev->arena, "%u.%u.%u", r->enh[0], r->enh[1], r->enh[2]);
	for (size_t i = 0; i < r->nlines; i++)
		strlist_add(&f->reply.lines, ev->arena, ev_bytes(ev, r->lines[i]));
	f->reply.text = ev_keep(ev, str_of(strlist_join(&f->reply.lines, ev->arena, " ")));
	f->reply.elapsed_ms = (long)smtp_client_elapsed_ms(c);
	f->reply.odd = odd_words(d->p, r->odd);
	f->reply.recipient = d->recipient ? d->recipient : "";
	probe_tell(d->p, f);
	if (r->code == 421 || r->code == 521)
		d->p->told_to_go = true;
	if (r->code >= 400)
		d->out->code = r->code;
}

bool dialogue_reply(struct dialogue *d, enum step step, unsigned *code)
{
	d->step_ms = net_loop_now_ms(d->p->loop);
	enum session_event ev;
	do {
		ev = session_wait(d->s, d->p->until_ms);
		dialogue_drain(d);
	} while (ev == SESSION_CHALLENGE || ev == SESSION_CONNECTED);
	probe_policy_go_on(d->p);
	if (ev == SESSION_REPLY || ev == SESSION_START_TLS) {
		dialogue_record_reply(d, step);
		*code = smtp_client_reply(session_client(d->s))->code;
		return true;
	}
	if (ev == SESSION_TLS_ENDED) /* an alert that came with the first read: TLS's own failure */
		return dialogue_record_tls(d, d->plan->security != SECURITY_TLS);
	if (ev == SESSION_IDLE) {
		probe_skip(d->p, step_name(step), "nothing was awaited");
		return false;
	}
	dialogue_broke(d, step, ev);
	return false;
}
