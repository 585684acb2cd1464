/* SPDX-License-Identifier: Apache-2.0 */
/* An access token by the settings of a profile. */
#include <stdio.h>
#include <string.h>

#include "catalog/provider.h"
#include "cli/secret.h"
#include "cli/send.h"
#include "net/oauth.h"

struct asking {
	struct oauth_options o;
	char *client_secret, *refresh_token;
	const char *refresh_token_file;
	struct arena *a;
};

static void wipe(char **secret)
{
	if (*secret)
		mem_wipe(*secret, strlen(*secret));
	mem_free(secret);
}

static const char *given(const char *s)
{
	return s && *s ? s : NULL;
}

static bool fill(struct asking *x, const struct config_profile *p, const char *ca_file, struct err *e)
{
	const struct provider *at = provider_by_host(p->host);
	if (*p->oauth.client_secret_file &&
	    !secret_read_file(p->oauth.client_secret_file, &x->client_secret, e))
		return false;
	if (*p->oauth.refresh_token_file &&
	    !secret_read_file(p->oauth.refresh_token_file, &x->refresh_token, e))
		return false;
	x->refresh_token_file = p->oauth.refresh_token_file;
	x->o = (struct oauth_options){ .client_id = given(p->oauth.client_id),
				       .tenant_id = given(p->oauth.tenant_id),
				       .client_secret = x->client_secret,
				       .refresh_token = x->refresh_token,
				       .token_url = given(p->oauth.token_url),
				       .scope = given(p->oauth.scope),
				       .provider = at ? at->name : "",
				       .ca_file = ca_file };
	struct strlist missing = { 0 };
	oauth_missing(&x->o, x->a, &missing);
	if (!missing.n)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "ask for an access token by", "profile \"%s\"", p->name);
	return err_detail(e, "it lacks %s", strlist_join(&missing, x->a, ", "));
}

/* A client secret goes out in clear to this very machine only. */
static bool is_safe(const char *url)
{
	return z_istarts(url, "https://") || z_istarts(url, "http://127.0.0.1:") ||
	       z_istarts(url, "http://127.0.0.1/") || z_istarts(url, "http://[::1]:") ||
	       z_istarts(url, "http://[::1]/");
}

/* Only the relay has a place for it; the next who shows the old one may be refused. */
static void say_renewed(const struct asking *x, const struct oauth_answer *answer)
{
	struct str fresh = buf_str(&answer->refresh);
	if (x->refresh_token && fresh.len && !str_eq(fresh, x->refresh_token))
		fprintf(stderr,
			"postrider: note: the sign-in service gave another refresh token than that in %s.  "
			"Only "
			"the relay keeps such a one: where the old one ends now, sign in anew for this file, "
			"and "
			"send by the relay (postrider send --via queue)\n",
			x->refresh_token_file);
}

static char *read_answer(const struct asking *asked, const struct http_answer *a, const char *url,
			 struct err *e)
{
	struct oauth_answer x = { .error = "", .description = "" };
	bool read = a && a->result == HTTP_OK && oauth_answer_read(a->body, asked->a, &x);
	char *token = read && buf_waiting(&x.token) ? mem_dup(x.token.data, x.token.len) : NULL;
	say_renewed(asked, &x);
	oauth_answer_wipe(&x);
	if (token)
		return token;
	ERR_FILL(e, ERR_HTTP, 0, "get an access token from", "%s", url);
	err_detail(e, "%s",
		   read && *x.description ? x.description
		   : read                 ? x.error
		   : a && *a->error       ? a->error
					  : "no answer that could be understood");
	return NULL;
}

static char *ask(struct asking *x, struct net_loop *l, struct dns *d, uint64_t until_ms, struct err *e)
{
	CLEANUP(buf_wipe) struct buf form = { 0 };
	const char *url;
	if (!oauth_request_form(&x->o, x->a, &url, &form, e))
		return NULL;
	if (!is_safe(url)) {
		ERR_FILL(e, ERR_USAGE, 0, "ask for an access token at", "%s", url);
		err_detail(e, "it does not begin with https://, and the secret would go out readable");
		return NULL;
	}
	buf_add(&form, "", 1);
	const struct http_options h = { .url = url,
					.form = form.data,
					.ca_file = x->o.ca_file,
					.allow_http = z_istarts(url, "http://") };
	CLEANUP(http_free) struct http_request *q = http_start(l, d, &h);
	return read_answer(x, http_wait(q, until_ms), url, e);
}

char *send_token(struct net_loop *l, struct dns *d, const struct config_profile *p, const char *ca_file,
		 uint64_t until_ms, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct asking x = { .a = a };
	char *token = fill(&x, p, ca_file, e) ? ask(&x, l, d, until_ms, e) : NULL;
	wipe(&x.client_secret);
	wipe(&x.refresh_token);
	return token;
}
