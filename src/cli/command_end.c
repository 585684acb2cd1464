/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"

/* `| head -1` has what it wanted: nothing to complain of. */
bool command_nobody_reads(void)
{
	struct pollfd p = { STDOUT_FILENO, POLLOUT, 0 };
	return poll(&p, 1, 0) == 1 && (p.revents & (POLLERR | POLLHUP));
}

bool command_written(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return true;
	if (!command_nobody_reads())
		perror("postrider: writing the answer");
	return false;
}

int command_end(int status)
{
	return command_written() ? status : EXIT_CANNOT;
}
