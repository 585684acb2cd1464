/* SPDX-License-Identifier: Apache-2.0 */
/* relay/control.h - the operator's way into a running relay: a socket in its data folder.
 *
 * DATA/control, 0600: who may read the store may steer it.  One JSON object a line each way;
 * every request is answered with {"ok": true, ...} or {"ok": false, "error": ...,
 * "mend": ...}. */
#ifndef RELAY_CONTROL_H
#define RELAY_CONTROL_H

#include "relay/relay_inner.h"

enum { CONTROL_LINE_MAX = 64 * 1024, CONTROL_PEERS_MAX = 64 };

struct control;

struct control *control_new(struct relay *r, struct err *e) MUST_USE; /* a stale socket is replaced */
void control_start(struct control *c);
void control_free(struct control **c); /* removes the socket */

#endif
