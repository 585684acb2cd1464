/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/remote_id.h"

#include <string.h>

enum { ID_BYTES_MAX = 200 };

/* What stands before an id: Postfix, Postrider, SendGrid; Exim; Exchange; PowerMTA and others.
 * Longest and most telling first. */
static const char *const before[] = { "queued as ",
				      "queued mail for delivery with id ",
				      "internalid=",
				      "id=",
				      "message-id: ",
				      "queue id ",
				      "queued with id ",
				      "message queued (",
				      "mail accepted for delivery, id ",
				      "accepted, id " };

/* What stands behind one: Sendmail and OpenSMTPD; Google; Yahoo's and qmail's kin. */
static const char *const behind[] = { " message accepted for delivery", " - gsmtp",
				      " mail accepted for delivery", " accepted message qp" };

static bool in_id(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       strchr("-_.+@=/:%!", c) != NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "2.0.0" and bare words are no ids: one has a digit or is long. */
static struct str plausible(struct str id)
{
	while (id.len && strchr(".,:;=", id.p[id.len - 1]))
		id.len--;
	bool digit = false, letter = false;
	unsigned dots = 0;
	for (size_t i = 0; i < id.len; i++) {
		digit = digit || is_digit(id.p[i]);
		dots += id.p[i] == '.';
		letter = letter || !(is_digit(id.p[i]) || id.p[i] == '.');
	}
	bool status = !letter && dots == 2 && id.len < 12;
	return digit && !status && id.len > 2 && id.len <= ID_BYTES_MAX ? id : STR_LIT("");
}

static struct str word_at(struct str s, size_t at)
{
	while (at < s.len && strchr("<[({ \"'", s.p[at]))
		at++;
	size_t end = at;
	while (end < s.len && in_id(s.p[end]))
		end++;
	return plausible(str_cut(s, at, end));
}

static struct str word_before(struct str s, size_t end)
{
	size_t at = end;
	while (at && in_id(s.p[at - 1]))
		at--;
	return plausible(str_cut(s, at, end));
}

/* "ok 1732179000 qp 12345" */
static struct str qmail_id(struct str s)
{
	size_t at = str_ifind(s, " qp ");
	if (at == s.len)
		return STR_LIT("");
	struct str time = word_before(s, at), pid = word_at(s, at + 4);
	return time.len && pid.len ? str_cut(s, (size_t)(time.p - s.p), (size_t)(pid.p - s.p) + pid.len)
				   : STR_LIT("");
}

/* "Ok 0100018f2c8d5a3e-...-000000" (Amazon SES): nothing but "Ok" and a long word. */
static struct str lone_id(struct str s)
{
	s = str_trim(s);
	if (!str_istarts(s, "ok "))
		return STR_LIT("");
	struct str id = word_at(s, 3);
	return id.len >= 16 && id.p + id.len == s.p + s.len ? id : STR_LIT("");
}

struct str remote_id_of(struct str reply)
{
	for (size_t i = 0; i < ARRAY_LEN(before); i++) {
		size_t at = str_ifind(reply, before[i]);
		struct str id = at < reply.len ? word_at(reply, at + strlen(before[i])) : STR_LIT("");
		if (id.len)
			return id;
	}
	for (size_t i = 0; i < ARRAY_LEN(behind); i++) {
		size_t at = str_ifind(reply, behind[i]);
		struct str id = at < reply.len ? word_before(reply, at) : STR_LIT("");
		if (id.len)
			return id;
	}
	struct str id = qmail_id(reply);
	return id.len ? id : lone_id(reply);
}
