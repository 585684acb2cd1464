/* SPDX-License-Identifier: Apache-2.0 */
/* relay/delivery/delivery_login.h - logging in at a smarthost; its password goes to nobody else. */
#ifndef RELAY_DELIVERY_LOGIN_H
#define RELAY_DELIVERY_LOGIN_H

#include "relay/delivery/delivery.h"

const char *delivery_user(const struct relay_route *r); /* "" where none logs in */
/* False: d->failure (TROUBLE_AUTH). */
bool delivery_login(struct delivery *d);

#endif
