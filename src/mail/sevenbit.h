/* SPDX-License-Identifier: Apache-2.0 */
/* mail/sevenbit.h - a message with 8-bit text made fit for a server that takes none (RFC 6152, 3; RFC 2045,
 * 6), and one with lines longer than SMTP has (RFC 5321, 4.5.3.1.6), which the next server would break.
 *
 * Parts that hold 8-bit bytes become quoted-printable or base64; decoded they are the same bytes as before.
 * Whatever is signed or encrypted (RFC 1847) is left alone: when 8-bit bytes stand there, the message cannot
 * be converted.  Header fields stay as they came: 8BITMIME never allowed 8-bit bytes in them.  Where parts or
 * messages inside have such, what holds them is still called 8bit.
 *
 * The message is read twice, in pieces of any size: first to judge it, then to write it anew.  Memory is that
 * of one header and SEVENBIT_PARTS_MAX notes, however long the message is. */
#ifndef MAIL_SEVENBIT_H
#define MAIL_SEVENBIT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum {
	SEVENBIT_HEADER_BYTES = 128 * 1024, /* of one header; longer ones cannot be rewritten */
	SEVENBIT_PARTS_MAX = 2000,
	SEVENBIT_DEPTH_MAX = 30
};

/* Why a part is coded; or-ed.  A part whose lines are long goes as it is where it cannot be coded, and in a
 * message inside, whose own signatures (DKIM) would break. */
enum sevenbit_cause { SEVENBIT_HIGH = 1, SEVENBIT_LONG = 2 };

/* Of whom a signature may be: DKIM's above the first Received field are of the last host that had it. */
enum sevenbit_signature {
	SEVENBIT_DKIM_ABOVE,
	SEVENBIT_DKIM_BELOW,
	SEVENBIT_ARC, /* ARC-Message-Signature (RFC 8617): over the body, too */
	SEVENBIT_SIGNATURES
};

enum sevenbit_verdict {
	SEVENBIT_FITS,     /* no text in it has to be coded */
	SEVENBIT_CONVERTS, /* it can be written anew */
	SEVENBIT_CANNOT    /* sevenbit_why() */
};

struct sevenbit;

struct sevenbit *sevenbit_new(unsigned causes);
void sevenbit_free(struct sevenbit **s); /* NULL is fine */

/* The first reading. */
void sevenbit_look(struct sevenbit *s, struct str piece);
enum sevenbit_verdict sevenbit_looked(struct sevenbit *s);

/* After SEVENBIT_CANNOT: what stands in the way, "it holds 8-bit text in a signed part (multipart/signed)".
 */
const char *sevenbit_why(const struct sevenbit *s);
unsigned sevenbit_causes(const struct sevenbit *s);
/* After SEVENBIT_CONVERTS: at most so many bytes it will have. */
uint64_t sevenbit_size(const struct sevenbit *s);
/* Domains whose signatures of that kind stand in its header, each once: a conversion breaks them. */
const struct strlist *sevenbit_signers(const struct sevenbit *s, enum sevenbit_signature kind);
/* The first Received field's value; "" none. */
struct str sevenbit_received(const struct sevenbit *s);

/* The second reading, of the same bytes: appends to out what is to be sent.  Behind the end another may
 * begin; before it only from the start (sevenbit_again). */
void sevenbit_again(struct sevenbit *s);
void sevenbit_write(struct sevenbit *s, struct str piece, struct buf *out);
void sevenbit_end(struct sevenbit *s, struct buf *out);

#endif
