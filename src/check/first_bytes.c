/* SPDX-License-Identifier: Apache-2.0 */
#include "check/first_bytes.h"

#include <string.h>

static const struct {
	const char *prefix, *name;
} beginnings[] = {
	{ "* ok", "imap" },  { "* preauth", "imap" }, { "* bye", "imap" },   { "+ok", "pop3" },
	{ "-err", "pop3" },  { "http/", "http" },     { "ssh-", "ssh" },     { "<!doctype html", "html" },
	{ "<html", "html" }, { "rfb ", "vnc" },       { "\x16\x03", "tls" }, { "\x15\x03", "tls-alert" },
};

const char *first_bytes_look_like(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(beginnings); i++)
		if (str_istarts(s, beginnings[i].prefix))
			return beginnings[i].name;
	if (s.len >= 4 && s.p[0] >= '2' && s.p[0] <= '5' && s.p[1] >= '0' && s.p[1] <= '9' && s.p[2] >= '0' &&
	    s.p[2] <= '9' && (s.p[3] == ' ' || s.p[3] == '-'))
		return "smtp";
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] >= 0x7f ||
		    ((unsigned char)s.p[i] < 0x20 && !strchr("\r\n\t", s.p[i])))
			return "binary";
	return s.len ? "ascii" : "";
}
