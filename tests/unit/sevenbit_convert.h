/* SPDX-License-Identifier: Apache-2.0 */
/* A message as mail/sevenbit sends it, for tests. */
#ifndef TESTS_UNIT_SEVENBIT_CONVERT_H
#define TESTS_UNIT_SEVENBIT_CONVERT_H

#include "tests/unit/unit.h"

#include "mail/sevenbit.h"

#define MIXED(head) "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n" head "\r\n"
#define UMLAUT      "\xc3\xbc"

/* Looks at it and writes it in two pieces, cut there.  Causes: why parts are coded.  *why is valid until the
 * next call. */
enum sevenbit_verdict sevenbit_convert(unsigned causes, struct str m, size_t cut, struct buf *out,
				       const char **why);

#endif
