/* SPDX-License-Identifier: Apache-2.0 */
/* explain/provider_tell.h - whose server said it: by hint, host, words, or the domain that was addressed. */
#ifndef EXPLAIN_PROVIDER_TELL_H
#define EXPLAIN_PROVIDER_TELL_H

#include "explain/explain.h"

/* By what names the caller or the text call the server itself; "" when they don't.
 * Sure enough for rules of one provider to be held against it. */
const char *provider_tell_server(const struct explain_hint *hint, const char *host);

/* A guess for people: whose mailboxes the address's domain are; "" unknown. */
const char *provider_tell_address(const char *address);

#endif
