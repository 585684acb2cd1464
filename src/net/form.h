/* SPDX-License-Identifier: Apache-2.0 */
/* net/form.h - fields of application/x-www-form-urlencoded, as OAuth's addresses want them. */
#ifndef NET_FORM_H
#define NET_FORM_H

#include "base/buf.h"

/* Percent-encodes all but unreserved characters (RFC 3986, 2.3). */
void form_add_coded(struct buf *out, const char *s);
/* Appends name=value, after & where something is there already; nothing for NULL and "". */
void form_add_field(struct buf *form, const char *name, const char *value);

#endif
