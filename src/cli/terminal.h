/* SPDX-License-Identifier: Apache-2.0 */
/* cli/terminal.h - what the terminal can show. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>

#include "base/paper.h"

unsigned terminal_columns(int fd); /* 0: fd is no terminal, or does not say */
unsigned terminal_rows(int fd);
bool terminal_can_move(int fd); /* a terminal, and not a dumb one */
bool terminal_color(int fd);    /* can move, and NO_COLOR is not set */
bool terminal_is_utf8(void);    /* by LC_ALL, LC_CTYPE, LANG: the first that is set decides */

/* True when questions can be asked: both ends are a person's. */
bool terminal_can_ask(void);

/* Standard output, as wide and as bright as it is; no_color: never. */
struct paper terminal_paper(bool no_color);

#endif
