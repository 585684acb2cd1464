/* SPDX-License-Identifier: Apache-2.0 */
#include "check/discovery_words.h"

#include <string.h>

#include "base/text.h"
#include "catalog/fill.h"
#include "catalog/provider.h"
#include "catalog/words.h"

const char *discovery_server(struct arena *a, const struct fact_candidate *c)
{
	const char *mode = !strcmp(c->security, "tls")        ? "SSL/TLS"
			   : !strcmp(c->security, "starttls") ? "STARTTLS"
							      : "not encrypted";
	return arena_printf(a, "%s, port %ld (%s)", c->host, c->port, mode);
}

/* ---- the sentence */

const char *discovery_word(const struct discovery *d)
{
	if (d->found)
		return "FOUND";
	return d->best && d->best->outcome == OUTCOME_LOGIN_REFUSED ? "LOGIN REFUSED" : "NOT FOUND";
}

static const char *found_words(const struct discovery *d)
{
	static const char *const endings[] = {
		[OUTCOME_WORKS] = "the login was accepted",
		[OUTCOME_READY] =
			"its certificate is good; the login was not tried, for no password was given",
		[OUTCOME_UNCONFIRMED] = "its certificate is good, but say that this is your provider's name "
					"before the password goes there",
		[OUTCOME_RELAYS] =
			"your access provider's server, which takes mail from this network without a "
			"login",
	};
	return arena_printf(d->arena, "%s can send through %s: %s", d->address,
			    discovery_server(d->arena, d->best->candidate), endings[d->best->outcome]);
}

/* Nobody named a server: because there is no such domain, nobody could be asked, or it is so. */
static const char *nothing_words(const struct discovery *d)
{
	const char *status = "", *name = "";
	for (const struct fact *f = NULL; (f = evidence_next(d->ev, FACT_DNS, f));)
		if (!strcmp(f->dns.purpose, "mx")) {
			status = f->dns.status;
			name = f->dns.name;
		}
	if (!strcmp(status, "nxdomain"))
		return arena_printf(d->arena, "There is no domain %s: is it spelt right?", name);
	if (*status && strcmp(status, "ok") != 0 && strcmp(status, "nodata") != 0)
		return arena_printf(d->arena,
				    "Nothing could be looked up: the DNS gave no answer for %s (%s)", name,
				    status);
	return arena_printf(d->arena, "Nobody names a server that %s could send through", d->address);
}

const char *discovery_summary(const struct discovery *d)
{
	if (d->found)
		return found_words(d);
	if (!d->best)
		return nothing_words(d);
	if (d->best->outcome == OUTCOME_LOGIN_REFUSED || d->best->outcome == OUTCOME_LOGIN_PUT_OFF)
		return arena_printf(d->arena, "%s is the server of %s, but it %s the login",
				    discovery_server(d->arena, d->best->candidate), d->address,
				    d->best->outcome == OUTCOME_LOGIN_REFUSED ? "refused" : "put off");
	return arena_printf(d->arena,
			    "No server was found that %s can send through; nearest comes %s, but %s",
			    d->address, discovery_server(d->arena, d->best->candidate),
			    d->best->attempt->says);
}

/* ---- what to know */

static const struct provider *provider_of(const struct discovery *d)
{
	const char *name = d->best ? d->best->candidate->provider : "";
	return *name ? provider_by_name(name) : NULL;
}

static void note(struct discovery *d, const char *text)
{
	strlist_add(&d->notes, d->arena, text);
}

static void note_provider(struct discovery *d, const struct provider *v)
{
	if (v->oauth_only)
		note(d, arena_printf(d->arena, "%s takes no passwords from programs: sign in with OAuth 2.0.",
				     v->title));
	else if (v->app_password)
		note(d, arena_printf(d->arena, "%s wants an app password, not the one of its web pages.",
				     v->title));
	if (*v->note)
		note(d, arena_printf(d->arena, "%s: %s", v->title, v->note));
}

static void note_isp(struct discovery *d)
{
	const char *at = strrchr(d->address, '@');
	note(d,
	     arena_printf(
		     d->arena,
		     "This is the access provider's server, not %s's. It takes mail only from this network, "
		     "so it fails when you work elsewhere or change the provider. The SPF record of %s must "
		     "name it, or receivers refuse the mail or file it as spam; and no copy stands in your "
		     "mailbox's folder of sent mail.",
		     at ? at + 1 : d->address, at ? at + 1 : d->address));
}

static void note_unconfirmed(struct discovery *d)
{
	const struct fact_candidate *c = d->best->candidate;
	note(d, arena_printf(d->arena,
			     "Ask whoever runs your mail whether %s is right (%s, which plain DNS alone "
			     "says). If so: postrider discover %s --accept %s",
			     c->host, c->why, d->address, c->host));
}

/* What the refusing reply means, and who has to do what. */
static void note_finding(struct discovery *d)
{
	const struct finding_entry *f = finding_entry_find(d->best->attempt->finding);
	const struct finding_fix *x = f ? words_fix(f, 0) : NULL;
	if (x)
		note(d, arena_printf(d->arena, "That means: %s. %s: %s", fill_defaults(d->arena, f->title),
				     words_actor(x->actor), fill_defaults(d->arena, x->text)));
}

void discovery_notes(struct discovery *d)
{
	const struct provider *v = provider_of(d);
	if (!d->best)
		return;
	note_finding(d);
	if (d->best->outcome == OUTCOME_UNCONFIRMED)
		note_unconfirmed(d);
	if (d->best->source == SOURCE_ISP && d->found)
		note_isp(d);
	if (v && d->best->source != SOURCE_ISP)
		note_provider(d, v);
	if (d->best->outcome == OUTCOME_READY && !*d->best->attempt->user)
		note(d, "The user name is not the address: the provider's pages tell it.");
}

/* ---- the block for postrider.conf */

/* What a quoted string of the file can hold as it is; else the reader is to fill it in. */
static const char *value(const char *text, const char *otherwise)
{
	for (const char *c = text; *c; c++)
		if (strchr("\"\\$\n\r", *c))
			return otherwise;
	return *text && text_is_utf8(str_of(text)) ? text : otherwise;
}

static void add_login(const struct discovery *d, struct buf *b)
{
	const char *user = value(d->best->attempt->user, "THE-USER-NAME");
	if (d->best->outcome == OUTCOME_RELAYS)
		return;
	buf_addf(b, "  user          = \"%s\"\n", user);
	if (!strcmp(d->best->attempt->auth, "oauth"))
		buf_adds(b, "  oauth { client-id = \"...\"  tenant-id = \"...\"  client-secret-file = "
			    "\"/etc/postrider/client-secret\" }\n");
	else
		buf_adds(b, "  password-file = \"/etc/postrider/password\"\n");
}

static void add_limits(const struct provider *v, struct buf *b)
{
	if (v && v->limits.connections)
		buf_addf(b, "  connections   = %u\n", v->limits.connections);
	if (v && v->limits.per_minute)
		buf_addf(b, "  rate          = \"%u/1m\"\n", v->limits.per_minute);
}

static void add_profile(const struct discovery *d, const char *domain, struct buf *b)
{
	const struct fact_candidate *c = d->best->candidate;
	buf_addf(b,
		 "profile \"%s\" {\n  host          = \"%s\"\n  port          = %ld\n  security      = "
		 "\"%s\"\n",
		 domain, c->host, c->port, c->security);
	add_login(d, b);
	if (strchr(d->address, '@'))
		buf_addf(b, "  from          = \"%s\"\n", value(d->address, "YOUR-ADDRESS"));
	buf_adds(b, "}\n");
}

static void add_route(const struct discovery *d, const char *domain, struct buf *b)
{
	const struct fact_candidate *c = d->best->candidate;
	buf_addf(b,
		 "route \"%s\" {\n  senders       = { \"*@%s\" }\n  smarthost     = \"%s:%ld\"\n  security   "
		 "   = \"%s\"\n",
		 domain, domain, c->host, c->port, c->security);
	add_login(d, b);
	add_limits(provider_of(d), b);
	buf_adds(b, "}\n");
}

const char *discovery_config(const struct discovery *d)
{
	const char *at = strrchr(d->address, '@');
	const char *domain = value(at ? at + 1 : d->address, "YOUR-DOMAIN");
	CLEANUP(buf_clear) struct buf b = { 0 };
	if (!d->best || (!d->found && d->best->outcome != OUTCOME_LOGIN_REFUSED &&
			 d->best->outcome != OUTCOME_LOGIN_PUT_OFF))
		return "";
	add_profile(d, domain, &b);
	add_route(d, domain, &b);
	struct str s = buf_str(&b);
	return arena_dup(d->arena, s.p, s.len);
}
