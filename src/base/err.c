/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdio.h>
#include <string.h>

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

/* The system's words are there already: the mend comes behind them. */
static size_t own_words(const struct err *e)
{
	bool system = e->kind == ERR_SYS && e->code && !strcmp(e->detail, strerror((int)e->code));
	return system ? strlen(e->detail) : 0;
}

bool err_detail(struct err *e, const char *fmt, ...)
{
	if (!e || e->kind == ERR_NONE)
		return false;
	size_t n = own_words(e);
	if (e->detail[0] && !n)
		return false;
	char more[sizeof(e->detail)];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(more, sizeof(more), fmt, ap);
	va_end(ap);
	if (!n || strncmp(more, e->detail, n) != 0) /* they are not said twice */
		snprintf(e->detail + n, sizeof(e->detail) - n, "%s%s", n ? "; " : "", more);
	else
		memcpy(e->detail, more, sizeof(more));
	return false;
}

void err_clear(struct err *e)
{
	if (e)
		*e = (struct err){ .kind = ERR_NONE };
}

char *err_text(const struct err *e, char *out, size_t size)
{
	snprintf(out, size, "cannot %s %s%s%s", e->doing ? e->doing : "go on", e->what,
		 e->detail[0] ? ": " : "", e->detail);
	return out;
}
