/* SPDX-License-Identifier: Apache-2.0 */
/* lab/wire.h - one TCP connection of the lab, with or without TLS, over libuv.
 *
 * A wire frees itself once closed.  Its user hears of it through wire_events
 * until it calls wire_close(), wire_reset(), or `gone` was called. */
#ifndef LAB_WIRE_H
#define LAB_WIRE_H

#include <uv.h>

#include "base/str.h"
#include "lab/pki.h"

struct wire;

struct wire_events {
	void (*up)(void *user); /* of wire_connect() only */
	void (*input)(void *user, struct str bytes);
	void (*tls_ended)(void *user, bool ok);
	void (*gone)(void *user);
};

/* NULL when the accept failed. */
struct wire *wire_accept(uv_stream_t *listener, const struct wire_events *ev, void *user);
struct wire *wire_connect(uv_loop_t *loop, const struct sockaddr *to, const struct wire_events *ev,
			  void *user);

void wire_write(struct wire *w, struct str bytes);
size_t wire_waiting(const struct wire *w); /* bytes not yet with the kernel */
enum wire_side { WIRE_SERVER, WIRE_CLIENT };
void wire_tls(struct wire *w, const struct lab_tls *t, enum wire_side side, const char *sni);
void wire_take(struct wire *w, struct str bytes); /* read before wire_tls(), but of the handshake */
bool wire_has_tls(const struct wire *w);
void wire_cut_output(struct wire *w, size_t bytes); /* of what follows only this much is sent */

void wire_half_close(struct wire *w);
void wire_close(struct wire *w); /* after what waits is written */
void wire_reset(struct wire *w);
const char *wire_peer(const struct wire *w); /* "192.0.2.7" */

#endif
