/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/bounce/collector.h"

#include <stdlib.h>
#include <string.h>

#include "net/maildrop.h"
#include "net/watch.h"
#include "relay/bounce/collect_memory.h"
#include "relay/bounce/collect_take.h"
#include "relay/bounce/inbox.h"
#include "relay/delivery/tokens.h"
#include "relay/secret_file.h"

enum { SECOND_MS = 1000, SOON_MS = 100 };

/* One mailbox block; lives as long as all of them, also when a reload took its block away. */
struct collector {
	struct collectors *all;
	struct collector *next;
	char *name;
	struct net_timer *timer;
	bool looking, again; /* again: as soon as this look is over */
	unsigned fails;
};

struct collectors {
	struct relay *relay;
	struct tokens *tokens;
	struct collector *list;
	bool stopped;
	bool busy; /* one look at a time: a server that hangs takes one thread of the pool, not all */
};

/* One look, in a fiber. */
struct look {
	struct collector *c;
	struct relay *relay;
	const struct relay_settings *settings;
	const struct relay_mailbox *m;
	struct arena *arena;
	struct buf secret;
	struct dns *dns;
	struct maildrop *drop;
	struct collect_memory memory;
	bool more;
};

static const struct relay_mailbox *mailbox_of(const struct relay_settings *s, const char *name)
{
	for (size_t i = 0; i < s->nmailboxes; i++)
		if (!strcmp(s->mailboxes[i].name, name))
			return &s->mailboxes[i];
	return NULL;
}

/* ---- the way in ---- */

static bool failed(const struct look *k, const char *doing, enum maildrop_result r, struct err *e)
{
	ERR_FILL(e, ERR_PROTOCOL, (long)r, doing, "mailbox \"%s\" at %s", k->m->name, k->m->host);
	return err_detail(e, "%s: %s", maildrop_result_name(r), maildrop_words(k->drop));
}

static bool read_secret(struct look *k, struct err *e)
{
	const char *finding, *why;
	const struct relay_route as = tokens_mailbox(k->m);
	if (!k->m->oauth.given)
		return secret_read(k->m->password_file, &k->secret, e);
	if (tokens_get(k->relay, k->c->all->tokens, &as, k->arena, &k->secret, &finding, &why))
		return true;
	ERR_FILL(e, ERR_PROTOCOL, 0, "log in to", "mailbox \"%s\" at %s", k->m->name, k->m->host);
	return err_detail(e, "%s (postrider explain %s)", why, finding);
}

static bool open_drop(struct look *k, struct err *e)
{
	const char *resolver = k->settings->resolver;
	const struct dns_options d = { .resolver = *resolver ? resolver : NULL };
	const struct relay_mailbox *m = k->m;
	if (!read_secret(k, e))
		return false;
	k->dns = dns_new(k->relay->loop, &d, e);
	if (!k->dns)
		return false;
	const struct maildrop_options o = {
		.pop3 = m->pop3,
		.host = m->host,
		.port = m->port,
		.security = m->security == RELAY_SECURITY_TLS        ? MAILDROP_TLS
			    : m->security == RELAY_SECURITY_STARTTLS ? MAILDROP_STARTTLS
								     : MAILDROP_CLEAR,
		.user = m->user,
		.secret = buf_str(&k->secret).p,
		.token = m->oauth.given,
		.folder = m->folder,
		.ca_file = *k->settings->ca_file ? k->settings->ca_file : NULL,
	};
	k->drop = maildrop_new(k->relay->loop, k->dns, &o);
	return true;
}

/* ---- one mail ---- */

/* Fetching has marked it as seen: a person's mail, and one that is left, is given back as it was. */
static enum maildrop_result leave(struct look *k, const struct maildrop_mail *x)
{
	return k->m->pop3 || x->seen ? MAILDROP_OK : maildrop_flag(k->drop, x, false);
}

static enum maildrop_result put_away(struct look *k, const struct maildrop_mail *x)
{
	switch (k->m->after) {
	case RELAY_AFTER_DELETE:
		return maildrop_delete(k->drop, x);
	case RELAY_AFTER_MOVE:
		return maildrop_move(k->drop, x, k->m->after_folder);
	case RELAY_AFTER_LEAVE:
		return leave(k, x);
	default:
		return k->m->pop3 ? MAILDROP_OK : maildrop_flag(k->drop, x, true);
	}
}

static void remember(struct look *k, const struct maildrop_mail *x)
{
	if (k->m->pop3) {
		collect_memory_add(&k->memory, k->arena, x->uid);
		return;
	}
	k->memory.validity = maildrop_validity(k->drop);
	k->memory.uid = x->number;
	k->memory.changed = true;
}

static bool take_mail(struct look *k, const struct maildrop_mail *x, struct err *e)
{
	CLEANUP(buf_clear) struct buf mail = { 0 };
	enum maildrop_result r = maildrop_fetch(k->drop, x, INBOX_BYTES_MAX, &mail);
	if (r != MAILDROP_OK)
		return failed(k, "fetch a mail from", r, e);
	enum collect_taken taken = collect_take(k->relay, k->m, x->uid, buf_str(&mail), e);
	if (taken == COLLECT_NOT_NOW)
		return false;
	r = taken == COLLECT_TAKEN ? put_away(k, x) : leave(k, x);
	remember(k, x); /* even where it could not be put away: it is not to be tried for ever */
	return r == MAILDROP_OK || failed(k, "put a mail away in", r, e);
}

/* ---- all of them ---- */

/* Names of mails that are gone need not be known any longer. */
static void forget_gone(struct look *k, const struct maildrop_list *l)
{
	struct collect_memory kept = { 0 };
	if (!k->m->pop3 || l->more)
		return;
	for (size_t i = 0; i < l->n; i++)
		if (collect_memory_has(&k->memory, l->v[i].uid))
			collect_memory_add(&kept, k->arena, l->v[i].uid);
	kept.changed = k->memory.changed || kept.names.n != k->memory.names.n;
	k->memory = kept;
}

static bool take_all(struct look *k, const struct maildrop_list *l, struct err *e)
{
	size_t done = 0;
	for (size_t i = 0; i < l->n; i++) {
		if (k->m->pop3 && collect_memory_has(&k->memory, l->v[i].uid))
			continue;
		if (k->c->all->stopped || done++ == COLLECT_MAILS) {
			k->more = true;
			return true;
		}
		if (!take_mail(k, &l->v[i], e))
			return false;
	}
	k->more = l->more && !k->m->pop3;
	return true;
}

static bool look_at_all(struct look *k, struct err *e)
{
	struct maildrop_list list;
	struct err second = { 0 };
	collect_memory_load(k->settings->data, k->m->name, k->arena, &k->memory);
	const struct maildrop_look look = {
		.after = k->memory.uid,
		.validity = k->memory.validity,
		/* What is older than our trails is about nothing that is known. */
		.since_s = k->memory.validity ? 0 : relay_now_ms() / SECOND_MS - k->settings->keep.trails_s,
	};
	enum maildrop_result r = maildrop_list(k->drop, &look, k->arena, &list);
	if (r != MAILDROP_OK)
		return failed(k, "look into", r, e);
	bool ok = take_all(k, &list, e);
	forget_gone(k, &list);
	if (k->memory.changed && !collect_memory_save(k->settings->data, k->m->name, &k->memory, &second))
		relay_tell(k->relay, &second);
	return ok;
}

static void end_look(struct look *k)
{
	maildrop_free(&k->drop);
	dns_free(&k->dns);
	buf_wipe(&k->secret);
	relay_settings_drop(&k->settings);
	arena_free(&k->arena);
}

/* Twice as long after each failure: accounts are locked for logins that fail. */
static int64_t pause_of(const struct look *k)
{
	int64_t s = k->m->poll_s;
	for (unsigned i = 0; i < k->c->fails && s < COLLECT_PAUSE_MOST_S; i++)
		s *= 2;
	return k->more || k->c->again
		       ? SOON_MS
		       : (s < COLLECT_PAUSE_MOST_S || !k->c->fails ? s : COLLECT_PAUSE_MOST_S) * SECOND_MS;
}

static bool is_free(void *ctx)
{
	return !((struct collectors *)ctx)->busy;
}

static void work(void *ctx)
{
	struct collector *c = ctx;
	struct relay *r = c->all->relay;
	struct err e = { 0 };
	if (!net_loop_wait(r->loop, is_free, c->all, UINT64_MAX))
		return; /* the relay is ending */
	c->all->busy = true;
	struct look k = {
		.c = c, .relay = r, .settings = relay_settings_hold(r->settings), .arena = arena_new()
	};
	k.m = mailbox_of(k.settings, c->name);
	bool ok = k.m && open_drop(&k, &e) && look_at_all(&k, &e);
	if (k.m && !ok && !c->all->stopped) {
		relay_tell(r, &e);
		struct relay_route as = { .name = k.m->name };
		tokens_forget(c->all->tokens, &as);
	}
	c->fails = ok ? 0 : c->fails + 1;
	if (k.m)
		net_timer_set(c->timer, net_loop_now_ms(r->loop) + (uint64_t)pause_of(&k));
	end_look(&k);
	c->all->busy = false;
	c->looking = false;
}

static void on_time(void *ctx)
{
	struct collector *c = ctx;
	if (c->looking || c->all->stopped || !mailbox_of(c->all->relay->settings, c->name))
		return;
	c->looking = true;
	c->again = false;
	net_fiber_start(c->all->relay->loop, work, c);
}

/* ---- the blocks ---- */

static struct collector *collector_of(struct collectors *all, const char *name)
{
	struct collector *c = all->list;
	while (c && strcmp(c->name, name) != 0)
		c = c->next;
	if (c)
		return c;
	c = mem_alloc(sizeof(*c));
	*c = (struct collector){ .all = all, .next = all->list, .name = mem_strdup(name) };
	c->timer = net_timer_new(all->relay->loop, on_time, c);
	return all->list = c;
}

void collectors_adopt(struct collectors *all)
{
	const struct relay_settings *s = all->relay->settings;
	for (size_t i = 0; i < s->nmailboxes; i++) {
		struct collector *c = collector_of(all, s->mailboxes[i].name);
		c->fails = 0;
		c->again = c->looking;
		if (!c->looking)
			net_timer_set(c->timer, net_loop_now_ms(all->relay->loop) + SOON_MS);
	}
}

struct collectors *collectors_new(struct relay *r)
{
	struct collectors *all = mem_alloc(sizeof(*all));
	all->relay = r;
	all->tokens = tokens_new();
	collectors_adopt(all);
	return all;
}

void collectors_stop(struct collectors *all)
{
	all->stopped = true;
}

void collectors_free(struct collectors **ap)
{
	struct collectors *all = *ap;
	if (!all)
		return;
	while (all->list) {
		struct collector *c = all->list;
		all->list = c->next;
		net_timer_free(&c->timer);
		free(c->name);
		free(c);
	}
	tokens_free(&all->tokens);
	mem_free(ap);
}
