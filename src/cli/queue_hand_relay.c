/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a running relay (relay/control.h). */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/queue_hand_inner.h"

enum { ANSWER_MAX = 1 << 20, PIECE = 4096 };

int queue_relay_connect(const char *folder, unsigned patience_s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct timeval patience = { patience_s, 0 };
	int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/control", dir);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)); /* of connect, too */
	}
	bool ok = dir >= 0 && fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
	if (dir >= 0)
		close(dir);
	if (!ok && fd >= 0)
		close(fd);
	return ok ? fd : -1;
}

void queue_relay_leave(struct queue_hand *h)
{
	if (h->fd >= 0)
		close(h->fd);
	buf_clear(&h->in);
}

static bool send_all(int fd, struct str s)
{
	while (s.len) {
		ssize_t n = send(fd, s.p, s.len, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			s = str_cut(s, (size_t)n, s.len);
	}
	return true;
}

static bool receive_line(struct queue_hand *h)
{
	char piece[PIECE];
	h->in.max = ANSWER_MAX;
	for (;;) {
		struct str s = buf_str(&h->in);
		if (s.len && memchr(s.p, '\n', s.len))
			return true;
		ssize_t n = recv(h->fd, piece, sizeof(piece), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || !buf_add(&h->in, piece, (size_t)n))
			return false;
	}
}

/* The answer, to be decref'd; NULL with *e.  Takes asked. */
static json_t *ask(struct queue_hand *h, json_t *asked, struct err *e)
{
	json_error_t wrong;
	char *text = json_dumps(asked, JSON_COMPACT);
	bool said = text && send_all(h->fd, str_of(text)) && send_all(h->fd, STR_LIT("\n"));
	free(text);
	json_decref(asked);
	if (!said || !receive_line(h)) {
		ERR_FILL(e, ERR_SYS, errno, "ask the relay", "at its control socket");
		shutdown(h->fd, SHUT_RDWR); /* an answer that comes late is none to the next question */
		buf_clear(&h->in);
		err_detail(e, "it does not answer: is it still running? Ask again to see what was done");
		return NULL;
	}
	struct str s = buf_str(&h->in);
	size_t n = (size_t)((const char *)memchr(s.p, '\n', s.len) - s.p);
	json_t *answer = json_loadb(s.p, n, 0, &wrong);
	buf_take(&h->in, n + 1);
	if (json_is_true(json_object_get(answer, "ok")))
		return answer;
	const char *error = json_string_value(json_object_get(answer, "error"));
	const char *mend = json_string_value(json_object_get(answer, "mend"));
	ERR_FILL(e, ERR_PROTOCOL, 0, "ask the relay", "%s", error ? error : "its answer cannot be read");
	err_detail(e, "%s", mend ? mend : "are the program and the relay of one version?");
	json_decref(answer);
	return NULL;
}

static void put(json_t *o, const char *key, struct str s)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	if (s.len)
		json_object_set_new(o, key, json_string(text_printable(a, s)));
}

static bool read_item(struct str s, struct store_id *id, uint32_t *rcpt)
{
	return store_id_read_rcpt(&s, STORE_RCPTS_MAX, id, rcpt);
}

void queue_relay_sending(struct queue_hand *h, struct arena *a, struct store_sending *out)
{
	struct err e = { 0 };
	json_t *asked = json_object(), *v;
	size_t i;
	json_object_set_new(asked, "do", json_string("sending"));
	json_t *answer = ask(h, asked, &e), *items = json_object_get(answer, "items");
	out->v = arena_alloc(a, (json_array_size(items) + 1) * sizeof(*out->v));
	json_array_foreach(items, i, v)
	{
		struct store_in_hand *x = &out->v[out->n];
		const char *item = json_string_value(v);
		out->n += item && read_item(str_of(item), &x->id, &x->rcpt);
	}
	store_sending_sort(out);
	out->some = !answer || out->n >= STORE_SENDING_MAX;
	json_decref(answer);
}

static void add_refused(json_t *answer, struct queue_outcome *out)
{
	json_t *v;
	size_t i;
	json_array_foreach(json_object_get(answer, "not"), i, v)
	{
		struct steering_item x = { { 0 }, 0, "" };
		const char *item = json_string_value(json_object_get(v, "item"));
		const char *why = json_string_value(json_object_get(v, "why"));
		(void)(item && read_item(str_of(item), &x.id, &x.rcpt));
		queue_outcome_not(out, x, why ? why : "");
	}
}

bool queue_relay_steer(struct queue_hand *h, const struct steer_order *o, const struct steering_item *items,
		       size_t n, struct queue_outcome *out, struct err *e)
{
	json_t *asked = json_object(), *list = json_array();
	char id[STORE_ID_TEXT];
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_sprintf("%s/%u/%s", store_id_text(items[i].id, id),
							 (unsigned)items[i].rcpt, items[i].finding));
	json_object_set_new(asked, "do", json_string(steer_name(o->what)));
	json_object_set_new(asked, "items", list);
	put(asked, "by", o->by);
	put(asked, "reason", o->reason);
	if (o->until_ms)
		json_object_set_new(asked, "until_ms", json_integer(o->until_ms));
	json_t *answer = ask(h, asked, e);
	if (!answer)
		return false;
	out->done += (size_t)json_integer_value(json_object_get(answer, "done"));
	add_refused(answer, out);
	json_decref(answer);
	return true;
}

static const char *text_of(const json_t *o, const char *key, struct arena *a)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? arena_strdup(a, s) : "";
}

static long long number_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static bool is_true(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

static void read_lane(const json_t *v, struct arena *a, struct lane_view *out)
{
	*out = (struct lane_view){
		.lane = text_of(v, "lane", a),
		.route = text_of(v, "route", a),
		.provider = text_of(v, "provider", a),
		.rule = text_of(v, "rule", a),
		.sessions = (unsigned)number_of(v, "sessions"),
		.sessions_max = (unsigned)number_of(v, "sessions_max"),
		.others = (unsigned)number_of(v, "others"),
		.ahead = (size_t)number_of(v, "ahead"),
		.turns = (size_t)number_of(v, "turns"),
		.claimed = is_true(v, "claimed"),
		.all_busy = is_true(v, "all_busy"),
		.failed = is_true(v, "failed"),
		.seat = (enum seat)number_of(v, "seat"),
		.seats_max = (unsigned)number_of(v, "seats_max"),
		.seats_before = (size_t)number_of(v, "seats_before"),
		.rate = (unsigned)number_of(v, "rate"),
		.rate_s = (unsigned)number_of(v, "rate_s"),
		.waiting = (size_t)number_of(v, "waiting"),
		.more = is_true(v, "more"),
		.next_ms = number_of(v, "next_ms"),
		.slot_ms = number_of(v, "slot_ms"),
		.reply = text_of(v, "reply", a),
		.finding = text_of(v, "finding", a),
		.host = text_of(v, "host", a),
		.code = (unsigned)number_of(v, "code"),
	};
}

void queue_relay_behind(struct queue_hand *h, struct arena *a, struct index_behind *out)
{
	struct err e = { 0 };
	json_t *asked = json_object();
	json_object_set_new(asked, "do", json_string("hello"));
	json_t *answer = ask(h, asked, &e);
	*out = (struct index_behind){ (unsigned long long)number_of(answer, "behind"),
				      text_of(answer, "behind_why", a) };
	json_decref(answer);
}

bool queue_relay_lane(struct queue_hand *h, struct str lane, const struct store_id *id, uint32_t rcpt,
		      struct arena *a, struct lane_view *out)
{
	char text[STORE_ID_TEXT];
	struct err e = { 0 };
	json_t *asked = json_object(), *list = json_array();
	json_array_append_new(list, json_stringn(lane.p, lane.len));
	json_object_set_new(asked, "do", json_string("lanes"));
	json_object_set_new(asked, "lanes", list);
	if (id) {
		json_object_set_new(asked, "id", json_string(store_id_text(*id, text)));
		json_object_set_new(asked, "rcpt", json_integer(rcpt));
	}
	json_t *answer = ask(h, asked, &e);
	const json_t *v = json_array_get(json_object_get(answer, "lanes"), 0);
	bool found = v;
	if (found)
		read_lane(v, a, out);
	json_decref(answer);
	return found;
}

bool queue_relay_suppress(struct queue_hand *h, const struct store_suppressed *v, struct err *e)
{
	json_t *asked = json_object();
	json_object_set_new(asked, "do", json_string("suppress"));
	put(asked, "address", v->address);
	put(asked, "why", v->why);
	put(asked, "proof", v->proof);
	if (v->until_ms > v->since_ms)
		json_object_set_new(asked, "until_ms",
				    json_integer(v->until_ms == STORE_NEVER ? 0 : v->until_ms));
	json_t *answer = ask(h, asked, e);
	json_decref(answer);
	return answer;
}
