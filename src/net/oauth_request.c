/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "net/form.h"
#include "net/oauth.h"

/* What providers are known to want, by the catalogue's names.  A "%s" in the URL is the tenant's place. */
static const struct {
	const char *provider;
	const char *url;
	const char *tenant;        /* where none is given: NULL demands one for client credentials */
	const char *scope;         /* client credentials; NULL: the provider has no such flow for mail */
	const char *refresh_scope; /* "": none is needed */
} known[] = {
	{ "microsoft365", "https://login.microsoftonline.com/%s/oauth2/v2.0/token", NULL,
	  "https://outlook.office365.com/.default", "https://outlook.office.com/SMTP.Send offline_access" },
	{ "outlook", "https://login.microsoftonline.com/%s/oauth2/v2.0/token", "consumers", NULL,
	  "https://outlook.office.com/SMTP.Send offline_access" },
	{ "microsoft-graph", "https://login.microsoftonline.com/%s/oauth2/v2.0/token", NULL,
	  "https://graph.microsoft.com/.default", "https://graph.microsoft.com/Mail.Send offline_access" },
	{ "gmail-api", "https://oauth2.googleapis.com/token", "", NULL, "" },
	{ "google", "https://oauth2.googleapis.com/token", "", NULL, "" },
};

static const char any_tenant[] = "organizations"; /* Microsoft's word for "whichever the token is from" */

static bool given(const char *s)
{
	return s && *s;
}

static size_t provider_row(const struct oauth_options *o)
{
	size_t i = 0;
	while (i < ARRAY_LEN(known) && (!o->provider || strcmp(o->provider, known[i].provider) != 0))
		i++;
	return i;
}

static bool refreshes(const struct oauth_options *o)
{
	return given(o->refresh_token);
}

const char *oauth_flow(const struct oauth_options *o)
{
	return refreshes(o) ? "refresh-token" : "client-credentials";
}

const char *oauth_scope(const struct oauth_options *o)
{
	size_t i = provider_row(o);
	if (given(o->scope))
		return o->scope;
	if (i == ARRAY_LEN(known))
		return "";
	const char *scope = refreshes(o) ? known[i].refresh_scope : known[i].scope;
	return scope ? scope : "";
}

/* The tenant to ask, "" when one must be given. */
static const char *tenant(const struct oauth_options *o, size_t row)
{
	if (given(o->tenant_id))
		return o->tenant_id;
	if (known[row].tenant)
		return known[row].tenant;
	return refreshes(o) ? any_tenant : "";
}

static bool wants_tenant(const struct oauth_options *o)
{
	size_t i = provider_row(o);
	return !given(o->token_url) && i < ARRAY_LEN(known) && strstr(known[i].url, "%s");
}

const char *oauth_url(const struct oauth_options *o, struct arena *a)
{
	size_t i = provider_row(o);
	if (given(o->token_url))
		return arena_strdup(a, o->token_url);
	if (i == ARRAY_LEN(known))
		return "";
	const char *place = strstr(known[i].url, "%s");
	if (!place)
		return known[i].url;
	if (!*tenant(o, i))
		return "";
	return arena_printf(a, "%.*s%s%s", (int)(place - known[i].url), known[i].url, tenant(o, i),
			    place + 2);
}

void oauth_missing(const struct oauth_options *o, struct arena *a, struct strlist *out)
{
	size_t i = provider_row(o);
	bool row = i < ARRAY_LEN(known), custom = given(o->token_url);
	if (!custom && !row)
		strlist_add(out, a, "token-url");
	if (!given(o->client_id))
		strlist_add(out, a, "client-id");
	if (wants_tenant(o) && !*tenant(o, i))
		strlist_add(out, a, "tenant-id");
	if (!refreshes(o) && row && !custom && !known[i].scope)
		strlist_add(out, a, "refresh-token");
	else if (!refreshes(o) && !given(o->client_secret))
		strlist_add(out, a, "client-secret"); /* a public client refreshes without one */
}

static bool nothing_missing(const struct oauth_options *o, struct arena *a, struct err *e)
{
	struct strlist missing = { 0 };
	oauth_missing(o, a, &missing);
	if (!missing.n)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "ask for a token", "without %s", strlist_join(&missing, a, ", "));
	return err_detail(e, "the administrator who registered the application has the values");
}

/* A tenant is a GUID or a domain; anything else would change the URL. */
static bool tenant_is_usable(const struct oauth_options *o, struct err *e)
{
	static const char usable[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	if (!wants_tenant(o) || !given(o->tenant_id) || !o->tenant_id[strspn(o->tenant_id, usable)])
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "ask for a token",
		 "of this tenant: it holds a blank, slash or other character");
	return err_detail(e, "a tenant id is a GUID or a domain name");
}

bool oauth_request_form(const struct oauth_options *o, struct arena *a, const char **url, struct buf *form,
			struct err *e)
{
	if (!nothing_missing(o, a, e) || !tenant_is_usable(o, e))
		return false;
	const char *to = oauth_url(o, a);
	if (!z_istarts(to, "https://") && !z_istarts(to, "http://"))
		return ERR_FILL(e, ERR_USAGE, 0, "ask for a token", "at \"%s\": it is no https:// address",
				to);
	form_add_field(form, "grant_type", refreshes(o) ? "refresh_token" : "client_credentials");
	form_add_field(form, "client_id", o->client_id);
	form_add_field(form, "client_secret", o->client_secret);
	form_add_field(form, "refresh_token", o->refresh_token);
	form_add_field(form, "scope", oauth_scope(o));
	*url = to;
	return true;
}
