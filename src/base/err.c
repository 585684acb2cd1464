/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

static const char *const kind_names[ERR_KINDS] = {
	[ERR_NONE] = "none",   [ERR_SYS] = "system",    [ERR_TLS] = "tls",
	[ERR_DNS] = "dns",     [ERR_HTTP] = "http",     [ERR_PROTOCOL] = "protocol",
	[ERR_LIMIT] = "limit", [ERR_SYNTAX] = "syntax", [ERR_USAGE] = "usage",
};

bool err_fill(struct err *e, enum err_kind kind, long code, const char *doing, const char *file, int line,
	      const char *what_fmt, ...)
{
	if (!e || e->kind != ERR_NONE)
		return false;
	err_clear(e);
	e->kind = kind;
	e->code = code;
	e->doing = doing;
	e->file = file;
	e->line = line;
	va_list ap;
	va_start(ap, what_fmt);
	vsnprintf(e->what, sizeof(e->what), what_fmt, ap);
	va_end(ap);
	if (kind == ERR_SYS && code)
		snprintf(e->detail, sizeof(e->detail), "%s", strerror((int)code));
	return false;
}

bool err_detail(struct err *e, const char *fmt, ...)
{
	if (!e || e->kind == ERR_NONE || e->detail[0])
		return false;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(e->detail, sizeof(e->detail), fmt, ap);
	va_end(ap);
	return false;
}

void err_clear(struct err *e)
{
	if (e)
		*e = (struct err){ .kind = ERR_NONE };
}

const char *err_kind_name(enum err_kind kind)
{
	return kind_names[kind];
}

char *err_text(const struct err *e, char *out, size_t size)
{
	snprintf(out, size, "cannot %s %s%s%s", e->doing ? e->doing : "go on", e->what,
		 e->detail[0] ? ": " : "", e->detail);
	return out;
}
