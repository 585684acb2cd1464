/* SPDX-License-Identifier: Apache-2.0 */
/* cli/option_wrong.h - an option's value that cannot be, refused with the mend. */
#ifndef CLI_OPTION_WRONG_H
#define CLI_OPTION_WRONG_H

#include "base/err.h"

/* Refuses the value of a row: `cannot take --name "value" (mend)`; always false. */
bool option_wrong(struct err *e, const char *name, const char *value, const char *mend);
/* The value holds a control character: a line end pasted along. */
bool option_has_control(const char *value);

#endif
