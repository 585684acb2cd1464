/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/delivery_tls.h - how a handshake failed, or whether its peer is whom it should be. */
#ifndef RELAY_DELIVERY_TLS_H
#define RELAY_DELIVERY_TLS_H

#include "relay/delivery/delivery.h"

/* Why the handshake failed; also where the server's judgement came behind it, as in TLS 1.3. */
const char *delivery_shake_fault(const struct delivery *d, const char **finding);

/* NULL: as good as needed.  Else why not, and *finding.  d->proof says whether and by what it proved itself. */
const char *delivery_judge_peer(struct delivery *d, enum tls_need need, const char **finding);

/* True when the session's peer has proven who it is, whatever was needed (for REQUIRETLS). */
bool delivery_is_proven(struct delivery *d);

#endif
