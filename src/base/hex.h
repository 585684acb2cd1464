/* SPDX-License-Identifier: Apache-2.0 */
/* base/hex.h - one hexadecimal digit, of either case. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

/* -1: it is none. */
static inline int hex_value(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

#endif
