/* SPDX-License-Identifier: Apache-2.0 */
/* The OAuth token of a check: from a file, or from a token endpoint.
 *
 * The fetch is started as soon as the provider is known and waited for only at
 * the login, so that it costs no time beside the way there; with a refresh token at
 * once (probe_refresh.c).  Where no token is to be had no login is tried. */
#include <string.h>

#include "base/text_time.h"
#include "check/probe.h"
#include "net/oauth.h"
#include "smtp/sasl.h"

static bool wishes_oauth(const struct check_request *r)
{
	return sasl_mechanism_is_oauth(sasl_mechanism_of(str_of(r->auth)));
}

/* A token given as it is.  With an OAuth mechanism named and nothing else, the
 * password is one (as other tools have it). */
static const char *given_token(const struct check_request *r)
{
	if (r->token)
		return r->token;
	return wishes_oauth(r) && !r->oauth ? r->password : NULL;
}

bool probe_wants_token(const struct probe *p)
{
	const struct check_request *r = p->req;
	if (r->until == UNTIL_CONNECT || r->until == UNTIL_TLS)
		return false;
	return wishes_oauth(r) || (!strcmp(r->auth, "auto") && (r->token || r->oauth));
}

static const char *target_provider(const struct probe *p)
{
	for (const struct fact *f = NULL; (f = evidence_next(p->ev, FACT_PROVIDER, f));)
		if (!strcmp(f->provider.subject, "target"))
			return f->provider.name;
	return "";
}

static struct oauth_options options_of(const struct probe *p)
{
	const struct check_request *r = p->req;
	return (struct oauth_options){
		.client_id = r->client_id,
		.tenant_id = r->tenant_id,
		.client_secret = r->client_secret,
		.refresh_token = r->refresh_token,
		.token_url = r->token_url,
		.scope = r->scope,
		.provider = target_provider(p),
		.ca_file = r->ca_file,
	};
}

static struct fact *record_settings(struct probe *p, const struct oauth_options *o, const char *flow)
{
	struct fact *f = probe_fact(p, FACT_OAUTH, 0);
	f->oauth.client_id = probe_text(p, o->client_id);
	f->oauth.tenant_id = probe_text(p, o->tenant_id);
	f->oauth.token_url = probe_text(p, oauth_url(o, p->ev->arena));
	f->oauth.scope = probe_text(p, oauth_scope(o));
	f->oauth.flow = flow;
	if (strcmp(flow, "token-file") != 0)
		oauth_missing(o, p->ev->arena, &f->oauth.missing);
	if (!*p->target->target.user)
		strlist_add(&f->oauth.missing, p->ev->arena, "user");
	return f;
}

static const char *time_words(struct probe *p, long long unix_s)
{
	char text[TEXT_TIME_BYTES];
	return unix_s ? probe_text(p, text_time(unix_s, text)) : "";
}

static void record_claims(struct probe *p, struct str token, const char *source)
{
	struct token_claims c;
	token_claims_read(token, p->ev->arena, &c);
	struct fact *f = probe_fact(p, FACT_TOKEN, 0);
	f->token.form = c.form;
	f->token.audience = probe_text(p, c.audience);
	f->token.scope = probe_text(p, c.scope);
	for (size_t i = 0; i < c.roles.n; i++)
		strlist_add(&f->token.roles, p->ev->arena, probe_text(p, c.roles.v[i]));
	f->token.user = probe_text(p, c.user);
	f->token.tenant = probe_text(p, c.tenant);
	f->token.app = probe_text(p, c.app);
	f->token.issuer = probe_text(p, c.issuer);
	f->token.issued = time_words(p, c.issued);
	f->token.expires = time_words(p, c.expires);
	f->token.delegated = c.delegated;
	f->token.source = source;
	f->token.refresh = p->refresh ? p->refresh : "";
	f->token.refresh_error = z_eq(f->token.refresh, "lost") ? p->refresh_error : "";
	f->token.at = time_words(p, probe_now_s(p));
	probe_tell(p, f);
}

static void take_token(struct probe *p, struct str token, const char *source)
{
	p->token = mem_dup(token.p, token.len);
	evidence_hide(p->ev, p->token);
	record_claims(p, token, source);
}

/* In clear only to this very machine: a client secret is in the form.  The host is
 * read to its end: "http://127.0.0.1.example.net" is elsewhere. */
static bool is_local_url(const char *url)
{
	static const char *const local[] = { "http://127.", "http://localhost", "http://[::1]" };
	for (size_t i = 0; i < ARRAY_LEN(local); i++) {
		if (!z_istarts(url, local[i]))
			continue;
		const char *rest = url + strlen(local[i]);
		rest += i == 0 ? strspn(rest, "0123456789.") : 0;
		return strchr(":/", *rest) && !strchr(url, '@');
	}
	return false;
}

static bool usable(struct probe *p, struct fact *f, const struct oauth_options *o, const char **url,
		   struct buf *form)
{
	struct err e = { 0 };
	char text[400];
	if (f->oauth.missing.n)
		return false;
	if (oauth_request_form(o, p->ev->arena, url, form, &e) &&
	    (z_istarts(*url, "https://") || is_local_url(*url)))
		return buf_add(form, "", 1);
	bool tenant = e.doing && z_ihas(e.what, "tenant");
	strlist_add(&f->oauth.missing, p->ev->arena, tenant ? "tenant-id" : "token-url");
	probe_skip(p, "oauth",
		   e.doing ? err_text(&e, text, sizeof(text))
			   : "the token address does not begin with https://, and the secret would go out "
			     "readable");
	return false;
}

static struct fact *record_http(struct probe *p, const struct http_answer *a)
{
	long long at;
	struct fact *f = probe_fact(p, FACT_HTTP, 0);
	f->http.purpose = "token";
	f->http.url = probe_text(p, p->token_url);
	f->http.result = a ? http_result_name(a->result) : "timeout";
	if (!a)
		return f;
	f->http.status = a->status;
	f->http.error = probe_text(p, a->error);
	f->http.content_type = probe_text(p, a->content_type);
	f->http.date = text_mail_date_read(str_of(a->date), &at) ? time_words(p, at) : "";
	f->http.elapsed_ms = a->elapsed_ms;
	return f;
}

/* The refresh token is not to be had: nothing went out, and the service is not to blame. */
static void not_asked(struct probe *p, const char *why)
{
	struct fact *f = record_http(p, NULL);
	f->http.result = "not-asked";
	f->http.error = why;
	probe_tell(p, f);
	p->token_failed = true;
}

static void ask(struct probe *p, const struct oauth_options *o, const struct buf *form)
{
	bool refreshes = o->refresh_token && *o->refresh_token;
	struct http_options h = {
		.url = p->token_url,
		.form = buf_str(form).p,
		.ca_file = o->ca_file,
		.allow_http = is_local_url(p->token_url),
		.see_out = refreshes,
		.timeout_ms = probe_at_most(p, HTTP_TIMEOUT_MS),
	};
	p->token_request = http_start(p->loop, p->dns, &h);
	if (refreshes)
		probe_refresh_keep(p, o->refresh_token);
}

void probe_token_start(struct probe *p)
{
	if (!probe_wants_token(p))
		return;
	struct oauth_options o = options_of(p);
	const char *token = given_token(p->req), *url, *why = "";
	struct fact *f = record_settings(p, &o, token ? "token-file" : oauth_flow(&o));
	CLEANUP(buf_wipe) struct buf form = { 0 };
	if (token) {
		probe_tell(p, f);
		take_token(p, str_of(token), "token-file");
		return;
	}
	bool locked = f->oauth.missing.n || probe_refresh_take(p, &o, &why);
	bool sound = usable(p, f, &o, &url, &form);
	probe_tell(p, f);
	p->token_flow = f->oauth.flow;
	p->token_url = sound ? url : "";
	if (sound && locked)
		ask(p, &o, &form);
	else if (sound)
		not_asked(p, why);
	probe_refresh_leave(p);
}

static void record_clock(struct probe *p, const char *date)
{
	long long theirs, ours = probe_now_s(p);
	if (!text_mail_date_read(str_of(date), &theirs))
		return;
	struct fact *f = probe_fact(p, FACT_CLOCK, 0);
	f->clock.source = "http";
	f->clock.theirs = time_words(p, theirs);
	f->clock.ours = time_words(p, ours);
	f->clock.skew_s = (long)(ours - theirs);
	probe_tell(p, f);
}

static void finish(struct probe *p)
{
	struct oauth_answer answer = { .error = "", .description = "" };
	const struct http_answer *a = http_wait(p->token_request, probe_within(p, HTTP_TIMEOUT_MS));
	struct fact *f = record_http(p, a);
	bool read = a && a->result == HTTP_OK && oauth_answer_read(a->body, p->ev->arena, &answer);
	if (read) {
		f->http.oauth_error = probe_text(p, answer.error);
		f->http.oauth_text = probe_text(p, answer.description);
	}
	probe_tell(p, f);
	if (a)
		record_clock(p, a->date);
	if (read && buf_waiting(&answer.token))
		take_token(p, buf_str(&answer.token), p->token_flow);
	oauth_answer_wipe(&answer);
	http_free(&p->token_request);
}

bool probe_token(struct probe *p)
{
	if (p->token_request)
		finish(p);
	return p->token != NULL;
}
