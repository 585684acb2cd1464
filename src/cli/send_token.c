/* SPDX-License-Identifier: Apache-2.0 */
/* An access token by the settings of a profile. */
#include <errno.h>
#include <string.h>

#include "catalog/provider.h"
#include "cli/check_token.h"
#include "cli/secret.h"
#include "cli/send.h"
#include "net/oauth_kept.h"

struct asking {
	struct oauth_options o;
	char *client_secret, *refresh_token;
	struct oauth_kept *kept; /* where the newest is kept, locked; NULL: nowhere */
	struct buf newest;
	struct err closed; /* why nowhere */
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

/* The configured one is the newest only where none was kept; who shows an old one counts as a thief. */
static bool may_go_on(const struct asking *x, const char *folder, const char *name, struct err *e)
{
	if (x->kept || (x->closed.kind != ERR_LIMIT && oauth_kept_is_none(folder, name)))
		return true;
	*e = x->closed;
	if (e->kind == ERR_SYS && e->code == EACCES)
		err_detail(e, "there may be a newer one: run it as who runs the relay, or send by the "
			      "relay (--via queue)");
	return false;
}

/* The relay or a check may have been given a newer one: that is shown, by one at a time.  A folder that is
 * not there, or takes nothing, is told when another token comes. */
static bool take_newest(struct asking *x, struct net_loop *l, const struct config *c, uint64_t until_ms,
			struct err *e)
{
	char name[OAUTH_KEPT_NAME_BYTES];
	if (!x->refresh_token || !*x->refresh_token)
		return true;
	const char *folder = arena_printf(x->a, "%s/tokens", config_folder_made(c, x->a));
	oauth_kept_name(&x->o, name);
	x->kept = oauth_kept_take(l, folder, name, until_ms, &x->closed);
	if (!may_go_on(x, folder, name, e) || (x->kept && !oauth_kept_read(x->kept, &x->newest, e)))
		return false;
	if (buf_waiting(&x->newest))
		x->o.refresh_token = buf_str(&x->newest).p;
	return true;
}

/* "The client MUST discard the old refresh token and replace it with the new" (RFC 6749, 6). */
static void keep_renewed(const struct asking *x, const struct oauth_answer *answer)
{
	char text[400];
	struct err e = x->closed;
	struct str fresh = buf_str(&answer->refresh);
	if (x->refresh_token && fresh.len && !str_eq(fresh, x->o.refresh_token) &&
	    !(x->kept && oauth_kept_keep(x->kept, fresh, &e)))
		check_token_lost(err_text(&e, text, sizeof(text)));
}

static char *read_answer(const struct asking *asked, const struct http_answer *a, const char *url,
			 struct err *e)
{
	struct oauth_answer x = { .error = "", .description = "" };
	bool read = a && a->result == HTTP_OK && oauth_answer_read(a->body, asked->a, &x);
	char *token = read && buf_waiting(&x.token) ? mem_dup(x.token.data, x.token.len) : NULL;
	keep_renewed(asked, &x);
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
					.allow_http = z_istarts(url, "http://"),
					.see_out = x->refresh_token != NULL };
	CLEANUP(http_free) struct http_request *q = http_start(l, d, &h);
	return read_answer(x, http_wait(q, until_ms), url, e);
}

char *send_token(struct net_loop *l, struct dns *d, const struct config *c, const struct config_profile *p,
		 uint64_t until_ms, struct err *e)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct asking x = { .a = a };
	const char *ca = config_text(c, "ca-file");
	bool ready = fill(&x, p, given(ca), e) && take_newest(&x, l, c, until_ms, e);
	char *token = ready ? ask(&x, l, d, until_ms, e) : NULL;
	oauth_kept_leave(&x.kept);
	buf_wipe(&x.newest);
	wipe(&x.client_secret);
	wipe(&x.refresh_token);
	return token;
}
