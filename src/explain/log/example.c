/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/example.h"

#include <string.h>

#include "base/text.h"

/* How long the character at the front of s is, 1 for a byte that begins none. */
static size_t char_bytes(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
	return n <= s.len && text_is_utf8(str_cut(s, 0, n)) ? n : 1;
}

void log_example_text(struct str s, char *out, size_t room)
{
	size_t n = 0;
	while (s.len) {
		unsigned char c = (unsigned char)s.p[0];
		size_t bytes = char_bytes(s);
		if (n + bytes >= room)
			break;
		memcpy(out + n, s.p, bytes);
		if (bytes == 1 && (c < ' ' || c >= 0x7f))
			out[n] = c == '\t' ? ' ' : '?';
		n += bytes;
		s = str_cut(s, bytes, s.len);
	}
	out[n] = '\0';
}

void log_example_keep(struct log_example *x, struct log_example_room *room, const struct log_event *e)
{
	log_example_text(e->reply, room->reply, sizeof(room->reply));
	log_example_text(e->to, room->to, sizeof(room->to));
	log_example_text(e->from, room->from, sizeof(room->from));
	log_example_text(e->relay, room->relay, sizeof(room->relay));
	log_example_text(e->client, room->client, sizeof(room->client));
	*x = (struct log_example){
		.reply = room->reply,
		.to = room->to,
		.from = room->from,
		.relay = room->relay,
		.client = room->client,
		.code = e->code,
		.line = e->line,
		.step = e->step,
		.format = e->format,
	};
}
