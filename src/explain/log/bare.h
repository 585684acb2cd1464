/* SPDX-License-Identifier: Apache-2.0 */
/* explain/log/bare.h - a line without what a terminal or a page put into it. */
#ifndef EXPLAIN_LOG_BARE_H
#define EXPLAIN_LOG_BARE_H

#include "base/buf.h"

/* s, or a view of *room, without colours, and with the signs that HTML names: "to=&lt;a@b&gt;". */
struct str log_bare(struct str s, struct buf *room);

#endif
