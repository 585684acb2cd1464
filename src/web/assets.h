/* SPDX-License-Identifier: Apache-2.0 */
/* web/assets.h - the page's files, compiled in (ui/, tools/embed_ui.py). */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

struct web_asset {
	const char *path, *type; /* "/app.js", "text/javascript; charset=utf-8" */
	const unsigned char *bytes;
	size_t n;
	bool gzip;    /* bytes are packed (RFC 1952) */
	bool lasting; /* the path names these very bytes: no browser need ask again */
	const char *etag;
};

extern const struct web_asset web_assets[]; /* by path; ends with an empty row */

/* The scripts and styles inside the page, as its policy (CSP) names them: "'sha256-...' 'sha256-...'" */
extern const char web_page_scripts[], web_page_styles[];

#endif
