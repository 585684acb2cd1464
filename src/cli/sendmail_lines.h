/* SPDX-License-Identifier: Apache-2.0 */
/* cli/sendmail_lines.h - the two streams of `sendmail -bs`: line ends of a program's input, and where the
 * relay's answers stand.  Pure.
 *
 * Programs on this machine write lines as they are here, with LF alone, and Postfix and Sendmail take such.
 * The first line says which it is: with CRLF all goes on byte by byte, and a lone LF means to the relay what
 * it means from the network. */
#ifndef CLI_SENDMAIL_LINES_H
#define CLI_SENDMAIL_LINES_H

#include "base/buf.h"

struct sendmail_lines { /* {0} to begin with */
	enum sendmail_line_end { SENDMAIL_END_UNKNOWN, SENDMAIL_END_CRLF, SENDMAIL_END_LF } end;
	char last; /* byte of the input; 0: none yet */
};

/* Appends to out what the relay is to be given for a piece of the input. */
void sendmail_lines_take(struct sendmail_lines *l, struct str piece, struct buf *out);

struct sendmail_replies { /* {0} to begin with */
	unsigned code;    /* of the last whole reply; 0: none */
	unsigned now;     /* of the line that is read */
	unsigned at;      /* byte of that line */
	bool goes_on;     /* it is not the reply's last */
};

void sendmail_replies_take(struct sendmail_replies *r, struct str piece);

/* The input is over, and so are the answers: it ended within a line or a message. */
bool sendmail_lines_cut(const struct sendmail_lines *l, const struct sendmail_replies *r);

#endif
