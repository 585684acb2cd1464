/* SPDX-License-Identifier: Apache-2.0 */
/* What we tell a filter: packets out. */
#include "smtp/milter.h"

#include <stdlib.h>
#include <string.h>

#include "smtp/milter_inner.h"

struct milter *milter_new(size_t body_max)
{
	struct milter *m = mem_alloc(sizeof(*m));
	m->arena = arena_new();
	m->body.max = body_max;
	return m;
}

void milter_free(struct milter **mp)
{
	struct milter *m = *mp;
	if (!m)
		return;
	buf_clear(&m->out);
	buf_clear(&m->in);
	buf_clear(&m->macros);
	buf_clear(&m->body);
	free(m->changes);
	arena_free(&m->arena);
	mem_free(mp);
}

struct str milter_output(const struct milter *m)
{
	return buf_str(&m->out);
}

void milter_sent(struct milter *m, size_t n)
{
	buf_take(&m->out, n);
}

static void add_u32(struct buf *b, unsigned long n)
{
	const unsigned char v[4] = { (unsigned char)(n >> 24), (unsigned char)(n >> 16),
				     (unsigned char)(n >> 8), (unsigned char)n };
	buf_add(b, v, sizeof(v));
}

static void packet(struct milter *m, char command, struct str data)
{
	add_u32(&m->out, data.len + 1);
	buf_add(&m->out, &command, 1);
	buf_add(&m->out, data.p, data.len);
}

void milter_macro(struct milter *m, const char *name, const char *value)
{
	if (m->nmacros++ >= MILTER_MACROS_MAX)
		return;
	buf_add(&m->macros, name, strlen(name) + 1);
	buf_add(&m->macros, value, strlen(value) + 1);
}

static void forget_macros(struct milter *m)
{
	buf_take(&m->macros, buf_waiting(&m->macros));
	m->nmacros = 0;
}

/* Sends a step with the macros that were given for it.  True: an answer follows. */
static bool step(struct milter *m, char command, struct str data, unsigned no, unsigned mute)
{
	bool wanted = !(m->protocol & no) && !m->over;
	if (wanted && m->nmacros) {
		CLEANUP(buf_clear) struct buf all = { 0 };
		buf_add(&all, &command, 1);
		struct str macros = buf_str(&m->macros);
		buf_add(&all, macros.p, macros.len);
		packet(m, MILTER_CMD_MACRO, buf_str(&all));
	}
	forget_macros(m);
	if (!wanted)
		return false;
	packet(m, command, data);
	m->waits = !(m->protocol & mute);
	return m->waits;
}

bool milter_hello(struct milter *m)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	add_u32(&b, MILTER_VERSION);
	add_u32(&b, MILTER_ACTIONS);
	add_u32(&b, MILTER_PROTOCOL);
	packet(m, MILTER_CMD_HELLO, buf_str(&b));
	return m->waits = true;
}

bool milter_connect(struct milter *m, const char *name, const char *address, unsigned port)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	const unsigned char number[2] = { (unsigned char)(port >> 8), (unsigned char)port };
	buf_add(&b, name, strlen(name) + 1);
	if (!*address) {
		buf_add(&b, "U", 1);
	} else {
		buf_add(&b, strchr(address, ':') ? "6" : "4", 1);
		buf_add(&b, number, sizeof(number));
		buf_add(&b, address, strlen(address) + 1);
	}
	return step(m, MILTER_CMD_CONNECT, buf_str(&b), MILTER_NO_CONNECT, MILTER_MUTE_CONNECT);
}

bool milter_helo(struct milter *m, const char *name)
{
	struct str z = { name, strlen(name) + 1 };
	return step(m, MILTER_CMD_HELO, z, MILTER_NO_HELO, MILTER_MUTE_HELO);
}

static void add_path(struct buf *b, struct str address, const struct strlist *params)
{
	buf_addf(b, "<" STR_FMT ">", STR_ARG(address));
	buf_add(b, "", 1);
	for (size_t i = 0; params && i < params->n; i++)
		buf_add(b, params->v[i], strlen(params->v[i]) + 1);
}

bool milter_mail(struct milter *m, struct str address, const struct strlist *params)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	add_path(&b, address, params);
	return step(m, MILTER_CMD_MAIL, buf_str(&b), MILTER_NO_MAIL, MILTER_MUTE_MAIL);
}

bool milter_rcpt(struct milter *m, struct str address, const struct strlist *params)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	add_path(&b, address, params);
	return step(m, MILTER_CMD_RCPT, buf_str(&b), MILTER_NO_RCPT, MILTER_MUTE_RCPT);
}

bool milter_data(struct milter *m)
{
	return step(m, MILTER_CMD_DATA, STR_LIT(""), MILTER_NO_DATA, MILTER_MUTE_DATA);
}

/* Folds are LF and a blank there, without CR. */
static void add_value(struct buf *b, struct str value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] && !(value.p[i] == '\r' && i + 1 < value.len && value.p[i + 1] == '\n'))
			buf_add(b, value.p + i, 1);
	buf_add(b, "", 1);
}

bool milter_field(struct milter *m, struct str name, struct str value)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	if (value.len && value.p[0] == ' ' && !(m->protocol & MILTER_LEADING_BLANK))
		value = str_cut(value, 1, value.len);
	buf_add(&b, name.p, name.len);
	buf_add(&b, "", 1);
	add_value(&b, value);
	return step(m, MILTER_CMD_FIELD, buf_str(&b), MILTER_NO_FIELDS, MILTER_MUTE_FIELD);
}

bool milter_end_of_header(struct milter *m)
{
	return step(m, MILTER_CMD_END_OF_HEADER, STR_LIT(""), MILTER_NO_END_OF_HEADER,
		    MILTER_MUTE_END_OF_HEADER);
}

bool milter_body(struct milter *m, struct str chunk)
{
	if (m->skip_body)
		return false;
	return step(m, MILTER_CMD_BODY, str_cut(chunk, 0, MILTER_CHUNK_BYTES), MILTER_NO_BODY,
		    MILTER_MUTE_BODY);
}

bool milter_end(struct milter *m)
{
	return step(m, MILTER_CMD_END, STR_LIT(""), 0, 0);
}

bool milter_wants_body(const struct milter *m)
{
	return !m->over && !m->skip_body && !(m->protocol & MILTER_NO_BODY);
}
