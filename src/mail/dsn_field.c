/* SPDX-License-Identifier: Apache-2.0 */
/* What the fields of one recipient say. */
#include "mail/dsn_field.h"

#include <string.h>

#include "mail/address_xtext.h"

enum { STATUS_COMMENT_LEAST = 12 }; /* bytes behind a status that are more than decoration */

#define STATUS_COMMENT "status" /* the reply is only a comment of the Status field */

struct str dsn_field_type(struct str *value)
{
	size_t n = 0;
	struct str type = { value->p, 0 };
	while (n < value->len && n < 32 && value->p[n] != ' ' && value->p[n] != ';' && value->p[n] != '@')
		n++;
	size_t semicolon = n;
	while (semicolon < value->len && value->p[semicolon] == ' ')
		semicolon++;
	if (semicolon < value->len && value->p[semicolon] == ';') {
		type = str_cut(*value, 0, n);
		*value = str_trim(str_cut(*value, semicolon + 1, value->len));
	}
	return type;
}

static enum dsn_action action_of(struct str s)
{
	static const struct {
		const char *word;
		enum dsn_action action;
	} words[] = {
		{ "fail", DSN_FAILED },           { "delayed", DSN_DELAYED },
		{ "deferred", DSN_DELAYED },      { "delivered", DSN_DELIVERED },
		{ "deliverable", DSN_DELIVERED }, { "relayed", DSN_RELAYED },
		{ "expanded", DSN_EXPANDED },     { "error", DSN_FAILED },
		{ "bounced", DSN_FAILED },        { "undeliverable", DSN_FAILED },
		{ "success", DSN_DELIVERED },     { "expired", DSN_FAILED },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_istarts(s, words[i].word))
			return words[i].action;
	return DSN_ACTION_UNKNOWN;
}

static struct str status_of(struct str s)
{
	size_t n = 0;
	while (n < s.len && ((s.p[n] >= '0' && s.p[n] <= '9') || s.p[n] == '.'))
		n++;
	return str_cut(s, 0, n);
}

/* "dns; mx.example.com (192.0.2.1)" or "[192.0.2.1]" */
static void set_remote(struct dsn_job *j, struct dsn_recipient *r, struct str value)
{
	dsn_field_type(&value);
	size_t n = 0;
	while (n < value.len && !strchr(" \t([", value.p[n]))
		n++;
	r->remote = dsn_text(j->a, str_cut(value, 0, n), DSN_FIELD_MAX);
	struct str rest = str_trim(str_cut(value, n, value.len));
	if (rest.len && strchr("([", *rest.p)) {
		size_t end = 1;
		while (end < rest.len && !strchr(")], ", rest.p[end]))
			end++;
		r->remote_ip = dsn_text(j->a, str_cut(rest, 1, end), DSN_FIELD_MAX);
	}
}

/* Several codes of one recipient stand side by side. */
static void add_reply(struct dsn_job *j, struct dsn_recipient *r, struct str value)
{
	struct str type = dsn_field_type(&value);
	const char *text = dsn_text(j->a, value, DSN_REPLY_MAX);
	bool comment = !strcmp(r->reply_type, STATUS_COMMENT);
	if (comment)
		r->reply = "";
	if (comment || (!*r->reply_type && type.len))
		r->reply_type = dsn_text(j->a, type, DSN_FIELD_MAX);
	if (!*r->reply)
		r->reply = text;
	else if (!z_ihas(r->reply, text))
		r->reply =
			dsn_text(j->a, str_of(arena_printf(j->a, "%s / %s", r->reply, text)), DSN_REPLY_MAX);
}

static void set_address(struct dsn_job *j, const char **at, struct str value)
{
	struct str address = dsn_address(value);
	if (str_istarts(value, "utf-8;"))
		address = address_xtext_read(j->a, address);
	if (address.len)
		*at = dsn_text(j->a, address, DSN_FIELD_MAX);
}

/* RFC 3464 allows a comment. */
static void set_status(struct dsn_job *j, struct dsn_recipient *d, struct str value)
{
	d->status = dsn_text(j->a, status_of(value), DSN_FIELD_MAX);
	if (value.len > strlen(d->status) + STATUS_COMMENT_LEAST && !*d->reply) {
		d->reply = dsn_text(j->a, value, DSN_REPLY_MAX);
		d->reply_type = STATUS_COMMENT;
	}
}

void dsn_field_take(struct dsn_job *j, struct dsn_recipient *d, enum dsn_field id, struct str value)
{
	switch (id) {
	case F_FINAL:
		set_address(j, &d->address, value);
		break;
	case F_ORIGINAL:
	case F_ACTUAL:
		set_address(j, &d->original, value);
		break;
	case F_ACTION:
		d->action = action_of(value);
		d->action_given = d->action != DSN_ACTION_UNKNOWN;
		break;
	case F_STATUS:
		set_status(j, d, value);
		break;
	case F_REMOTE:
		set_remote(j, d, value);
		break;
	case F_LOG_ID:
		d->final_log_id = dsn_text(j->a, value, DSN_FIELD_MAX);
		break;
	case F_RETRY:
		d->will_retry_until = dsn_text(j->a, value, DSN_FIELD_MAX);
		break;
	case F_ATTEMPT:
		d->last_attempt = dsn_text(j->a, value, DSN_FIELD_MAX);
		break;
	default: /* F_DIAGNOSTIC, F_MORE */
		add_reply(j, d, value);
	}
}
