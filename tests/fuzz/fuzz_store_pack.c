/* SPDX-License-Identifier: Apache-2.0 */
/* Envelopes and marks as bytes of a record: what can be read is written and read back the same. */
#include <string.h>

#include "base/buf.h"
#include "store/pack_message.h"
#include "store/record.h"
#include "tests/fuzz/fuzz.h"

static void message(struct str in)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	CLEANUP(buf_clear) struct buf once = { 0 };
	CLEANUP(buf_clear) struct buf twice = { 0 };
	struct store_message m = { 0 };
	struct body_shape shape;
	if (!unpack_message(in, a, &m, &shape))
		return;
	pack_message(&once, &m, &shape);
	if (!unpack_message(buf_str(&once), a, &m, &shape))
		__builtin_trap();
	pack_message(&twice, &m, &shape);
	if (buf_waiting(&once) != buf_waiting(&twice) ||
	    memcmp(buf_str(&once).p, buf_str(&twice).p, buf_waiting(&once)) != 0)
		__builtin_trap();
}

static void marks(struct str in)
{
	CLEANUP(buf_clear) struct buf again = { 0 };
	struct mark_reader r;
	size_t n = 0, last = 0;
	if (!mark_reader_begin(&r, in))
		return;
	while (mark_reader_next(&r)) {
		/* Each has a place of its own: places name events. */
		if (r.at >= in.len || (n && r.at <= last) || r.mark.state >= STORE_STATES)
			__builtin_trap();
		last = r.at;
		n++;
		struct mark_reader one;
		again.start = again.len = 0;
		pack_marks(&again, &r.mark, 1);
		if (!mark_reader_begin(&one, buf_str(&again)) || !mark_reader_next(&one) ||
		    one.mark.id.seq != r.mark.id.seq || one.mark.at_ms != r.mark.at_ms ||
		    one.mark.why.len != r.mark.why.len)
			__builtin_trap();
	}
}

static void header(struct str in)
{
	struct record r;
	unsigned char again[RECORD_HEADER];
	if (in.len < RECORD_HEADER)
		return;
	uint64_t salt = get_le64((const unsigned char *)in.p);
	if (!record_read((const unsigned char *)in.p, salt, 4096, &r))
		return;
	record_write(&r, salt, 4096, again);
	if (!record_read(again, salt, 4096, &r))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	message(in);
	marks(in);
	header(in);
	return 0;
}
