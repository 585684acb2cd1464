/* SPDX-License-Identifier: Apache-2.0 */
/* From a connection to a session that may say MAIL: greeting, EHLO, TLS, login. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "relay/delivery/delivery.h"
#include "relay/delivery/delivery_login.h"
#include "relay/delivery/delivery_tls.h"

static struct smtp_client *client_of(const struct delivery *d)
{
	return session_client(d->session);
}

static const struct smtp_ehlo *ehlo_of(const struct delivery *d)
{
	return smtp_client_ehlo_answer(client_of(d));
}

/* ---- what the policy wants of TLS ---- */

static enum tls_need need_of(const struct delivery *d)
{
	return ride_need(d->route, d->plan.v[d->target].need);
}

static bool must_encrypt(const struct delivery *d)
{
	return need_of(d) != TLS_WELCOME;
}

static bool may_encrypt(const struct delivery *d)
{
	const struct relay_route *r = d->route;
	return must_encrypt(d) || (!d->in_clear && (r->mx || r->security != RELAY_SECURITY_NONE));
}

/* ---- TLS ---- */

/* Whom we speak to.  Only what needs it refuses a peer that cannot prove it. */
static bool judge_peer(struct delivery *d)
{
	const struct tls_report *r = session_tls(d->session);
	const char *finding = "";
	d->tls = d->line_tls = arena_strdup(d->arena, r->version);
	d->proof = STORE_UNPROVEN;
	if (session_injected(d->session).len) {
		delivery_broke(
			d, TROUBLE_TLS, "starttls-220-then-plaintext",
			"bytes in clear came between the 220 and the handshake: somebody may be in between");
		return false;
	}
	const char *why = delivery_judge_peer(d, need_of(d), &finding);
	if (!why)
		return true;
	delivery_broke(d, TROUBLE_TLS, finding, why);
	return false;
}

static bool await_handshake(struct delivery *d)
{
	enum session_event ev = session_wait(d->session, 0);
	delivery_log(d);
	if (ev != SESSION_TLS_ENDED) {
		delivery_broke(d, TROUBLE_TLS, "tls-handshake-timeout", "the TLS handshake did not end");
		return false;
	}
	if (session_tls(d->session)->result == TLS_OK)
		return judge_peer(d);
	const char *finding, *why = delivery_shake_fault(d, &finding);
	delivery_broke(d, TROUBLE_TLS, finding, why);
	return false;
}

/* ---- greeting and EHLO ---- */

static bool hear_2xx(struct delivery *d, enum trouble_at at)
{
	if (delivery_hear(d, at) != HEARD_REPLY)
		return false;
	if (smtp_client_reply(client_of(d))->code / 100 == 2)
		return true;
	delivery_refused(d, at);
	return false;
}

static bool ours(struct delivery *d, enum trouble_at at, const struct err *e)
{
	char text[400];
	delivery_broke(d, at, "", err_text(e, text, sizeof(text)));
	return false;
}

static void learn_limit(struct delivery *d, struct str word)
{
	unsigned long most;
	size_t at = str_ifind(word, "=") + 1;
	if (at > word.len || !str_number(str_cut(word, at, word.len), 100000, &most) || !most)
		return;
	if (str_istarts(word, "RCPTMAX="))
		d->rcpts_max = (unsigned)most;
	else if (str_istarts(word, "MAILMAX="))
		d->mails_max = (unsigned)most;
}

/* LIMITS RCPTMAX=n MAILMAX=n (RFC 9422): no more recipients of one message, no more messages on one
 * connection. */
void delivery_learn_limits(struct delivery *d)
{
	const struct smtp_ehlo *e = ehlo_of(d);
	for (size_t i = 0; e && i < e->keywords.n; i++) {
		struct str rest = str_of(e->keywords.v[i]), word;
		if (!str_next(&rest, " ", &word) || !str_ieq(word, "LIMITS"))
			continue;
		while (str_next(&rest, " ", &word))
			learn_limit(d, word);
	}
}

/* Many machines call themselves localhost, or mail: a name without a domain is nobody's own. */
static bool is_a_name_of_its_own(const char *hostname)
{
	return strchr(hostname, '.') && strcasecmp(hostname, "localhost.localdomain") != 0;
}

/* By a name and an address that are not ours here, through a translated one perhaps, mail came back to
 * ourselves (RFC 5321, 5.1).  The next server of our own configuration may announce our name. */
static bool is_ourselves(struct delivery *d)
{
	const struct smtp_ehlo *e = ehlo_of(d);
	const char *us = d->settings->hostname;
	if (!d->route->mx || !e || !is_a_name_of_its_own(us) || strcasecmp(e->name, us) != 0)
		return false;
	delivery_broke(
		d, TROUBLE_EHLO, "mx-loops-to-self",
		arena_printf(d->scratch,
			     "%s calls itself %s, which is our own name: the mail would come back here",
			     d->host, e->name));
	return true;
}

static bool say_ehlo(struct delivery *d)
{
	struct err e = { 0 };
	d->mails_max = d->rcpts_max = 0; /* what was heard in clear is forgotten with STARTTLS (RFC 3207, 4.2) */
	if (!smtp_client_ehlo(client_of(d), d->settings->hostname, &e))
		return ours(d, TROUBLE_EHLO, &e);
	if (delivery_hear(d, TROUBLE_EHLO) != HEARD_REPLY)
		return false;
	unsigned code = smtp_client_reply(client_of(d))->code;
	if (code / 100 == 2) {
		delivery_learn_limits(d);
		return !is_ourselves(d);
	}
	if (code / 100 != 5 || must_encrypt(d)) { /* without EHLO there is no STARTTLS */
		delivery_refused(d, TROUBLE_EHLO);
		return false;
	}
	if (!smtp_client_helo(client_of(d), d->settings->hostname, &e))
		return ours(d, TROUBLE_EHLO, &e);
	return hear_2xx(d, TROUBLE_EHLO);
}

static bool not_offered(struct delivery *d)
{
	bool dane = need_of(d) == TLS_DANE;
	delivery_broke(d, TROUBLE_TLS, dane ? "dp-dane-starttls-missing" : "starttls-not-offered",
		       dane ? "the server does not offer STARTTLS, though its domain promises it (DANE)"
			    : "the server does not offer STARTTLS, and it is required");
	return false;
}

/* Where its first word is never answered, that is the encryption's trouble, and no host's. */
static bool say_ehlo_again(struct delivery *d)
{
	struct failure *f = &d->failure;
	if (say_ehlo(d))
		return true;
	if (!ehlo_of(d) && !f->seen.code) {
		f->seen.at = TROUBLE_TLS;
		f->judged = trouble_judge(&f->seen);
	}
	return false;
}

/* As policy lets it; why is told of each message that goes so. */
static void go_in_clear(struct delivery *d)
{
	const struct failure *f = &d->failure;
	d->in_clear = true;
	d->clear_why = f->seen.code ? arena_printf(d->arena, "the server said %u " STR_FMT, f->seen.code,
						   STR_ARG(f->seen.text))
				    : arena_strdup(d->arena, f->why);
}

/* True also where the session goes on in clear, as policy lets it. */
static bool start_tls(struct delivery *d)
{
	struct err e = { 0 };
	bool offered = ehlo_of(d) && ehlo_of(d)->extensions & SMTP_EXT_STARTTLS;
	if (!offered || !may_encrypt(d))
		return !must_encrypt(d) || not_offered(d);
	if (!smtp_client_starttls(client_of(d), &e))
		return ours(d, TROUBLE_TLS, &e);
	enum heard h = delivery_hear(d, TROUBLE_TLS);
	if (h == HEARD_REPLY) { /* 454 and the like; behind 421, or what is no answer, nothing can be said */
		unsigned code = delivery_refused(d, TROUBLE_TLS)->seen.code;
		if (must_encrypt(d) || code < 400 || code == 421)
			return false;
		go_in_clear(d);
		return true;
	}
	if (h != HEARD_TLS)
		return false;
	session_start_tls(d->session);
	return await_handshake(d) && say_ehlo_again(d);
}

static bool greet(struct delivery *d)
{
	if (!delivery_await_connection(d))
		return false;
	if (delivery_tls_at_once(d) && !await_handshake(d))
		return false;
	if (!hear_2xx(d, TROUBLE_GREETING))
		return false;
	d->greeted = true;
	if (!say_ehlo(d))
		return false;
	if (!delivery_tls_at_once(d) && !start_tls(d))
		return false;
	return !*delivery_user(d->route) || delivery_login(d);
}

/* A handshake that fails where TLS was only welcome: once more to the same address, in clear.  Not where it
 * failed because of us: that the relay ends, or has no seat left for it, is no fault of the encryption. */
static bool may_retry_in_clear(const struct delivery *d)
{
	const struct trouble_case *seen = &d->failure.seen;
	return seen->at == TROUBLE_TLS && seen->code != 421 && !d->in_clear && !delivery_tls_at_once(d) &&
	       !must_encrypt(d) && !d->hurry && !d->pressed;
}

/* A token that served before was refused: perhaps its time was over early.  Once more with a fresh one, over
 * a connection of its own: many servers close theirs after a refused login. */
static bool may_log_in_anew(const struct delivery *d)
{
	return d->token_was_kept && !d->hurry;
}

bool delivery_open(struct delivery *d)
{
	d->in_clear = false;
	for (bool anew = false;;) {
		d->token_was_kept = false;
		delivery_connect(d);
		if (greet(d)) {
			d->line.encrypted = *d->tls;
			d->line.clear_by_fault = d->in_clear;
			return true;
		}
		delivery_close(d, true);
		if (!anew && may_log_in_anew(d))
			anew = true;
		else if (may_retry_in_clear(d))
			go_in_clear(d);
		else
			break;
	}
	d->target++;
	return false;
}

void delivery_close(struct delivery *d, bool politely)
{
	if (!d->session)
		return;
	if (politely && !d->hurry)
		session_quit(d->session, SESSION_AT_ONCE);
	delivery_log(d);
	session_free(&d->session);
}
