/* SPDX-License-Identifier: Apache-2.0 */
#include "store/record.h"

#include "store/crc.h"

/* salt 8, type 4, meta_len 4, body_len 4, meta_crc 4, body_crc 4, tail 4, seq 8, crc of all before and the
 * offset 4, 0 4 */
enum {
	AT_TYPE = 8,
	AT_META = 12,
	AT_BODY = 16,
	AT_META_CRC = 20,
	AT_BODY_CRC = 24,
	AT_TAIL = 28,
	AT_SEQ = 32,
	AT_CRC = 40
};

void put_le32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> 8 * i);
}

void put_le64(unsigned char *p, uint64_t v)
{
	put_le32(p, (uint32_t)v);
	put_le32(p + 4, (uint32_t)(v >> 32));
}

uint32_t get_le32(const unsigned char *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

uint64_t get_le64(const unsigned char *p)
{
	return get_le32(p) | (uint64_t)get_le32(p + 4) << 32;
}

static uint32_t header_crc(const unsigned char *header, uint64_t offset)
{
	unsigned char place[8];
	put_le64(place, offset);
	return store_crc(store_crc(0, header, AT_CRC), place, sizeof(place));
}

void record_write(const struct record *r, uint64_t salt, uint64_t offset, unsigned char out[RECORD_HEADER])
{
	put_le64(out, salt);
	put_le32(out + AT_TYPE, (uint32_t)r->type);
	put_le32(out + AT_META, r->meta_len);
	put_le32(out + AT_BODY, r->body_len);
	put_le32(out + AT_META_CRC, r->meta_crc);
	put_le32(out + AT_BODY_CRC, r->body_crc);
	put_le32(out + AT_TAIL, r->id.tail);
	put_le64(out + AT_SEQ, r->id.seq);
	put_le32(out + AT_CRC, header_crc(out, offset));
	put_le32(out + AT_CRC + 4, 0);
}

bool record_read(const unsigned char in[RECORD_HEADER], uint64_t salt, uint64_t offset, struct record *r)
{
	uint32_t type = get_le32(in + AT_TYPE);
	if (get_le64(in) != salt || type == 0 || type >= RECORD_TYPES ||
	    get_le32(in + AT_CRC) != header_crc(in, offset))
		return false;
	*r = (struct record){ (enum record_type)type,     { get_le64(in + AT_SEQ), get_le32(in + AT_TAIL) },
			      get_le32(in + AT_META),     get_le32(in + AT_BODY),
			      get_le32(in + AT_META_CRC), get_le32(in + AT_BODY_CRC) };
	return true;
}

uint64_t record_room(const struct record *r)
{
	uint64_t n = (uint64_t)RECORD_HEADER + r->meta_len + r->body_len;
	return (n + RECORD_ALIGN - 1) & ~(uint64_t)(RECORD_ALIGN - 1);
}
