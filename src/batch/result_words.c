/* SPDX-License-Identifier: Apache-2.0 */
/* What a clerk reads of a recipient's fate. */
#include "base/text.h"
#include "base/text_time.h"
#include "batch/result_inner.h"
#include "explain/answer.h"
#include "relay/copies.h"

bool result_has_failed(const struct result *r)
{
	switch (r->state) {
	case STORE_QUEUED:
	case STORE_SENDING:
	case STORE_HANDED_OVER:
	case STORE_CONFIRMED:
		return false;
	default:
		return true;
	}
}

/* What the catalogue makes of the reply. */
void result_explain(struct arena *a, struct result *r)
{
	const struct explain_hint hint = { .host = *r->host ? r->host : NULL,
					   .recipient = r->recipient,
					   .code = r->code };
	struct answer x;
	if (!result_has_failed(r) || r->state == STORE_SUPPRESSED || r->state == STORE_IN_DOUBT ||
	    !*r->reply || (!r->code && r->state == STORE_NO_STATE))
		return;
	answer_text(a, "", str_of(r->reply), &hint, &x);
	const struct cause *c = &x.items[0].cause;
	const struct finding_fix *fix = cause_fix(c, 0);
	r->why = c->title;
	r->finding = *r->finding ? r->finding : c->entry->id;
	r->todo = fix ? fix->text : "";
}

const char *result_words(struct arena *a, const struct result *r, struct str why)
{
	char at[TEXT_TIME_BYTES];
	const char *because = *r->why ? r->why : text_printable(a, why);
	const char *next =
		r->next_ms ? arena_printf(a, "; next try %s", text_time(r->next_ms / 1000, at)) : "";
	switch (r->state) {
	case STORE_QUEUED:
		return "it waits in the queue for its first try";
	case STORE_HELD:
		return arena_printf(a, "held back: %s%s", because, next);
	case STORE_SENDING:
		return "it is being sent just now";
	case STORE_IN_DOUBT:
		return arena_printf(a, "it may have arrived already: it went out whole, and %s came%s",
				    copies_answer(r->code),
				    r->asks ? "; it is not sent again by itself" : next);
	case STORE_DELAYED:
		return arena_printf(a, "not yet: %s%s", because, next);
	case STORE_HANDED_OVER:
		return arena_printf(a, "%s has taken it; that it arrived is not proved", r->host);
	case STORE_CONFIRMED:
		return "it arrived: a report says so";
	case STORE_BOUNCED:
		return arena_printf(a, "it was handed over and came back: %s", because);
	case STORE_SUPPRESSED:
		return arena_printf(a, "not tried: %s", *because ? because : SUPPRESSED_WORDS);
	case STORE_CANCELLED:
		return "it was withdrawn before it left";
	case STORE_EXPIRED:
		return arena_printf(a, "given up, its time was over: %s", because);
	case STORE_REFUSED:
		return arena_printf(a, "refused for good: %s", because);
	default:
		return r->code ? arena_printf(a, "the relay did not take it: %s", because)
			       : arena_printf(a, "not sent: %s", because);
	}
}
