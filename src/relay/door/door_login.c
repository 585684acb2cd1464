/* SPDX-License-Identifier: Apache-2.0 */
/* Logins at the door: PLAIN and LOGIN against crypt(5) hashes; SCRAM-SHA-256, and CRAM-MD5 if it
 * is asked for, where the account's password is in a file; XOAUTH2 and OAUTHBEARER (door_bearer.c).
 *
 * Right or wrong is told without telling which: an unknown user costs what a wrong password costs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "relay/door/door_login_inner.h"
#include "relay/door/guests.h"
#include "relay/door/passwords.h"

static struct relay *relay_of(const struct door *d)
{
	return d->port->relay;
}

static void tell_unreadable(struct relay *r, const char *path)
{
	struct err e = { 0 };
	if (errno) {
		ERR_FILL(&e, ERR_SYS, errno, "read password", "%s", path);
		err_detail(&e, "nobody can log in with it: let the relay's user read it");
	} else {
		ERR_FILL(&e, ERR_USAGE, 0, "read password", "%s", path);
		err_detail(&e,
			   "its first line is empty, and nobody can log in with it: put the password there");
	}
	relay_tell(r, &e);
}

static bool look_up(void *ctx, const char *user, struct sasl_account *out)
{
	struct door_login *l = ctx;
	const struct relay_account *a = relay_account_find(l->door->settings, user);
	if (!a || !*a->password_file)
		return true; /* whether there is such a user is told after the password was looked at */
	if (door_password_read(a->password_file, l->password, sizeof(l->password)))
		out->password = l->password;
	else
		tell_unreadable(relay_of(l->door), a->password_file);
	return true;
}

static void refuse(struct door *d)
{
	door_login_failed(d);
	door_login_refuse(d, "Login failed: the user name or the password is wrong");
}

static void grant(struct door *d)
{
	const struct relay_account *a = relay_account_find(d->settings, sasl_server_user(d->login->sasl));
	if (a)
		door_login_grant(d, a);
	else
		refuse(d);
}

static void on_judged(void *ctx, bool right)
{
	struct door *d = door_login_answered(ctx);
	if (!d)
		return;
	if (right)
		grant(d);
	else
		refuse(d);
	door_go_on(d);
}

/* Accounts may have hashes of several kinds, or none: an unknown user is like one of them. */
static const struct relay_account *another(const struct relay_settings *s, const struct passwords *p,
					   const char *user)
{
	return s->naccounts ? &s->accounts[passwords_pick(p, user, s->naccounts)] : NULL;
}

static void ask(struct door *d)
{
	struct door_login *l = d->login;
	struct passwords *p = relay_of(d)->passwords;
	const char *user = sasl_server_user(l->sasl);
	const struct relay_account *a = relay_account_find(d->settings, user);
	const struct relay_account *like = a ? a : another(d->settings, p, user);
	const struct passwords_question q = { .hash = like ? like->password_hash : "",
					      .nobody = !a,
					      .password = sasl_server_secret(l->sasl) };
	if (a && passwords_known(p, q.hash, q.password)) {
		grant(d);
		return;
	}
	if (!a && like && *like->password_file) { /* such a password is compared at once */
		refuse(d);
		return;
	}
	l->asking = passwords_ask(p, &q, on_judged, l);
	if (!l->asking)
		door_login_later(d, door_login_crowd);
}

static void step(struct door *d, const struct str *response)
{
	CLEANUP(buf_wipe) struct buf challenge = { 0 };
	struct door_login *l = d->login;
	switch (sasl_server_step(l->sasl, response, &challenge)) {
	case SASL_SERVER_CHALLENGE:
		smtp_server_challenge(d->smtp, buf_str(&challenge));
		break;
	case SASL_SERVER_JUDGE:
		if (sasl_mechanism_is_oauth(l->mechanism))
			door_bearer_ask(d);
		else
			ask(d);
		break;
	case SASL_SERVER_DONE:
		grant(d);
		break;
	case SASL_SERVER_MALFORMED:
		door_say(d, 501, "5.5.2", sasl_server_why(l->sasl));
		door_login_free(d);
		break;
	default:
		if (l->refused) /* counted when that was known */
			door_login_refuse(d, bearer_result_text(l->refused));
		else
			refuse(d);
		break;
	}
}

/* True when it was told to come later. */
static bool is_barred(struct door *d)
{
	const struct relay *r = relay_of(d);
	char text[120];
	uint64_t ms = guests_barred_ms(r->guests, &d->address, net_loop_now_ms(r->loop));
	if (!ms)
		return false;
	snprintf(text, sizeof(text), "Too many failed logins from your address: try again in %u minutes",
		 (unsigned)(ms / 60000 + 1));
	door_say(d, 454, "4.7.0", text);
	return true;
}

void door_login_start(struct door *d)
{
	const struct smtp_request *q = smtp_server_request(d->smtp);
	struct access_client who = door_client(d);
	const struct smtp_answer *no = access_auth(&who);
	if (no) {
		door_answer(d, no);
		return;
	}
	if (is_barred(d))
		return;
	struct door_login *l = mem_alloc(sizeof(*l));
	const struct sasl_server_options o = { .lookup = look_up,
					       .ctx = l,
					       .host = d->settings->hostname,
					       .salt_key = str_of(relay_of(d)->salt_key) };
	door_login_free(d);
	l->door = d;
	l->relay = relay_of(d);
	l->address = d->address;
	l->mechanism = q->mechanism;
	l->sasl = sasl_server_new(q->mechanism, &o);
	d->login = l;
	step(d, q->has_initial ? &q->initial : NULL);
}

void door_login_response(struct door *d)
{
	struct str said;
	if (smtp_server_response(d->smtp, &said) && d->login) {
		step(d, &said);
		return;
	}
	door_login_free(d);
	const struct smtp_answer *no = smtp_server_refusal(d->smtp);
	if (no)
		door_answer(d, no);
	else
		door_say(d, 503, "5.5.1", "No login is under way");
}
