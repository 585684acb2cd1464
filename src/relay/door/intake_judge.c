/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/intake_judge.h"

#include "mail/mailbox.h"
#include "relay/access.h"

/* RFC 5322, 3.6: these stand once; Gmail and others refuse what has them twice. */
static const struct smtp_answer *judge_fields(const struct header *h, struct arena *a)
{
	static const char *const once[] = { "From", "Date", "Message-ID", "Subject" };
	for (size_t i = 0; i < ARRAY_LEN(once); i++)
		if (header_count(h, once[i]) > 1)
			return access_answer(
				a, 550, "5.6.0",
				arena_printf(a,
					     "The message has more than one %s field in its header: "
					     "many servers would refuse it",
					     once[i]));
	return NULL;
}

/* RFC 5322, 3.6.2: it names somebody.  One that is not there at all is added.  Devices and cron, which never
 * log in, write "Scanner" or "root (Cron Daemon)" and would lose the mail. */
static const struct smtp_answer *judge_from(const struct header *h, const struct intake_origin *o,
					    struct arena *a)
{
	struct mailbox_list all = { 0 };
	struct str from = header_get(a, h, "From");
	if (!o->submission || !header_find(h, "From", 0))
		return NULL;
	(void)!mailbox_parse(a, from, &all); /* one that is understood is enough */
	bool empty = !from.len || str_eq(from, "<>");
	if (all.n || (!o->account && !empty))
		return NULL;
	return access_answer(
		a, 550, "5.6.0",
		arena_printf(
			a, "The From field in the header of the message %s: the next servers would refuse it",
			empty ? "is empty" : "has no address such as name@example.com"));
}

const struct smtp_answer *intake_judge(const struct header *h, const struct intake_origin *o, struct str head,
				       uint64_t body_bytes, struct arena *a)
{
	if (!h->has_body && body_bytes > INTAKE_HEAD_BYTES)
		return access_answer(a, 550, "5.6.0", "The header of the message is longer than 64 KB");
	if (h->n && header_has_divider(head))
		return access_answer(
			a, 550, "5.6.0",
			"The message begins with an mbox's line (From ...): leave that line out");
	if (header_count(h, "Received") > INTAKE_HOPS_MAX)
		return access_answer(a, 554, "5.4.6",
				     "Mail loop: this message has come through too many servers");
	if (o->submission && !header_find(h, "From", 0) && !o->sender.len)
		return access_answer(
			a, 550, "5.6.0",
			"The message has no From field in its header: the next servers would refuse it");
	if (o->submission && h->n == HEADER_FIELDS_MAX) /* behind them could stand another From */
		return access_answer(a, 550, "5.6.0", "The header of the message has too many fields");
	return o->submission ? judge_fields(h, a) : NULL;
}

const struct smtp_answer *intake_judge_author(const struct header *h, const struct intake_origin *o,
					      struct arena *a)
{
	const struct access_author by = { o->account, o->sender, o->hostname };
	const struct smtp_answer *no = judge_from(h, o, a);
	return no || !o->submission ? no : access_header(&by, h, a);
}
