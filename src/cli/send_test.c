/* SPDX-License-Identifier: Apache-2.0 */
/* A profile's test: a mail handed over, found again in its mailbox where it names one, and noted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/secret.h"
#include "cli/send.h"
#include "net/maildrop.h"
#include "relay/tested.h"

enum {
	ARRIVAL_MS = 60000, /* so long it is looked for */
	LOOK_MS = 2000,
	LOOKED_INTO = 20, /* the newest mails, where the server does not search by Message-ID */
	HEAD_BYTES = 16 * 1024
};

/* ---- where passes are noted ---- */

/* The relay's folder where there is a relay; else one of the user's own. */
static const char *folder_of(const struct config *c, struct arena *a)
{
	const char *data = config_text(c, "data"), *slash = strrchr(config_path(c), '/');
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (*data && *data != '/' && slash)
		return arena_printf(a, "%.*s/%s", (int)(slash - config_path(c)), config_path(c), data);
	if (*data || config_count(c, "listen"))
		return *data ? data : "/var/lib/postrider";
	if (state && *state == '/')
		return arena_printf(a, "%s/postrider", state);
	return arena_printf(a, "%s/.local/state/postrider", home && *home ? home : "/var/lib/postrider");
}

/* Like mkdir -p, for the folder of a user. */
static void make_folders(const char *path, struct arena *a)
{
	for (const char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/'))
		(void)mkdir(arena_dup(a, path, (size_t)(at - path)), 0700);
	(void)mkdir(path, 0700); /* whether it is there shows when it is written to */
}

bool send_may_leave(const struct send_mail *m, const struct config_profile *p, struct err *e)
{
	if (!p->test || tested_has(folder_of(m->config, m->arena), p->name, p->hash))
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "send by", "profile \"%s\"", p->name);
	return err_detail(
		e,
		"its settings have not passed their test since they were last changed: postrider send --test "
		"%s, or --untested for this mail alone",
		p->name);
}

/* ---- whether it arrived ---- */

struct arrival {
	struct send_mail *m;
	struct maildrop *drop;
	struct net_loop *loop;
	bool pop3;
	const char *mark; /* of the subject: a server may change the Message-ID */
};

static bool holds_mark(struct arrival *x, const struct maildrop_mail *mail)
{
	CLEANUP(buf_clear) struct buf head = { 0 };
	if (maildrop_fetch(x->drop, mail, HEAD_BYTES, &head) != MAILDROP_OK)
		return false;
	struct str s = buf_str(&head);
	return memmem(s.p, s.len, x->mark, strlen(x->mark)) != NULL;
}

/* 1 found, 0 not yet, -1 the mailbox cannot be looked into. */
static int look(struct arrival *x)
{
	struct maildrop_list all = { 0 };
	const char *id = arena_printf(x->m->arena, "<%s>", x->m->message_id);
	const struct maildrop_look by_id = { .message_id = id }, any = { 0 };
	if (!x->pop3) {
		if (maildrop_list(x->drop, &by_id, x->m->arena, &all) != MAILDROP_OK)
			return -1;
		if (all.n)
			return 1;
	}
	if (maildrop_list(x->drop, &any, x->m->arena, &all) != MAILDROP_OK)
		return -1;
	for (size_t i = all.n; i && all.n - i < LOOKED_INTO; i--)
		if (holds_mark(x, &all.v[i - 1]))
			return 1;
	return 0;
}

static enum maildrop_security security_of(const struct config_profile *p)
{
	const char *s = p->mailbox.security;
	return z_eq(s, "none") ? MAILDROP_CLEAR : z_eq(s, "starttls") ? MAILDROP_STARTTLS : MAILDROP_TLS;
}

/* POP3 shows what was there when its session began: each look has its own. */
static int look_anew(struct arrival *x, struct dns *d, const struct maildrop_options *o, const char **words)
{
	x->drop = maildrop_new(x->loop, d, o);
	int found = look(x);
	if (found < 0)
		*words = arena_strdup(x->m->arena, maildrop_words(x->drop));
	maildrop_free(&x->drop);
	return found;
}

static int wait_for_it(struct arrival *x, struct dns *d, const struct maildrop_options *o, const char **words)
{
	uint64_t now = net_loop_now_ms(x->loop), until = now + ARRIVAL_MS;
	uint64_t most = now + x->m->o->timeout_s * 1000;
	int found;
	if (most < until)
		until = most;
	while (!(found = look_anew(x, d, o, words)) && net_loop_now_ms(x->loop) + LOOK_MS < until)
		net_loop_sleep(x->loop, net_loop_now_ms(x->loop) + LOOK_MS);
	return found;
}

/* 1 arrived, 0 not in time, -1 *words. */
static int arrived(struct send_mail *m, struct net_loop *l, const char **words, struct err *e)
{
	const struct config_profile *p = m->profile;
	const char *resolver = config_text(m->config, "resolver"), *ca = config_text(m->config, "ca-file");
	const struct dns_options dns = { .resolver = *resolver ? resolver : NULL };
	char *secret = NULL;
	CLEANUP(dns_free) struct dns *d = dns_new(l, &dns, e);
	if (!d || (*p->mailbox.password_file && !secret_read_file(p->mailbox.password_file, &secret, e)))
		return -1;
	if (!secret)
		secret = secret_ask(p->mailbox.user);
	const struct maildrop_options o = { .pop3 = z_eq(p->mailbox.protocol, "pop3"),
					    .host = p->mailbox.host,
					    .port = p->mailbox.port,
					    .security = security_of(p),
					    .user = p->mailbox.user,
					    .secret = secret ? secret : "",
					    .folder = p->mailbox.folder,
					    .ca_file = *ca ? ca : NULL };
	struct arrival x = { .m = m, .loop = l, .pop3 = o.pop3 };
	x.mark = arena_dup(m->arena, m->message_id, strcspn(m->message_id, "@"));
	int found = wait_for_it(&x, d, &o, words);
	if (secret)
		mem_wipe(secret, strlen(secret));
	mem_free(&secret);
	return found;
}

/* ---- the outcome ---- */

static bool note(struct send_mail *m, const char *proof, struct err *e)
{
	const char *folder = folder_of(m->config, m->arena);
	if (!config_count(m->config, "listen"))
		make_folders(folder, m->arena);
	if (tested_note(folder, m->profile->name, m->profile->hash, proof, e))
		return true;
	return err_detail(
		e, "the test has passed and cannot be noted there: run it as who runs the relay, or as root");
}

bool send_test(struct send_mail *m, struct net_loop *l, struct err *e)
{
	const struct config_profile *p = m->profile;
	const char *words = "", *to = m->fates[0].address;
	if (!send_is_well(m)) {
		m->outcome = arena_printf(m->arena,
					  "Profile %s has not passed its test: nothing else leaves by it.",
					  p->name);
		return true;
	}
	int found = *p->mailbox.host ? arrived(m, l, &words, e) : 1;
	m->passed = found > 0;
	if (found < 0)
		m->outcome = arena_printf(
			m->arena,
			"Handed over, and whether it has arrived is not known: the mailbox at %s cannot be "
			"looked into (%s). The test has not passed.",
			p->mailbox.host, *words ? words : e->detail);
	else if (!found)
		m->outcome = arena_printf(
			m->arena,
			"Handed over, and not in the mailbox at %s a minute later. It may still come: run "
			"the test again then. The test has not passed.",
			p->mailbox.host);
	if (!m->passed)
		return e->kind == ERR_NONE;
	const char *proof =
		*p->mailbox.host
			? arena_printf(m->arena, "it was handed over and has arrived at %s", p->mailbox.host)
			: arena_printf(m->arena, "it was handed over; see whether it arrives at %s", to);
	m->outcome = arena_printf(m->arena, "Profile %s has passed its test: %s. Its mail may leave now.",
				  p->name, proof);
	return note(m, proof, e);
}
