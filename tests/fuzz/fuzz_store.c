/* SPDX-License-Identifier: Apache-2.0 */
/* A start after anything: records of any content, whole or cut, and noise between them, in the order the
 * input says.  The store opens, tells every live message in all ways alike, and opens again the same.
 *
 * The input is a row of: kind 1 byte, length 2 bytes, so many bytes. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "store/crc.h"
#include "store/record.h"
#include "store/segment.h"
#include "store/store.h"
#include "store/pack_message.h"
#include "tests/fuzz/fuzz.h"

#define NOW INT64_C(1790000000000)
enum { SALT_AT = 16, SEQ = 1 << 20, FILE_MOST = 1 << 20 };
enum kind { RAW, RECORD_OF_ANYTHING, A_MESSAGE, A_MOVED_MESSAGE, A_MARK, TWO_MARKS, KINDS };

static char folder[64];
static unsigned char *index_file, head[SEGMENT_HEAD];
static size_t index_len;

static int drop(const char *path, const struct stat *st, int type, struct FTW *f)
{
	(void)st;
	(void)type;
	(void)f;
	return remove(path);
}

static void drop_folder(void)
{
	nftw(folder, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static struct store *open_store(void)
{
	struct err e = { 0 };
	struct store *s = NULL;
	struct store_options o = {
		.path = folder, .now_ms = NOW, .segment_bytes = SEGMENT_BYTES_MIN, .reserve_bytes = 1
	};
	if (!store_open(&o, &s, &e)) {
		char text[512];
		fprintf(stderr, "%s\n", err_text(&e, text, sizeof(text)));
		__builtin_trap();
	}
	return s;
}

static FILE *file(const char *name, const char *how)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, how);
	if (!f)
		__builtin_trap();
	return f;
}

/* An empty store, from which every run begins. */
static void make_template(void)
{
	snprintf(folder, sizeof(folder), "%s/fuzz-store-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(folder))
		__builtin_trap();
	atexit(drop_folder);
	struct store *s = open_store();
	store_close(&s);
	index_file = mem_alloc(FILE_MOST);
	FILE *f = file("index.db", "r");
	index_len = fread(index_file, 1, FILE_MOST, f);
	fclose(f);
	f = file("bodies/0000000001.seg", "r");
	if (fread(head, 1, sizeof(head), f) != sizeof(head))
		__builtin_trap();
	fclose(f);
}

/* ---- records from the input ---- */

struct input {
	const uint8_t *p;
	size_t len;
};

static unsigned byte(struct input *in)
{
	if (!in->len)
		return 0;
	in->len--;
	return *in->p++;
}

static struct str some(struct input *in)
{
	size_t n = byte(in);
	if (n > in->len)
		n = in->len;
	struct str s = { (const char *)in->p, n };
	in->p += n;
	in->len -= n;
	return s;
}

/* Few ids, so that records meet. */
static struct store_id an_id(struct input *in)
{
	return (struct store_id){ SEQ + byte(in) % 8, byte(in) % 2 };
}

static void pack_some_message(struct input *in, struct buf *meta)
{
	struct store_rcpt r[3];
	struct store_message m = { .arrived_ms = NOW - (int64_t)byte(in) * 1000, .rcpts = r };
	struct body_piece piece = { byte(in) % 3, SEGMENT_HEAD + byte(in) * 8, byte(in) };
	struct body_shape shape = { 0, &piece, byte(in) % 8 == 0 };
	m.nrcpts = byte(in) % 4;
	for (size_t i = 0; i < m.nrcpts; i++)
		r[i] = (struct store_rcpt){ .address = some(in),
					    .lane = some(in),
					    .state = (enum store_state)(byte(in) % STORE_STATES),
					    .next_ms = byte(in) % 3 ? NOW + byte(in) : STORE_NEVER,
					    .expires_ms = STORE_NEVER,
					    .tries = byte(in) };
	m.subject = some(in);
	m.message_id = some(in);
	m.key = some(in);
	m.account = some(in);
	pack_message(meta, &m, &shape);
}

static void pack_some_marks(struct input *in, struct buf *meta, size_t n)
{
	struct store_mark m[2] = { 0 };
	for (size_t i = 0; i < n; i++) {
		m[i].id = an_id(in);
		m[i].rcpt = byte(in) % 4;
		m[i].state = (enum store_state)(byte(in) % STORE_STATES);
		m[i].dot = byte(in) % 2;
		m[i].at_ms = NOW + byte(in);
		m[i].next_ms = byte(in) % 3 ? NOW : STORE_NEVER;
		m[i].code = byte(in) * 3;
		m[i].lane = some(in);
		m[i].reply = some(in);
		m[i].remote_id = some(in);
	}
	pack_marks(meta, m, n);
}

static void add_record(FILE *f, enum record_type type, struct store_id id, struct str meta, struct str body)
{
	static const char padding[RECORD_ALIGN];
	unsigned char header[RECORD_HEADER];
	struct record r = {
		type,
		id,
		(uint32_t)meta.len,
		(uint32_t)body.len,
		store_crc(0, meta.p, meta.len),
		store_crc(0, body.p, body.len),
	};
	record_write(&r, get_le64(head + SALT_AT), (uint64_t)ftell(f), header);
	fwrite(header, 1, sizeof(header), f);
	fwrite(meta.p, 1, meta.len, f);
	fwrite(body.p, 1, body.len, f);
	fwrite(padding, 1, (size_t)record_room(&r) - sizeof(header) - meta.len - body.len, f);
}

static void add(FILE *f, enum kind kind, struct input in)
{
	CLEANUP(buf_clear) struct buf meta = { 0 };
	switch (kind) {
	case RAW:
		fwrite(in.p, 1, in.len & ~(size_t)7, f);
		break;
	case RECORD_OF_ANYTHING: {
		enum record_type type = (enum record_type)(1 + byte(&in) % (RECORD_TYPES - 1));
		struct store_id id = an_id(&in);
		struct str body = some(&in);
		add_record(f, type, id, (struct str){ (const char *)in.p, in.len }, body);
		break;
	}
	case A_MESSAGE:
	case A_MOVED_MESSAGE: {
		struct store_id id = an_id(&in);
		pack_some_message(&in, &meta);
		add_record(f, kind == A_MESSAGE ? RECORD_MESSAGE : RECORD_MOVED, id, buf_str(&meta),
			   some(&in));
		break;
	}
	default:
		pack_some_marks(&in, &meta, kind == TWO_MARKS ? 2 : 1);
		add_record(f, RECORD_MARKS, (struct store_id){ 0 }, buf_str(&meta), STR_LIT(""));
	}
}

static void write_folder(struct input in)
{
	drop_folder();
	char path[128];
	snprintf(path, sizeof(path), "%s/bodies", folder);
	if (mkdir(folder, 0700) || mkdir(path, 0700))
		__builtin_trap();
	FILE *f = file("index.db", "w");
	fwrite(index_file, 1, index_len, f);
	fclose(f);
	f = file("bodies/0000000001.seg", "w");
	fwrite(head, 1, sizeof(head), f);
	while (in.len > 3) {
		enum kind kind = (enum kind)(byte(&in) % KINDS);
		size_t n = byte(&in);
		n |= (size_t)byte(&in) << 8;
		struct input part = { in.p, n < in.len ? n : in.len };
		in.p += part.len;
		in.len -= part.len;
		add(f, kind, part);
	}
	fclose(f);
}

/* ---- what must hold ---- */

struct seen {
	struct store_live rows[64];
	size_t n;
};

static bool see(void *user, const struct store_live *row)
{
	struct seen *s = user;
	if (s->n == ARRAY_LEN(s->rows) || !store_state_live(row->state))
		__builtin_trap();
	s->rows[s->n++] = *row;
	return true;
}

static void check(struct store *s, struct seen *seen)
{
	seen->n = 0;
	store_each_live(s, see, seen);
	for (size_t i = 0; i < seen->n; i++) {
		CLEANUP(arena_free) struct arena *a = arena_new();
		const struct store_live *row = &seen->rows[i];
		struct store_trail t;
		struct err e = { 0 };
		if (row->state == STORE_SENDING || store_trail(s, row->id, a, &t, &e) != 1 ||
		    row->rcpt >= t.message.nrcpts || t.message.rcpts[row->rcpt].state != row->state)
			__builtin_trap();
	}
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct store_hits h;
	struct store_lanes lanes;
	struct err e = { 0 };
	if (!store_find(s, &(struct store_query){ .limit = 999 }, a, &h, &e) ||
	    !store_lanes(s, a, &lanes, &e))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seen first, second;
	if (!index_file)
		make_template();
	write_folder((struct input){ data, size });
	struct store *s = open_store();
	check(s, &first);
	store_close(&s);
	s = open_store();
	check(s, &second);
	store_close(&s);
	if (first.n != second.n)
		__builtin_trap();
	for (size_t i = 0; i < first.n; i++)
		if (first.rows[i].id.seq != second.rows[i].id.seq ||
		    first.rows[i].state != second.rows[i].state)
			__builtin_trap();
	return 0;
}
