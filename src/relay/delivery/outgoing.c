/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/outgoing.h"

#include <string.h>

#include "relay/delivery/delivery_head.h"
#include "relay/filter/signing.h"

bool outgoing_open(struct outgoing *o, struct delivery *d, struct job *j, struct err *e)
{
	*o = (struct outgoing){ .job = j, .loop = d->relay->loop, .reader = STEAL(j->reader) };
	if (j->seven)
		sevenbit_again(j->seven);
	if (!o->reader) /* a second time */
		o->reader = store_body_open(d->relay->store, j->message.id, e);
	return o->reader != NULL;
}

void outgoing_clear(struct outgoing *o)
{
	store_reader_free(&o->reader);
	buf_clear(&o->fresh);
}

int outgoing_next(struct outgoing *o, struct str *piece, struct err *e)
{
	struct sevenbit *seven = o->job->seven;
	if (!seven)
		return store_reader_next(o->reader, piece, e);
	buf_take(&o->fresh, buf_waiting(&o->fresh));
	net_loop_breathe(o->loop);
	while (!o->over && !buf_waiting(&o->fresh)) {
		int got = store_reader_next(o->reader, piece, e);
		if (got < 0)
			return got;
		o->over = !got;
		if (got)
			sevenbit_write(seven, *piece, &o->fresh);
		else
			sevenbit_end(seven, &o->fresh);
	}
	*piece = buf_str(&o->fresh);
	return piece->len > 0;
}

bool outgoing_head(struct outgoing *o, struct buf *head, struct str *rest, struct err *e)
{
	struct str piece;
	int got;
	while (buf_waiting(head) < OUTGOING_HEAD_BYTES && (got = outgoing_next(o, &piece, e)) != 0) {
		if (got < 0)
			return false;
		size_t before = buf_waiting(head);
		buf_add(head, piece.p, piece.len);
		struct str all = buf_str(head);
		size_t from = before > 3 ? before - 3 : 0;
		const char *end = memmem(all.p + from, all.len - from, "\r\n\r\n", 4);
		if (end) {
			size_t n = (size_t)(end - all.p) + 2;
			*rest = str_cut(all, n, all.len);
			return true;
		}
	}
	*rest = buf_str(head);
	return false;
}

/* ---- signatures ---- */

/* Those that signing_again() makes anew, judged as it does: above the Received field that names our id.  In
 * another name nothing of ours is left in the header (delivery_rename). */
static size_t count_ours(const struct delivery *d, const struct job *j)
{
	char id[STORE_ID_TEXT];
	const struct strlist *signers = sevenbit_signers(j->seven, SEVENBIT_DKIM_ABOVE);
	size_t n = 0;
	store_id_text(j->message.id, id);
	if (delivery_renames(d) || !signing_wrote(sevenbit_received(j->seven), id))
		return 0;
	for (size_t i = 0; i < signers->n; i++)
		n += signing_has_domain(d->relay->signing, signers->v[i]);
	return n;
}

bool outgoing_is_ours(const struct delivery *d, const struct job *j)
{
	return j->seven && count_ours(d, j);
}

bool outgoing_breaks(const struct delivery *d, const struct job *j)
{
	return sevenbit_signers(j->seven, SEVENBIT_DKIM_BELOW)->n ||
	       sevenbit_signers(j->seven, SEVENBIT_ARC)->n ||
	       sevenbit_signers(j->seven, SEVENBIT_DKIM_ABOVE)->n > count_ours(d, j);
}

bool outgoing_sign(struct outgoing *o, struct delivery *d, struct buf *whole, struct err *e)
{
	CLEANUP(buf_clear) struct buf all = { 0 };
	struct str piece;
	char id[STORE_ID_TEXT];
	int got;
	while ((got = outgoing_next(o, &piece, e)) > 0)
		buf_add(&all, piece.p, piece.len);
	store_id_text(o->job->message.id, id);
	return got == 0 && signing_again(d->relay->signing, buf_str(&all), id, relay_now_ms() / 1000,
					 o->job->arena, &o->job->signed_anew, whole, e);
}

/* ---- the trail ---- */

static void add_broken(const struct job *j, enum sevenbit_signature kind, struct arena *a,
		       struct strlist *names)
{
	const struct strlist *signers = sevenbit_signers(j->seven, kind);
	for (size_t i = 0; i < signers->n; i++)
		if (!strlist_has(&j->signed_anew, signers->v[i]) && !strlist_has(names, signers->v[i]))
			strlist_add(names, a, signers->v[i]);
}

static const char *broken(const struct delivery *d, const struct job *j, struct arena *a)
{
	struct strlist names = { 0 };
	const struct strlist *arc = sevenbit_signers(j->seven, SEVENBIT_ARC);
	if (delivery_renames(d))
		return "";
	add_broken(j, SEVENBIT_DKIM_ABOVE, a, &names);
	add_broken(j, SEVENBIT_DKIM_BELOW, a, &names);
	return arena_printf(a, "%s%s%s%s", names.n ? "; that breaks the DKIM signature of " : "",
			    strlist_join(&names, a, ", "),
			    arc->n ? "; that breaks the ARC signature of " : "", strlist_join(arc, a, ", "));
}

const char *outgoing_told(const struct delivery *d, const struct job *j, struct arena *a)
{
	const char *renamed = delivery_renamed(d, j, a);
	if (!j->seven)
		return renamed;
	const char *anew = j->signed_anew.n ? arena_printf(a, ", and signed anew for %s",
							   strlist_join(&j->signed_anew, a, ", "))
					    : "";
	const char *why =
		sevenbit_causes(j->seven) & SEVENBIT_HIGH
			? arena_printf(a,
				       "its 8-bit text was coded in 7 bits, because %s takes no "
				       "other (8BITMIME)",
				       d->host)
			: "its lines of more than 998 bytes were coded in shorter ones, because the "
			  "next server may break them";
	return arena_printf(a, "%s%s%s%s%s", renamed, *renamed ? "; " : "", why, anew, broken(d, j, a));
}
