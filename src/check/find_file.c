/* SPDX-License-Identifier: Apache-2.0 */
/* Set-up files of a domain, by HTTPS: Mozilla's autoconfig at its two places, and
 * Microsoft's Autodiscover where it answers without a login. */
#include <string.h>

#include "base/buf.h"
#include "check/find.h"
#include "mail/autoconfig.h"

enum { SHOWN_MAX = 2000 }; /* bytes of a file kept as evidence */

struct fetch {
	const char *url;
	struct http_request *request;
};

/* What stands in a query; RFC 3986, 2.3. */
static const char *query_text(struct arena *a, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (const char *c = text; *c; c++)
		if (strchr(plain, *c))
			buf_add(&b, c, 1);
		else
			buf_addf(&b, "%%%02X", (unsigned)(unsigned char)*c);
	struct str s = buf_str(&b);
	return arena_dup(a, s.p, s.len);
}

/* form NULL: a file that is there for everybody. */
static struct http_request *start(struct probe *p, const char *url, const char *form)
{
	static const char *const xml[] = { "Content-Type: text/xml; charset=utf-8", NULL };
	struct http_options o = { .url = url,
				  .form = form,
				  .headers = form ? xml : NULL,
				  .ca_file = p->req->ca_file,
				  .timeout_ms = probe_at_most(p, FIND_FILE_MS) };
	return http_start(p->loop, p->dns, &o);
}

static const char *login_words(const struct autoconfig_server *s, const char *address)
{
	const char *at = strchr(address, '@');
	if (!*s->user)
		return "";
	if (!strcmp(s->user, address))
		return "full-address";
	return at && !strncmp(s->user, address, (size_t)(at - address)) && !s->user[at - address]
		       ? "local-part"
		       : "given";
}

static void add(struct candidates *out, const struct autoconfig_server *s, const char *address,
		struct candidate c)
{
	c.host = s->host;
	c.port = s->port;
	c.login = login_words(s, address);
	c.user = !strcmp(c.login, "given") ? s->user : "";
	if (request_security_of(s->security, &c.security))
		candidates_add(out, c);
}

/* Takes what the file names; false: it is none, or names nobody. */
static bool take(struct probe *p, const struct fetch *x, const char *address, struct candidate like,
		 struct candidates *out)
{
	const struct http_answer *a = http_wait(x->request, probe_within(p, FIND_FILE_MS));
	struct fact *f = probe_record_http(p, "autoconfig", x->url, a, SHOWN_MAX);
	struct autoconfig file = { .problem = "" };
	if (a && a->result == HTTP_OK && a->status == 200) {
		autoconfig_read(p->ev->arena, a->body, address, &file);
		if (file.problem)
			f->http.error = probe_text(p, file.problem);
	}
	probe_tell(p, f);
	for (size_t i = 0; !file.problem && i < file.n; i++)
		add(out, &file.v[i], address, like);
	return !file.problem;
}

void find_in_files(struct probe *p, const char *address, const char *of_domain, enum candidate_source source,
		   const char *vouched, struct candidates *out)
{
	struct arena *a = p->ev->arena;
	const char *query =
		strchr(address, '@') ? arena_printf(a, "?emailaddress=%s", query_text(a, address)) : "";
	struct fetch v[] = {
		{ arena_printf(a, "https://autoconfig.%s/mail/config-v1.1.xml%s", of_domain, query), NULL },
		{ arena_printf(a, "https://%s/.well-known/autoconfig/mail/config-v1.1.xml", of_domain),
		  NULL },
	};
	struct candidate like = { .source = source,
				  .why = arena_printf(a, "the set-up file of %s names it", of_domain),
				  .vouched = vouched };
	bool found = false;
	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		v[i].request = start(p, v[i].url, NULL);
	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		if (!found)
			found = take(p, &v[i], address, like, out);
		http_free(&v[i].request);
	}
}

/* [MS-OXDSCLI] 3.1.5.4: the address is asked with. */
static const char *autodiscover_request(struct arena *a, const char *address)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._+=@";
	if (!strchr(address, '@') || address[strspn(address, plain)])
		return NULL; /* nothing that XML would have to be told */
	return arena_printf(
		a,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		"<Autodiscover "
		"xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006\">"
		"<Request><EMailAddress>%s</EMailAddress><AcceptableResponseSchema>"
		"http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
		"</AcceptableResponseSchema></Request></Autodiscover>",
		address);
}

void find_in_autodiscover(struct probe *p, const char *address, const char *host, struct candidates *out)
{
	struct arena *a = p->ev->arena;
	const char *form = autodiscover_request(a, address);
	struct fetch x = { arena_printf(a, "https://%s/autodiscover/autodiscover.xml", host), NULL };
	struct candidate like = { .source = SOURCE_AUTODISCOVER,
				  .why = arena_printf(a, "the set-up service %s names it", host),
				  .vouched = "https" };
	if (!form)
		return;
	x.request = start(p, x.url, form);
	take(p, &x, address, like, out);
	http_free(&x.request);
}
