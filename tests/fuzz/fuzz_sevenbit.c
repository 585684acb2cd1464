/* SPDX-License-Identifier: Apache-2.0 */
/* A message of any shape: converted it has no 8-bit text, is as long as was promised at most, and is the same
 * however it was cut into pieces. */
#include <string.h>

#include "mail/sevenbit.h"
#include "tests/fuzz/fuzz.h"

static enum sevenbit_verdict convert(struct str m, size_t cut, struct buf *out, uint64_t *most)
{
	CLEANUP(sevenbit_free) struct sevenbit *s = sevenbit_new(SEVENBIT_HIGH | SEVENBIT_LONG);
	for (size_t i = 0; i < m.len; i += cut)
		sevenbit_look(s, str_cut(m, i, i + cut));
	enum sevenbit_verdict v = sevenbit_looked(s);
	*most = sevenbit_size(s);
	if (v == SEVENBIT_CANNOT && !*sevenbit_why(s))
		__builtin_trap();
	for (size_t i = 0; i < m.len && v == SEVENBIT_CONVERTS; i += cut)
		sevenbit_write(s, str_cut(m, i, i + cut), out);
	if (v == SEVENBIT_CONVERTS)
		sevenbit_end(s, out);
	return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_clear) struct buf whole = { 0 }, cut = { 0 }, again = { 0 };
	struct str m = { (const char *)data, size };
	uint64_t most, other;
	enum sevenbit_verdict v = convert(m, size + 1, &whole, &most);
	if (convert(m, size ? data[0] % 7u + 1 : 1, &cut, &other) != v || other != most)
		__builtin_trap();
	if (v != SEVENBIT_CONVERTS)
		return 0;
	struct str w = buf_str(&whole), c = buf_str(&cut);
	if (w.len != c.len || memcmp(w.p, c.p, w.len) != 0 || w.len > most)
		__builtin_trap();
	if (convert(w, w.len + 1, &again, &other) != SEVENBIT_FITS)
		__builtin_trap();
	return 0;
}
