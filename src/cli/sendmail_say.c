/* SPDX-License-Identifier: Apache-2.0 */
/* What sendmail says: a line of stderr for people and cron, a document for programs that asked for one. */
#include <jansson.h>
#include <stdio.h>
#include <sysexits.h>

#include "catalog/cause_json.h"
#include "cli/sendmail.h"
#include "show/trail_json.h"

int sendmail_say(struct sendmail_said *s, int status, const char *about, const char *words)
{
	const char *line = arena_printf(s->arena, "%s%s%s", about, *about ? ": " : "", words);
	strlist_add(&s->errors, s->arena, line);
	fprintf(stderr, "sendmail: %s\n", line);
	return status;
}

int sendmail_failed(struct sendmail_said *s, int status, const struct err *e)
{
	char text[600];
	return sendmail_say(s, status, "", err_text(e, text, sizeof(text)));
}

void sendmail_json(const struct sendmail_said *s, int status)
{
	json_t *o = json_object(), *errors = json_array();
	for (size_t i = 0; i < s->errors.n; i++)
		json_array_append_new(errors, text_json(s->errors.v[i]));
	json_object_set_new(o, "schema", json_integer(1));
	json_object_set_new(o, "ok", json_boolean(status == EX_OK));
	json_object_set_new(o, "status", json_integer(status));
	json_object_set_new(o, "reply", s->reply ? text_json(s->reply) : json_null());
	json_object_set_new(o, "errors", errors);
	json_write_document(stdout, o);
}
