/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ftw.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "lab/dns.h"
#include "lab/server.h"

enum { LINE_BYTES = 76, TOKEN_LIFE_S = 3600, CLOSING_TURNS = 8 };

const char *world_address(const struct world *w, const char *address)
{
	static const struct {
		const char *net;
		int second;
	} nets[] = { { "192.0.2.", 2 }, { "198.51.100.", 51 }, { "203.0.113.", 113 } };
	for (size_t i = 0; !w->isolated && i < ARRAY_LEN(nets); i++)
		if (!strncmp(address, nets[i].net, strlen(nets[i].net)))
			return arena_printf(w->arena, "127.%d.0.%s", nets[i].second,
					    address + strlen(nets[i].net));
	return address;
}

/* ---- what the scenario has on disk */

static bool write_file(const char *path, struct str text, struct err *e)
{
	CLEANUP(close_file) FILE *f = fopen(path, "we");
	if (!f || fwrite(text.p, 1, text.len, f) != text.len)
		return ERR_FILL(e, ERR_SYS, errno, "write file of the lab", "%s", path);
	return true;
}

/* Text, base64, or `size` bytes of harmless filling. */
static bool make_file(struct world *w, const struct spec_section *s, struct err *e)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	long size = spec_number(s, "size", 0);
	buf_adds(&b, world_fill(w, spec_text(s, "text", "")));
	if (spec_text(s, "base64", NULL) && !base64_decode(&b, str_of(spec_text(s, "base64", ""))))
		return ERR_FILL(e, ERR_SYNTAX, s->line, "read base64", "%s:%d", s->file, s->line);
	for (long i = (long)b.len; i < size; i++)
		buf_add(&b, i % LINE_BYTES == LINE_BYTES - 1 ? "\n" : "x", 1);
	CLEANUP(mem_free) char *path = mem_printf("%s/%s", w->dir, s->title);
	return write_file(path, buf_str(&b), e);
}

static json_t *claims_of(const struct spec_section *s)
{
	static const char *const texts[] = { "aud", "scp", "upn", "tid", "appid", "iss" };
	json_t *claims = json_object();
	long long from = 0, until = TOKEN_LIFE_S * 1000LL;
	if (!spec_duration(str_of(spec_text(s, "from", "0s")), &from) ||
	    !spec_duration(str_of(spec_text(s, "until", "1h")), &until))
		from = 0;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (spec_text(s, texts[i], NULL))
			json_object_set_new(claims, texts[i], json_string(spec_text(s, texts[i], "")));
	const struct strlist *roles = spec_list(s, "roles");
	if (roles) {
		json_t *list = json_array();
		for (size_t i = 0; i < roles->n; i++)
			json_array_append_new(list, json_string(roles->v[i]));
		json_object_set_new(claims, "roles", list);
	}
	json_object_set_new(claims, "iat", json_integer(time(NULL) + from / 1000));
	json_object_set_new(claims, "nbf", json_integer(time(NULL) + from / 1000));
	json_object_set_new(claims, "exp", json_integer(time(NULL) + until / 1000));
	return claims;
}

static void base64url(struct buf *out, const char *z)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	base64_encode(&b, str_of(z));
	for (size_t i = 0; i < b.len && b.data[i] != '='; i++) {
		char c = b.data[i] == '+' ? '-' : b.data[i] == '/' ? '_' : b.data[i];
		buf_add(out, &c, 1);
	}
}

/* A token of the wanted claims; nobody in the lab looks at the signature. */
static const char *make_token(struct world *w, const struct spec_section *s)
{
	if (spec_text(s, "text", NULL))
		return spec_text(s, "text", "");
	json_t *claims = claims_of(s);
	char *text = json_dumps(claims, JSON_COMPACT);
	CLEANUP(buf_clear) struct buf b = { 0 };
	base64url(&b, "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"lab\"}");
	buf_adds(&b, ".");
	base64url(&b, text);
	buf_adds(&b, ".bGFiLXNpZ25hdHVyZQ");
	free(text);
	json_decref(claims);
	return arena_dup(w->arena, b.data, b.len);
}

/* ---- filling in places */

static const struct spec_section *section_of(const struct world *w, enum spec_kind kind, const char *title)
{
	for (size_t i = 0; i < w->spec->n; i++)
		if (w->spec->sections[i].kind == kind && !strcmp(w->spec->sections[i].title, title))
			return &w->spec->sections[i];
	return NULL;
}

/* Now and an offset ("+3d"), as mail dates or RFC 3339 have it. */
static const char *date_of(struct world *w, const char *format, const char *offset)
{
	long long ms = 0;
	if (*offset == '+')
		offset++;
	if (*offset && !spec_duration(str_of(offset), &ms))
		return NULL;
	time_t at = time(NULL) + ms / 1000;
	struct tm tm;
	char *out = arena_alloc(w->arena, 64);
	strftime(out, 64, format, gmtime_r(&at, &tm));
	return out;
}

static const char *token_of(struct world *w, const char *name, bool as_file)
{
	const struct spec_section *s = section_of(w, SPEC_TOKEN, name);
	if (!s)
		return NULL;
	const char *token = make_token(w, s);
	if (!as_file)
		return token;
	const char *path = arena_printf(w->arena, "%s/%s.token", w->dir, name);
	return write_file(path, str_of(token), NULL) ? path : NULL;
}

/* The value of "key" or "key:argument"; NULL: not a place of ours. */
static const char *place(struct world *w, const char *key)
{
	const char *colon = strchr(key, ':');
	const char *arg = colon ? colon + 1 : "";
	size_t n = colon ? (size_t)(colon - key) : strlen(key);
	struct str k = { key, n };
	if (str_eq(k, "dir"))
		return w->dir;
	if (str_eq(k, "ca"))
		return arena_printf(w->arena, "%s/ca.pem", w->dir);
	if (str_eq(k, "password"))
		return arena_printf(w->arena, "%s/password", w->dir);
	if (str_eq(k, "resolver"))
		return w->resolver;
	if (str_eq(k, "date"))
		return date_of(w, "%a, %d %b %Y %H:%M:%S +0000", arg);
	if (str_eq(k, "now"))
		return date_of(w, "%Y-%m-%dT%H:%M:%SZ", arg);
	if (!colon)
		return NULL;
	if (str_eq(k, "token") || str_eq(k, "token-file"))
		return token_of(w, arg, str_eq(k, "token-file"));
	if (str_eq(k, "cert"))
		return arena_printf(w->arena, "%s/%s.pem", w->dir, arg);
	if (str_eq(k, "file"))
		return arena_printf(w->arena, "%s/%s", w->dir, arg);
	if (str_eq(k, "address"))
		return world_address(w, arg);
	if (str_eq(k, "dkim"))
		return lab_pki_dkim(w->pki, arg, w->arena);
	if (str_eq(k, "tlsa"))
		return lab_pki_tlsa(w->pki, arg, "3 1 1 ", w->arena);
	if (str_eq(k, "tlsa2"))
		return lab_pki_tlsa(w->pki, arg, "2 1 1 ", w->arena);
	return NULL;
}

const char *world_fill(struct world *w, const char *text)
{
	if (!strchr(text, '{'))
		return text;
	CLEANUP(buf_clear) struct buf b = { 0 };
	for (const char *p = text; *p;) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		const char *value = NULL;
		if (end) {
			CLEANUP(mem_free) char *key = mem_dup(p + 1, (size_t)(end - p) - 1);
			value = place(w, key);
		}
		if (value)
			buf_adds(&b, value);
		else
			buf_add(&b, p, 1);
		p = value ? end + 1 : p + 1;
	}
	return arena_dup(w->arena, b.data ? b.data : "", b.len);
}

static void fill_section(struct world *w, struct spec_section *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct strlist *l = &s->settings[i].list;
		struct strlist out = { 0 };
		for (size_t k = 0; k < l->n; k++)
			strlist_add(&out, w->arena, world_fill(w, l->v[k]));
		*l = out;
	}
}

/* ---- up and down */

static bool make_folder(struct world *w, struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	w->dir = arena_printf(w->arena, "%s/postrider-lab-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(w->dir))
		return ERR_FILL(e, ERR_SYS, errno, "make folder", "%s", w->dir);
	CLEANUP(mem_free) char *path = mem_printf("%s/password", w->dir);
	return write_file(path, str_of(spec_text(&w->spec->top, "password", "correct horse")), e);
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

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
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
		nftw((*w)->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_free(&(*w)->arena);
	mem_free(w);
}
