/* SPDX-License-Identifier: Apache-2.0 */
#include "store/id.h"

enum { SEQ_CHARS = STORE_ID_SEQ_BITS / 5, TAIL_CHARS = STORE_ID_TAIL_BITS / 5 };
#define EPOCH_MS   1704067200000 /* 2024-01-01T00:00:00Z */
#define MASK(bits) ((UINT64_C(1) << (bits)) - 1)

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

static void write_digits(char *out, unsigned chars, uint64_t v)
{
	for (unsigned i = chars; i-- > 0; v >>= 5)
		out[i] = digits[v & 31];
}

const char *store_id_text(struct store_id id, char out[STORE_ID_TEXT])
{
	write_digits(out, SEQ_CHARS, id.seq);
	write_digits(out + SEQ_CHARS, TAIL_CHARS, id.tail);
	out[STORE_ID_TEXT - 1] = '\0';
	return out;
}

static int digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	if (c == 'o')
		return 0;
	if (c == 'i' || c == 'l')
		return 1;
	for (int i = 0; i < 32; i++)
		if (digits[i] == c)
			return i;
	return -1;
}

static bool read_digits(struct str s, uint64_t *v)
{
	*v = 0;
	for (size_t i = 0; i < s.len; i++) {
		int d = digit_value(s.p[i]);
		if (d < 0)
			return false;
		*v = *v << 5 | (unsigned)d;
	}
	return true;
}

bool store_id_read(struct str text, struct store_id *id)
{
	uint64_t seq, tail;
	if (text.len != SEQ_CHARS + TAIL_CHARS || !read_digits(str_cut(text, 0, SEQ_CHARS), &seq) ||
	    !read_digits(str_cut(text, SEQ_CHARS, text.len), &tail) || !seq)
		return false;
	*id = (struct store_id){ seq, (uint32_t)tail };
	return true;
}

uint64_t store_id_floor(int64_t at_ms)
{
	if (at_ms <= EPOCH_MS)
		return 0;
	uint64_t ms = (uint64_t)(at_ms - EPOCH_MS);
	/* A clock that is decades ahead leaves room for the ids that follow. */
	uint64_t most = MASK(STORE_ID_SEQ_BITS - STORE_ID_STEP_BITS) - (1 << 30);
	return (ms < most ? ms : most) << STORE_ID_STEP_BITS;
}

bool store_id_read_rcpt(struct str *rest, uint32_t rcpts_max, struct store_id *id, uint32_t *rcpt)
{
	struct str part;
	unsigned long n;
	if (!str_next(rest, "/", &part) || !store_id_read(part, id) || !str_next(rest, "/", &part) ||
	    !str_number(part, rcpts_max, &n))
		return false;
	*rcpt = (uint32_t)n;
	return true;
}

struct store_id store_id_next(uint64_t last, int64_t now_ms, uint64_t rnd)
{
	uint64_t step = 1 + (rnd >> STORE_ID_TAIL_BITS & 255);
	uint64_t seq = store_id_floor(now_ms) + step;
	if (seq <= last)
		seq = last + step;
	return (struct store_id){ seq, (uint32_t)(rnd & MASK(STORE_ID_TAIL_BITS)) };
}
