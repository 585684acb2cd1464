/* SPDX-License-Identifier: Apache-2.0 */
/* batch/address.h - address fields with places: `To: {{name}} <{{email}}>`, filled from a row.
 *
 * A cell may hold several addresses, with commas or semicolons between them, and may bring
 * their names ("Ann <ann@example.com>").  Nothing of a cell can end the field or add to it. */
#ifndef BATCH_ADDRESS_H
#define BATCH_ADDRESS_H

#include "batch/hole.h"

enum { ADDRESSES_MAX = 100 /* of one message */ };

struct address_place {
	struct hole_text name, address;
};

struct address_places {
	struct address_place *v;
	size_t n;
};

/* value: the field's, unfolded.  Faults as hole_read's; also what is no address. */
void address_read(struct arena *a, struct str value, const struct strlist *columns, const char *where,
		  struct address_places *out, struct strlist *faults);
/* One address that a column holds. */
struct address_places address_of_column(struct arena *a, const struct strlist *columns, size_t column);
bool address_has_holes(const struct address_places *p);

struct address {
	const char *name;    /* UTF-8, "" none */
	const char *address; /* sound */
	bool utf8;           /* needs SMTPUTF8 */
};

struct addresses { /* in the arena given */
	struct address v[ADDRESSES_MAX];
	size_t n;
};

/* Adds those of the row to out; an empty cell adds none.  False: *problem (in a) says which is no
 * address and why. */
bool address_fill(const struct address_places *p, const struct str *cells, struct arena *a,
		  struct addresses *out, const char **problem) MUST_USE;

/* Appends the field, folded; from `from` to the end of x.  Nothing when there is none. */
void address_write(struct buf *out, const char *field, const struct addresses *x, size_t from);

#endif
