/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz_view.h - a DNS made of fuzz input.
 *
 * The n-th new question is answered by the n-th line: "~" fails, an empty line
 * is NXDOMAIN, "|" divides records.  Past the last line all is NXDOMAIN. */
#ifndef TESTS_FUZZ_FUZZ_VIEW_H
#define TESTS_FUZZ_FUZZ_VIEW_H

#include "mail/dns_view.h"

struct fuzz_view {
	struct arena *arena;
	struct str rest;       /* lines not used yet */
	struct strlist keys;   /* questions known, in order */
	struct strlist values; /* their lines */
};

struct dns_view fuzz_view_of(struct fuzz_view *v);
void fuzz_view_answer(struct fuzz_view *v, const struct dns_wants *w);

/* Repeats a call until it wants nothing more; a call that wants for ever is a bug. */
#define FUZZ_RUN(v, w, call)                                                                                 \
	for (int rounds_ = 0; !(call); rounds_++) {                                                          \
		if (rounds_ > 400 || !(w)->n)                                                                \
			__builtin_trap();                                                                    \
		fuzz_view_answer((v), (w));                                                                  \
	}

#endif
