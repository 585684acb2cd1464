/* SPDX-License-Identifier: Apache-2.0 */
#include "web/hook_lines.h"

#include <jansson.h>

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
