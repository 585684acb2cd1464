/* SPDX-License-Identifier: Apache-2.0 */
/* What the server answers, and how a submission ends that goes no further. */
#include "base/text.h"
#include "net/submit_inner.h"

void submit_tell(struct submitting *x, const char *step, const char *what)
{
	if (x->s->watch.step)
		x->s->watch.step(x->s->watch.ctx, step, what);
}

bool submit_broken(struct submitting *x, const char *step, const char *words)
{
	x->out->end = SUBMIT_BROKEN;
	x->out->step = step;
	x->out->words = words;
	return false;
}

bool submit_failed(struct submitting *x, const char *step, const struct err *e)
{
	char text[400];
	return submit_broken(x, step, arena_strdup(x->a, err_text(e, text, sizeof(text))));
}

void submit_drain(struct submitting *x)
{
	uint64_t at;
	char dir;
	const char *line;
	while (x->session && session_spoken(x->session, &at, &dir, &line))
		if (x->s->watch.line)
			x->s->watch.line(x->s->watch.ctx, dir, line);
}

/* "550 5.1.1 no such user", secrets hidden. */
static const char *reply_line(struct submitting *x)
{
	const struct smtp_client *c = session_client(x->session);
	const struct smtp_reply *r = smtp_client_reply(c);
	struct strlist lines = { 0 };
	for (size_t i = 0; i < r->nlines; i++)
		strlist_add(&lines, x->a, text_printable(x->a, r->lines[i]));
	const char *text = arena_printf(x->a, "%03u %s", r->code, strlist_join(&lines, x->a, " "));
	return smtp_client_hide(c, x->a, text);
}

bool submit_refused(struct submitting *x, const char *step)
{
	x->out->end = SUBMIT_REFUSED;
	x->out->step = step;
	return false;
}

/* In the words of other clients, which explain knows. */
static const char *ending(struct submitting *x, const char *step, enum session_event ev)
{
	const char *host = x->s->host;
	switch (ev) {
	case SESSION_TIMEOUT:
		return z_eq(step, "banner")
			       ? arena_printf(x->a, "greeting never received from %s", host)
			       : arena_printf(x->a, "timed out waiting for the reply of %s to %s", host,
					      step);
	case SESSION_RESET:
		return arena_printf(x->a, "connection reset by peer (%s)", host);
	case SESSION_BROKEN:
		return arena_printf(x->a, "%s does not speak SMTP: invalid reply", host);
	case SESSION_TLS_ENDED:
		return arena_printf(x->a, "TLS handshake with %s failed: it ended with an alert", host);
	default:
		return arena_printf(x->a, "connection unexpectedly closed by %s", host);
	}
}

static bool ended(struct submitting *x, const char *step, enum session_event ev)
{
	return submit_broken(x, step, ending(x, step, ev));
}

bool submit_reply(struct submitting *x, const char *step, unsigned *code)
{
	enum session_event ev;
	do {
		ev = session_wait(x->session, x->s->until_ms);
		submit_drain(x);
	} while (ev == SESSION_CHALLENGE || ev == SESSION_CONNECTED);
	if (ev != SESSION_REPLY && ev != SESSION_START_TLS)
		return ended(x, step, ev);
	*code = x->out->code = smtp_client_reply(session_client(x->session))->code;
	x->out->reply = reply_line(x);
	return true;
}
