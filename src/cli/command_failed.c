/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "cli/command.h"

enum { TEXT_BYTES = 600 };

int command_failed(const struct err *e)
{
	char text[TEXT_BYTES];
	if (e->kind == ERR_SYS && e->code == EPIPE && command_nobody_reads())
		return EXIT_CANNOT;
	fprintf(stderr, "postrider: %s\n", err_text(e, text, sizeof(text)));
	return e->kind == ERR_USAGE || e->kind == ERR_SYNTAX ? EXIT_WRONG_USE : EXIT_CANNOT;
}
