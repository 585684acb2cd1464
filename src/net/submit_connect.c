/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the server: its addresses, a connection, TLS. */
#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "net/submit_inner.h"

static bool is_numeric(const char *host)
{
	unsigned char b[16];
	return inet_pton(AF_INET, host, b) == 1 || inet_pton(AF_INET6, host, b) == 1;
}

static void add_answers(const struct dns_answer *answer, struct arena *a, struct strlist *out)
{
	for (size_t i = 0; answer && i < answer->records.n && out->n < SUBMIT_ADDRESSES_MAX; i++)
		strlist_add(out, a, answer->records.v[i]);
}

static bool look_up(struct submitting *x, struct strlist *out)
{
	const struct submit *s = x->s;
	if (is_numeric(s->host)) {
		strlist_add(out, x->a, s->host);
		return true;
	}
	submit_tell(x, "dns", s->host);
	struct dns_question *six = dns_ask(x->dns, s->host, "AAAA", 0, NULL);
	struct dns_question *four = dns_ask(x->dns, s->host, "A", 0, NULL);
	const struct dns_answer *v4 = dns_wait(x->dns, four, s->until_ms);
	add_answers(dns_wait(x->dns, six, s->until_ms), x->a, out);
	add_answers(v4, x->a, out);
	if (out->n)
		return true;
	return submit_broken(x, "dns",
			     arena_printf(x->a, "could not resolve host %s: %s", s->host,
					  v4 ? dns_status_name(v4->status) : "no answer"));
}

static struct session *open_one(struct submitting *x, const char *address)
{
	const struct submit *s = x->s;
	const struct session_options o = {
		.address = address,
		.port = s->port,
		.security = s->security,
		.offer = { .sni = is_numeric(s->host) ? NULL : s->host },
		.connect_ms = SUBMIT_CONNECT_MS,
		.until_ms = s->until_ms,
	};
	submit_tell(x, "connect", address);
	return session_open(x->loop, &o);
}

bool submit_connect(struct submitting *x)
{
	struct strlist addresses = { 0 };
	const char *words = "";
	if (!look_up(x, &addresses))
		return false;
	for (size_t i = 0; i < addresses.n; i++) {
		x->session = open_one(x, addresses.v[i]);
		x->out->address = addresses.v[i];
		enum session_event ev = session_wait(x->session, x->s->until_ms);
		if (ev == SESSION_CONNECTED)
			return true;
		int no = session_errno(x->session);
		words = arena_printf(x->a, "could not connect to host %s, port %u: %s", x->s->host,
				     x->s->port,
				     no && ev != SESSION_TIMEOUT ? strerror(no) : "Connection timed out");
		session_free(&x->session);
	}
	return submit_broken(x, "connect", words);
}

static const char *why_not_trusted(const struct tls_verdict *v)
{
	if (v->nerrors)
		return v->errors[0].words;
	return v->name_matches ? "it is not trusted" : "hostname mismatch";
}

/* Strict, as everywhere: what is not trusted is left at once. */
static bool judge(struct submitting *x, const struct tls_report *r)
{
	x->out->tls = arena_strdup(x->a, r->version);
	if (x->s->any_certificate)
		return true;
	struct tls_verdict v = tls_verify(x->s->trust, r->chain, r->nchain, NULL, 0, x->s->host,
					  (long long)time(NULL), x->a);
	x->trusted = v.trusted && v.name_matches;
	return x->trusted || submit_broken(x, "tls-cert",
					   arena_printf(x->a, "the certificate of %s cannot be trusted: %s",
							x->s->host, why_not_trusted(&v)));
}

bool submit_tls(struct submitting *x)
{
	submit_tell(x, "starttls", x->s->host);
	enum session_event ev = session_wait(x->session, x->s->until_ms);
	const struct tls_report *r = session_tls(x->session);
	if (ev == SESSION_TLS_ENDED && r && r->result == TLS_OK)
		return judge(x, r);
	const char *how = !r                         ? "no answer"
			  : r->result == TLS_NOT_TLS ? "wrong version number"
						     : tls_result_name(r->result);
	return submit_broken(x, x->s->security == SESSION_TLS ? "tls-cert" : "starttls",
			     arena_printf(x->a, "TLS handshake with %s failed: %s%s%s", x->s->host, how,
					  r && r->reason && *r->reason ? ", " : "",
					  r && r->reason ? r->reason : ""));
}
