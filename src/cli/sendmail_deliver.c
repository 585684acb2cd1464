/* SPDX-License-Identifier: Apache-2.0 */
/* A message from standard input to the relay; the exit status says what the caller may rely on. */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/strset.h"
#include "base/text.h"
#include "cli/sendmail.h"
#include "mail/handin.h"
#include "net/plain_address.h"
#include "net/submit.h"

struct delivery {
	const struct sendmail_options *o;
	const struct local_relay *relay;
	struct sendmail_said *said;
	struct arena *a;
	const char *from, *name;
	struct strlist to;
	struct buf message;
};

static bool read_input(struct buf *out)
{
	char piece[65536];
	out->max = SENDMAIL_BYTES_MAX;
	for (size_t n; (n = fread(piece, 1, sizeof(piece), stdin)) > 0;)
		if (!buf_add(out, piece, n))
			return false;
	return !ferror(stdin);
}

/* The person who runs this, where -f and -F do not say. */
static bool set_sender(struct delivery *d)
{
	const struct passwd *p = getpwuid(getuid());
	const char *login = p && *p->pw_name ? p->pw_name : "nobody";
	const char *why, *gecos = p && p->pw_gecos ? p->pw_gecos : "";
	const char *typed = d->o->from ? d->o->from : login;
	d->name = d->o->name                    ? d->o->name
		  : text_is_utf8(str_of(gecos)) ? arena_dup(d->a, gecos, strcspn(gecos, ","))
						: "";
	if (d->o->from && !*d->o->from) { /* the null reverse-path */
		d->from = "";
		return true;
	}
	d->from = handin_address(d->a, typed, d->relay->hostname);
	d->from = d->from ? plain_address(d->a, d->from, &why) : NULL;
	return d->from != NULL;
}

static bool add_typed(struct delivery *d, const char **bad)
{
	CLEANUP(strset_clear) struct strset known = { 0 };
	for (size_t i = 0; i < d->o->to.n; i++) {
		struct strlist named = { 0 };
		*bad = d->o->to.v[i];
		if (!handin_addresses(d->a, *bad, d->relay->hostname, &named))
			return false;
		for (size_t k = 0; k < named.n; k++) {
			const char *why, *plain = plain_address(d->a, named.v[k], &why);
			if (!plain)
				return false;
			if (strset_add(&known, plain))
				strlist_add(&d->to, d->a, plain);
		}
	}
	return true;
}

static bool read_message(struct delivery *d, struct str raw, struct err *e)
{
	const struct handin_options o = {
		.dot_ends = !d->o->ignore_dots,
		.recipients = d->o->recipients,
		.home = d->relay->hostname,
		.sender = *d->from ? d->from : arena_printf(d->a, "MAILER-DAEMON@%s", d->relay->hostname),
		.name = d->name,
		.plain = plain_address,
	};
	return handin_read(d->a, raw, &o, &d->message, &d->to, e);
}

static void on_line(void *ctx, char dir, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%c %s\n", dir, line);
}

static int status_of_refusal(const struct submit_result *r)
{
	if (r->code / 100 == 4 || r->code == 0)
		return EX_TEMPFAIL;
	return z_eq(r->step, "rcpt") ? EX_NOUSER : z_eq(r->step, "mail-from") ? EX_NOPERM : EX_UNAVAILABLE;
}

/* Those who were refused while others were not: to be told, and never tried again as a whole. */
static int tell_refused(const struct delivery *d, const struct submit *s)
{
	int status = EX_OK;
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].code >= 400)
			status = sendmail_say(d->said, EX_NOUSER, s->v[i].address, s->v[i].reply);
	return status;
}

static int outcome(const struct delivery *d, const struct submit *s, const struct submit_result *r)
{
	switch (r->end) {
	case SUBMIT_HANDED_OVER:
		d->said->reply = arena_strdup(d->a, r->reply);
		if (d->o->verbose)
			fprintf(stderr, "sendmail: %s\n", r->reply);
		return tell_refused(d, s);
	case SUBMIT_REFUSED:
		if (z_eq(r->step, "rcpt") && r->code != 421) {
			tell_refused(d, s);
			return status_of_refusal(r);
		}
		return sendmail_say(d->said, status_of_refusal(r), "not taken", r->reply);
	case SUBMIT_IN_DOUBT:
		return sendmail_say(d->said, EX_TEMPFAIL, "it may have been taken or not", r->words);
	default:
		return sendmail_say(d->said, EX_TEMPFAIL,
				    "not taken, the relay cannot be reached (is postrider serve running?)",
				    r->words);
	}
}

static void fill_recipients(const struct delivery *d, struct submit *s)
{
	s->n = d->to.n;
	s->v = arena_alloc(d->a, (s->n + 1) * sizeof(*s->v));
	for (size_t i = 0; i < s->n; i++)
		s->v[i] = (struct submit_recipient){ .address = d->to.v[i],
						     .notify = d->o->notify,
						     .reply = "" };
}

static int hand_over(struct delivery *d)
{
	const struct local_relay *r = d->relay;
	struct net_loop *l = net_loop_new();
	struct submit s = { .host = r->host,
			    .port = r->port,
			    .security = r->security,
			    .any_certificate = true,
			    .ehlo_name = r->hostname,
			    .from = d->from,
			    .ret = d->o->ret,
			    .envid = d->o->envid,
			    .message = buf_str(&d->message),
			    .until_ms = net_loop_now_ms(l) + SENDMAIL_PATIENCE_MS };
	struct submit_result out;
	s.watch.line = d->o->verbose ? on_line : NULL;
	fill_recipients(d, &s);
	submit_run(l, NULL, &s, d->a, &out); /* host is numeric: no resolver */
	net_loop_free(&l);
	return outcome(d, &s, &out);
}

static int deliver(struct delivery *d)
{
	CLEANUP(buf_clear) struct buf raw = { 0 };
	const char *bad = "";
	struct err e = { 0 };
	if (!set_sender(d))
		return sendmail_say(d->said, EX_USAGE, d->o->from ? d->o->from : "",
				    "this is no address of a sender");
	if (!add_typed(d, &bad))
		return sendmail_say(d->said, EX_USAGE, bad, "this is no address");
	if (!d->to.n && !d->o->recipients)
		return sendmail_say(d->said, EX_USAGE, "",
				    "nobody is named to send to; -t takes the recipients from the message");
	if (!read_input(&raw))
		return sendmail_say(d->said, EX_IOERR, "",
				    "the message cannot be read to its end, or has more than 100 MB");
	if (!read_message(d, buf_str(&raw), &e))
		return sendmail_failed(d->said, EX_DATAERR, &e);
	if (!d->to.n)
		return sendmail_say(d->said, EX_USAGE, "", "the message names nobody in To, Cc or Bcc");
	return hand_over(d);
}

int sendmail_deliver(const struct sendmail_options *o, const struct local_relay *r,
		     struct sendmail_said *said)
{
	struct delivery d = { .o = o, .relay = r, .said = said, .a = o->arena };
	int status = deliver(&d);
	buf_clear(&d.message);
	return status;
}
