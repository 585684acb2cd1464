/* SPDX-License-Identifier: Apache-2.0 */
/* The relay's settings as a text of postrider.conf gives them. */
#ifndef TESTS_UNIT_SETTINGS_TEXT_H
#define TESTS_UNIT_SETTINGS_TEXT_H

#include "tests/unit/unit.h"

#include "cli/config_relay.h"

bool read_settings(const char *text, const struct relay_settings **s, struct err *e);
const struct relay_settings *settings(const char *text); /* which has no mistake */

/* A hash that can be: of some password. */
#define SETTINGS_HASH "$y$j9T$kyhuvF7MrCx1fLTxj8eOn.$85ciZO41tOceR8QLcQ4.RxOrgRC0k5rF.qnlWZpBut0"

#endif
