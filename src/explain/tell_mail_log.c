/* SPDX-License-Identifier: Apache-2.0 */
/* One line of a mail server about a delivery: the remote's words out of it. */
#include <string.h>

#include "explain/line.h"
#include "explain/tell_inner.h"
#include "explain/token.h"

/* Behind these stands what was said. */
static const char *const saids[] = { " said: ",

				     "remote host said: ",
				     "smtp; ",
				     "remote server returned ",
				     "server response was: ",
				     "server responded: ",
				     "server said: ",
				     "server replied: ",
				     "stat=",
				     "response was: ",
				     " smtpmsg='" };

/* "status=bounced (...)": what stands in the parentheses. */
static bool in_status(struct str s, struct str *out)
{
	size_t at = str_ifind(s, "status=");
	if (at == s.len)
		return false;
	const char *open = memchr(s.p + at, '(', s.len - at);
	if (!open || s.p[s.len - 1] != ')')
		return false;
	*out = str_cut(s, (size_t)(open - s.p) + 1, s.len - 1);
	return true;
}

/* Exim: "host mx.example.com [192.0.2.1]: 550 ..." */
static bool after_exim_host(struct str s, struct str *out)
{
	size_t at = str_ifind(s, "host ");
	if (at == s.len)
		return false;
	struct str rest = token_rest(s, at + 5);
	size_t n = token_host(rest);
	if (!n || n + 2 >= rest.len || rest.p[n] != ' ' || rest.p[n + 1] != '[')
		return false;
	const char *end = memchr(rest.p + n, ']', rest.len - n);
	size_t after = end ? (size_t)(end - rest.p) + 1 : rest.len;
	if (after + 1 >= rest.len || rest.p[after] != ':')
		return false;
	*out = str_trim(token_rest(rest, after + 1));
	return true;
}

/* Exchange says "550 5.7.60 SMTP; Client does not have ...": what stands before is the reply's own. */
static bool is_spoken(struct str before)
{
	size_t n = 0;
	while (n < before.len && (strchr("0123456789. -", before.p[n])))
		n++;
	return n == before.len && n >= 3;
}

bool tell_mail_log(struct str line, struct told *out)
{
	struct str s = line, inner;
	bool found = false;
	if (in_status(s, &inner)) {
		s = inner;
		found = true;
	}
	for (size_t i = 0; i < ARRAY_LEN(saids); i++) {
		size_t at = str_ifind(s, saids[i]);
		if (at == s.len || is_spoken(str_cut(s, 0, at)))
			continue;
		s = token_rest(s, at + strlen(saids[i]));
		if (saids[i][strlen(saids[i]) - 1] == '\'') /* msmtp: up to the quote, other values follow */
			s = str_cut(s, 0, str_ifind(s, "' "));
		found = true;
		break;
	}
	if (!found && after_exim_host(s, &inner)) {
		s = inner;
		found = true;
	}
	if (found && str_trim(s).len)
		out->text = str_trim(s);
	return found;
}
