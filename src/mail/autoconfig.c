/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/autoconfig.h"

#include <expat.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

enum { PATH_BYTES_MAX = 400 };

struct reading {
	XML_Parser parser;
	struct arena *arena;
	const char *address;
	struct autoconfig *out;
	struct autoconfig_server server; /* the one being read */
	bool is_smtp, no_tls;
	const char *encryption;
	char path[PATH_BYTES_MAX]; /* names of the open elements, each after a '/' */
	size_t depth, elements;
	struct buf text; /* of the innermost element */
};

typedef void field_fn(struct reading *r, const char *value);

static void stop(struct reading *r, const char *problem)
{
	if (!r->out->problem)
		r->out->problem = problem;
	XML_StopParser(r->parser, XML_FALSE);
}

/* ---- values */

static const char *local_part(const struct reading *r)
{
	const char *at = strrchr(r->address, '@');
	return at ? arena_dup(r->arena, r->address, (size_t)(at - r->address)) : NULL;
}

static const char *domain_part(const struct reading *r)
{
	const char *at = strrchr(r->address, '@');
	return at ? at + 1 : r->address;
}

/* NULL where a place cannot be filled. */
static const char *fill(const struct reading *r, const char *value)
{
	const struct {
		const char *place, *value;
	} places[] = { { "%EMAILADDRESS%", strchr(r->address, '@') ? r->address : NULL },
		       { "%EMAILLOCALPART%", local_part(r) },
		       { "%EMAILDOMAIN%", domain_part(r) } };
	CLEANUP(buf_clear) struct buf b = { .max = AUTOCONFIG_TEXT_MAX };
	for (const char *p = value; *p;) {
		size_t i = 0;
		while (i < ARRAY_LEN(places) && strncmp(p, places[i].place, strlen(places[i].place)) != 0)
			i++;
		bool place = i < ARRAY_LEN(places);
		if (place && !places[i].value)
			return NULL;
		if (!(place ? buf_adds(&b, places[i].value) : buf_add(&b, p, 1)))
			return NULL;
		p += place ? strlen(places[i].place) : 1;
	}
	struct str s = buf_str(&b);
	return arena_dup(r->arena, s.p, s.len);
}

static void take_name(struct reading *r, const char *value)
{
	if (!*r->out->name)
		r->out->name = text_printable(r->arena, str_of(value));
}

/* What is no name stays "", and the server is left out. */
static void take_host(struct reading *r, const char *value)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	const char *filled = fill(r, value);
	if (filled && strspn(filled, allowed) == strlen(filled))
		r->server.host = filled;
}

static void take_port(struct reading *r, const char *value)
{
	unsigned long n;
	if (str_number(str_of(value), 65535, &n))
		r->server.port = (unsigned)n;
}

static void take_user(struct reading *r, const char *value)
{
	const char *filled = fill(r, value);
	if (filled && text_is_utf8(str_of(filled)) &&
	    !strcmp(text_printable(r->arena, str_of(filled)), filled))
		r->server.user = filled;
}

static void take_socket(struct reading *r, const char *value)
{
	static const char *const words[][2] = { { "plain", "none" },
						{ "SSL", "tls" },
						{ "TLS", "starttls" }, /* old files */
						{ "STARTTLS", "starttls" } };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_ieq(str_of(value), words[i][0]))
			r->server.security = words[i][1];
}

static void take_login(struct reading *r, const char *value)
{
	static const struct {
		const char *word;
		unsigned login;
	} words[] = { { "password-cleartext", AUTOCONFIG_PASSWORD },
		      { "plain", AUTOCONFIG_PASSWORD },
		      { "password-encrypted", AUTOCONFIG_PASSWORD },
		      { "secure", AUTOCONFIG_PASSWORD },
		      { "OAuth2", AUTOCONFIG_OAUTH },
		      { "client-IP-address", AUTOCONFIG_BY_ADDRESS },
		      { "none", AUTOCONFIG_BY_ADDRESS } };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_ieq(str_of(value), words[i].word))
			r->server.logins |= words[i].login;
}

static void take_type(struct reading *r, const char *value)
{
	r->is_smtp = str_ieq(str_of(value), "SMTP");
}

static void take_ssl(struct reading *r, const char *value)
{
	r->no_tls = str_ieq(str_of(value), "off");
}

static void take_encryption(struct reading *r, const char *value)
{
	r->encryption = arena_strdup(r->arena, value);
}

static void take_auth_required(struct reading *r, const char *value)
{
	r->server.logins = str_ieq(str_of(value), "off") ? AUTOCONFIG_BY_ADDRESS : AUTOCONFIG_PASSWORD;
}

/* ---- servers */

static void begin_server(struct reading *r, const XML_Char **attributes)
{
	r->server = (struct autoconfig_server){ .host = "", .security = "", .user = "" };
	r->is_smtp = r->no_tls = false;
	r->encryption = "";
	for (size_t i = 0; attributes[i]; i += 2)
		if (!strcmp(attributes[i], "type"))
			take_type(r, attributes[i + 1]);
}

static void end_server(struct reading *r)
{
	if (!r->is_smtp || !*r->server.host || !r->server.port || !*r->server.security ||
	    r->out->n == AUTOCONFIG_SERVERS_MAX)
		return;
	r->out->v[r->out->n++] = r->server;
}

/* Encryption wins over the older SSL, whose "on" means whatever fits the port. */
static void end_protocol(struct reading *r)
{
	struct str how = str_of(r->encryption);
	bool is_tls_port = r->server.port == 465;
	r->server.security = str_ieq(how, "SSL")                 ? "tls"
			     : str_ieq(how, "TLS")               ? "starttls"
			     : str_ieq(how, "None") || r->no_tls ? "none"
			     : is_tls_port                       ? "tls"
								 : "starttls";
	end_server(r);
}

#define MOZILLA   "/clientConfig/emailProvider"
#define MICROSOFT "/Autodiscover/Response/Account/Protocol"

static const struct {
	const char *path;
	void (*begin)(struct reading *r, const XML_Char **attributes);
	void (*end)(struct reading *r);
} servers[] = { { MOZILLA "/outgoingServer", begin_server, end_server },
		{ MICROSOFT, begin_server, end_protocol } };

static const struct {
	const char *path;
	field_fn *take;
} fields[] = {
	{ MOZILLA "/displayName", take_name },
	{ MOZILLA "/outgoingServer/hostname", take_host },
	{ MOZILLA "/outgoingServer/port", take_port },
	{ MOZILLA "/outgoingServer/socketType", take_socket },
	{ MOZILLA "/outgoingServer/username", take_user },
	{ MOZILLA "/outgoingServer/authentication", take_login },
	{ MICROSOFT "/Type", take_type },
	{ MICROSOFT "/Server", take_host },
	{ MICROSOFT "/Port", take_port },
	{ MICROSOFT "/LoginName", take_user },
	{ MICROSOFT "/SSL", take_ssl },
	{ MICROSOFT "/Encryption", take_encryption },
	{ MICROSOFT "/AuthRequired", take_auth_required },
};

/* ---- the parser's calls */

static bool is_known_root(const char *name)
{
	return !strcmp(name, "clientConfig") || !strcmp(name, "Autodiscover");
}

static void XMLCALL on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = ctx;
	size_t used = strlen(r->path), n = strlen(name);
	if (r->out->problem) /* stopped: an empty element's calls may still come */
		return;
	if (!r->depth && !is_known_root(name)) {
		stop(r, "it is no file of mail settings");
		return;
	}
	if (++r->depth > AUTOCONFIG_DEPTH_MAX || ++r->elements > AUTOCONFIG_ELEMENTS_MAX ||
	    used + n + 2 > sizeof(r->path)) {
		stop(r, "its elements are nested too deep, or too many");
		return;
	}
	r->path[used] = '/';
	memcpy(r->path + used + 1, name, n + 1);
	buf_clear(&r->text);
	for (size_t i = 0; i < ARRAY_LEN(servers); i++)
		if (!strcmp(servers[i].path, r->path))
			servers[i].begin(r, attributes);
}

static void take_field(struct reading *r)
{
	struct str s = str_trim(buf_str(&r->text));
	if (!s.len || s.len > AUTOCONFIG_TEXT_MAX)
		return;
	const char *value = arena_dup(r->arena, s.p, s.len);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (!strcmp(fields[i].path, r->path))
			fields[i].take(r, value);
}

static void XMLCALL on_end(void *ctx, const XML_Char *name)
{
	struct reading *r = ctx;
	(void)name;
	if (r->out->problem)
		return;
	take_field(r);
	for (size_t i = 0; i < ARRAY_LEN(servers); i++)
		if (!strcmp(servers[i].path, r->path))
			servers[i].end(r);
	*strrchr(r->path, '/') = '\0';
	r->depth--;
	buf_clear(&r->text);
}

static void XMLCALL on_text(void *ctx, const XML_Char *s, int len)
{
	struct reading *r = ctx;
	size_t room =
		AUTOCONFIG_TEXT_MAX + 1 - buf_waiting(&r->text); /* one more tells that it is too long */
	buf_add(&r->text, s, (size_t)len < room ? (size_t)len : room);
}

static void XMLCALL on_doctype(void *ctx, const XML_Char *name, const XML_Char *system, const XML_Char *pubid,
			       int internal)
{
	(void)name, (void)system, (void)pubid, (void)internal;
	stop(ctx, "it has a document type definition, which is not read");
}

static void free_parser(XML_Parser *p)
{
	XML_ParserFree(*p);
}

/* Namespaces are left aside: the names in front of ':' never are in such files. */
void autoconfig_read(struct arena *a, struct str file, const char *address, struct autoconfig *out)
{
	*out = (struct autoconfig){ .name = "" };
	if (file.len > AUTOCONFIG_BYTES_MAX) {
		out->problem = "it is far too long";
		return;
	}
	CLEANUP(free_parser) XML_Parser parser = XML_ParserCreate(NULL);
	if (!parser)
		mem_out();
	struct reading r = { .parser = parser, .arena = a, .address = address, .out = out, .encryption = "" };
	XML_SetUserData(parser, &r);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	XML_SetStartDoctypeDeclHandler(parser, on_doctype);
	enum XML_Status status = XML_Parse(parser, file.p, (int)file.len, XML_TRUE);
	buf_clear(&r.text);
	if (status != XML_STATUS_OK && !out->problem)
		out->problem = arena_printf(a, "line %lu: %s", XML_GetCurrentLineNumber(parser),
					    XML_ErrorString(XML_GetErrorCode(parser)));
	if (out->problem)
		out->n = 0; /* half a file is none */
	else if (!out->n)
		out->problem = "it names no server for sending";
}
