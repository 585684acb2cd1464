/* SPDX-License-Identifier: Apache-2.0 */
/* cli/config_relay.h - postrider.conf as the relay's settings.
 *
 * What each value looks like was checked when the file was read (config_grammar.c); here it is
 * checked whether they go together: a listener that offers TLS needs a certificate, a route
 * that logs in needs a password, nobody else's mail is relayed. */
#ifndef CLI_CONFIG_RELAY_H
#define CLI_CONFIG_RELAY_H

#include "cli/config.h"
#include "relay/settings.h"

/* *out is the caller's (relay_settings_free), and needs c no longer.
 * False with *e (ERR_USAGE): what = file:line, detail = the mend. */
bool config_relay(const struct config *c, struct relay_settings **out, struct err *e) MUST_USE;

/* Sentences for people: who may relay, a line for each way in; where mail goes. */
const char *config_relay_who(const struct relay_settings *s, struct arena *a);
const char *config_relay_ways(const struct relay_settings *s, struct arena *a);
/* Where reports come to and files are picked up, a line each; "" nowhere. */
const char *config_relay_back(const struct relay_settings *s, struct arena *a);

/* Files named in the configuration that this process cannot read, or not use (a certificate that ran out, a
 * key that is another's): false with *e as above. */
bool config_relay_files(const struct config *c, const struct relay_settings *s, struct err *e) MUST_USE;
/* What works and should be mended: `FILE:LINE: ...` each. */
struct strlist config_doubts(const struct config *c, const struct relay_settings *s, struct arena *a);
/* Those of them that also the start tells: files which the relay's user cannot read again. */
struct strlist config_unreadable(const struct config *c, const struct relay_settings *s, struct arena *a);

#endif
