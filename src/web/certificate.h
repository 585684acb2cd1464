/* SPDX-License-Identifier: Apache-2.0 */
/* web/certificate.h - certificate and key as the library wants them: texts.
 *
 * Judged as the doors of SMTP judge theirs, before anything is made of them. */
#ifndef WEB_CERTIFICATE_H
#define WEB_CERTIFICATE_H

#include "base/buf.h"
#include "base/err.h"
#include "relay/settings.h"

struct certificate {
	char *cert, *key; /* PEM */
	char *cert_file, *key_file;
	struct tls_identity *identity;
};

/* NULL with *e: unreadable, run out, or no pair. */
struct certificate *certificate_load(const struct relay_settings *s, struct err *e) MUST_USE;
void certificate_free(struct certificate **c); /* the key is wiped; NULL is fine */
/* Its files are others by now, or have other names. */
bool certificate_changed(const struct certificate *c, const struct relay_settings *s);

#endif
