/* SPDX-License-Identifier: Apache-2.0 */
/* bench/dial.h - a connection of a load program: made, written to, or the program ends with what went wrong.
 */
#ifndef BENCH_DIAL_H
#define BENCH_DIAL_H

#include <stddef.h>

double dial_now(void); /* s */
int dial(int port);    /* on loopback */
void dial_say(int fd, const char *p, size_t n);

/* n event streams for so many seconds, of which `deaf` never read; prints what came.  Returns the exit
 * status. */
int web_streams(int port, int n, int seconds, int deaf);

#endif
