/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/fuzz.h - the one function a fuzz target defines, and what several of them demand. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Fit for SMTP: each line ends in CR LF, and no CR, LF or NUL stands alone (RFC 5321, 2.3.8). */
static inline void must_be_smtp_lines(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		bool lf = s.p[i] == '\n', cr = s.p[i] == '\r';
		if (!s.p[i] || (lf && (!i || s.p[i - 1] != '\r')) ||
		    (cr && (i + 1 == s.len || s.p[i + 1] != '\n')))
			__builtin_trap();
	}
}

#endif
