/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/finding_status.h - the enhanced status of what no server said: of a finding of our own (RFC 3463,
 * 7505, 8689, and IANA's registry of them).
 *
 * For a reply's number and for a report's Status.  Pure. */
#ifndef CATALOG_FINDING_STATUS_H
#define CATALOG_FINDING_STATUS_H

#include "base/arena.h"

/* The digit before the first dot. */
enum status_class { STATUS_LATER = 4, STATUS_FOR_GOOD = 5 };

/* "5.1.2"; "5.0.0" where nothing better is known of that finding, or there is none by that name. */
const char *finding_status(struct arena *a, struct str finding, enum status_class as);
/* True of what concerns security (X.7.X): that it lasted too long says less than that. */
bool finding_is_security(struct str finding);

#endif
