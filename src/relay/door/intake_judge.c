/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/intake_judge.h"

#include <string.h>

#include "base/text.h"
#include "mail/mailbox.h"
#include "relay/access.h"

enum {
	LINE_SHOWN_MAX = 60,
	SURE_FIELDS_MIN = 2 /* one may be a note's "To: all" */
};

/* RFC 5322, 3.6: these stand once.  Gmail refuses a mail with two of any of them, since April 2024
 * (support.google.com/a/answer/13567860); of Bcc too, which is gone here already. */
static const struct str once[] = { STR_LIT("From"),      STR_LIT("Sender"),     STR_LIT("Reply-To"),
				   STR_LIT("To"),        STR_LIT("Cc"),         STR_LIT("Date"),
				   STR_LIT("Subject"),   STR_LIT("Message-ID"), STR_LIT("In-Reply-To"),
				   STR_LIT("References") };

/* Of once[]: the first that stands there again; NULL: none. */
static const char *doubled(const struct header *h)
{
	unsigned seen = 0;
	for (size_t i = 0; i < h->n; i++)
		for (size_t k = 0; k < ARRAY_LEN(once); k++) {
			if (!str_iequal(h->v[i].name, once[k]))
				continue;
			if (seen & 1u << k)
				return once[k].p;
			seen |= 1u << k;
		}
	return NULL;
}

static const struct smtp_answer *judge_fields(const struct header *h, struct arena *a)
{
	const char *name = doubled(h);
	if (!name)
		return NULL;
	return access_answer(
		a, 550, "5.6.0",
		arena_printf(a,
			     "The message has more than one %s field in its header: many servers "
			     "would refuse it; put all into one",
			     name));
}

/* Its first line is no field, so that all of it is text; and it has fields that no text begins with. */
static bool is_spoiled(struct str head, struct arena *a)
{
	static const struct str sure[] = { STR_LIT("From"),        STR_LIT("To"),
					   STR_LIT("Subject"),     STR_LIT("Date"),
					   STR_LIT("Message-ID"),  STR_LIT("MIME-Version"),
					   STR_LIT("Content-Type") };
	struct header h;
	unsigned n = 0;
	header_read(a, head, &h);
	for (size_t i = 0; i < h.n; i++)
		for (size_t k = 0; k < ARRAY_LEN(sure); k++)
			n += str_iequal(h.v[i].name, sure[k]);
	return n >= SURE_FIELDS_MIN;
}

/* It would arrive without subject and sender, with its fields as text. */
static const struct smtp_answer *judge_first_line(struct str head, struct arena *a)
{
	const char *end = head.len ? memchr(head.p, '\n', head.len) : NULL;
	struct str line = str_trim(str_cut(head, 0, end ? (size_t)(end - head.p) : head.len));
	if (!is_spoiled(head, a))
		return NULL;
	return access_answer(
		a, 550, "5.6.0",
		arena_printf(a,
			     "The first line of the message is no header field, so all behind it would be "
			     "text, its subject too: leave that line out (%s)",
			     text_printable(a, str_cut(line, 0, LINE_SHOWN_MAX))));
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
				       bool endless, struct arena *a)
{
	if (endless)
		return access_answer(a, 550, "5.6.0", "The header of the message is longer than 64 KB");
	if (h->n && header_has_divider(head))
		return access_answer(
			a, 550, "5.6.0",
			"The message begins with an mbox's line (From ...): leave that line out");
	const struct smtp_answer *no = o->submission && !h->n ? judge_first_line(head, a) : NULL;
	if (no)
		return no;
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
