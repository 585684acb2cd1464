/* SPDX-License-Identifier: Apache-2.0 */
/* What the next server would refuse, and who gets no mail: said while the sender is listening. */
#include "base/text_time.h"
#include "relay/door/door_inner.h"
#include "relay/bounce/return_path.h"
#include "relay/door/sizes.h"

enum { SIZES_LOOKED_AT = 10 /* recipients; of more, one will fit */ };

/* What its next server announced: 0 not known. */
static long most_of(struct door *d, struct str to, struct arena *a)
{
	const struct relay_sender sender = { d->mail->sender, str_of(d->account ? d->account->name : "") };
	const struct lane_as plain = { .profile = STR_LIT(""), .kind = STR_LIT("") };
	const char *lane = lane_as(d->settings, &plain, sender, to, a);
	struct str key = sizes_key(lane_route(d->settings, lane), str_of(lane), a);
	return relay_is_local(d->settings, to) ? 0 : sizes_of(d->port->relay->sizes, key, relay_now_ms());
}

static const struct smtp_answer *too_big_for(struct arena *a, struct str to, long most, long long size)
{
	struct smtp_answer *no = arena_alloc(a, sizeof(*no));
	*no = (struct smtp_answer){ 552, "5.3.4",
				    arena_printf(a,
						 "Too big: the next server for <" STR_FMT
						 "> takes at most %ld bytes, and this has %lld",
						 STR_ARG(to), most, size) };
	return no;
}

static const struct smtp_answer *judge_fit(struct door *d, struct str to, struct arena *a)
{
	long most = d->mail->size > 0 ? most_of(d, to, a) : 0;
	return most && d->mail->size > most ? too_big_for(a, to, most, d->mail->size) : NULL;
}

static const struct smtp_answer *judge_suppressed(struct door *d, struct str to, struct arena *a)
{
	char since[TEXT_TIME_BYTES];
	struct store_suppressed x;
	if (!store_is_suppressed(d->port->relay->store, to, relay_now_ms(), a, &x))
		return NULL;
	struct smtp_answer *no = arena_alloc(a, sizeof(*no));
	*no = (struct smtp_answer){
		550, "5.7.1",
		arena_printf(a,
			     "<" STR_FMT "> gets no mail from here: it is on the suppression list "
			     "since %s (" STR_FMT ")",
			     STR_ARG(to), text_time(x.since_ms / 1000, since), STR_ARG(x.why))
	};
	return no;
}

/* Ours by its look, and not signed by us: somebody guesses. */
static const struct smtp_answer *judge_return_path(struct door *d, struct str to)
{
	static const struct smtp_answer forged = { 550, "5.1.1",
						   "No such address: this return path was not made here" };
	const struct relay *r = d->port->relay;
	struct store_id id;
	uint32_t rcpt;
	if (!relay_is_local(d->settings, to))
		return NULL;
	return return_path_read(&r->return_key, to, &id, &rcpt) == RETURN_PATH_FORGED ? &forged : NULL;
}

/* A way that never encrypts, or ends at an API, cannot keep what REQUIRETLS promises (RFC 8689, 4.2.1). */
static const struct smtp_answer *judge_requiretls(struct door *d, struct str to, struct arena *a)
{
	const struct relay_sender whose = { d->mail->sender, str_of(d->account ? d->account->name : "") };
	if (!(d->mail->flags & STORE_REQUIRETLS) || relay_is_local(d->settings, to))
		return NULL;
	const struct relay_route *w = relay_route_find(d->settings, whose, to);
	if (!w || w->mx || *w->next || (w->api == RELAY_API_NONE && w->security != RELAY_SECURITY_NONE))
		return NULL;
	struct smtp_answer *no = arena_alloc(a, sizeof(*no));
	*no = (struct smtp_answer){ 550, "5.7.30",
				    arena_printf(a,
						 "REQUIRETLS cannot be kept: mail for <" STR_FMT
						 "> goes by route \"%s\", which has %s",
						 STR_ARG(to), w->name,
						 w->api == RELAY_API_NONE ? "security = \"none\""
									  : "a mail API") };
	return no;
}

const struct smtp_answer *door_fit_rcpt(struct door *d, struct str to, struct arena *a)
{
	const struct smtp_answer *no = judge_return_path(d, to);
	if (!no)
		no = judge_suppressed(d, to, a);
	if (!no)
		no = judge_requiretls(d, to, a);
	return no ? no : judge_fit(d, to, a);
}

/* Nobody at all would get it. */
const struct smtp_answer *door_fit_message(struct door *d)
{
	struct door_transaction *m = d->mail;
	long long size = (long long)smtp_server_body_bytes(d->smtp);
	long most = 0;
	for (size_t i = 0; i < m->n && m->n <= SIZES_LOOKED_AT; i++) {
		most = most_of(d, m->v[i].address, m->arena);
		if (!most || size <= most)
			return NULL;
	}
	return most ? too_big_for(m->arena, m->v[0].address, most, size) : NULL;
}
