/* SPDX-License-Identifier: Apache-2.0 */
/* The whole message is here: what is known of it, for its way to the answer (door_change.c first). */
#include <string.h>

#include "relay/door/door_accept_inner.h"

/* Of the same account, to the same recipient: what came twice is sent once.  A list's copies
 * have one Message-ID and different senders.  What we had sent on and comes back, from a filter or in
 * a loop, is nobody's second try: taken for one, it would be gone. */
struct str door_accept_key(struct arena *a, struct str sender, const struct intake_facts *f)
{
	const char *pass = f->passes ? arena_printf(a, " pass %u", f->passes) : "";
	if (*f->key)
		return str_of(arena_printf(a, "key %s%s", f->key, pass));
	if (!*f->known_by)
		return STR_LIT("");
	return str_of(arena_printf(a, "id " STR_FMT " %s%s", STR_ARG(sender), f->known_by, pass));
}

/* A program that gave a key itself asks with it what became of its mail (door_fate.c); a Message-ID only says
 * that it is the same mail. */
bool door_accept_key_renews(const struct intake_facts *f)
{
	return !*f->key;
}

static struct str key_of(const struct door *d, const struct door_transaction *m, const struct intake_facts *f)
{
	if (door_is_stranger(d))
		return STR_LIT(""); /* nobody may spend another's key */
	return door_accept_key(m->arena, m->sender, f);
}

/* By its profile it goes in the profile's name. */
struct str door_accept_sender(struct str sender, const struct intake_facts *f)
{
	return sender.len && *f->choice.address ? str_of(f->choice.address) : sender;
}

struct lane_as door_accept_as(const struct intake_facts *f)
{
	const struct profile_choice *c = &f->choice;
	return (struct lane_as){ .profile = str_of(c->profile ? c->profile->name : ""),
				 .kind = str_of(c->kind ? c->kind->name : ""),
				 .untested = c->untested,
				 .never_twice = c->never_twice };
}

static struct store_message message_of(const struct door *d, const struct door_transaction *m,
				       const struct intake_facts *f)
{
	struct arena *a = m->arena;
	return (struct store_message){
		.arrived_ms = relay_now_ms(),
		.reverse_path = door_accept_sender(m->sender, f),
		.envid = m->envid,
		.flags = m->flags | (f->tls_waived ? STORE_TLS_WAIVED : 0),
		.account = str_of(d->account ? arena_strdup(a, d->account->name) : ""),
		.listener = str_of(arena_strdup(a, d->listen->where)),
		.client = str_of(arena_strdup(a, link_peer(d->link))),
		.message_id = str_of(f->message_id),
		.subject = str_of(f->subject),
		.from = str_of(f->from),
		.key = key_of(d, m, f),
		.key_renews = door_accept_key_renews(f),
		.config = str_of(d->settings->hash),
		.rcpts = m->v,
		.nrcpts = m->n,
	};
}

void door_accept(struct door *d, struct door_transaction *m, const struct intake_facts *facts,
		 struct store_body *body)
{
	struct arena *a = m->arena;
	const struct tls_report *tls = link_tls(d->link);
	struct door_accept *w = arena_alloc(a, sizeof(*w));
	*w = (struct door_accept){ .ticket = { door_accept_stored },
				   .relay = d->port->relay,
				   .door = d,
				   .mail = m,
				   .settings = relay_settings_hold(d->settings),
				   .body = body,
				   .message = message_of(d, m, facts),
				   .as = door_accept_as(facts),
				   .from_address = door_is_stranger(d) ? NULL : facts->from_address,
				   .account = d->account ? arena_strdup(a, d->account->name) : NULL,
				   .helo = arena_strdup(a, smtp_server_client_name(d->smtp)),
				   .tls_version = tls ? arena_strdup(a, tls->version) : "",
				   .cipher = tls ? arena_strdup(a, tls->cipher) : "",
				   .port = link_peer_port(d->link),
				   .wait_s = d->listen->wait_s };
	d->accept = w;
	door_accept_start(w);
}
