/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the places of the catalogue's sentences when only a text is known. */
#include <string.h>

#include "catalog/fill.h"
#include "catalog/provider.h"
#include "catalog/token_note.h"
#include "explain/explain.h"

enum { QUOTED_MAX = 80 };

/* The provider's usual submission server stands for a host that was not told. */
static const struct provider_server *usual_server(const struct explanation *x)
{
	const struct provider *p = *x->host ? provider_by_host(x->host) : provider_by_name(x->provider);
	return p && p->nservers ? &p->servers[0] : NULL;
}

static const char *security_of(const struct explanation *x)
{
	const struct provider_server *s = usual_server(x);
	if (x->port)
		return x->port == 465 ? "tls" : x->port == 587 ? "starttls" : "auto";
	return s ? s->security : "";
}

/* What is true today of an advice that is not (explain-obsolete-or-wrong-advice). */
static const char *claim_of(const char *text)
{
	static const struct {
		const char *word, *claim;
	} claims[] = {
		{ "less secure", "Google has ended the switch for less secure apps" },
		{ "465", "Microsoft 365 offers no port 465, only 587 with STARTTLS" },
		{ "250", "250 means that the server accepted the command" },
		{ "step", "App passwords exist only where two-step sign-in is on" },
		{ "factor", "App passwords exist only where two-step sign-in is on" },
		{ "2fa", "App passwords exist only where two-step sign-in is on" },
		{ "mfa", "App passwords exist only where two-step sign-in is on" },
		{ "cn", "The common name of a certificate is not looked at any more" },
		{ "common name", "The common name of a certificate is not looked at any more" },
		{ "certificate", "Without the check anybody between could read the password" },
		{ "verif", "Without the check anybody between could read the password" },
	};
	for (size_t i = 0; i < ARRAY_LEN(claims); i++)
		if (z_ihas(text, claims[i].word))
			return claims[i].claim;
	return "";
}

/* Where mail goes is the recipient's domain's business; who may send, the sender's. */
static bool is_about_recipient(const struct finding_entry *e)
{
	static const char *const others[] = { "rs-destination-not-responding", "ph-delayed", "ph-expired",
					      "rcpt-requiretls-unmet", "rcpt-not-whitelisted-google" };
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (z_eq(e->id, others[i]))
			return true;
	return e->step == STEP_DNS || z_istarts(e->id, "dp-mta-sts-") || z_istarts(e->id, "dp-dane-") ||
	       z_eq(e->class, "mail-loop");
}

/* Of the note a server wrote when it refused a token; "" there is none. */
static const char *noted(const struct explanation *x, struct arena *a, bool scope)
{
	struct token_note n;
	if (!token_note_find(a, str_of(x->text), &n))
		return "";
	return scope ? n.scope : token_note_reason(&n);
}

static bool is_not_owned(const struct explanation *x)
{
	return z_eq(x->meanings[0].entry->class, "sender-not-owned");
}

/* Refused because it is another's than the login's: the line From may show another address than the envelope
 * has, and the login's own is never meant. */
static const char *sender_of(const struct explanation *x)
{
	if (!is_not_owned(x))
		return x->sender;
	const char *shown = *x->author ? x->author : x->sender;
	return str_ieq(str_of(shown), x->user) ? "" : shown;
}

static const char *user_of(const struct explanation *x)
{
	bool guess = !*x->user && x->user_is_sender && !is_not_owned(x);
	return guess ? x->sender : x->user;
}

/* Places that stand for what was seen as it is; NULL: another one. */
static const char *seen_value(const struct explanation *x, struct str name)
{
	const struct {
		const char *name, *value;
	} seen[] = {
		{ "provider", x->provider_title },
		{ "from", sender_of(x) },
		{ "to", x->recipient },
		{ "ip", x->client },
		{ "address", x->address },
		{ "reply", x->text },
		{ "user", user_of(x) },
	};
	for (size_t i = 0; i < ARRAY_LEN(seen); i++)
		if (str_eq(name, seen[i].name))
			return seen[i].value;
	return NULL;
}

/* What the text itself says of a claim, or of an error that is many. */
static const char *quoted_value(const struct explanation *x, struct str name, struct arena *a)
{
	const char *id = x->meanings[0].entry->id;
	if (str_eq(name, "claim") && z_eq(id, "explain-obsolete-or-wrong-advice"))
		return claim_of(x->text);
	if (str_eq(name, "value") && z_eq(id, "explain-conflated-app-error") && strlen(x->text) <= QUOTED_MAX)
		return arena_printf(a, "\"%s\"", x->text);
	return "";
}

static const char *explain_value(const void *source, struct str name, struct arena *a)
{
	const struct explanation *x = source;
	const struct provider_server *s = usual_server(x);
	const char *seen = seen_value(x, name);
	if (seen)
		return seen;
	if (str_eq(name, "host"))
		return *x->host || !s ? x->host : s->host;
	if (str_eq(name, "port"))
		return x->port ? arena_printf(a, "%u", x->port) : s ? arena_printf(a, "%u", s->port) : "";
	if (str_eq(name, "security"))
		return security_of(x);
	if (str_eq(name, "domain"))
		return z_domain(is_about_recipient(x->meanings[0].entry) ? x->recipient : x->sender);
	if (str_eq(name, "expected") || str_eq(name, "problem"))
		return noted(x, a, str_eq(name, "expected"));
	return quoted_value(x, name, a);
}

const char *explain_fill(struct arena *a, const struct explanation *x, const char *sentence)
{
	return fill_sentence(a, sentence, explain_value, x);
}

const char *explain_fill_command(struct arena *a, const struct explanation *x, const char *command)
{
	return fill_command(a, command, explain_value, x);
}
