/* SPDX-License-Identifier: Apache-2.0 */
/* One line of a mail server about a delivery: the remote's words out of it. */
#include <string.h>

#include "explain/line.h"
#include "explain/tell_inner.h"
#include "explain/token.h"

/* What was said stands behind the one, and up to the other where it is there. */
static const struct {
	const char *begin, *end;
} saids[] = {
	{ " said: ", "giving up on " },
	{ "remote host said: ", "giving up on " },
	{ "smtp; ", "" },
	{ "remote server returned ", "" },
	{ "server response was: ", "" },
	{ "die serverantwort war: ", "" },
	{ "ponse du serveur \xc3\xa9tait", "" },
	{ "respuesta del servidor fue: ", "" },
	{ "risposta del server: ", "" },
	{ "risposta server: ", "" },
	{ "resposta do servidor foi: ", "" },
	{ "\xd1\x82\xd0\xb2\xd0\xb5\xd1\x82 \xd1\x81\xd0\xb5\xd1\x80\xd0\xb2\xd0\xb5\xd1\x80\xd0\xb0: ",
	  "" }, /* Russian */
	{ "server responded: ", "" },
	{ "server said: ", "" },
	{ "server replied: ", "" },
	{ ", reply=", ", stat=" },
	{ "stat=", "" },
	{ "response was: ", "" },
	{ " smtpmsg='", "' " }, /* msmtp: other values follow */
};

/* "status=sent (delivered to maildir)", "stat=Sent", qmail's, "=> b@c R=local T=maildir" of Exim:
 * what stands behind may be no reply at all. */
static bool is_taken(struct str s)
{
	size_t arrow = str_ifind(s, " => "), delivery = str_ifind(s, "delivery ");
	return str_ifind(s, ", status=sent (") < s.len || str_ifind(s, ", stat=sent") < s.len ||
	       str_ifind(token_rest(s, delivery), ": success: ") < s.len - delivery ||
	       (str_ifind(token_rest(s, arrow), " r=") < s.len - arrow &&
		str_ifind(token_rest(s, arrow), " t=") < s.len - arrow);
}

/* French has a colon apart. */
static struct str uncoloned(struct str s)
{
	static const char *const marks[] = { ":", " ", "\xc2\xa0" };
	for (size_t i = 0; i < ARRAY_LEN(marks);) {
		bool has = str_istarts(s, marks[i]);
		s = token_rest(s, has ? strlen(marks[i]) : 0);
		i = has ? 0 : i + 1;
	}
	return s;
}

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
	out->taken = is_taken(line);
	if (in_status(s, &inner)) {
		s = inner;
		found = true;
	}
	for (size_t i = 0; i < ARRAY_LEN(saids); i++) {
		size_t at = str_ifind(s, saids[i].begin);
		if (at == s.len || is_spoken(str_cut(s, 0, at)))
			continue;
		s = uncoloned(token_rest(s, at + strlen(saids[i].begin)));
		if (*saids[i].end)
			s = str_cut(s, 0, str_ifind(s, saids[i].end));
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
