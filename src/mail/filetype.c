/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/filetype.h"

#include <magic.h>
#include <string.h>

enum { LOOK_BYTES = 1 << 20 };

/* What content alone cannot tell: text is text, and many formats are zip files. */
static const struct {
	const char *extension, *type;
	const char *over; /* the content's word that the name may make more exact */
} names[] = {
	{ ".csv", "text/csv", "text/plain" },
	{ ".tsv", "text/tab-separated-values", "text/plain" },
	{ ".ics", "text/calendar", "text/plain" },
	{ ".vcf", "text/vcard", "text/plain" },
	{ ".html", "text/html", "text/plain" },
	{ ".htm", "text/html", "text/plain" },
	{ ".css", "text/css", "text/plain" },
	{ ".md", "text/markdown", "text/plain" },
	{ ".json", "application/json", "text/plain" },
	{ ".xml", "application/xml", "text/xml" },
	{ ".svg", "image/svg+xml", "text/plain" },
	{ ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	  "application/zip" },
	{ ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/zip" },
	{ ".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	  "application/zip" },
	{ ".odt", "application/vnd.oasis.opendocument.text", "application/zip" },
	{ ".ods", "application/vnd.oasis.opendocument.spreadsheet", "application/zip" },
	{ ".pdf", "application/pdf", "application/octet-stream" },
	{ ".p7s", "application/pkcs7-signature", "application/octet-stream" },
};

static void close_magic(magic_t *m)
{
	if (*m)
		magic_close(*m);
}

/* "" when libmagic cannot say, or its data base is not there. */
static const char *by_content(struct arena *a, struct str bytes)
{
	CLEANUP(close_magic) magic_t m = magic_open(MAGIC_MIME_TYPE | MAGIC_ERROR);
	if (!m || magic_load(m, NULL))
		return "";
	const char *type = magic_buffer(m, bytes.p, bytes.len < LOOK_BYTES ? bytes.len : LOOK_BYTES);
	return type && strchr(type, '/') ? arena_strdup(a, type) : "";
}

/* It is text of some kind, or so the content says. */
static bool is_vague(const char *type, const char *over)
{
	return !*type || z_eq(type, over) || z_eq(type, "application/octet-stream") ||
	       z_eq(type, "application/x-empty") || z_eq(type, "inode/x-empty") ||
	       (z_istarts(over, "text/") && z_eq(type, "text/plain"));
}

const char *filetype_of(struct arena *a, const char *name, struct str bytes)
{
	const char *type = by_content(a, bytes);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (z_iends(name, names[i].extension) && is_vague(type, names[i].over))
			return names[i].type;
	bool odd = !*type || strpbrk(type, " ;,\"") || z_istarts(type, "inode/") ||
		   z_eq(type, "application/x-empty") || z_istarts(type, "message/") ||
		   z_istarts(type, "multipart/"); /* a file, not a part */
	return odd ? "application/octet-stream" : type;
}
