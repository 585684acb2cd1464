/* SPDX-License-Identifier: Apache-2.0 */
/* batch/template.h - a mail with places (batch/hole.h), as any mail program saves one (.eml).
 *
 * Read once: what has no place in it is encoded then, and only copied for each row.  Places may stand
 * in the header and in parts of text; there they are filled before the text is encoded, so
 * that no cell can break a header, a part or a page.  From, To, Cc, Bcc, Reply-To are read as addresses;
 * what a mail has from its first journey (Received, Message-ID, signatures ...) is left out. */
#ifndef BATCH_TEMPLATE_H
#define BATCH_TEMPLATE_H

#include "base/err.h"
#include "batch/letter.h"

enum {
	TEMPLATE_BYTES_MAX = 10 << 20, /* in memory once for each session */
	TEMPLATE_FIELDS_MAX = 200,
};

struct template_options {
	const struct strlist *columns;
	const char *from, *from_name; /* instead of the template's; NULL: not given */
	const char *to_column;        /* NULL: by the template's To, or by its usual names */
	const char *fields; /* whole fields to add, in place of the template's X-Postrider-*; NULL */
	const char *nonce;  /* for boundaries: nobody can guess it */
};

struct template;

/* Never NULL; faults (sentences) are empty when it can be used.  raw may go afterwards. */
struct template *template_read(struct str raw, const struct template_options *o, struct strlist *faults,
			       struct arena *faults_in) MUST_USE;
void template_free(struct template **t);

/* Fills l's addresses.  Adds what is wrong with the row to problems (texts in l's arena). */
void template_address(const struct template *t, const struct str *cells, struct letter *l,
		      struct strlist *problems);
/* Adds a sentence for each cell that is needed and empty. */
void template_missing(const struct template *t, const struct str *cells, struct arena *a,
		      struct strlist *problems);
/* Writes l's bytes: its addresses, key, message_id and files are set. */
void template_write(const struct template *t, const struct str *cells, struct letter *l, long long date_s);

#endif
