/* SPDX-License-Identifier: Apache-2.0 */
/* web/web.h - the HTTP API and the page, beside a running relay.
 *
 * Requests are read and answered in threads of their own; they look at the store through
 * handles of their own, and what changes something is posted into the relay's loop and
 * waited for without holding anything.  So the relay never waits for the web.
 *
 *     new (may need a privilege) -> start (the relay is open) -> ... -> stop -> free */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "base/err.h"
#include "net/loop.h"
#include "relay/relay.h"
#include "relay/settings.h"

struct watch;
struct web;

/* Binds, reads certificate and tokens.  NULL without *e: the settings want neither
 * API nor webhooks.  settings are held. */
struct web *web_new(struct net_loop *l, const struct relay_settings *settings, struct err *e) MUST_USE;
/* Requests are answered, webhooks told.  watch: the monitors; NULL none. */
bool web_start(struct web *w, struct relay *r, struct watch *watch, struct err *e) MUST_USE;
/* Other settings and tokens from now on; a change of address or security waits for a restart and is
 * told.  False with *e: nothing has changed. */
bool web_reload(struct web *w, const struct relay_settings *settings, struct err *e) MUST_USE;
/* No new connections; /readyz says no; event streams end. */
void web_drain(struct web *w);
/* Waits (in the loop) until what was asked is answered.  Before relay_free().  NULL is fine. */
void web_free(struct web **w);

const char *web_address(const struct web *w); /* as bound: "127.0.0.1:8025"; NULL: none */

#endif
