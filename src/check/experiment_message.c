/* SPDX-License-Identifier: Apache-2.0 */
/* Experiments for a refused message: the same without its attachment, with a tiny
 * one, with the real one under a harmless name.  Only where a message was asked for. */
#include <string.h>

#include "check/experiment.h"
#include "check/message.h"

static const struct {
	enum message_variant variant;
	const char *name, *asked, *changed;
} variants[] = {
	{ MESSAGE_NO_ATTACHMENT, "no-attachment", "Does the mail pass without its attachment?",
	  "no attachment" },
	{ MESSAGE_TINY, "tiny-attachment", "Does it pass with any attachment at all?",
	  "a text file of five bytes as attachment" },
	{ MESSAGE_RENAMED, "renamed-attachment", "Is it the attachment's name that is refused?",
	  "the same attachment named attachment.txt" },
};

static bool ended_in_data(const struct main_outcome *m)
{
	bool refused = m->reply && m->reply->reply.code >= 400 && !strcmp(m->reply->reply.step, "data");
	bool broke = m->brk && !strcmp(m->brk->brk.step, "data");
	return refused || broke;
}

static bool refused_with_attachment(const struct probe *p, const struct main_outcome *m)
{
	return p->req->until == UNTIL_MESSAGE && p->req->attach.n && ended_in_data(m) && !p->told_to_go;
}

static bool try_variant(struct probe *p, const struct main_outcome *m, size_t i)
{
	CLEANUP(buf_clear) struct buf message = { 0 };
	struct dialogue_result out;
	struct dialogue_plan plan = m->plan;
	if (!probe_message(p, variants[i].variant, &message))
		return false;
	plan.purpose = "message";
	plan.changed = variants[i].changed;
	plan.login = p->req->password || p->token;
	plan.until = UNTIL_MESSAGE;
	plan.from = p->target->target.from;
	plan.to = p->target->target.to;
	plan.message = buf_str(&message).p;
	plan.message_bytes = buf_waiting(&message);
	dialogue_run(p, &plan, &out);
	experiment_tell(p, variants[i].name, variants[i].asked, variants[i].changed,
			out.accepted ? "works" : "fails",
			out.accepted ? "it is accepted" : "it is refused too", out.session);
	return out.accepted;
}

/* Each asks further than the one before, so the first that is refused ends it. */
static void vary(struct probe *p, const struct main_outcome *m)
{
	for (size_t i = 0; i < ARRAY_LEN(variants) && !p->told_to_go; i++)
		if (!try_variant(p, m, i))
			return;
}

const struct experiment experiments_message[] = {
	{ "attachment", refused_with_attachment, vary, false },
	{ .name = NULL },
};
