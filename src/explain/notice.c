/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/notice.h"

#include <jansson.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "catalog/reply_pattern.h"
#include "explain/notice_inner.h"

enum {
	DEPTH_MAX = 8, /* envelopes within envelopes */
	NAME_MAX_BYTES = 64,
	SECONDS_MAX = INT32_MAX,
	WORDS_BYTES = 4000 /* of a reply; some services add the whole report */
};

struct reading {
	struct arena *a;
	struct dsn *out;
	size_t room;  /* of out->v */
	bool any;     /* an event that tells a fate */
	bool reports; /* ... of a delivery, not of a complaint */
};

static void json_free(json_t **j)
{
	json_decref(*j);
	*j = NULL;
}

/* One path without alternatives. */
static json_t *at(json_t *j, const char *path, size_t len)
{
	while (j && len) {
		char name[NAME_MAX_BYTES];
		const char *slash = memchr(path, '/', len);
		size_t n = slash ? (size_t)(slash - path) : len;
		if (n >= sizeof(name))
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		j = json_object_get(j, name);
		path += slash ? n + 1 : n;
		len -= slash ? n + 1 : n;
	}
	return j;
}

/* The first alternative that is there and not empty; own: the recipient's object. */
static json_t *find(json_t *event, json_t *own, const char *paths)
{
	while (*paths) {
		size_t n = strcspn(paths, "|");
		bool inner = n > 2 && !memcmp(paths, "./", 2);
		json_t *j = inner ? at(own, paths + 2, n - 2) : at(event, paths, n);
		bool empty = !j || json_is_null(j) || (json_is_string(j) && !json_string_length(j));
		if (!empty)
			return j;
		paths += n + (paths[n] == '|');
	}
	return NULL;
}

/* One line; no character of UTF-8 is cut in two. */
static const char *printable(struct arena *a, const char *s, size_t len)
{
	char *flat = arena_dup(a, s, len);
	if (len > WORDS_BYTES)
		for (len = WORDS_BYTES; len && ((unsigned char)flat[len] & 0xc0) == 0x80;)
			len--;
	for (size_t i = 0; i < len; i++)
		if (strchr("\t\r\n", flat[i]))
			flat[i] = ' ';
	return text_printable(a, (struct str){ flat, len });
}

/* A string, a number, or the strings of an array, one line. */
static const char *text_of(struct arena *a, json_t *j)
{
	if (json_is_string(j))
		return printable(a, json_string_value(j), json_string_length(j));
	if (json_is_integer(j))
		return arena_printf(a, "%lld", (long long)json_integer_value(j));
	const char *all = "";
	for (size_t i = 0; json_is_array(j) && i < json_array_size(j); i++) {
		const char *one = text_of(a, json_array_get(j, i));
		all = *all ? arena_printf(a, "%s %s", all, one) : one;
	}
	return all;
}

/* Seconds since 1970, as some services tell the time, as RFC 3339. */
static const char *time_of(struct arena *a, json_t *j)
{
	const char *said = json_is_real(j) ? arena_printf(a, "%.0f", json_real_value(j)) : text_of(a, j);
	unsigned long seconds;
	struct tm tm;
	char out[32];
	if (!str_number(str_of(said), SECONDS_MAX, &seconds))
		return said;
	time_t t = (time_t)seconds;
	if (!gmtime_r(&t, &tm) || !strftime(out, sizeof(out), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return said;
	return arena_strdup(a, out);
}

/* "smtp; 550 ...", "dns; mx.example.com" */
static const char *without_type(const char *s, const char *type)
{
	if (!z_istarts(s, type))
		return s;
	s += strlen(type);
	return s + strspn(s, " ");
}

/* Mailgun and SparkPost tell the code apart from the words. */
static const char *with_code(struct arena *a, const char *reply, const char *code)
{
	bool is_code = strlen(code) == 3 && code[0] >= '2' && code[0] <= '5';
	if (!is_code || !*reply || reply_code_at(reply, strlen(reply)))
		return reply;
	return arena_printf(a, "%s %s", code, reply);
}

/* "5.1.1" behind the reply's code. */
static const char *status_in(struct arena *a, const char *reply)
{
	size_t skip = reply_code_at(reply, strlen(reply)) && strlen(reply) > 4 ? 4 : 0;
	size_t n = reply_status_at(reply + skip, strlen(reply + skip));
	return n ? arena_dup(a, reply + skip, n) : "";
}

static const char *address_of(struct arena *a, const char *s)
{
	const char *open = strchr(s, '<'), *close = open ? strchr(open, '>') : NULL;
	return close ? arena_dup(a, open + 1, (size_t)(close - open - 1)) : s;
}

/* What the server said, and its status. */
static void set_reply(struct arena *a, const struct notice_event *e, json_t *event, json_t *one,
		      struct dsn_recipient *to)
{
	const char *words = without_type(text_of(a, find(event, one, e->reply)), "smtp;");
	const char *status = text_of(a, find(event, one, e->status));
	bool is_status = *status && reply_status_at(status, strlen(status)) == strlen(status);
	to->reply = with_code(a, words, text_of(a, find(event, one, e->code)));
	to->reply_type = *to->reply && reply_code_at(to->reply, strlen(to->reply)) ? "smtp" : "";
	to->status = is_status ? status : status_in(a, to->reply);
}

static void add_recipient(struct reading *r, const struct notice_event *e, json_t *event, json_t *one)
{
	if (r->out->n == DSN_RECIPIENTS_MAX) {
		r->out->more = true;
		return;
	}
	json_t *address = json_is_object(one) ? find(one, one, e->address) : one;
	struct dsn_recipient to = {
		.address = address_of(r->a, text_of(r->a, address)),
		.original = "",
		.action = e->action,
		.action_given = true,
		.step = "",
		.remote = text_of(r->a, find(event, one, e->remote)),
		.remote_ip = text_of(r->a, find(event, one, e->remote_ip)),
		.final_log_id = "",
		.will_retry_until = "",
		.last_attempt = "",
	};
	set_reply(r->a, e, event, one, &to);
	r->out->v = arena_grow(r->a, r->out->v, r->out->n, &r->room, 8, sizeof(*r->out->v));
	r->out->v[r->out->n++] = to;
}

static void add_recipients(struct reading *r, const struct notice_event *e, json_t *event)
{
	json_t *list = find(event, event, e->recipients);
	for (size_t i = 0; json_is_array(list) && i < json_array_size(list); i++)
		add_recipient(r, e, event, json_array_get(list, i));
	if (list && !json_is_array(list))
		add_recipient(r, e, event, list);
}

/* All but its recipients. */
static struct dsn begun(struct arena *a, const struct notice_service *s, const struct notice_event *e,
			json_t *event)
{
	struct dsn d = dsn_nothing;
	d.kind = e->kind;
	d.dialect = s->dialect;
	d.reporter = without_type(without_type(text_of(a, find(event, event, e->reporter)), "smtp;"), "dns;");
	d.envelope_id = text_of(a, find(event, event, s->id));
	d.arrival = time_of(a, find(event, event, s->time));
	d.said = text_of(a, find(event, event, e->said));
	d.feedback = e->kind == DSN_FEEDBACK ? d.said : "";
	d.original.message_id = text_of(a, find(event, event, s->message_id));
	d.original.subject = text_of(a, find(event, event, s->subject));
	d.original.from = address_of(a, text_of(a, find(event, event, s->from)));
	d.original.to = text_of(a, find(event, event, s->to));
	return d;
}

static void take_event(struct reading *r, const struct notice_service *s, const struct notice_event *e,
		       json_t *event)
{
	bool report = e->kind == DSN_REPORT;
	if (!r->any || (report && !r->reports)) { /* a report says more than a complaint beside it */
		*r->out = begun(r->a, s, e, event);
		r->room = 0;
	}
	r->any = true;
	r->reports = r->reports || report;
	if (e->kind == r->out->kind)
		add_recipients(r, e, event);
}

static bool fits(const struct notice_service *s, const struct notice_event *e, json_t *event)
{
	if (strcmp(e->dialect, s->dialect) != 0)
		return false;
	const char *name = json_string_value(find(event, event, s->event));
	const char *is = *e->only ? json_string_value(find(event, event, e->only)) : NULL;
	return name && !strcmp(name, e->event) && (!*e->only || (is && !strcmp(is, e->is)));
}

/* True: the object is an event of a service, whether it tells a fate or not. */
static bool take_object(struct reading *r, json_t *j)
{
	for (const struct notice_service *s = notice_services; s->dialect; s++) {
		if (!find(j, j, s->mark) || !json_is_string(find(j, j, s->event)))
			continue;
		for (const struct notice_event *e = notice_events; e->dialect; e++) {
			if (!fits(s, e, j))
				continue;
			take_event(r, s, e, j);
			break;
		}
		return true;
	}
	return false;
}

static void walk(struct reading *r, json_t *j, unsigned depth)
{
	if (depth > DEPTH_MAX)
		return;
	for (size_t i = 0; json_is_array(j) && i < json_array_size(j); i++)
		walk(r, json_array_get(j, i), depth + 1);
	if (json_is_string(j)) {
		CLEANUP(json_free)
		json_t *inner = json_loadb(json_string_value(j), json_string_length(j), 0, NULL);
		walk(r, inner, depth + 1);
	}
	if (!json_is_object(j) || take_object(r, j))
		return;
	for (size_t i = 0; notice_envelopes[i]; i++) {
		json_t *inner = at(j, notice_envelopes[i], strlen(notice_envelopes[i]));
		if (inner)
			walk(r, inner, depth + 1);
	}
}

static struct str without_blanks(struct str s)
{
	if (str_istarts(s, "\xef\xbb\xbf"))
		s = str_cut(s, 3, s.len);
	return str_trim(s);
}

bool notice_may_be(struct str s)
{
	static const char *const signs[] = {
		"notificationType", "eventType", "\"event\"",  "\"RecordType\"",
		"\"msys\"",         "email_id",  "\\\"mail\\", "mandrill_events"
	};
	s = without_blanks(s);
	for (size_t i = 0; s.len > 2 && (*s.p == '{' || *s.p == '[') && i < ARRAY_LEN(signs); i++)
		if (memmem(s.p, s.len, signs[i], strlen(signs[i])))
			return true;
	return false;
}

bool notice_read(struct arena *a, struct str text, struct dsn *out)
{
	struct reading r = { .a = a, .out = out };
	struct str s = without_blanks(text);
	*out = dsn_nothing;
	if (!notice_may_be(s))
		return false;
	while (s.len) {
		json_error_t why;
		CLEANUP(json_free) json_t *j = json_loadb(s.p, s.len, JSON_DISABLE_EOF_CHECK, &why);
		if (!j || why.position <= 0)
			break;
		walk(&r, j, 0);
		s = str_trim(str_cut(s, (size_t)why.position, s.len));
	}
	return r.any;
}
