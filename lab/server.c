/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/address.h"
#include "lab/talk.h"

enum { SERVER_BACKLOG = 128, FULL_SOCKETS = 4 };

struct server_listener {
	uv_tcp_t tcp;
	struct lab_server *srv;
	int full[FULL_SOCKETS + 1]; /* of a port whose queue is full */
	bool is_uv;
	struct server_listener *next;
};

static const char *const rule_keys[RULES_COUNT] = {
	"banner", "early", "ehlo", "helo", "starttls", "auth",  "mail", "rcpt",   "data",
	"dot",    "rset",  "noop", "vrfy", "quit",     "other", "http", "script", "too-many"
};

static const struct {
	const char *word;
	const struct speaker *speaker;
} speakers[] = {
	{ "smtp", &speaker_smtp }, { "http", &speaker_http },     { "script", &speaker_script },
	{ "echo", &speaker_echo }, { "silent", &speaker_silent },
};

static void on_connection(uv_stream_t *listener, int status)
{
	struct server_listener *l = listener->data;
	if (status < 0)
		return;
	if (l->srv->upstream)
		forward_accept(l->srv, listener);
	else
		talk_accept(l->srv, listener);
}

static bool listen_fail(struct err *e, int code, const char *where)
{
	ERR_FILL(e, ERR_SYS, code, "listen", "%s", where);
	if (code == EACCES)
		err_detail(e, "ports below 1024 need user namespaces or root here");
	return false;
}

/* A port that completes no handshake: its accept queue is full, so SYNs are dropped. */
static bool listen_full(struct server_listener *l, const struct sockaddr_storage *ss, const char *where,
			struct err *e)
{
	socklen_t len = ss->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	int one = 1;
	l->full[0] = socket(ss->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(l->full[0], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(l->full[0], (const struct sockaddr *)ss, len) < 0 || listen(l->full[0], 0) < 0)
		return listen_fail(e, errno, where);
	for (int i = 1; i <= FULL_SOCKETS; i++) {
		l->full[i] = socket(ss->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (connect(l->full[i], (const struct sockaddr *)ss, len) < 0 && errno != EINPROGRESS)
			return listen_fail(e, errno, where);
	}
	return true;
}

static bool listen_on(struct lab_server *s, const char *where, const char *speak, struct err *e)
{
	struct sockaddr_storage ss = { 0 };
	if (!address_socket(s->w, where, &ss))
		return ERR_FILL(e, ERR_SYNTAX, s->s->line, "read listen", "%s:%d: \"%s\" is not ADDR:PORT",
				s->s->file, s->s->line, where);
	if (!strcmp(speak, "off"))
		return true;
	struct server_listener *l = mem_alloc(sizeof(*l));
	l->srv = s;
	l->next = s->listeners;
	s->listeners = l;
	if (!strcmp(speak, "full"))
		return listen_full(l, &ss, where, e);
	l->is_uv = true;
	uv_tcp_init(&s->w->loop, &l->tcp);
	l->tcp.data = l;
	unsigned flags = ss.ss_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0;
	int rc = uv_tcp_bind(&l->tcp, (struct sockaddr *)&ss, flags);
	rc = rc < 0 ? rc : uv_listen((uv_stream_t *)&l->tcp, SERVER_BACKLOG, on_connection);
	return rc == 0 || listen_fail(e, -rc, where);
}

static bool set_mode(struct lab_server *s, struct err *e)
{
	const char *mode = spec_text(s->s, "mode", "none");
	s->mode = !strcmp(mode, "tls") ? MODE_TLS : !strcmp(mode, "starttls") ? MODE_STARTTLS : MODE_NONE;
	const char *cert = spec_text(s->s, "cert", NULL);
	const char *resign = spec_text(s->s, "resign", NULL);
	cert = resign ? resign : cert;
	if (!cert && s->mode == MODE_NONE && strcmp(spec_text(s->s, "speak", "smtp"), "script") != 0)
		return true;
	if (!cert && !lab_pki_host(s->w->pki, s->name, e))
		return false;
	s->tls = lab_tls_server(s->w->pki, s->s, cert ? cert : s->name, e);
	return s->tls != NULL;
}

struct lab_server *server_new(struct world *w, const struct spec_section *section, struct err *e)
{
	CLEANUP(server_free) struct lab_server *s = mem_alloc(sizeof(*s));
	s->w = w;
	s->s = section;
	s->name = spec_text(section, "name", section->title);
	s->started_ms = uv_now(&w->loop);
	const char *speak = spec_text(section, "speak", "smtp");
	for (size_t i = 0; i < ARRAY_LEN(speakers); i++)
		if (!strcmp(speak, speakers[i].word))
			s->speaker = speakers[i].speaker;
	if (!strcmp(speak, "forward"))
		s->upstream = lab_tls_client();
	for (int i = 0; i < RULES_COUNT; i++)
		s->rules[i] = lab_rules_read(spec_list(section, rule_keys[i]), w->arena);
	if (!set_mode(s, e))
		return NULL;
	const struct strlist *listen = spec_list(section, "listen");
	for (size_t i = 0; listen && i < listen->n; i++)
		if (!listen_on(s, listen->v[i], speak, e)) {
			server_close(s);
			uv_run(&w->loop, UV_RUN_NOWAIT);
			return NULL;
		}
	return STEAL(s);
}

void server_close(struct lab_server *s)
{
	for (struct server_listener *l = s->listeners; l; l = l->next)
		if (l->is_uv && !uv_is_closing((uv_handle_t *)&l->tcp))
			uv_close((uv_handle_t *)&l->tcp, NULL);
	for (struct talk *t = s->open, *next; t; t = next) {
		next = t->next;
		talk_end(t, ACT_RESET);
	}
}

void server_free(struct lab_server **s)
{
	if (!*s)
		return;
	for (struct server_listener *l = (*s)->listeners, *next; l; l = next) {
		next = l->next;
		for (int i = 0; !l->is_uv && i <= FULL_SOCKETS; i++)
			close(l->full[i]);
		free(l);
	}
	lab_tls_free(&(*s)->tls);
	lab_tls_free(&(*s)->upstream);
	free((*s)->seen);
	mem_free(s);
}
