/* SPDX-License-Identifier: Apache-2.0 */
/* The page's files, from the table compiled in. */
#include <string.h>
#include <zlib.h>

#include "web/assets.h"
#include "web/endpoints.h"

enum { UNPACKED_MAX = 8 << 20, GZIP_WINDOW = 16 + MAX_WBITS };

/* Nothing but what this server sent: of scripts and styles only those that were in the page when it was
 * built, no other host, no frames. */
static const char *policy(struct web_call *c)
{
	return arena_printf(c->arena,
			    "default-src 'none'; script-src 'self' %s; style-src %s; img-src 'self' data:; "
			    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
			    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
			    web_page_scripts, web_page_styles);
}

/* The page as the reader chose it, light or dark (ui/js/main.js), so that it is never drawn in the other one.
 */
static const char *front(const struct web_call *c)
{
	const char *theme = web_cookie(c, "theme");
	if (!strcmp(theme, "light"))
		return "/index.light.html";
	return strcmp(theme, "dark") ? "/index.html" : "/index.dark.html";
}

static const struct web_asset *find(const char *path)
{
	for (const struct web_asset *a = web_assets; a->path; a++)
		if (!strcmp(a->path, path))
			return a;
	return NULL;
}

/* For the few who do not take packed files: command lines. */
static bool unpack(const struct web_asset *a, struct buf *out)
{
	unsigned char piece[16384];
	z_stream z = { .next_in = (z_const Bytef *)a->bytes, .avail_in = (uInt)a->n };
	int r = inflateInit2(&z, GZIP_WINDOW);
	while (r == Z_OK) {
		z.next_out = piece;
		z.avail_out = sizeof(piece);
		r = inflate(&z, Z_NO_FLUSH);
		if (!buf_add(out, piece, sizeof(piece) - z.avail_out))
			r = Z_MEM_ERROR;
	}
	inflateEnd(&z);
	return r == Z_STREAM_END;
}

static void give(struct web_call *c, const struct web_asset *a)
{
	CLEANUP(buf_clear) struct buf plain = { .max = UNPACKED_MAX };
	web_add_header(c, "Content-Security-Policy", policy(c));
	/* asked each time, when the tag answers without bytes; or never */
	web_add_header(c, "Cache-Control", a->lasting ? "public, max-age=31536000, immutable" : "no-cache");
	web_add_header(c, "ETag", a->etag);
	if (a->gzip)
		web_add_header(c, "Vary", "Accept-Encoding");
	if (strstr(web_header(c, "If-None-Match"), a->etag)) {
		web_answer_empty(c, 304);
	} else if (!a->gzip || z_ihas(web_header(c, "Accept-Encoding"), "gzip")) {
		if (a->gzip)
			web_add_header(c, "Content-Encoding", "gzip");
		web_answer_static(c, 200, a->type, (struct str){ (const char *)a->bytes, a->n });
	} else if (unpack(a, &plain)) {
		web_answer(c, 200, a->type, buf_str(&plain));
	}
}

void page_show(struct web_call *c)
{
	const struct web_asset *a = find(strcmp(c->path, "/") ? c->path : front(c));
	if (a)
		give(c, a);
	else
		web_problem(c, 404, "There is nothing here",
			    "The page is at /, the API at /api/v1/openapi.json.");
}
