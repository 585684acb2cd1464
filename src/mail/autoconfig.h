/* SPDX-License-Identifier: Apache-2.0 */
/* mail/autoconfig.h - the servers that a provider's set-up file names for sending.
 *
 * Two kinds of file, told apart by their root element: Mozilla's autoconfig
 * (<clientConfig>) and Microsoft's Autodiscover for plain mail (<Autodiscover>,
 * [MS-OXDSCLI] 4.1).  The file comes from anybody: document type definitions, and
 * with them all entities but XML's own five, are refused; bytes, depth, servers
 * and lengths are limited.  Pure. */
#ifndef MAIL_AUTOCONFIG_H
#define MAIL_AUTOCONFIG_H

#include "base/arena.h"

enum {
	AUTOCONFIG_BYTES_MAX = 64 * 1024, /* of a file; a longer one is refused */
	AUTOCONFIG_DEPTH_MAX = 12,        /* of elements */
	AUTOCONFIG_ELEMENTS_MAX = 2000,
	AUTOCONFIG_SERVERS_MAX = 8, /* further ones are left out */
	AUTOCONFIG_TEXT_MAX = 254   /* of one value; a longer one is no value */
};

enum autoconfig_login { AUTOCONFIG_PASSWORD = 1, AUTOCONFIG_OAUTH = 2, AUTOCONFIG_BY_ADDRESS = 4 };

struct autoconfig_server {
	const char *host;     /* places filled in */
	unsigned port;        /* 1..65535 */
	const char *security; /* none | starttls | tls */
	const char *user;     /* login name with its places filled in; "" not said */
	unsigned logins;      /* set of enum autoconfig_login; 0: not said */
};

struct autoconfig {
	const char *name;    /* the provider's own, "" none */
	const char *problem; /* NULL, or why the file is no use, in words; static or in the arena */
	struct autoconfig_server v[AUTOCONFIG_SERVERS_MAX]; /* in the file's order */
	size_t n;
};

/* Reads a file for an address: %EMAILADDRESS%, %EMAILLOCALPART% and %EMAILDOMAIN%
 * are filled with its parts.  With an address that is a bare domain the first two
 * stay unknown: user is "" then. */
void autoconfig_read(struct arena *a, struct str file, const char *address, struct autoconfig *out);

#endif
