/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"

static struct winsize size_of(int fd)
{
	struct winsize w = { 0 };
	if (ioctl(fd, TIOCGWINSZ, &w) != 0)
		w = (struct winsize){ 0 };
	return w;
}

unsigned terminal_columns(int fd)
{
	return size_of(fd).ws_col;
}

unsigned terminal_rows(int fd)
{
	return size_of(fd).ws_row;
}

bool terminal_can_move(int fd)
{
	const char *term = getenv("TERM");
	return isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

bool terminal_color(int fd)
{
	const char *no = getenv("NO_COLOR"); /* no-color.org: any value but the empty one */
	return terminal_can_move(fd) && !(no && *no);
}

bool terminal_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *v = getenv(names[i]);
		if (v && *v)
			return z_ihas(v, "utf-8") || z_ihas(v, "utf8");
	}
	return false;
}

bool terminal_can_ask(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

struct paper terminal_paper(bool no_color)
{
	return paper_of(stdout, terminal_columns(STDOUT_FILENO), !no_color && terminal_color(STDOUT_FILENO),
			!terminal_is_utf8());
}
