/* SPDX-License-Identifier: Apache-2.0 */
/* check/shield.h - products that stand between a mail program and its server:
 * antivirus mail shields and inspecting gateways, as they name themselves. */
#ifndef CHECK_SHIELD_H
#define CHECK_SHIELD_H

enum shield_place { SHIELD_IN_GREETING = 1, SHIELD_IN_CERTIFICATE = 2 };

/* The product's word in a text of that place (ASCII case ignored), or NULL. */
const char *shield_named(const char *text, enum shield_place place);

#endif
