/* SPDX-License-Identifier: Apache-2.0 */
/* smtp/ehlo.h - what a server says it can do (RFC 5321, 4.1.1.1; RFC 1869). */
#ifndef SMTP_EHLO_H
#define SMTP_EHLO_H

#include "base/arena.h"
#include "smtp/reply.h"

enum smtp_extension {
	SMTP_EXT_STARTTLS = 1,
	SMTP_EXT_SIZE = 2,
	SMTP_EXT_PIPELINING = 4,
	SMTP_EXT_8BITMIME = 8,
	SMTP_EXT_SMTPUTF8 = 16,
	SMTP_EXT_CHUNKING = 32,
	SMTP_EXT_BINARYMIME = 64,
	SMTP_EXT_DSN = 128,
	SMTP_EXT_ENHANCEDSTATUSCODES = 256,
	SMTP_EXT_REQUIRETLS = 512,
	SMTP_EXT_AUTH = 1024,
	SMTP_EXT_LIMITS = 2048
};

struct smtp_ehlo {
	const char *name;        /* the server's own, printable; "" */
	unsigned extensions;     /* or-ed */
	long size;               /* -1: SIZE not offered, 0: no fixed limit */
	struct strlist keywords; /* every line after the first, printable */
	struct strlist auth;     /* upper case; from "AUTH ..." and the old "AUTH=..." */
	struct strlist masked;   /* lines overwritten with X or * by a middlebox */
};

/* Reads the reply to EHLO; texts are copied into a. */
struct smtp_ehlo *smtp_ehlo_read(const struct smtp_reply *reply, struct arena *a) MUST_USE;

#endif
