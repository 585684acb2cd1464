/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/requiretls.h - may this host have a message whose sender wants encryption all the way
 * (RFC 8689, 4.2.1)?
 *
 * Pure.  What the host or its domain lacks is a refusal for good; what nobody could find out, or what fails
 * just now, has to be tried again: it is no word about the host. */
#ifndef RELAY_REQUIRETLS_H
#define RELAY_REQUIRETLS_H

#include <stdbool.h>

#include "base/arena.h"
#include "relay/delivery/mx_find.h"

struct requiretls_case {
	const char *host;
	bool encrypted;
	bool starttls;           /* it offers that; encrypted or not */
	bool offers;             /* REQUIRETLS */
	bool proven;             /* its certificate, or its records: it is who its name says */
	enum mx_voucher voucher; /* of its name; MX_VOUCHED where the configuration has it */
	const char *untold;      /* of MX_VOUCHER_UNTOLD: what could not be found out, and who can mend it */
};

struct requiretls {
	bool fits;
	bool for_good;       /* else it may heal */
	const char *finding; /* id, "" none */
	const char *why;     /* with RFC 3463's number in front where it is for good; "" it fits */
};

struct requiretls requiretls_judge(const struct requiretls_case *c, struct arena *a);

#endif
