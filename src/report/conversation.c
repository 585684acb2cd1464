/* SPDX-License-Identifier: Apache-2.0 */
#include "report/conversation.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text_time.h"

enum { SESSION_BYTES = 24, TIME_BYTES_MIN = 20 };

struct dialogue {
	char session[SESSION_BYTES]; /* "" free */
	struct buf head, mail;       /* before the first mail; the mail under way */
	bool in_mail, ours, had_mail;
	int64_t last_ms;
};

struct search {
	const struct conversation_ask *ask;
	struct arena *arena;
	struct dialogue v[CONVERSATION_SESSIONS_MAX];
	const char *found;
	int64_t found_off_ms; /* how far from the answer */
};

struct line {
	const char *session, *time, *dir, *text;
	int64_t at_ms;
};

static int64_t distance(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

static void keep(struct search *s, const struct dialogue *d, int64_t most_ms)
{
	int64_t off = distance(d->last_ms, s->ask->at_ms);
	struct str head = buf_str(&d->head), mail = buf_str(&d->mail);
	if (off > most_ms || (s->found && off >= s->found_off_ms))
		return;
	s->found = arena_printf(s->arena, STR_FMT STR_FMT, STR_ARG(head), STR_ARG(mail));
	s->found_off_ms = off;
}

static void end_mail(struct search *s, struct dialogue *d)
{
	if (d->ours)
		keep(s, d, CONVERSATION_NEAR_MS);
	buf_clear(&d->mail);
	d->ours = d->in_mail = false;
}

static void clear(struct dialogue *d)
{
	buf_clear(&d->head);
	buf_clear(&d->mail);
	*d = (struct dialogue){ .head.max = CONVERSATION_TEXT_MAX, .mail.max = CONVERSATION_TEXT_MAX };
}

/* Its place, a free one, or that of whoever was silent longest. */
static struct dialogue *dialogue_of(struct search *s, const char *session)
{
	struct dialogue *oldest = &s->v[0];
	for (size_t i = 0; i < CONVERSATION_SESSIONS_MAX; i++) {
		if (!strcmp(s->v[i].session, session))
			return &s->v[i];
		if (s->v[i].last_ms < oldest->last_ms)
			oldest = &s->v[i];
	}
	end_mail(s, oldest);
	clear(oldest);
	strncat(oldest->session, session, SESSION_BYTES - 1);
	return oldest;
}

static bool is_our_recipient(const struct search *s, const char *text)
{
	size_t n = strlen(s->ask->recipient);
	const char *address = text + strlen("RCPT TO:<");
	return z_istarts(text, "RCPT TO:<") && !strncmp(address, s->ask->recipient, n) && address[n] == '>';
}

static void take(struct search *s, const struct line *l)
{
	struct dialogue *d = dialogue_of(s, l->session);
	bool says = *l->dir == '>';
	if (*l->dir == '*' && z_istarts(l->text, "connected to")) { /* the name is used again */
		end_mail(s, d);
		buf_clear(&d->head);
		d->had_mail = false;
	}
	if (says && z_istarts(l->text, "MAIL FROM:")) {
		end_mail(s, d);
		d->in_mail = d->had_mail = true;
	}
	buf_addf(d->in_mail ? &d->mail : &d->head, "%.12s %s %s\n", l->time + 11, l->dir, l->text);
	d->ours = d->ours || (d->in_mail && says && is_our_recipient(s, l->text));
	d->last_ms = l->at_ms;
}

/* "2026-11-21T19:24:53.162Z" */
static bool read_time(const char *time, int64_t *at_ms)
{
	size_t n = strlen(time);
	long long s;
	char whole[TIME_BYTES_MIN + 1];
	if (n < TIME_BYTES_MIN)
		return false;
	memcpy(whole, time, TIME_BYTES_MIN - 1);
	memcpy(whole + TIME_BYTES_MIN - 1, "Z", 2);
	*at_ms = 0;
	if (!text_time_read(str_of(whole), &s))
		return false;
	*at_ms = s * 1000 + (time[TIME_BYTES_MIN - 1] == '.' ? strtol(time + TIME_BYTES_MIN, NULL, 10) : 0);
	return true;
}

static const char *member(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));
	return text ? text : "";
}

static void read_line(struct search *s, const char *text, size_t n)
{
	json_t *o = memmem(text, n, s->ask->address, strlen(s->ask->address)) ? json_loadb(text, n, 0, NULL)
									      : NULL;
	struct line l = { member(o, "session"), member(o, "time"), member(o, "dir"), member(o, "line"), 0 };
	if (o && *l.session == 'd' && !strcmp(member(o, "address"), s->ask->address) &&
	    read_time(l.time, &l.at_ms))
		take(s, &l);
	json_decref(o);
}

/* At most so many bytes of its end. */
static void read_tail(struct search *s, FILE *log, long most)
{
	CLEANUP(mem_free) char *line = NULL;
	size_t room = 0;
	ssize_t n;
	if (fseek(log, -most, SEEK_END) != 0)
		rewind(log);
	else if (getline(&line, &room, log) < 0) /* the rest of a line */
		return;
	while ((n = getline(&line, &room, log)) > 0)
		if (n <= CONVERSATION_LINE_MAX)
			read_line(s, line, (size_t)n);
}

/* A dialogue may have begun in the one of before, which is read as far as there is room. */
static void read_all(struct search *s, FILE *before, FILE *log)
{
	long bytes = log && fseek(log, 0, SEEK_END) == 0 ? ftell(log) : 0;
	if (before && bytes < CONVERSATION_TAIL_MAX)
		read_tail(s, before, CONVERSATION_TAIL_MAX - (bytes > 0 ? bytes : 0));
	if (log)
		read_tail(s, log, CONVERSATION_TAIL_MAX);
}

/* What broke off before an envelope, where no envelope was found. */
static void end_all(struct search *s)
{
	for (size_t i = 0; i < CONVERSATION_SESSIONS_MAX; i++)
		end_mail(s, &s->v[i]);
	bool envelope = s->found != NULL;
	for (size_t i = 0; !envelope && i < CONVERSATION_SESSIONS_MAX; i++)
		if (*s->v[i].session && !s->v[i].had_mail)
			keep(s, &s->v[i], CONVERSATION_SHORT_MS);
	for (size_t i = 0; i < CONVERSATION_SESSIONS_MAX; i++)
		clear(&s->v[i]);
}

const char *conversation_find(FILE *before, FILE *log, const struct conversation_ask *ask, struct arena *a)
{
	if (!*ask->address)
		return "";
	CLEANUP(mem_free) struct search *s = mem_alloc(sizeof(*s));
	s->ask = ask;
	s->arena = a;
	for (size_t i = 0; i < CONVERSATION_SESSIONS_MAX; i++)
		clear(&s->v[i]);
	read_all(s, before, log);
	end_all(s);
	return s->found ? s->found : "";
}
