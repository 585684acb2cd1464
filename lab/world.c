/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/world.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/base64.h"
#include "lab/dns.h"
#include "lab/fill.h"
#include "lab/folder.h"
#include "lab/server.h"

enum { LINE_BYTES = 76, CLOSING_TURNS = 8 };

/* ---- what the scenario has on disk */

/* Text, base64, or `size` bytes of harmless filling. */
static bool make_file(struct world *w, const struct spec_section *s, struct err *e)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	long size = spec_number(s, "size", 0);
	buf_adds(&b, fill_text(w, spec_text(s, "text", "")));
	if (spec_text(s, "base64", NULL) && !base64_decode(&b, str_of(spec_text(s, "base64", ""))))
		return ERR_FILL(e, ERR_SYNTAX, s->line, "read base64", "%s:%d", s->file, s->line);
	for (long i = (long)b.len; i < size; i++)
		buf_add(&b, i % LINE_BYTES == LINE_BYTES - 1 ? "\n" : "x", 1);
	return folder_write(w->dir, s->title, buf_str(&b), e);
}

/* ---- up and down */

static bool make_folder(struct world *w, struct err *e)
{
	w->dir = folder_make(w->arena, e);
	return w->dir && folder_write(w->dir, "password",
				      str_of(spec_text(&w->spec->top, "password", "correct horse")), e);
}

/* Every TLS server without a cert of its own gets a good one for its name. */
static bool make_certs(struct world *w, struct err *e)
{
	w->pki = lab_pki_new(w->spec, w->dir, e);
	if (!w->pki)
		return false;
	for (size_t i = 0; i < w->spec->n; i++) {
		const struct spec_section *s = &w->spec->sections[i];
		if (s->kind == SPEC_SERVER && !spec_text(s, "cert", NULL) && !spec_text(s, "resign", NULL) &&
		    strcmp(spec_text(s, "mode", "none"), "none") != 0 &&
		    !lab_pki_host(w->pki, spec_text(s, "name", s->title), e))
			return false;
	}
	return lab_pki_write_trust(w->pki, spec_list(&w->spec->top, "trust"), e);
}

static bool start(struct world *w, struct spec *spec, struct err *e)
{
	if (!make_folder(w, e) || !make_certs(w, e))
		return false;
	fill_section(w, &spec->top);
	for (size_t i = 0; i < spec->n; i++)
		fill_section(w, &spec->sections[i]);
	for (size_t i = 0; i < spec->n; i++)
		if (spec->sections[i].kind == SPEC_FILE && !make_file(w, &spec->sections[i], e))
			return false;
	if (!lab_dns_start(w, NULL, e))
		return false;
	for (size_t i = 0; i < spec->n; i++)
		if (spec->sections[i].kind == SPEC_RESOLVER && !lab_dns_start(w, &spec->sections[i], e))
			return false;
	for (size_t i = 0; i < spec->n; i++) {
		if (spec->sections[i].kind != SPEC_SERVER)
			continue;
		struct lab_server *s = server_new(w, &spec->sections[i], e);
		if (!s)
			return false;
		s->next = w->servers;
		w->servers = s;
	}
	return true;
}

/* Port 53, unless that needs rights we lack. */
static const char *resolver_address(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(53) };
	CLEANUP(close_fd) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	inet_pton(AF_INET, "127.0.0.53", &a.sin_addr);
	return bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 ? "127.0.0.53:53" : "127.0.0.53:5353";
}

struct world *world_new(struct spec *merged, bool isolated, struct err *e)
{
	CLEANUP(world_free) struct world *w = mem_alloc(sizeof(*w));
	w->arena = arena_new();
	w->spec = merged;
	w->isolated = isolated;
	w->resolver = isolated ? "127.0.0.53:53" : resolver_address();
	uv_loop_init(&w->loop);
	return start(w, merged, e) ? STEAL(w) : NULL;
}

void world_free(struct world **w)
{
	if (!*w)
		return;
	for (struct lab_server *s = (*w)->servers; s; s = s->next)
		server_close(s);
	lab_dns_close((*w)->resolvers);
	for (int i = 0; i < CLOSING_TURNS && uv_loop_close(&(*w)->loop) == UV_EBUSY; i++)
		uv_run(&(*w)->loop, UV_RUN_NOWAIT);
	for (struct lab_server *s = (*w)->servers, *next; s; s = next) {
		next = s->next;
		server_free(&s);
	}
	lab_dns_free(&(*w)->resolvers);
	lab_pki_free(&(*w)->pki);
	if ((*w)->dir)
		folder_remove((*w)->dir);
	arena_free(&(*w)->arena);
	mem_free(w);
}
