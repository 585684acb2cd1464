/* SPDX-License-Identifier: Apache-2.0 */
/* mail/mime.h - the parts of a message, and what is wrong with their structure (RFC 2045, 2046, 2231).
 *
 * A reader for judging, not for showing: it repairs nothing and names each
 * kind of fault once.  Depth and number of parts are bounded. */
#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include "mail/header.h"

enum {
	MIME_PARTS_MAX = 300,
	MIME_DEPTH_MAX = 20,
	MIME_BOUNDARY_MAX = 70, /* characters (RFC 2046, 5.1.1) */
};

struct mime_part {
	unsigned depth;
	struct header header;
	struct str content_type; /* the field as it was given, unfolded; empty: none */
	const char *type;        /* lower case, "text/plain" when none is given */
	const char *encoding; /* lower case: 7bit 8bit binary quoted-printable base64 or as given; "" none */
	const char *disposition; /* lower case; "" none */
	const char *name;        /* decoded file name; "" none */
	bool coded_name;         /* the name came in RFC 2231 or 2047 form, or has raw bytes above 127 */
	struct str body;         /* as on the wire, without the line end before a boundary */
	bool leaf;               /* neither a multipart nor a message that was entered */
};

struct mime {
	struct mime_part *v; /* in the order of the message; [0] is the message */
	size_t n;
	/* no-mime-version no-boundary bad-boundary unclosed empty-multipart bad-content-type bad-encoding
	 * encoded-multipart bad-base64 bad-quoted-printable undeclared-8bit bad-header-line too-deep
	 * too-many-parts */
	struct strlist problems;
};

void mime_read(struct arena *a, struct str message, struct mime *out);

/* The same for reading, not for judging: of a message inside only the header is
 * read, codings are not tried, names and dispositions of parts stay "", and of problems
 * only those of the structure are told. */
void mime_outline(struct arena *a, struct str message, struct mime *out);

/* Undoes base64 or quoted-printable; other encodings give the body itself.
 * False: the coding is broken; *out holds what could be read. */
bool mime_decode(struct arena *a, const struct mime_part *p, struct str *out) MUST_USE;

/* The parameter of a structured value ('text/plain; charset="utf-8"'), RFC 2231
 * pieces joined and percent signs decoded; NULL when it is not there. */
const char *mime_parameter(struct arena *a, struct str value, const char *name, bool *coded) MUST_USE;

/* Encoded words (RFC 2047) of UTF-8, US-ASCII and ISO 8859-1 as UTF-8; others stay. */
const char *mime_words(struct arena *a, const char *s, bool *coded) MUST_USE;

#endif
