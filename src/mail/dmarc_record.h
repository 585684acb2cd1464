/* SPDX-License-Identifier: Apache-2.0 */
/* mail/dmarc_record.h - one DMARC record taken apart (RFC 9989, 4.7; RFC 7489, 6.3). */
#ifndef MAIL_DMARC_RECORD_H
#define MAIL_DMARC_RECORD_H

#include "base/arena.h"

struct dmarc_record {
	const char *text;
	const char *p, *sp, *np; /* none quarantine reject; "" not given */
	bool strict_dkim, strict_spf;
	char psd;            /* y n u */
	bool testing;        /* t=y */
	bool has_rua;        /* with at least one usable address */
	const char *problem; /* words about what is wrong, "" when sound */
	bool usable;         /* there is a policy (RFC 9989, 4.10.1: p, or none when rua is there) */
};

/* The record begins with "v=DMARC1" as the RFC wants it: the value in capitals. */
bool dmarc_record_is(const char *txt);
/* It is no DMARC record, but was surely meant as one; words about why it does not count, or NULL. */
const char *dmarc_record_near(const char *txt);

void dmarc_record_parse(struct arena *a, const char *txt, struct dmarc_record *r);

#endif
