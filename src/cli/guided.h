/* SPDX-License-Identifier: Apache-2.0 */
/* cli/guided.h - the few questions a help desk asks, whose answers no probe can find. */
#ifndef CLI_GUIDED_H
#define CLI_GUIDED_H

#include "cli/check_options.h"

/* Asks on the terminal and adds request.answers; an empty line passes a question
 * over.  Asks nothing where no person sits: false with *e (ERR_USAGE) then. */
bool guided_ask(struct check_options *o, struct err *e) MUST_USE;

/* True when a question has that name. */
bool guided_question(const char *name);

#endif
