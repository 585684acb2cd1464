/* SPDX-License-Identifier: Apache-2.0 */
/* What was said in a dialogue, and how it ended, into the evidence. */
#include "check/dialogue_inner.h"
#include "check/evidence_hide.h"
#include "check/first_bytes.h"

void dialogue_drain(struct dialogue *d)
{
	uint64_t at;
	char dir;
	const char *line;
	while (d->s && session_spoken(d->s, &at, &dir, &line))
		evidence_transcript(d->p->ev, d->no, (long)(at - d->p->start_ms), dir, line);
}

static const struct {
	enum session_event event;
	const char *how;
} endings[] = { { SESSION_EOF, "eof" },
		{ SESSION_RESET, "reset" },
		{ SESSION_TIMEOUT, "timeout" },
		{ SESSION_BROKEN, "protocol" } };

static const char *how_it_ended(const struct dialogue *d, enum session_event ev)
{
	if (ev == SESSION_TIMEOUT && !probe_left_ms(d->p))
		return "deadline";
	if (ev == SESSION_BROKEN && session_err(d->s)->kind == ERR_LIMIT)
		return "limit";
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if (endings[i].event == ev)
			return endings[i].how;
	return "eof";
}

void dialogue_record_bytes(struct dialogue *d, enum step step, struct str bytes)
{
	enum { SHOWN_MAX = 400 };
	if (!bytes.len)
		return;
	struct fact *f = probe_fact(d->p, FACT_BYTES, d->no);
	f->bytes.step = step_name(step);
	f->bytes.text = ev_bytes(d->p->ev, str_cut(evidence_masked(d->p->ev, bytes), 0, SHOWN_MAX));
	f->bytes.looks_like = first_bytes_look_like(bytes);
	f->bytes.count = (long)bytes.len;
	probe_tell(d->p, f);
}

/* What came that was no reply; or a reply that began and did not end. */
static void record_unread(struct dialogue *d, enum step step)
{
	struct str raw = session_raw(d->s);
	if (!raw.len && session_client(d->s))
		raw = smtp_client_raw(session_client(d->s));
	dialogue_record_bytes(d, step, raw);
}

void dialogue_broke(struct dialogue *d, enum step step, enum session_event ev)
{
	dialogue_drain(d);
	record_unread(d, step);
	struct fact *f = probe_fact(d->p, FACT_BREAK, d->no);
	f->brk.step = step_name(step);
	f->brk.how = how_it_ended(d, ev);
	if (ev == SESSION_BROKEN)
		f->brk.text = probe_text(d->p, session_err(d->s)->detail);
	f->brk.received = (long)session_received(d->s);
	f->brk.sent = (long)d->body_sent;
	f->brk.dot_sent = d->dot_sent;
	f->brk.elapsed_ms = (long)(net_loop_now_ms(d->p->loop) - d->step_ms);
	probe_tell(d->p, f);
	d->alive = false;
	d->out->broke = step;
}

bool dialogue_cannot(struct dialogue *d, enum step step, const struct err *e)
{
	char text[400];
	probe_skip(d->p, step_name(step), err_text(e, text, sizeof(text)));
	d->out->broke = step;
	return false;
}
