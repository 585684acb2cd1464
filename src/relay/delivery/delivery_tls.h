/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/delivery_tls.h - how a handshake failed, or whether its peer is whom it should be. */
#ifndef RELAY_DELIVERY_TLS_H
#define RELAY_DELIVERY_TLS_H

#include "relay/delivery/delivery.h"

/* Why the handshake failed; also where the server's judgement came behind it, as in TLS 1.3. */
const char *delivery_shake_fault(const struct delivery *d, const char **finding);

/* NULL: as good as needed.  Else why not, and *finding.  d->proof says whether and by what it proved itself. */
const char *delivery_judge_peer(struct delivery *d, enum tls_need need, const char **finding);

/* The one place that decides whether a message goes without what its recipients' domain asks of TLS (DANE,
 * MTA-STS), as its header may say (RFC 8689, 5): not where REQUIRETLS was said, and never to a server that our
 * own configuration names.  What the configuration asks stays. */
bool delivery_waives_tls(const struct relay_route *r, unsigned flags);

/* "told; ..." for the trail where it went so, or in clear since encryption failed or was not offered; else
 * told. */
const char *delivery_waived_told(const struct delivery *d, const char *told, struct arena *a);

/* True when the session's peer has proven who it is, whatever was needed (for REQUIRETLS). */
bool delivery_is_proven(struct delivery *d);

#endif
