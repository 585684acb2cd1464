/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/mask.h"

#include <string.h>

#include "explain/log/field.h"

enum { CODE_MAX = 12, ID_MIN = 6 };

static bool ends_word(char c)
{
	return memchr(" \t,;()<>[]\"'", c, 11) != NULL;
}

/* An address, a number, a host with one, an id of a session: set aside. */
static bool is_own(struct str w)
{
	size_t digits = 0;
	for (size_t i = 0; i < w.len; i++) {
		if (w.p[i] == '@')
			return true;
		digits += w.p[i] >= '0' && w.p[i] <= '9';
	}
	return digits && (w.len >= ID_MIN || digits * 2 >= w.len);
}

static uint64_t step(uint64_t h, char c)
{
	return (h ^ (unsigned char)c) * 0x100000001b3u; /* FNV-1a */
}

uint64_t log_mask_hash(struct str s)
{
	uint64_t h = 0xcbf29ce484222325u;
	size_t i = 0;
	bool codes = true; /* "550", "5.7.1", "550-5.7.1" at the front count */
	while (i < s.len) {
		size_t from = i;
		while (i < s.len && !ends_word(s.p[i]))
			i++;
		struct str w = str_cut(s, from, i);
		codes = codes && w.len && w.len <= CODE_MAX && (!from || log_enhanced(w) == w.len);
		if (codes) {
			for (size_t k = 0; k < w.len; k++)
				h = step(h, w.p[k]);
		} else if (w.len && is_own(w)) {
			h = step(h, '#');
		} else {
			for (size_t k = 0; k < w.len; k++)
				h = step(h, w.p[k]);
		}
		if (i < s.len)
			h = step(h, s.p[i++]);
	}
	return h;
}
