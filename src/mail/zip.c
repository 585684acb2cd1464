/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/zip.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

/* APPNOTE.TXT 4.3.12 and 4.3.16: fixed lengths of a directory entry and the end record. */
enum { ENTRY_BYTES = 46, END_BYTES = 22, FLAG_ENCRYPTED = 1, FLAG_HIDDEN_DIRECTORY = 1 << 13 };

static unsigned le16(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;
	return u[0] | (unsigned)u[1] << 8;
}

static uint32_t le32(const char *p)
{
	return le16(p) | (uint32_t)le16(p + 2) << 16;
}

/* The end record, searched from the back; s.len when there is none. */
static size_t find_end(struct str s)
{
	size_t lowest = s.len > ZIP_TAIL_BYTES ? s.len - ZIP_TAIL_BYTES : 0;
	if (s.len < END_BYTES)
		return s.len;
	for (size_t i = s.len - END_BYTES + 1; i-- > lowest;)
		if (!memcmp(s.p + i, "PK\5\6", 4))
			return i;
	return s.len;
}

/* Reads the entry at *at and moves behind it. */
static bool read_entry(struct arena *a, struct str s, size_t *at, struct zip *out)
{
	if (s.len - *at < ENTRY_BYTES || memcmp(s.p + *at, "PK\1\2", 4) != 0)
		return false;
	const char *e = s.p + *at;
	size_t name = le16(e + 28), whole = ENTRY_BYTES + name + le16(e + 30) + le16(e + 32);
	if (s.len - *at < ENTRY_BYTES + name)
		return false;
	if (le16(e + 8) & (FLAG_ENCRYPTED | FLAG_HIDDEN_DIRECTORY))
		out->encrypted = true;
	strlist_add(&out->names, a, text_printable(a, (struct str){ e + ENTRY_BYTES, name }));
	*at = s.len - *at < whole ? s.len : *at + whole;
	return true;
}

bool zip_read(struct arena *a, struct str s, struct zip *out)
{
	*out = (struct zip){ 0 };
	if (s.len < 4 || (memcmp(s.p, "PK\3\4", 4) != 0 && memcmp(s.p, "PK\5\6", 4) != 0))
		return false;
	size_t end = find_end(s);
	if (s.len >= 30 && s.p[2] == 3 && le16(s.p + 6) & FLAG_ENCRYPTED)
		out->encrypted = true;
	out->damaged = end == s.len;
	if (out->damaged)
		return true;
	unsigned entries = le16(s.p + end + 10);
	size_t size = le32(s.p + end + 12), at = le32(s.p + end + 16);
	if (at == UINT32_MAX || at > end || size > end - at) /* ZIP64, or a lie */
		at = size <= end ? end - size : end;
	unsigned i = 0;
	while (i < entries && i < ZIP_MEMBERS_MAX && read_entry(a, str_cut(s, 0, end), &at, out))
		i++;
	out->damaged = i < entries && i < ZIP_MEMBERS_MAX;
	return true;
}
