/* SPDX-License-Identifier: Apache-2.0 */
/* web/route.h - the endpoints: which method and path, who may, what runs. */
#ifndef WEB_ROUTE_H
#define WEB_ROUTE_H

#include "web/call.h"

enum web_body {
	WEB_NO_BODY,
	WEB_JSON,
	WEB_JSON_SMALL, /* of somebody not known yet */
	WEB_MAIL,       /* a message or its parts: as big as mail may be */
};

struct web_route {
	const char *method, *path; /* "*" in the path: one part */
	enum relay_role role;      /* least; NONE: everybody */
	enum web_body body;
	void (*run)(struct web_call *c);
	const char *query; /* the parameters it knows, with spaces between; NULL: any are passed over */
};

/* The route of c->method and c->path, with c->parts; NULL: none, *allow names the methods that the path
 * has ("" no such path). */
const struct web_route *web_route_find(struct web_call *c, const char **allow);

#endif
