/* SPDX-License-Identifier: Apache-2.0 */
/* cli/explain_log.h - reads logs for `postrider explain`: pieces in, fates to the renderer, one summary.
 *
 * Ctrl-C ends the reading, not the answer: the summary tells what was read so far
 * and that it is a part. */
#ifndef CLI_EXPLAIN_LOG_H
#define CLI_EXPLAIN_LOG_H

#include "cli/explain_options.h"
#include "explain/unpack.h"

struct explain_log; /* owned by the caller */

struct explain_log *explain_log_new(const struct explain_options *o,
				    struct explain_renderer *renderer) MUST_USE; /* both borrowed */
void explain_log_free(struct explain_log **l);

/* head: what was taken from u already.  *cannot becomes true when the file could
 * not be read to its end.  False when nothing more should be read. */
bool explain_log_file(struct explain_log *l, const char *path, const char *name, struct unpack *u,
		      struct str head, bool *cannot) MUST_USE;

/* Renders the summary.  True when something in the logs is not well. */
bool explain_log_report(struct explain_log *l);

#endif
