/* SPDX-License-Identifier: Apache-2.0 */
#include "net/maildrop.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/maildrop_inner.h"
#include "net/watch.h"

enum { ADDRESSES_MAX = 8 };

static const char *const result_names[MAILDROP_RESULTS] = {
	[MAILDROP_OK] = "ok",           [MAILDROP_DNS] = "dns",
	[MAILDROP_CONNECT] = "connect", [MAILDROP_TIMED_OUT] = "timeout",
	[MAILDROP_TLS_FAILED] = "tls",  [MAILDROP_CERTIFICATE] = "certificate",
	[MAILDROP_LOGIN] = "login",     [MAILDROP_REFUSED] = "refused",
	[MAILDROP_FAILED] = "error",
};

const char *maildrop_result_name(enum maildrop_result r)
{
	return result_names[r];
}

const char *maildrop_words(const struct maildrop *m)
{
	return m->words;
}

unsigned long maildrop_validity(const struct maildrop *m)
{
	return m->validity;
}

bool maildrop_folder_fits(const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < n; i++)
		if (name[i] < ' ' || name[i] > '~' || strchr("%*\"\\", name[i]))
			return false;
	return n && n < MAILDROP_URL_MAX / 8;
}

/* ---- making, freeing ---- */

static const char *url_of(const struct maildrop *m)
{
	static const char *const schemes[2][2] = { { "imap", "imaps" }, { "pop3", "pop3s" } };
	static const unsigned ports[2][2] = { { 143, 993 }, { 110, 995 } };
	bool tls = m->o.security == MAILDROP_TLS, six = strchr(m->o.host, ':');
	unsigned port = m->o.port ? m->o.port : ports[m->o.pop3][tls];
	return arena_printf(m->arena, "%s://%s%s%s:%u/", schemes[m->o.pop3][tls], six ? "[" : "", m->o.host,
			    six ? "]" : "", port);
}

struct maildrop *maildrop_new(struct net_loop *l, struct dns *d, const struct maildrop_options *o)
{
	struct arena *a = arena_new();
	struct maildrop *m = mem_alloc(sizeof(*m));
	m->loop = l;
	m->dns = d;
	m->arena = a;
	m->o = *o;
	m->o.host = arena_strdup(a, o->host);
	m->o.user = arena_strdup(a, o->user);
	m->o.folder = arena_strdup(a, o->folder && *o->folder ? o->folder : "INBOX");
	m->o.ca_file = o->ca_file && *o->ca_file ? arena_strdup(a, o->ca_file) : NULL;
	m->o.timeout_ms = o->timeout_ms ? o->timeout_ms : MAILDROP_TIMEOUT_MS;
	m->o.secret = NULL;
	buf_add(&m->secret, o->secret, strlen(o->secret) + 1);
	m->url = url_of(m);
	return m;
}

static void destroy(void *ctx)
{
	struct maildrop *m = ctx;
	buf_wipe(&m->secret);
	buf_clear(&m->call.answer);
	arena_free(&m->arena);
	free(m);
}

void maildrop_free(struct maildrop **mp)
{
	struct maildrop *m = *mp;
	*mp = NULL;
	if (!m)
		return;
	if (m->busy) {
		m->orphan = true;
		atomic_store(&m->cancelled, true);
	} else if (m->curl) {
		net_work_start(m->loop, maildrop_call_close, destroy, m);
	} else {
		destroy(m);
	}
}

/* ---- a call ---- */

static void on_called(void *ctx)
{
	struct maildrop *m = ctx;
	m->busy = false;
	if (m->orphan)
		net_work_start(m->loop, maildrop_call_close, destroy, m);
}

static bool is_idle(void *ctx)
{
	return !((struct maildrop *)ctx)->busy;
}

static bool is_numeric(const char *host)
{
	unsigned char b[16];
	return inet_pton(AF_INET, host, b) == 1 || inet_pton(AF_INET6, host, b) == 1;
}

static const char *add_addresses(struct maildrop *m, const char *list, const struct dns_answer *a)
{
	for (size_t i = 0; a && i < a->records.n && i < ADDRESSES_MAX; i++) {
		bool six = strchr(a->records.v[i], ':');
		list = arena_printf(m->arena, "%s%s%s%s%s", list, *list ? "," : "", six ? "[" : "",
				    a->records.v[i], six ? "]" : "");
	}
	return list;
}

/* Our own resolver's answer is pinned: libcurl asks nobody. */
static bool resolve(struct maildrop *m)
{
	if (m->resolved || is_numeric(m->o.host))
		return true;
	uint64_t until = net_loop_now_ms(m->loop) + m->o.timeout_ms;
	struct dns_question *six = dns_ask(m->dns, m->o.host, "AAAA", 0, NULL);
	struct dns_question *four = dns_ask(m->dns, m->o.host, "A", 0, NULL);
	const struct dns_answer *v4 = dns_wait(m->dns, four, until);
	const char *list = add_addresses(m, "", v4);
	list = add_addresses(m, list, dns_wait(m->dns, six, until));
	snprintf(m->words, sizeof(m->words), "%s: %s", m->o.host,
		 v4 ? dns_status_name(v4->status) : "no answer");
	if (!*list)
		return false;
	const char *port = strrchr(m->url, ':') + 1;
	m->pin = arena_printf(m->arena, "%s:%lu:%s", m->o.host, strtoul(port, NULL, 10), list);
	return m->resolved = true;
}

enum maildrop_result maildrop_call(struct maildrop *m, struct buf *out)
{
	if (!resolve(m))
		return MAILDROP_DNS;
	m->busy = true;
	net_work_start(m->loop, maildrop_call_run, on_called, m);
	uint64_t most = m->o.timeout_ms + MAILDROP_TIMEOUT_MS; /* libcurl's own limit comes first */
	if (!net_loop_wait(m->loop, is_idle, m, net_loop_now_ms(m->loop) + most))
		return MAILDROP_TIMED_OUT; /* the loop ends: whoever frees us leaves it to the thread */
	struct str answer = buf_str(&m->call.answer);
	if (out && m->call.result == MAILDROP_OK)
		buf_add(out, answer.p, answer.len);
	return m->call.result;
}

void maildrop_add_encoded(char *out, size_t room, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t n = strlen(out);
	for (; *s && n + 4 < room; s++)
		n += (size_t)snprintf(out + n, room - n, strchr(plain, *s) ? "%c" : "%%%02X",
				      (unsigned char)*s);
}

struct maildrop_call *maildrop_begin(struct maildrop *m)
{
	buf_clear(&m->call.answer);
	m->call = (struct maildrop_call){ .most = MAILDROP_ANSWER_MAX };
	if (!m->o.pop3)
		maildrop_add_encoded(m->call.path, sizeof(m->call.path), m->o.folder);
	return &m->call;
}
