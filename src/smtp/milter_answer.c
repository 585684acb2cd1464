/* SPDX-License-Identifier: Apache-2.0 */
/* What a filter answers: packets in.  Nothing in them is believed to have an end. */
#include <string.h>

#include "smtp/milter_inner.h"
#include "smtp/path.h"
#include "smtp/reply.h"

static unsigned long u32_of(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;
	return (unsigned long)u[0] << 24 | (unsigned long)u[1] << 16 | (unsigned long)u[2] << 8 | u[3];
}

/* The next text that ends with NUL; false when there is none. */
static bool take_text(struct str *rest, struct str *out)
{
	const char *nul = rest->len ? memchr(rest->p, 0, rest->len) : NULL;
	if (!nul)
		return false;
	*out = (struct str){ rest->p, (size_t)(nul - rest->p) };
	*rest = str_cut(*rest, out->len + 1, rest->len);
	return true;
}

static bool take_u32(struct str *rest, unsigned *out)
{
	if (rest->len < 4)
		return false;
	*out = (unsigned)u32_of(rest->p);
	*rest = str_cut(*rest, 4, rest->len);
	return true;
}

static bool negotiate(struct milter *m, struct str data)
{
	unsigned version, actions, protocol;
	if (m->greeted || !take_u32(&data, &version) || !take_u32(&data, &actions) ||
	    !take_u32(&data, &protocol))
		return false;
	m->greeted = true;
	m->protocol = protocol & (unsigned)MILTER_PROTOCOL;
	return version >= 2;
}

/* Names and values that could end a line early would let a filter write what it likes. */
static bool is_field_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] == ':' || s.p[i] == 127)
			return false;
	return s.len > 0;
}

static bool is_one_line(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n')
			return false;
	return true;
}

/* Folds as LF and a blank; CR before LF is taken away, lines that do not fold are refused. */
static bool fold_value(struct milter *m, struct str in, struct str *out)
{
	char *copy = arena_dup(m->arena, in.p, in.len);
	size_t n = 0;
	for (size_t i = 0; i < in.len; i++) {
		bool last = i + 1 == in.len;
		if (in.p[i] == '\r' && (last || in.p[i + 1] != '\n'))
			return false;
		if (in.p[i] == '\r')
			continue;
		if (in.p[i] == '\n' && (last || (in.p[i + 1] != ' ' && in.p[i + 1] != '\t')))
			return false;
		copy[n++] = in.p[i];
	}
	*out = (struct str){ copy, n };
	return true;
}

static bool add_change(struct milter *m, struct milter_change c)
{
	if (m->nchanges >= MILTER_CHANGES_MAX)
		return false;
	if (m->nchanges == m->room) {
		m->room = m->room ? m->room * 2 : 8;
		m->changes = mem_grow(m->changes, m->room, sizeof(*m->changes));
	}
	c.name = arena_str(m->arena, c.name);
	m->changes[m->nchanges++] = c;
	return true;
}

static bool on_field(struct milter *m, enum milter_change_kind kind, struct str data)
{
	struct milter_change c = { .kind = kind };
	struct str value;
	if (kind != MILTER_ADD_FIELD && !take_u32(&data, &c.index))
		return false;
	return take_text(&data, &c.name) && take_text(&data, &value) && is_field_name(c.name) &&
	       fold_value(m, value, &c.value) && add_change(m, c);
}

/* "a@b", "<a@b>"; whatever else it is, without brackets */
static struct str bare(struct str text)
{
	text = str_trim(text);
	bool open = text.len >= 2 && text.p[0] == '<' && text.p[text.len - 1] == '>';
	return open ? str_cut(text, 1, text.len - 1) : text;
}

/* One that no server takes would hold the message up for days, and then fail. */
static bool is_address(struct str s)
{
	struct smtp_mailbox m;
	return str_ieq(s, "postmaster") ||
	       smtp_mailbox_read(s, SMTP_PATH_UTF8 | SMTP_PATH_LONG_LOCAL, &m, NULL);
}

/* An address with or without <>; its parameters behind the NUL are not looked at.  Whom a filter takes away
 * is only looked for. */
static bool on_address(struct milter *m, enum milter_change_kind kind, struct str data)
{
	struct milter_change c = { .kind = kind };
	struct str text;
	if (!take_text(&data, &text))
		return false;
	c.value = arena_str(m->arena, bare(text));
	bool none = !c.value.len && kind == MILTER_CHANGE_FROM;
	return (none || kind == MILTER_DELETE_RCPT || is_address(c.value)) && add_change(m, c);
}

static bool on_quarantine(struct milter *m, struct str data)
{
	struct milter_change c = { .kind = MILTER_QUARANTINE };
	struct str why;
	if (!take_text(&data, &why) || !is_one_line(why))
		return false;
	c.value = arena_str(m->arena, why);
	return add_change(m, c);
}

/* Sendmail takes the text for a format: "%" comes as "%%". */
static void add_words(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		i += text.p[i] == '%';
		if (i < text.len)
			buf_add(out, text.p + i, 1);
	}
}

/* What stands behind code and enhanced code; of the first line these are kept.  A later one without the code
 * is all text. */
static bool reply_line(struct milter *m, struct str line, struct str *text)
{
	unsigned long code = 0;
	uint16_t enh[3];
	bool coded = line.len >= 3 && str_number(str_cut(line, 0, 3), 599, &code) && code >= 400 &&
		     (line.len == 3 || line.p[3] == ' ' || line.p[3] == '-');
	bool first = !m->code;
	*text = str_trim(line);
	if (!coded || (!first && code != m->code))
		return !first;
	m->code = (unsigned)code;
	*text = str_trim(str_cut(line, 4, line.len));
	size_t n = smtp_enhanced_read(*text, enh);
	if (first)
		m->enhanced = arena_dup(m->arena, text->p, n);
	*text = str_trim(str_cut(*text, n, text->len));
	return true;
}

/* "550 5.7.1 Spam", or several lines as in SMTP: a code that cannot refuse is none. */
static bool on_reply(struct milter *m, struct str data)
{
	CLEANUP(buf_clear) struct buf all = { 0 };
	struct str rest, line, text;
	if (!take_text(&data, &rest))
		return false;
	for (size_t n = 0; str_next(&rest, "\r\n", &line); n++) {
		if (!reply_line(m, line, &text))
			return false;
		buf_adds(&all, n ? "\n" : "");
		add_words(&all, text);
	}
	m->text = arena_str(m->arena, buf_str(&all)).p;
	m->verdict = MILTER_REPLY;
	return m->code;
}

/* No server has to take a NUL (RFC 5321, 4.5.2), and our own doors don't. */
static bool on_body(struct milter *m, struct str data)
{
	if (data.len && memchr(data.p, 0, data.len))
		return false;
	m->has_body = true;
	return buf_add(&m->body, data.p, data.len);
}

static bool on_change(struct milter *m, char letter, struct str data)
{
	switch (letter) {
	case MILTER_RSP_ADD_FIELD:
		return on_field(m, MILTER_ADD_FIELD, data);
	case MILTER_RSP_INSERT_FIELD:
		return on_field(m, MILTER_INSERT_FIELD, data);
	case MILTER_RSP_CHANGE_FIELD:
		return on_field(m, MILTER_CHANGE_FIELD, data);
	case MILTER_RSP_CHANGE_FROM:
		return on_address(m, MILTER_CHANGE_FROM, data);
	case MILTER_RSP_ADD_RCPT:
	case MILTER_RSP_ADD_RCPT_PARAMS:
		return on_address(m, MILTER_ADD_RCPT, data);
	case MILTER_RSP_DELETE_RCPT:
		return on_address(m, MILTER_DELETE_RCPT, data);
	case MILTER_RSP_QUARANTINE:
		return on_quarantine(m, data);
	case MILTER_RSP_BODY:
		return on_body(m, data);
	default:
		return letter == MILTER_RSP_PROGRESS;
	}
}

/* The answers that end a step; false: it is none. */
static bool verdict_of(char letter, enum milter_verdict *out)
{
	static const struct {
		char letter;
		enum milter_verdict verdict;
	} all[] = {
		{ MILTER_RSP_CONTINUE, MILTER_CONTINUE }, { MILTER_RSP_SKIP, MILTER_CONTINUE },
		{ MILTER_RSP_ACCEPT, MILTER_ACCEPT },     { MILTER_RSP_REJECT, MILTER_REJECT },
		{ MILTER_RSP_TEMPFAIL, MILTER_TEMPFAIL }, { MILTER_RSP_CONNECTION_FAILED, MILTER_TEMPFAIL },
		{ MILTER_RSP_SHUTDOWN, MILTER_TEMPFAIL }, { MILTER_RSP_DISCARD, MILTER_DISCARD }
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].letter == letter) {
			*out = all[i].verdict;
			return true;
		}
	return false;
}

static enum milter_event broken(struct err *e, const char *what)
{
	ERR_FILL(e, ERR_PROTOCOL, 0, "understand the filter", "%s", what);
	return MILTER_BROKEN;
}

static enum milter_event answered(struct milter *m)
{
	m->waits = false;
	m->over = m->verdict != MILTER_CONTINUE;
	return MILTER_ANSWER;
}

static enum milter_event on_packet(struct milter *m, char letter, struct str data, struct err *e)
{
	if (!m->waits)
		return broken(e, "it speaks unasked");
	if (letter == MILTER_CMD_HELLO) {
		if (!negotiate(m, data))
			return broken(e, "its greeting cannot be read, or comes twice");
		return answered(m);
	}
	if (!m->greeted)
		return broken(e, "it does not greet");
	if (verdict_of(letter, &m->verdict)) {
		m->skip_body = m->skip_body || letter == MILTER_RSP_SKIP;
		return answered(m);
	}
	if (letter == MILTER_RSP_REPLY)
		return on_reply(m, data) ? answered(m) : broken(e, "its reply code is none");
	if (!on_change(m, letter, data))
		return broken(e, "a change it wants is malformed, too much, or unknown");
	return MILTER_NONE;
}

/* A whole packet in m->in? */
static bool packet_length(const struct milter *m, size_t *n, bool *too_long)
{
	struct str in = buf_str(&m->in);
	if (in.len < 4)
		return false;
	*n = u32_of(in.p);
	*too_long = !*n || *n > MILTER_PACKET_BYTES_MAX;
	return *too_long || in.len >= 4 + *n;
}

enum milter_event milter_feed(struct milter *m, struct str bytes, struct err *e)
{
	size_t n;
	bool too_long;
	buf_add(&m->in, bytes.p, bytes.len);
	while (packet_length(m, &n, &too_long)) {
		if (too_long)
			return broken(e, "a packet of it has no sensible length");
		struct str in = buf_str(&m->in);
		enum milter_event ev = on_packet(m, in.p[4], str_cut(in, 5, 4 + n), e);
		buf_take(&m->in, 4 + n);
		if (ev != MILTER_NONE)
			return ev;
	}
	return MILTER_NONE;
}

enum milter_verdict milter_verdict(const struct milter *m)
{
	return m->verdict;
}

unsigned milter_code(const struct milter *m)
{
	return m->code;
}

const char *milter_enhanced(const struct milter *m)
{
	return m->enhanced ? m->enhanced : "";
}

const char *milter_text(const struct milter *m)
{
	return m->text ? m->text : "";
}

void milter_forgive(struct milter *m)
{
	m->over = false;
	m->verdict = MILTER_CONTINUE;
	m->code = 0;
	m->enhanced = m->text = NULL;
}

const struct milter_change *milter_changes(const struct milter *m, size_t *n)
{
	*n = m->nchanges;
	return m->changes;
}

const struct buf *milter_new_body(const struct milter *m)
{
	return m->has_body ? &m->body : NULL;
}
