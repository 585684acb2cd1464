/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/host.h - is what was typed a server's name?  (RFC 1123, 2.1; RFC 5890)
 *
 * Names are pasted from web pages and mails, with schemes, ports, blanks,
 * invisible characters and letters of other alphabets.  The first offence is
 * named, and what was probably meant proposed; nothing is looked up. */
#ifndef SMTP_HOST_H
#define SMTP_HOST_H

#include <stddef.h>

#include "base/str.h"

enum { SMTP_HOST_BYTES_MAX = 253 }; /* RFC 1035, 2.3.4, without the root's dot */

enum smtp_host_form {
	SMTP_HOST_BAD,
	SMTP_HOST_NAME,  /* two labels or more */
	SMTP_HOST_SHORT, /* one label: "mailserver" */
	SMTP_HOST_IPV4,
	SMTP_HOST_IPV6, /* without brackets */
};

struct smtp_host {
	enum smtp_host_form form;
	/* Stable words; NULL where nothing is wrong.  empty, scheme, slash, blank, line-break,
	 * port-in-host, zero-width, lookalike, non-ascii, at-sign, brackets, quoted, comma, dot,
	 * bad-label, bad-character, bad-number (256.1.1.1, 1.2.3), too-long; for an address
	 * that is good: ip-literal (a note: certificates carry names). */
	const char *problem;
	size_t at; /* byte offset of the first offence */
	char clean[SMTP_HOST_BYTES_MAX +
		   1]; /* what it probably should be; "" unknown; the name itself when good */
	unsigned port; /* read off "host:587"; 0 none */
};

/* Always fills *h.  True when it can be used as it was typed (ip-literal included). */
bool smtp_host_read(struct str typed, struct smtp_host *h);

/* A numeric address of this machine's own loop; never true of a name. */
bool smtp_host_is_loopback(const char *address);

#endif
