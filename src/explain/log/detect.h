/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/detect.h - which format a line is of, told by the line; formats may be mixed. */
#ifndef EXPLAIN_LOG_DETECT_H
#define EXPLAIN_LOG_DETECT_H

#include "explain/log/context.h"

/* Hands the line to its format; false when no format makes anything of it. */
bool log_detect(struct log_context *x, const struct log_line *l);

#endif
