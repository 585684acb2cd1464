/* SPDX-License-Identifier: Apache-2.0 */
/* web/metrics_watch.h - the watch's part of GET /metrics. */
#ifndef WEB_METRICS_WATCH_H
#define WEB_METRICS_WATCH_H

#include "base/buf.h"
#include "watch/watch.h"

/* False with *e: the history cannot be read; *b has what came before. */
bool metrics_watch(struct watch *w, struct buf *b, struct err *e) MUST_USE;

#endif
