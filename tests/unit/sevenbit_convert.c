/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "tests/unit/sevenbit_convert.h"

enum sevenbit_verdict sevenbit_convert(unsigned causes, struct str m, size_t cut, struct buf *out,
				       const char **why)
{
	static char words[300];
	CLEANUP(sevenbit_free) struct sevenbit *s = sevenbit_new(causes);
	sevenbit_look(s, str_cut(m, 0, cut));
	sevenbit_look(s, str_cut(m, cut, m.len));
	enum sevenbit_verdict v = sevenbit_looked(s);
	if (v == SEVENBIT_CANNOT)
		snprintf(words, sizeof(words), "%s", sevenbit_why(s));
	*why = words;
	if (v != SEVENBIT_CONVERTS)
		return v;
	sevenbit_write(s, str_cut(m, 0, cut), out);
	sevenbit_write(s, str_cut(m, cut, m.len), out);
	sevenbit_end(s, out);
	assert_true(buf_waiting(out) <= sevenbit_size(s));
	return v;
}
