/* SPDX-License-Identifier: Apache-2.0 */
/* web/metrics_label.h - a label's value in Prometheus' text format: backslash, quote and line end are
 * escaped. */
#ifndef WEB_METRICS_LABEL_H
#define WEB_METRICS_LABEL_H

#include "base/buf.h"

void metrics_label(struct buf *b, const char *value);

#endif
