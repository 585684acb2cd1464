/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/smtp_talk.h"

uint64_t smtp_talk_now(const struct talk *t)
{
	return uv_now(&t->srv->w->loop);
}

static void trace_output(const struct talk *t, struct str out)
{
	struct str line;
	while (str_next(&out, "\r\n", &line))
		talk_tracef(t, "> " STR_FMT, STR_ARG(line));
}

void smtp_talk_hand_over(struct talk *t)
{
	struct smtp_talk *s = t->state;
	struct str out = smtp_server_output(s->engine), in = buf_str(&t->in);
	size_t used;
	trace_output(t, out);
	talk_write(t, out.p, out.len);
	switch (smtp_server_sent(s->engine, out.len, smtp_talk_now(t))) {
	case SMTP_SERVER_START_TLS_READY:
		if (smtp_server_feed(s->engine, in.p, in.len, &used, smtp_talk_now(t)) == SMTP_SERVER_NONE)
			buf_take(&t->in, used); /* thrown away */
		talk_queue(t, ACT_TLS, NULL);
		break;
	case SMTP_SERVER_CLOSED:
		talk_queue(t, ACT_CLOSE, NULL);
		break;
	default:
		break;
	}
}
