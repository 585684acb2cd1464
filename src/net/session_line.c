/* SPDX-License-Identifier: Apache-2.0 */
/* The dialogue as it will be shown, each line with its time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/session_inner.h"

/* Takes text. */
static void add(struct session *s, char dir, char *text)
{
	if (s->nlines - s->first_line >= SESSION_SPOKEN_MAX) {
		free(text);
		return;
	}
	if (s->first_line == s->nlines)
		s->first_line = s->nlines = 0;
	if (s->nlines == s->lines_room && s->first_line) {
		memmove(s->lines, s->lines + s->first_line, (s->nlines - s->first_line) * sizeof(*s->lines));
		s->nlines -= s->first_line;
		s->first_line = 0;
	}
	if (s->nlines == s->lines_room) {
		s->lines_room = s->lines_room ? s->lines_room * 2 : 32;
		s->lines = mem_grow(s->lines, s->lines_room, sizeof(*s->lines));
	}
	s->lines[s->nlines++] =
		(struct session_line){ .at_ms = net_loop_now_ms(s->loop), .dir = dir, .text = text };
}

void session_note(struct session *s, const char *fmt, ...)
{
	char text[300];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add(s, '*', mem_strdup(text));
}

void session_drain_client(struct session *s)
{
	char dir, *line;
	while (s->client && (line = smtp_client_take_spoken(s->client, &dir)))
		add(s, dir, line);
}

bool session_spoken(struct session *s, uint64_t *at_ms, char *dir, const char **line)
{
	session_drain_client(s);
	mem_free(&s->told_line);
	if (s->first_line == s->nlines)
		return false;
	const struct session_line *l = &s->lines[s->first_line++];
	s->told_line = l->text;
	*at_ms = l->at_ms;
	*dir = l->dir;
	*line = l->text;
	return true;
}

void session_lines_free(struct session *s)
{
	for (size_t i = s->first_line; i < s->nlines; i++)
		free(s->lines[i].text);
	free(s->lines);
	mem_free(&s->told_line);
}
