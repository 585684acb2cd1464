/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/send_arrival.h"

#include <stdlib.h>
#include <string.h>

#include "cli/secret.h"
#include "net/maildrop.h"

enum {
	ARRIVAL_MS = 60000, /* so long it is looked for */
	LOOK_MS = 2000,
	LOOKED_INTO = 20, /* the newest mails, where the server does not search by Message-ID */
	HEAD_BYTES = 16 * 1024
};

struct looking {
	struct send_mail *m;
	struct net_loop *loop;
	struct dns *dns;
	struct maildrop_options o;
	const char *mark; /* of the subject: a server may change the Message-ID */
	bool asked_junk;
	struct send_arrival *out;
};

/* ---- one folder ---- */

static bool holds_mark(struct looking *x, struct maildrop *drop, const struct maildrop_mail *mail)
{
	CLEANUP(buf_clear) struct buf head = { 0 };
	if (maildrop_fetch(drop, mail, HEAD_BYTES, &head) != MAILDROP_OK)
		return false;
	struct str s = buf_str(&head);
	return memmem(s.p, s.len, x->mark, strlen(x->mark)) != NULL;
}

static enum maildrop_result look_for(struct looking *x, struct maildrop *drop, bool *found)
{
	struct maildrop_list all = { 0 };
	const char *id = arena_printf(x->m->arena, "<%s>", x->m->message_id);
	const struct maildrop_look by_id = { .message_id = id }, any = { 0 };
	enum maildrop_result r = x->o.pop3 ? MAILDROP_OK : maildrop_list(drop, &by_id, x->m->arena, &all);
	*found = all.n > 0;
	if (r == MAILDROP_OK && !*found)
		r = maildrop_list(drop, &any, x->m->arena, &all);
	for (size_t i = all.n; r == MAILDROP_OK && !*found && i && all.n - i < LOOKED_INTO; i--)
		*found = holds_mark(x, drop, &all.v[i - 1]);
	return r;
}

/* ---- the mailbox ---- */

static const char *mend_of(enum maildrop_result r)
{
	static const char *const mends[MAILDROP_RESULTS] = {
		[MAILDROP_DNS] = "Its host stands in the profile's mailbox block.",
		[MAILDROP_CONNECT] = "Its host, port and security stand in the profile's mailbox block.",
		[MAILDROP_TIMED_OUT] = "Its host, port and security stand in the profile's mailbox block.",
		[MAILDROP_TLS_FAILED] = "Its port and security stand in the profile's mailbox block.",
		[MAILDROP_CERTIFICATE] = "Give the name that its certificate has as host, or the authority's "
					 "certificate as ca-file.",
		[MAILDROP_LOGIN] =
			"The settings for sending are not in question: give the mailbox's own user "
			"and password-file in the profile's mailbox block.",
		[MAILDROP_REFUSED] = "Its folder stands in the profile's mailbox block.",
	};
	return mends[r] ? mends[r] : "";
}

/* What the junk folder holds counts only if it can be looked into. */
static void look_into_junk(struct looking *x, struct maildrop *inbox)
{
	const char *name = NULL;
	bool found = false;
	if (!x->asked_junk && maildrop_junk(inbox, x->m->arena, &name) == MAILDROP_OK) {
		x->asked_junk = true;
		x->out->junk = name ? name : "";
	}
	if (!*x->out->junk)
		return;
	struct maildrop_options o = x->o;
	o.folder = x->out->junk;
	struct maildrop *drop = maildrop_new(x->loop, x->dns, &o);
	if (look_for(x, drop, &found) == MAILDROP_OK && found)
		x->out->where = ARRIVED_JUNK;
	maildrop_free(&drop);
}

/* POP3 shows what was there when its session began: each look has its own. */
static void look(struct looking *x)
{
	bool found = false;
	struct maildrop *drop = maildrop_new(x->loop, x->dns, &x->o);
	enum maildrop_result r = look_for(x, drop, &found);
	if (r != MAILDROP_OK) {
		x->out->where = ARRIVED_UNKNOWN;
		x->out->words = arena_strdup(x->m->arena, maildrop_words(drop));
		x->out->mend = mend_of(r);
	} else if (found) {
		x->out->where = ARRIVED_INBOX;
	} else {
		look_into_junk(x, drop);
	}
	maildrop_free(&drop);
}

static void wait_for_it(struct looking *x)
{
	uint64_t begun = net_loop_now_ms(x->loop), most = x->m->o->timeout_s * 1000UL;
	uint64_t until = begun + (most < ARRIVAL_MS ? most : ARRIVAL_MS);
	x->out->where = ARRIVED_NOT;
	for (;;) {
		send_progress(x->m->o, "handed over; looking for it in the mailbox");
		look(x);
		if (x->out->where != ARRIVED_NOT || net_loop_now_ms(x->loop) + LOOK_MS >= until)
			break;
		net_loop_sleep(x->loop, net_loop_now_ms(x->loop) + LOOK_MS);
	}
	send_progress(x->m->o, NULL);
	x->out->looked_s = (unsigned long)((net_loop_now_ms(x->loop) - begun + 999) / 1000);
}

/* ---- by the profile ---- */

static enum maildrop_security security_of(const struct config_profile *p)
{
	const char *s = p->mailbox.security;
	return z_eq(s, "none") ? MAILDROP_CLEAR : z_eq(s, "starttls") ? MAILDROP_STARTTLS : MAILDROP_TLS;
}

/* NULL where none was given; *ok false with *e: its file cannot be read. */
static char *secret_of(const struct config_profile *p, bool *ok, struct err *e)
{
	char *secret = NULL;
	*ok = !*p->mailbox.password_file || secret_read_file(p->mailbox.password_file, &secret, e);
	return *ok && !secret ? secret_ask(p->mailbox.user) : secret;
}

static struct maildrop_options mailbox_of(const struct send_mail *m, const char *secret)
{
	const struct config_profile *p = m->profile;
	const char *ca = config_text(m->config, "ca-file");
	return (struct maildrop_options){ .pop3 = z_eq(p->mailbox.protocol, "pop3"),
					  .host = p->mailbox.host,
					  .port = p->mailbox.port,
					  .security = security_of(p),
					  .user = p->mailbox.user,
					  .secret = secret ? secret : "",
					  .folder = p->mailbox.folder,
					  .ca_file = *ca ? ca : NULL };
}

bool send_arrival(struct send_mail *m, struct net_loop *l, struct send_arrival *out, struct err *e)
{
	const char *resolver = config_text(m->config, "resolver");
	const struct dns_options dns = { .resolver = *resolver ? resolver : NULL };
	bool ok = false;
	CLEANUP(dns_free) struct dns *d = dns_new(l, &dns, e);
	char *secret = d ? secret_of(m->profile, &ok, e) : NULL;
	struct looking x = { .m = m, .loop = l, .dns = d, .o = mailbox_of(m, secret), .out = out };
	*out = (struct send_arrival){ .words = "", .mend = "", .junk = "", .pop3 = x.o.pop3 };
	if (!ok)
		return false;
	x.mark = arena_dup(m->arena, m->message_id, strcspn(m->message_id, "@"));
	wait_for_it(&x);
	if (secret)
		mem_wipe(secret, strlen(secret));
	mem_free(&secret);
	return true;
}
