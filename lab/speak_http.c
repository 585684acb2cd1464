/* SPDX-License-Identifier: Apache-2.0 */
/* lab/speak_http.c - as much HTTP/1.1 as token endpoints and policy hosts need; one answer a connection. */
#include <string.h>
#include <time.h>

#include "lab/talk.h"

enum { HTTP_HEAD_BYTES_MAX = 64 * 1024 };

static void http_open(struct talk *t)
{
	(void)t;
}

static struct str header_value(struct str head, const char *name)
{
	struct str line;
	while (str_next(&head, "\r\n", &line)) {
		size_t n = strlen(name);
		if (str_istarts(line, name) && line.len > n && line.p[n] == ':')
			return str_trim(str_cut(line, n + 1, line.len));
	}
	return (struct str){ "", 0 };
}

/* "200 application/json {...}", or a code alone, as an HTTP answer. */
static void answer(struct talk *t, const char *text)
{
	struct str rest = str_of(text), code = { 0 }, type = { 0 };
	char date[64];
	time_t now = time(NULL);
	struct tm tm;
	str_next(&rest, " ", &code);
	str_next(&rest, " ", &type);
	struct str body = str_cut(rest, rest.len && rest.p[0] == ' ', rest.len);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &tm));
	CLEANUP(buf_clear) struct buf b = { 0 };
	buf_addf(&b, "HTTP/1.1 " STR_FMT " Lab\r\nDate: %s\r\nConnection: close\r\nContent-Length: %zu\r\n",
		 STR_ARG(code), date, body.len);
	if (type.len)
		buf_addf(&b, "Content-Type: " STR_FMT "\r\n", STR_ARG(type));
	buf_adds(&b, "\r\n");
	buf_add(&b, body.p, body.len);
	talk_queue(t, ACT_SEND, arena_dup(t->arena, b.data, b.len));
}

/* The rule's replies become HTTP answers; the rest of its actions stay. */
static void translate(struct talk *t, size_t from)
{
	size_t n = t->nqueue;
	for (size_t i = from; i < n; i++) {
		struct lab_action a = t->queue[i];
		const char *text = talk_fill(t, a.text);
		if (a.act == ACT_REPLY) {
			answer(t, text);
		} else if (a.act == ACT_REDIRECT) {
			talk_queue(t, ACT_SEND,
				   arena_printf(t->arena,
						"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n"
						"Connection: close\r\n\r\n",
						text));
		} else {
			talk_queue(t, a.act, text);
			t->queue[t->nqueue - 1].ms = a.ms;
		}
	}
	memmove(&t->queue[from], &t->queue[n], (t->nqueue - n) * sizeof(*t->queue));
	t->nqueue -= n - from;
	talk_queue(t, ACT_CLOSE, NULL);
}

/* Its first line, its host, and the form behind it. */
static void read_request(struct talk *t, struct str head, struct str form)
{
	struct str rest = head, host = header_value(head, "Host"), line, word;
	str_next(&rest, "\r\n", &line);
	t->m.line = arena_dup(t->arena, line.p, line.len);
	if (str_next(&line, " ", &word))
		t->m.method = arena_dup(t->arena, word.p, word.len);
	if (str_next(&line, " ", &word))
		t->m.path = arena_dup(t->arena, word.p, word.len);
	t->m.host = arena_dup(t->arena, host.p, host.len);
	t->m.form = arena_dup(t->arena, form.p, form.len);
	talk_tracef(t, "< %s (%s)", t->m.line, t->m.host);
}

static bool http_take(struct talk *t)
{
	struct str in = buf_str(&t->in);
	size_t end = str_ifind(in, "\r\n\r\n");
	if (end == in.len) {
		if (in.len > HTTP_HEAD_BYTES_MAX)
			talk_end(t, ACT_CLOSE);
		return false;
	}
	struct str head = str_cut(in, 0, end);
	unsigned long length = 0;
	if (!str_number(header_value(head, "Content-Length"), TALK_INPUT_BYTES_MAX, &length))
		length = 0;
	size_t whole = end + 4 + length;
	if (in.len < whole)
		return false;
	read_request(t, head, str_cut(in, end + 4, whole));
	buf_take(&t->in, whole);
	size_t from = t->nqueue;
	talk_answer(t, RULES_HTTP, "404 text/plain Not found");
	translate(t, from);
	return true;
}

const struct speaker speaker_http = { .word = "http", .open = http_open, .take = http_take };
