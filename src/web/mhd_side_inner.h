/* SPDX-License-Identifier: Apache-2.0 */
/* web/mhd_side_inner.h - the library's part of a call; for front.c, server.c, call.c, later.c and stream.c
 * only. */
#ifndef WEB_MHD_SIDE_INNER_H
#define WEB_MHD_SIDE_INNER_H

#include "web/web_inner.h"

enum { WEB_HEADERS_MAX = 8 };

struct mhd_side {
	struct MHD_Connection *conn;
	struct MHD_Response *response; /* made, not yet queued */
	const char *headers[WEB_HEADERS_MAX][2];
	size_t nheaders;
};

/* server.c: what the library calls; ctx is the web. */
enum MHD_Result server_request(void *ctx, struct MHD_Connection *conn, const char *path, const char *method,
			       const char *version, const char *data, size_t *n, void **con_cls);
void server_completed(void *ctx, struct MHD_Connection *conn, void **con_cls,
		      enum MHD_RequestTerminationCode why);

/* call.c: r is the answer, with the headers of all.  Takes r. */
void mhd_answer(struct web_call *c, unsigned status, const char *type, struct MHD_Response *r);

#endif
