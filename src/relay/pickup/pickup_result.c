/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/pickup/pickup_result.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/text.h"
#include "base/text_time.h"
#include "relay/copies.h"
#include "relay/notice/notice_words.h"
#include "relay/own_route.h"

enum { ADDRESS_ROOM = 34, STATE_ROOM = 13 };

static const char *const suffixes[PICKUP_STATES] = { ".waiting", ".sent", ".failed" };
static const char *const state_names[PICKUP_STATES] = { "waiting", "sent", "failed" };

/* ---- what is known ---- */

static const struct store_event *last_of(const struct store_trail *t, uint32_t rcpt)
{
	for (size_t i = t->nevents; i-- > 0;)
		if (t->events[i].rcpt == rcpt &&
		    (t->events[i].code || t->events[i].reply.len || t->events[i].why.len))
			return &t->events[i];
	return NULL;
}

static bool is_failure(enum store_state s)
{
	return s == STORE_REFUSED || s == STORE_EXPIRED || s == STORE_BOUNCED || s == STORE_SUPPRESSED ||
	       s == STORE_CANCELLED;
}

static enum pickup_state state_of(const struct pickup_note *n, const struct store_trail *t)
{
	bool waits = false, failed = n->nrefused;
	for (size_t i = 0; i < t->message.nrcpts; i++) {
		enum store_state s = t->message.rcpts[i].state;
		waits = waits || store_state_live(s);
		failed = failed || is_failure(s);
	}
	return failed ? PICKUP_FAILED : waits ? PICKUP_WAITING : PICKUP_SENT;
}

/* ---- words ---- */

static FILE *text_open(char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);
	if (!f)
		mem_out();
	return f;
}

static const char *headline(enum pickup_state s, const struct pickup_note *n, const struct store_trail *t)
{
	if (s == PICKUP_WAITING)
		return "WAITING: taken and safe here, not handed over to everybody yet. Do not send it "
		       "again.";
	if (s == PICKUP_SENT)
		return "HANDED OVER: the next server has taken it for everybody. That is not yet delivered: "
		       "if a "
		       "report comes back, this file becomes .failed.";
	return n->nrefused + t->message.nrcpts > 1
		       ? "NOT DELIVERED to everybody: see below who got it and who did not."
		       : "NOT DELIVERED.";
}

static void row(FILE *f, const char *name, struct str value)
{
	fprintf(f, "%-12s" STR_FMT "\n", name, STR_ARG(value));
}

static void head(FILE *f, const struct pickup_note *n, struct str id, struct str subject, int64_t now_ms)
{
	char time[TEXT_TIME_BYTES];
	row(f, "File:", str_of(n->name));
	if (subject.len)
		row(f, "Subject:", subject);
	if (id.len)
		row(f, "Our id:", id);
	row(f, "As of:", str_of(text_time(now_ms / 1000, time)));
	fputc('\n', f);
}

/* One line, whatever a server has said. */
static const char *flat(struct arena *a, struct str s)
{
	char *z = arena_dup(a, s.p, s.len);
	for (char *c = z; *c; c++)
		*c = *c == '\r' || *c == '\n' || *c == '\t' ? ' ' : *c;
	return text_printable(a, str_of(z));
}

static const char *proof(struct arena *a, const struct store_event *v)
{
	const char *host = v ? flat(a, v->host.len ? v->host : v->address) : "";
	const char *said = v ? flat(a, v->reply.len ? v->reply : v->why) : "";
	const char *code = v && v->code ? arena_printf(a, "%u ", v->code) : "";
	if (v && v->code && !strncmp(said, code, strlen(code)))
		code = "";
	return arena_printf(a, "%s%s%s%s", host, *host && *said ? ": " : "", *said ? code : "", said);
}

static bool waits_in_doubt(const struct store_trail *t)
{
	for (uint32_t i = 0; i < t->message.nrcpts; i++)
		if (t->message.rcpts[i].state == STORE_IN_DOUBT && t->message.rcpts[i].next_ms == STORE_NEVER)
			return true;
	return false;
}

static void recipients(FILE *f, const struct pickup_note *n, const struct store_trail *t, struct arena *a)
{
	for (uint32_t i = 0; i < t->message.nrcpts; i++) {
		const struct store_rcpt *r = &t->message.rcpts[i];
		fprintf(f, "  %-*.*s %-*s %s\n", ADDRESS_ROOM, (int)r->address.len, r->address.p, STATE_ROOM,
			store_state_name(r->state), proof(a, last_of(t, i)));
	}
	for (size_t i = 0; i < n->nrefused; i++)
		fprintf(f, "  %-*s %-*s %s\n", ADDRESS_ROOM, n->refused[i].address, STATE_ROOM, "not taken",
			n->refused[i].reply);
	if (waits_in_doubt(t))
		fputs("\nin-doubt: it may have arrived already, and is not sent again by itself. Ask the "
		      "recipient; if it did\nnot arrive, postrider queue retry and our id send it again.\n",
		      f);
}

/* How it ended for that one, as it was marked. */
static struct store_mark last_mark(const struct store_trail *t, uint32_t rcpt)
{
	const struct store_rcpt *r = &t->message.rcpts[rcpt];
	const struct store_event *ev = last_of(t, rcpt);
	struct store_mark k = { .id = t->message.id,
				.rcpt = rcpt,
				.state = r->state,
				.at_ms = t->message.arrived_ms,
				.tries = r->tries,
				.finding = r->finding };
	if (ev) {
		k.at_ms = ev->at_ms;
		k.host = ev->host;
		k.address = ev->address;
		k.code = ev->code;
		k.reply = ev->reply;
		k.why = ev->why;
	}
	return k;
}

/* The causes, as a delivery report of ours would tell them. */
static void causes(FILE *f, const struct store_trail *t, const char *hostname, struct arena *a)
{
	struct store_message m = t->message;
	struct store_mark *marks = arena_alloc(a, (m.nrcpts + 1) * sizeof(*marks));
	const struct store_mark **v = arena_alloc(a, (m.nrcpts + 1) * sizeof(struct store_mark *));
	unsigned *copies = arena_alloc(a, (m.nrcpts + 1) * sizeof(*copies));
	size_t n = 0;
	m.rcpts = arena_alloc(a, (m.nrcpts + 1) * sizeof(*m.rcpts));
	for (uint32_t i = 0; i < m.nrcpts; i++) {
		m.rcpts[i] = t->message.rcpts[i];
		m.rcpts[i].lane = own_route_lane(t, i, last_of(t, i));
		if (!is_failure(m.rcpts[i].state))
			continue;
		marks[n] = last_mark(t, i);
		v[n] = &marks[n];
		copies[n] = copies_in_doubt(t, i);
		n++;
	}
	const struct notice_about about = { &m, v, n, NOTICE_FAILED, hostname, copies };
	if (n)
		fprintf(f, "\n%s", notice_words(&about, a));
}

/* ---- for programs ---- */

static void put(json_t *o, const char *key, const char *text)
{
	json_t *v = json_string(text);
	if (*text && v)
		json_object_set(o, key, v);
	json_decref(v);
}

static json_t *rcpt_json(const struct store_rcpt *r, const struct store_event *v, struct arena *a)
{
	json_t *o = json_object();
	put(o, "recipient", flat(a, r->address));
	put(o, "state", store_state_name(r->state));
	put(o, "finding", flat(a, r->finding));
	if (!v)
		return o;
	put(o, "host", flat(a, v->host));
	if (v->code)
		json_object_set_new(o, "code", json_integer(v->code));
	put(o, "reply", flat(a, v->reply));
	put(o, "remote_id", flat(a, v->remote_id));
	put(o, "why", flat(a, v->why));
	return o;
}

static const char *json_text(json_t *o, struct arena *a)
{
	char *text = json_dumps(o, JSON_INDENT(2));
	const char *kept = arena_printf(a, "%s\n", text ? text : "{}");
	free(text);
	json_decref(o);
	return kept;
}

static json_t *json_head(const struct pickup_note *n, enum pickup_state s, int64_t now_ms)
{
	char time[TEXT_TIME_BYTES];
	json_t *o = json_object();
	json_object_set_new(o, "schema", json_integer(1));
	put(o, "file", n->name);
	put(o, "state", state_names[s]);
	put(o, "as_of", text_time(now_ms / 1000, time));
	return o;
}

static const char *json_of(const struct pickup_note *n, const struct store_trail *t, enum pickup_state s,
			   int64_t now_ms, struct arena *a)
{
	char id[STORE_ID_TEXT];
	json_t *o = json_head(n, s, now_ms), *list = json_array();
	put(o, "id", store_id_text(t->message.id, id));
	put(o, "subject", flat(a, t->message.subject));
	for (uint32_t i = 0; i < t->message.nrcpts; i++)
		json_array_append_new(list, rcpt_json(&t->message.rcpts[i], last_of(t, i), a));
	for (size_t i = 0; i < n->nrefused; i++) {
		json_t *r = json_object();
		put(r, "recipient", n->refused[i].address);
		put(r, "state", "not-taken");
		put(r, "reply", n->refused[i].reply);
		json_array_append_new(list, r);
	}
	json_object_set_new(o, "recipients", list);
	return json_text(o, a);
}

/* ---- results ---- */

void pickup_result_of(const struct pickup_note *n, const struct store_trail *t, const char *hostname,
		      int64_t now_ms, struct arena *a, struct pickup_result *out)
{
	char *text = NULL, id[STORE_ID_TEXT];
	size_t size = 0;
	FILE *f = text_open(&text, &size);
	out->state = state_of(n, t);
	fprintf(f, "%s\n\n", headline(out->state, n, t));
	head(f, n, str_of(arena_printf(a, "%s  (postrider trace %s)", store_id_text(t->message.id, id), id)),
	     t->message.subject, now_ms);
	recipients(f, n, t, a);
	if (out->state == PICKUP_FAILED)
		causes(f, t, hostname, a);
	fclose(f);
	out->words = arena_dup(a, text, size);
	out->json = json_of(n, t, out->state, now_ms, a);
	free(text);
}

void pickup_result_none(const struct pickup_note *n, const char *why, bool again, int64_t now_ms,
			struct arena *a, struct pickup_result *out)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = text_open(&text, &size);
	out->state = again ? PICKUP_WAITING : PICKUP_FAILED;
	fprintf(f, "%s\n\n",
		again ? "WAITING: it cannot be taken right now, and is tried again by itself."
		      : "NOT SENT: nobody gets this mail. Mend the file and drop it again.");
	head(f, n, (struct str){ "", 0 }, (struct str){ "", 0 }, now_ms);
	fprintf(f, "Because: %s\n", why);
	if (!again)
		fprintf(f, "The file itself is kept as refused/%s.\n", n->name);
	fclose(f);
	out->words = arena_dup(a, text, size);
	free(text);
	json_t *o = json_head(n, out->state, now_ms);
	put(o, "why", why);
	out->json = json_text(o, a);
}

/* ---- files ---- */

/* Whole, or not there.  Others write in that folder: what they put there is neither opened nor written into.
 */
static bool write_file(int dir, const char *name, const char *text)
{
	unsigned long long nonce = 0;
	if (getrandom(&nonce, sizeof(nonce), 0) != sizeof(nonce))
		return false;
	CLEANUP(mem_free) char *fresh = mem_printf(".%s.%016llx.tmp", name, nonce);
	CLEANUP(close_fd)
	int fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0660);
	size_t n = strlen(text);
	if (fd < 0)
		return false;
	if (write(fd, text, n) == (ssize_t)n && !renameat(dir, fresh, dir, name))
		return true;
	int why = errno;
	(void)unlinkat(dir, fresh, 0);
	errno = why;
	return false;
}

bool pickup_result_write(const struct pickup_note *n, const struct pickup_result *r, struct err *e)
{
	CLEANUP(close_fd) int dir = open(n->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(mem_free) char *json = mem_printf("%s.json", n->name);
	for (int s = 0; s < PICKUP_STATES; s++) {
		CLEANUP(mem_free) char *name = mem_printf("%s%s", n->name, suffixes[s]);
		if (s == (int)r->state && (dir < 0 || !write_file(dir, name, r->words)))
			return ERR_FILL(e, ERR_SYS, errno, "write", "%s/%s: %s", n->folder, name,
					strerror(errno));
	}
	for (int s = 0; s < PICKUP_STATES; s++) {
		CLEANUP(mem_free) char *name = mem_printf("%s%s", n->name, suffixes[s]);
		if (s != (int)r->state)
			unlinkat(dir, name, 0);
	}
	return !n->json || write_file(dir, json, r->json) ||
	       ERR_FILL(e, ERR_SYS, errno, "write", "%s/%s", n->folder, json);
}
