/* SPDX-License-Identifier: Apache-2.0 */
#include "web/hook_lines.h"

#include <jansson.h>
#include <string.h>

#include "store/store.h"

bool hook_line_wanted(struct str line, unsigned states)
{
	static const char key[] = "\"state\":\""; /* within a text its quotes would be escaped */
	const char *at = memmem(line.p, line.len, key, sizeof(key) - 1);
	if (!states || !at)
		return at;
	at += sizeof(key) - 1;
	const char *end = memchr(at, '"', line.len - (size_t)(at - line.p));
	return end && (states >> store_state_of((struct str){ at, (size_t)(end - at) }) & 1);
}

/* A key is found only as one: within a text its quotes would be escaped. */
static size_t place_of(struct str line, const char *key)
{
	const char *at = memmem(line.p, line.len, key, strlen(key));
	return at ? (size_t)(at - line.p) : line.len;
}

/* A line is {"time","id","rcpt","state"["dot"],"sender"...["why"]["tries"...]}, as relay/log writes it.  That
 * a message was taken is told once for each recipient, and has no tries. */
struct seen_mark hook_line_mark(struct str line)
{
	size_t tries = place_of(line, ",\"tries\":"), why = place_of(line, ",\"why\":");
	size_t head = place_of(line, tries < line.len ? ",\"sender\":" : ",\"state\":");
	const struct str parts[] = { str_cut(line, 0, head), str_cut(line, why, tries) };
	return seen_mark(parts, ARRAY_LEN(parts));
}

static bool is_object(struct str line)
{
	json_t *j = json_loadb(line.p, line.len, JSON_ALLOW_NUL, NULL);
	bool is = json_is_object(j);
	json_decref(j);
	return is;
}

size_t hook_lines_document(struct str lines, struct buf *out, size_t *broken)
{
	struct str line;
	size_t n = 0;
	*broken = 0;
	buf_adds(out, "{\"schema\":1,\"events\":[");
	while (str_next(&lines, "\n", &line)) {
		if (!is_object(line)) {
			++*broken;
			continue;
		}
		buf_adds(out, n++ ? "," : "");
		buf_add(out, line.p, line.len);
	}
	buf_adds(out, "]}");
	return n;
}
