/* SPDX-License-Identifier: Apache-2.0 */
/* A request on libmicrohttpd's side: header, body, answer. */
#include <limits.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "web/mhd_side_inner.h"
#include "web/route.h"

enum {
	THROWN_AWAY_MAX = 64 << 20, /* of a body that is refused */
	BODY_MS = 60000,            /* so long a body may take; of one who may, a mail's longer: */
	BODY_BYTES_A_MS = 16,       /* for each so many bytes a millisecond */
};

static int64_t steady_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- a request comes ---- */

static const char *peer_of(struct arena *a, struct MHD_Connection *conn)
{
	char host[NI_MAXHOST];
	const union MHD_ConnectionInfo *i = MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	socklen_t len = i && i->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
								   : sizeof(struct sockaddr_in);
	if (!i || getnameinfo(i->client_addr, len, host, sizeof(host), NULL, 0, NI_NUMERICHOST))
		return "";
	return arena_strdup(a, host);
}

static struct web_call *call_new(struct web *w, struct MHD_Connection *conn, const char *method,
				 const char *path)
{
	struct arena *a = arena_new();
	struct web_call *c = arena_alloc(a, sizeof(*c));
	c->web = w;
	c->arena = a;
	c->method = arena_strdup(a, method);
	c->path = arena_strdup(a, path);
	c->peer = peer_of(a, conn);
	c->side = arena_alloc(a, sizeof(*c->side));
	c->side->conn = conn;
	c->begun_ms = steady_ms();
	atomic_init(&c->held, 1);
	atomic_fetch_add(&w->requests, 1);
	return c;
}

static void call_free(struct web_call *c)
{
	atomic_fetch_sub(&c->web->bodies, c->counted);
	buf_wipe(&c->body); /* passwords come in bodies */
	if (c->side->response)
		MHD_destroy_response(c->side->response);
	later_release(c);
}

static size_t body_max(struct web_call *c)
{
	size_t mail;
	if (c->route->role == RELAY_ROLE_NONE)
		return WEB_SMALL_MAX;
	if (c->route->body != WEB_MAIL)
		return c->route->body == WEB_NO_BODY ? WEB_TEXT_MAX : WEB_BODY_MAX;
	pthread_rwlock_rdlock(&c->web->lock);
	mail = (size_t)c->web->access.settings->max_size;
	pthread_rwlock_unlock(&c->web->lock);
	return mail + mail / 2; /* parts come in base64 */
}

/* Most programs read no answer before they have sent all: what is not too long is read and thrown away
 * first.  Who asked whether to send (Expect) is told at once. */
static bool answers_early(const struct web_call *c)
{
	unsigned long size;
	const char *length = web_header(c, "Content-Length");
	bool none = !*length && !*web_header(c, "Transfer-Encoding");
	bool fits = none || str_number(str_of(length), THROWN_AWAY_MAX, &size);
	return c->status && (!fits || *web_header(c, "Expect"));
}

/* A body that the endpoint does not take, or too much of it. */
static bool judge_body(struct web_call *c)
{
	unsigned long size = 0;
	const char *length = web_header(c, "Content-Length");
	bool has = (*length && strcmp(length, "0") != 0) || *web_header(c, "Transfer-Encoding");
	c->body.max = body_max(c);
	bool json = c->route->body == WEB_JSON || c->route->body == WEB_JSON_SMALL;
	if (json && has && !z_istarts(web_header(c, "Content-Type"), "application/json"))
		web_problem(c, 415, "The body must be JSON", "Send it with Content-Type: application/json.");
	else if (str_number(str_of(length), ULONG_MAX, &size) && size > c->body.max)
		web_problem(c, 413, "The body is too big", "It has %lu bytes; at most %zu are taken.", size,
			    c->body.max);
	return !c->status;
}

static void begin(struct web_call *c)
{
	const char *allow = "";
	web_gate_peer(c);
	if (!web_gate_host(c))
		return;
	c->route = web_route_find(c, &allow);
	if (!c->route && *allow) {
		web_add_header(c, "Allow", allow);
		web_problem(c, 405, "This cannot be done here", "%s is not for %s; try %s.", c->method,
			    c->path, allow);
	} else if (!c->route) {
		web_problem(c, 404, "There is nothing here", "The API is described at /api/v1/openapi.json.");
	} else if (web_gate(c) && web_query_judge(c)) {
		(void)judge_body(c);
	}
}

/* ---- its body ---- */

/* What anybody may send is small, and takes no room from those who may. */
static bool has_room(struct web_call *c, size_t n)
{
	if (c->route->role == RELAY_ROLE_NONE)
		return true;
	c->counted += n;
	return atomic_fetch_add(&c->web->bodies, n) + n <= WEB_BODIES_MAX;
}

static bool is_too_slow(struct web_call *c, size_t n)
{
	c->received += n;
	bool mail = c->route && c->route->body == WEB_MAIL && c->who.role >= c->route->role;
	return steady_ms() - c->begun_ms > BODY_MS + (mail ? (int64_t)(c->received / BODY_BYTES_A_MS) : 0);
}

static void take_piece(struct web_call *c, struct str bytes)
{
	if (c->status) /* refused: the rest is read and thrown away */
		return;
	if (!has_room(c, bytes.len)) {
		web_problem(c, 503, "Too much at a time",
			    "Other requests fill the memory for bodies; try again soon.");
	} else if (!buf_add(&c->body, bytes.p, bytes.len)) {
		web_problem(c, 413, "The body is too big", "At most %zu bytes are taken.", c->body.max);
	}
}

/* ---- the answer ---- */

static enum MHD_Result give(struct web_call *c)
{
	enum MHD_Result r = MHD_queue_response(c->side->conn, c->status, c->side->response);
	if (c->status >= 400)
		atomic_fetch_add(&c->web->problems, 1);
	MHD_destroy_response(c->side->response);
	c->side->response = NULL;
	return r;
}

/* One half of an endpoint: the first, or that after a wait. */
static void run_half(struct web_call *c)
{
	void (*then)(struct web_call *) = c->then ? c->then : c->route->run;
	c->then = NULL;
	if (atomic_load(&c->abandoned))
		then = web_too_late;
	then(c);
}

static enum MHD_Result run(struct web_call *c)
{
	if (c->status)
		return give(c);
	do
		run_half(c);
	while (c->then && !web_rest(c));
	if (c->then)
		return MHD_YES; /* it will be woken */
	if (!c->status)
		web_problem(c, 500, "No answer was found",
			    "This is a mistake of the program: please report it.");
	return give(c);
}

enum MHD_Result server_request(void *ctx, struct MHD_Connection *conn, const char *path, const char *method,
			       const char *version, const char *data, size_t *n, void **con_cls)
{
	struct web_call *c = *con_cls;
	(void)version;
	if (!c) {
		*con_cls = c = call_new(ctx, conn, method, path);
		begin(c);
		return answers_early(c) ? give(c) : MHD_YES;
	}
	if (*n && is_too_slow(c, *n))
		return MHD_NO; /* the connection ends */
	if (*n) {
		take_piece(c, (struct str){ data, *n });
		*n = 0;
		return MHD_YES;
	}
	return run(c);
}

void server_completed(void *ctx, struct MHD_Connection *conn, void **con_cls,
		      enum MHD_RequestTerminationCode why)
{
	struct web_call *c = *con_cls;
	(void)ctx;
	(void)conn;
	(void)why;
	*con_cls = NULL;
	if (c)
		call_free(c);
}
