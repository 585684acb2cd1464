/* SPDX-License-Identifier: Apache-2.0 */
#include "net/maildrop.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "net/maildrop_inner.h"
#include "net/watch.h"

enum { ADDRESSES_MAX = 8, UIDS_A_CALL = 200, UID_DIGITS = 12, TOP_LINES = 4000 };

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

/* out: where the answer is appended to; NULL: thrown away. */
static enum maildrop_result call(struct maildrop *m, struct buf *out)
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

/* All but letters and digits: libcurl decodes paths and commands. */
static void add_encoded(char *out, size_t room, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t n = strlen(out);
	for (; *s && n + 4 < room; s++)
		n += (size_t)snprintf(out + n, room - n, strchr(plain, *s) ? "%c" : "%%%02X",
				      (unsigned char)*s);
}

static struct maildrop_call *begin(struct maildrop *m)
{
	buf_clear(&m->call.answer);
	m->call = (struct maildrop_call){ .most = MAILDROP_ANSWER_MAX };
	if (!m->o.pop3)
		add_encoded(m->call.path, sizeof(m->call.path), m->o.folder);
	return &m->call;
}

/* ---- looking: IMAP ---- */

static void add_criteria(const struct maildrop *m, const struct maildrop_look *k, char *out, size_t room)
{
	char day[20];
	time_t t = (time_t)k->since_s;
	struct tm tm;
	size_t n = strlen(out);
	if (k->after && k->validity && k->validity == m->validity)
		n += (size_t)snprintf(out + n, room - n, " UID %lu:*", k->after + 1);
	if (k->since_s && gmtime_r(&t, &tm) && strftime(day, sizeof(day), "%d-%b-%Y", &tm))
		n += (size_t)snprintf(out + n, room - n, " SINCE %s", day);
	if (k->message_id && n + 40 < room) {
		strcpy(out + n, " HEADER Message-ID %22");
		add_encoded(out, room - 4, k->message_id);
		strcat(out, "%22");
	}
}

/* Sizes and flags of v[from..to). */
static enum maildrop_result ask_sizes(struct maildrop *m, struct maildrop_mail *v, size_t n)
{
	CLEANUP(buf_clear) struct buf answer = { .max = MAILDROP_ANSWER_MAX };
	struct maildrop_call *c = begin(m);
	size_t at = (size_t)snprintf(c->command, sizeof(c->command), "UID FETCH ");
	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(c->command + at, sizeof(c->command) - at, "%s%lu", i ? "," : "",
				       v[i].number);
	snprintf(c->command + at, sizeof(c->command) - at, " (UID RFC822.SIZE FLAGS)");
	enum maildrop_result r = call(m, &answer);
	if (r == MAILDROP_OK)
		maildrop_read_sizes(buf_str(&answer), v, n);
	return r;
}

_Static_assert(UIDS_A_CALL *UID_DIGITS < MAILDROP_COMMAND_MAX / 2, "a call's UIDs fit");

static enum maildrop_result search(struct maildrop *m, const struct maildrop_look *k, unsigned long *uids,
				   size_t *n)
{
	CLEANUP(buf_clear) struct buf answer = { .max = MAILDROP_ANSWER_MAX };
	struct maildrop_call *c = begin(m);
	snprintf(c->command, sizeof(c->command), "UID SEARCH UNDELETED");
	add_criteria(m, k, c->command, sizeof(c->command));
	enum maildrop_result r = call(m, &answer);
	if (r == MAILDROP_OK)
		*n = maildrop_read_search(buf_str(&answer), uids, MAILDROP_LIST_MAX + 1);
	return r;
}

/* Its UIDVALIDITY is known once the folder is open. */
static enum maildrop_result open_folder(struct maildrop *m)
{
	struct maildrop_call *c = begin(m);
	if (m->validity)
		return MAILDROP_OK;
	snprintf(c->command, sizeof(c->command), "NOOP");
	return call(m, NULL);
}

static int by_number(const void *x, const void *y)
{
	unsigned long a = *(const unsigned long *)x, b = *(const unsigned long *)y;
	return a < b ? -1 : a > b;
}

static enum maildrop_result list_imap(struct maildrop *m, const struct maildrop_look *k, struct arena *a,
				      struct maildrop_list *out)
{
	unsigned long *uids = arena_alloc(a, (MAILDROP_LIST_MAX + 1) * sizeof(*uids));
	size_t n = 0;
	enum maildrop_result r = open_folder(m);
	if (r == MAILDROP_OK)
		r = search(m, k, uids, &n);
	qsort(uids, n, sizeof(*uids), by_number);
	out->v = arena_alloc(a, (n + 1) * sizeof(*out->v));
	out->more = n > MAILDROP_LIST_MAX;
	bool above = k->after && k->validity == m->validity; /* "n:*" has always the last one (RFC 9051, 9) */
	for (size_t i = 0; i < n && out->n < MAILDROP_LIST_MAX; i++)
		if (!above || uids[i] > k->after)
			out->v[out->n++] =
				(struct maildrop_mail){ arena_printf(a, "%lu.%lu", m->validity, uids[i]),
							uids[i], 0, false };
	for (size_t i = 0; r == MAILDROP_OK && i < out->n; i += UIDS_A_CALL)
		r = ask_sizes(m, out->v + i, out->n - i < UIDS_A_CALL ? out->n - i : UIDS_A_CALL);
	return r;
}

/* ---- looking: POP3 ---- */

static enum maildrop_result ask_pop3(struct maildrop *m, const char *command, struct buf *answer)
{
	struct maildrop_call *c = begin(m);
	snprintf(c->command, sizeof(c->command), "%s", command);
	return call(m, answer);
}

static enum maildrop_result list_pop3(struct maildrop *m, struct arena *a, struct maildrop_list *out)
{
	CLEANUP(buf_clear) struct buf sizes = { .max = MAILDROP_ANSWER_MAX };
	CLEANUP(buf_clear) struct buf names = { .max = MAILDROP_ANSWER_MAX };
	out->v = arena_alloc(a, (MAILDROP_LIST_MAX + 1) * sizeof(*out->v));
	enum maildrop_result r = ask_pop3(m, "UIDL", &names);
	if (r == MAILDROP_REFUSED) /* optional (RFC 1939, 7); the refusal cost the connection */
		m->connected = false;
	else if (r != MAILDROP_OK)
		return r;
	r = ask_pop3(m, "LIST", &sizes);
	if (r != MAILDROP_OK)
		return r;
	out->n = maildrop_read_pop3(buf_str(&sizes), false, a, out->v, 0, MAILDROP_LIST_MAX + 1);
	out->more = out->n > MAILDROP_LIST_MAX;
	out->n = out->more ? MAILDROP_LIST_MAX : out->n;
	maildrop_read_pop3(buf_str(&names), true, a, out->v, out->n, out->n);
	return r;
}

enum maildrop_result maildrop_list(struct maildrop *m, const struct maildrop_look *look, struct arena *a,
				   struct maildrop_list *out)
{
	*out = (struct maildrop_list){ 0 };
	return m->o.pop3 ? list_pop3(m, a, out) : list_imap(m, look, a, out);
}

/* ---- one mail ---- */

enum maildrop_result maildrop_fetch(struct maildrop *m, const struct maildrop_mail *mail, size_t most,
				    struct buf *out)
{
	struct maildrop_call *c = begin(m);
	size_t n = strlen(c->path);
	most = most < MAILDROP_FETCH_MAX ? most : MAILDROP_FETCH_MAX;
	c->most = MAILDROP_FETCH_MAX;
	if (!m->o.pop3) {
		snprintf(c->path + n, sizeof(c->path) - n, "/;UID=%lu/;PARTIAL=0.%zu", mail->number, most);
		return call(m, out);
	}
	bool big = mail->bytes > most;
	if (big)
		snprintf(c->command, sizeof(c->command), "TOP");
	snprintf(c->path, sizeof(c->path), big ? "%lu%%20%d" : "%lu", mail->number, TOP_LINES);
	return call(m, out);
}

/* An IMAP command about one mail: "UID STORE N +FLAGS.SILENT (\Seen)". */
static enum maildrop_result about(struct maildrop *m, const char *verb, const struct maildrop_mail *mail,
				  const char *rest)
{
	struct maildrop_call *c = begin(m);
	snprintf(c->command, sizeof(c->command), "UID %s %lu%s", verb, mail->number, rest);
	return call(m, NULL);
}

enum maildrop_result maildrop_delete(struct maildrop *m, const struct maildrop_mail *mail)
{
	struct maildrop_call *c = begin(m);
	if (!m->o.pop3) {
		enum maildrop_result r = about(m, "STORE", mail, " +FLAGS.SILENT (%5CDeleted)");
		/* Only this one, never what others have marked (RFC 4315); without that it stays marked. */
		if (r == MAILDROP_OK)
			r = about(m, "EXPUNGE", mail, "");
		return r == MAILDROP_REFUSED ? MAILDROP_OK : r;
	}
	snprintf(c->command, sizeof(c->command), "DELE");
	snprintf(c->path, sizeof(c->path), "%lu", mail->number);
	c->no_body = true;
	return call(m, NULL);
}

enum maildrop_result maildrop_flag(struct maildrop *m, const struct maildrop_mail *mail, bool seen)
{
	return about(m, "STORE", mail, seen ? " +FLAGS.SILENT (%5CSeen)" : " -FLAGS.SILENT (%5CSeen)");
}

static enum maildrop_result create(struct maildrop *m, const char *quoted)
{
	struct maildrop_call *c = begin(m);
	snprintf(c->command, sizeof(c->command), "CREATE%s", quoted);
	return call(m, NULL);
}

/* MOVE (RFC 6851), or what it stands for where a server has none. */
static enum maildrop_result move(struct maildrop *m, const struct maildrop_mail *mail, const char *quoted)
{
	enum maildrop_result r = about(m, "MOVE", mail, quoted);
	if (r == MAILDROP_REFUSED)
		r = about(m, "COPY", mail, quoted);
	else
		return r;
	return r == MAILDROP_OK ? maildrop_delete(m, mail) : r;
}

enum maildrop_result maildrop_move(struct maildrop *m, const struct maildrop_mail *mail, const char *folder)
{
	char quoted[MAILDROP_URL_MAX] = " %22";
	add_encoded(quoted, sizeof(quoted) - 4, folder);
	strcat(quoted, "%22");
	enum maildrop_result r = move(m, mail, quoted);
	if (r == MAILDROP_REFUSED && create(m, quoted) == MAILDROP_OK)
		r = move(m, mail, quoted);
	return r;
}
