/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/outgoing.h"

#include <string.h>

#include "relay/delivery/delivery_head.h"
#include "relay/filter/signing.h"

enum {
	RENAME_GROWS = 1024, /* by the writer's address in Reply-To */
	SIGN_GROWS = 2048,   /* by a key that was added meanwhile */
};

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
	if (o->kept.len) {
		*piece = o->kept;
		o->kept.len = 0;
		return 1;
	}
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

/* Domains whose signatures are ours: above the Received field that names our id.  What others wrote, in our
 * name too, stays.  In another name nothing of ours is left in the header (delivery_rename). */
static struct strlist ours(const struct delivery *d, const struct job *j)
{
	char id[STORE_ID_TEXT];
	const struct strlist *signers = sevenbit_signers(j->seven, SEVENBIT_DKIM_ABOVE);
	struct strlist out = { 0 };
	store_id_text(j->message.id, id);
	if (delivery_renames(d) || !signing_wrote(sevenbit_received(j->seven), id))
		return out;
	for (size_t i = 0; i < signers->n; i++)
		if (signing_has_domain(d->relay->signing, signers->v[i]))
			strlist_add(&out, j->arena, signers->v[i]);
	return out;
}

bool outgoing_is_ours(const struct delivery *d, const struct job *j)
{
	return j->seven && ours(d, j).n;
}

bool outgoing_breaks(const struct delivery *d, const struct job *j)
{
	return sevenbit_signers(j->seven, SEVENBIT_DKIM_BELOW)->n ||
	       sevenbit_signers(j->seven, SEVENBIT_ARC)->n ||
	       sevenbit_signers(j->seven, SEVENBIT_DKIM_ABOVE)->n > ours(d, j).n;
}

static bool pass_over(struct outgoing *o, size_t n, struct err *e)
{
	struct str piece = { "", 0 };
	while (n > piece.len) {
		n -= piece.len;
		if (outgoing_next(o, &piece, e) <= 0)
			return e->kind == ERR_NONE &&
			       ERR_FILL(e, ERR_LIMIT, 0, "sign", "a message that grew shorter");
	}
	o->kept = str_cut(piece, n, piece.len);
	return true;
}

bool outgoing_sign(struct outgoing *o, struct delivery *d, struct buf *head, struct err *e)
{
	CLEANUP(sign_text_clear) struct sign_text t = { 0 };
	struct job *j = o->job;
	struct str piece;
	int got;
	while ((got = outgoing_next(o, &piece, e)) > 0)
		sign_text_feed(&t, piece);
	j->signed_anew = ours(d, j);
	if (got || !sign_text_end(&t, e) ||
	    !signing_again(d->relay->signing, &t, &j->signed_anew, relay_now_ms() / 1000, j->arena, head, e))
		return false;
	outgoing_clear(o);
	return outgoing_open(o, d, j, e) && pass_over(o, buf_waiting(&t.head), e);
}

uint64_t outgoing_size(const struct delivery *d, const struct job *j, uint64_t limit)
{
	uint64_t n = j->seven ? sevenbit_size(j->seven) : j->message.size;
	if (delivery_renames(d))
		n += strlen(d->route->from) + RENAME_GROWS;
	if (j->seven)
		n += SIGN_GROWS * ours(d, j).n;
	return limit && n > limit ? limit : n;
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
