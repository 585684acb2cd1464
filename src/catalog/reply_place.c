/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/reply_place.h"

#include <string.h>

enum way { ANY_WAY, BY_MX };
enum login { ANY_LOGIN, LOGGED_IN, BY_PASSWORD };

/* A refusal of which no more is certain than that it is one. */
static const char their_refusal[] = "rs-destination-refuses", some_refusal[] = "unknown-reply";

/* The first row that fits.  A name is a finding's or a class's; "" any step; code: its first digit, or all of
 * it; 0 any.  instead NULL: that meaning is passed over, the next may do. */
static const struct row {
	const char *name, *step;
	enum way way;
	enum login login;
	unsigned code;
	const char *text, *instead;
} rows[] = {
	/* MAIL names the sender only. */
	{ "mailbox-unknown", "mail-from", ANY_WAY, ANY_LOGIN, 0, NULL, "mf-sender-refused" },
	{ "mailbox-disabled", "mail-from", ANY_WAY, ANY_LOGIN, 0, NULL, "mf-sender-refused" },
	{ "mailbox-full", "mail-from", ANY_WAY, ANY_LOGIN, 0, NULL, some_refusal },
	/* Postfix asks the next server whether the address is known: not yet, or it could not. */
	{ "mailbox-unknown", "rcpt", ANY_WAY, ANY_LOGIN, 4, "verification in progress",
	  "rs-temporary-failure" },
	{ "mailbox-unknown", "rcpt", ANY_WAY, ANY_LOGIN, 4, "unverified address: connect to",
	  "rs-temporary-failure" },
	{ "mailbox-unknown", "rcpt", ANY_WAY, ANY_LOGIN, 4, "timed out", "rs-temporary-failure" },
	/* A server's own rules also speak of quotas: X.7.1 is a policy's status. */
	{ "mailbox-full", "rcpt", ANY_WAY, ANY_LOGIN, 4, ".7.1 ", "rcpt-policy-refused" },
	/* It answered, and its domain's MX led to it. */
	{ "mx-null", "", BY_MX, ANY_LOGIN, 0, NULL, their_refusal },
	{ "mx-null", "mail-from", ANY_WAY, ANY_LOGIN, 0, NULL, some_refusal },
	{ "domain-not-found", "", BY_MX, ANY_LOGIN, 0, NULL, their_refusal },
	{ "rs-destination-not-responding", "", ANY_WAY, ANY_LOGIN, 421, NULL, "rs-temporary-failure" },
	{ "rs-destination-not-responding", "", BY_MX, ANY_LOGIN, 4, NULL, "rs-temporary-failure" },
	/* Nobody has typed that server or logs in there. */
	{ "cfg-security-none-rejected", "", BY_MX, ANY_LOGIN, 0, NULL, "rcpt-tls-required-by-domain" },
	{ "relay-denied", "", BY_MX, ANY_LOGIN, 0, NULL, their_refusal },
	{ "auth-required", "", BY_MX, ANY_LOGIN, 0, NULL, their_refusal },
	{ "settings", "", BY_MX, ANY_LOGIN, 0, NULL, their_refusal },
	/* The login had gone well, or was no token. */
	{ "auth-required", "", ANY_WAY, LOGGED_IN, 0, NULL, "auth-login-not-allowed" },
	{ "auth-oauth-token", "auth", ANY_WAY, BY_PASSWORD, 501, NULL, "auth-initial-response-unsupported" },
	/* A refusal of STARTTLS is no agreement to encrypt. */
	{ "starttls-220-then-eof", "starttls", ANY_WAY, ANY_LOGIN, 4, NULL, "starttls-454" },
	{ "starttls-220-then-eof", "starttls", ANY_WAY, ANY_LOGIN, 5, NULL, "starttls-454" },
	/* STARTTLS has no address that could be written wrongly. */
	{ "syntax", "starttls", ANY_WAY, ANY_LOGIN, 0, NULL, "starttls-501-syntax" },
	/* A greeting comes before anybody is known who could be new. */
	{ "greylisted", "banner", ANY_WAY, ANY_LOGIN, 0, NULL, "rs-temporary-failure" },
	/* "This is not a failure" would be no reason. */
	{ "not-a-bounce", "", ANY_WAY, ANY_LOGIN, 0, NULL, NULL },
};

static bool code_fits(unsigned asked, unsigned code)
{
	return !asked || asked == code || asked == code / 100;
}

static bool login_fits(enum login asked, const struct reply_place *p)
{
	return asked == ANY_LOGIN || (asked == LOGGED_IN ? p->logged_in : !p->by_token);
}

static bool fits(const struct row *r, const struct reply_place *p, const struct finding_entry *e)
{
	return (z_eq(r->name, e->id) || z_eq(r->name, e->class)) && (!*r->step || z_eq(r->step, p->step)) &&
	       (r->way == ANY_WAY || p->mx) && code_fits(r->code, p->code) && login_fits(r->login, p) &&
	       (!r->text || z_ihas(p->text, r->text));
}

struct reply_meaning reply_place_choose(const struct reply_place *p, const struct reply_meaning *m, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = 0;
		while (at < ARRAY_LEN(rows) && !fits(&rows[at], p, m[i].entry))
			at++;
		if (at == ARRAY_LEN(rows))
			return m[i];
		if (rows[at].instead)
			return (struct reply_meaning){ finding_entry_find(rows[at].instead), m[i].confidence,
						       m[i].pattern };
	}
	return (struct reply_meaning){ 0 };
}

/* "<z@x.example>": *rest goes on behind it; "" none is left. */
static struct str next_named(struct str *rest)
{
	while (rest->len) {
		size_t open = str_ifind(*rest, "<");
		*rest = str_cut(*rest, open + 1, rest->len);
		struct str inside = str_cut(*rest, 0, str_ifind(*rest, ">"));
		if (inside.len < rest->len && memchr(inside.p, '@', inside.len) &&
		    !memchr(inside.p, ' ', inside.len))
			return inside;
	}
	return STR_LIT("");
}

static bool is_of_another(struct str text, struct str recipient)
{
	struct str named;
	bool another = false;
	while ((named = next_named(&text)).len) {
		if (str_iequal(named, recipient))
			return false;
		another = true;
	}
	return another;
}

/* Of one mailbox, whichever it is. */
static bool is_of_mailbox(const char *finding)
{
	static const char *const classes[] = { "mailbox-unknown", "mailbox-disabled", "mailbox-full",
					       "recipient-restricted" };
	const struct finding_entry *e = finding_entry_find(finding);
	for (size_t i = 0; e && i < ARRAY_LEN(classes); i++)
		if (z_eq(e->class, classes[i]))
			return true;
	return false;
}

const char *reply_place_for(const char *finding, struct str text, struct str recipient, bool mx)
{
	if (!is_of_mailbox(finding) || !is_of_another(text, recipient))
		return finding;
	return mx ? their_refusal : some_refusal;
}
