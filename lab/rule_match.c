/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lab/rule.h"

enum { LINE_BYTES_MAX = 998 }; /* RFC 5322, 2.1.1 */

static int lower(char c)
{
	return tolower((unsigned char)c);
}

bool lab_fits(struct str s, const char *p)
{
	size_t i = 0, star_at = 0;
	const char *star = NULL;
	while (i < s.len) {
		if (*p == '*') {
			star = ++p;
			star_at = i;
		} else if (*p && (*p == '?' || lower(*p) == lower(s.p[i]))) {
			p++;
			i++;
		} else if (star) {
			p = star;
			i = ++star_at;
		} else {
			return false;
		}
	}
	while (*p == '*')
		p++;
	return !*p;
}

/* ---- what a message holds */

static struct str header_part(struct str m)
{
	for (size_t i = 0; i + 1 < m.len; i++)
		if (m.p[i] == '\n' && (m.p[i + 1] == '\n' || (m.p[i + 1] == '\r')))
			return str_cut(m, 0, i + 1);
	return m;
}

static bool next_line(struct str *rest, struct str *line)
{
	if (!rest->len)
		return false;
	const char *lf = memchr(rest->p, '\n', rest->len);
	size_t n = lf ? (size_t)(lf - rest->p) + 1 : rest->len;
	*line = str_cut(*rest, 0, n);
	*rest = str_cut(*rest, n, rest->len);
	return true;
}

/* How many headers `name` there are whose value fits the pattern (NULL: any). */
static long long count_headers(struct str m, const char *name, const char *pattern)
{
	struct str rest = header_part(m), line;
	size_t n = strlen(name);
	long long found = 0;
	while (next_line(&rest, &line)) {
		if (line.len <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0)
			continue;
		size_t end = (size_t)(line.p + line.len - m.p); /* folded lines belong to it */
		while (rest.len && (rest.p[0] == ' ' || rest.p[0] == '\t')) {
			struct str more;
			if (!next_line(&rest, &more))
				break;
			end = (size_t)(more.p + more.len - m.p);
		}
		struct str value = str_trim(str_cut(m, (size_t)(line.p - m.p) + n + 1, end));
		found += !pattern || lab_fits(value, pattern);
	}
	return found;
}

/* Any file name given by a filename= or name= parameter that fits. */
static bool has_attachment(struct str m, const char *pattern)
{
	for (size_t at = 0; (at += str_ifind(str_cut(m, at, m.len), "name=")) < m.len;) {
		at += strlen("name=");
		struct str v = str_cut(m, at, m.len);
		bool quoted = v.len && v.p[0] == '"';
		v = str_cut(v, quoted ? 1 : 0, v.len);
		size_t n = 0;
		while (n < v.len && !strchr(quoted ? "\"\r\n" : "; \t\r\n", v.p[n]))
			n++;
		if (lab_fits(str_cut(v, 0, n), pattern))
			return true;
	}
	return false;
}

static bool has_trait(struct str m, const char *trait)
{
	size_t line = 0;
	bool long_line = false, bare_lf = false, bare_cr = false, eight = false;
	for (size_t i = 0; i < m.len; i++) {
		char c = m.p[i];
		bare_lf = bare_lf || (c == '\n' && (i == 0 || m.p[i - 1] != '\r'));
		bare_cr = bare_cr || (c == '\r' && (i + 1 == m.len || m.p[i + 1] != '\n'));
		eight = eight || (c & 0x80);
		line = c == '\n' ? 0 : line + (c != '\r');
		long_line = long_line || line > LINE_BYTES_MAX;
	}
	return (!strcmp(trait, "bare-lf") && bare_lf) || (!strcmp(trait, "bare-cr") && bare_cr) ||
	       (!strcmp(trait, "8bit") && eight) || (!strcmp(trait, "long-line") && long_line);
}

/* ---- conditions */

static bool in_network(const char *ip, const char *cidr)
{
	char net[64];
	const char *slash = strchr(cidr, '/');
	if (!slash || (size_t)(slash - cidr) >= sizeof(net))
		return false;
	memcpy(net, cidr, (size_t)(slash - cidr));
	net[slash - cidr] = '\0';
	unsigned char a[16], b[16];
	int family = strchr(net, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(family, ip, a) != 1 || inet_pton(family, net, b) != 1)
		return false;
	long bits = strtol(slash + 1, NULL, 10);
	for (long i = 0; i < bits && i < (family == AF_INET ? 32 : 128); i++)
		if ((a[i / 8] ^ b[i / 8]) & (0x80 >> (i % 8)))
			return false;
	return true;
}

static const char *text_of(const struct lab_condition *c, const struct lab_moment *m)
{
	const struct {
		const char *key, *text;
	} all[] = {
		{ "client", m->client }, { "name", m->name },     { "from", m->from }, { "to", m->to },
		{ "user", m->user },     { "pass", m->pass },     { "mech", m->mech }, { "param", m->params },
		{ "line", m->line },     { "method", m->method }, { "path", m->path }, { "host", m->host },
		{ "form", m->form },
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (!strcmp(all[i].key, c->key))
			return all[i].text ? all[i].text : "";
	return NULL;
}

static bool number_of(const struct lab_condition *c, const struct lab_moment *m, long long *n)
{
	const struct {
		const char *key;
		long long n;
	} all[] = {
		{ "count", (long long)m->count },
		{ "total", (long long)m->total },
		{ "seen", (long long)m->seen },
		{ "size", (long long)m->size },
		{ "age", m->age_ms },
		{ "connections", (long long)m->connections },
		{ "headers", m->has_message ? count_headers(m->message, c->arg, NULL) : 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (!strcmp(all[i].key, c->key)) {
			*n = all[i].n;
			return true;
		}
	return false;
}

static bool flag_of(const struct lab_condition *c, const struct lab_moment *m)
{
	const struct {
		const char *key;
		bool on;
	} all[] = {
		{ "login", m->login },  { "tls", m->tls },         { "right", m->right },
		{ "wrong", !m->right }, { "initial", m->initial }, { "esmtp", m->esmtp },
		{ "start", true },
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (!strcmp(all[i].key, c->key))
			return all[i].on;
	return false;
}

static bool claim_fits(const struct strlist *claims, const char *key, const char *pattern)
{
	size_t n = strlen(key);
	for (size_t i = 0; claims && i < claims->n; i++)
		if (!strncmp(claims->v[i], key, n) && claims->v[i][n] == '=' &&
		    lab_fits(str_of(claims->v[i] + n + 1), pattern))
			return true;
	return false;
}

/* Each word of a list of parameters ("SIZE=10 BODY=8BITMIME"). */
static bool any_word_fits(const char *list, const char *pattern)
{
	struct str rest = str_of(list), one;
	while (str_next(&rest, " ", &one))
		if (lab_fits(one, pattern))
			return true;
	return false;
}

static bool holds(const struct lab_condition *c, const struct lab_moment *m)
{
	const char *value = c->op ? c->value : "*";
	long long n;
	if (!strcmp(c->key, "header"))
		return m->has_message && count_headers(m->message, c->arg, value) > 0;
	if (!strcmp(c->key, "body"))
		return m->has_message && lab_fits(m->message, value);
	if (!strcmp(c->key, "attachment"))
		return m->has_message && has_attachment(m->message, value);
	if (!strcmp(c->key, "has"))
		return m->has_message && has_trait(m->message, value);
	if (!strcmp(c->key, "token"))
		return claim_fits(m->claims, c->arg, value);
	if (number_of(c, m, &n))
		return c->op == '<'   ? n < c->number
		       : c->op == '>' ? n > c->number
		       : c->op == '=' ? n == c->number
				      : n > 0;
	const char *text = text_of(c, m);
	if (!text)
		return flag_of(c, m);
	if (!strcmp(c->key, "param"))
		return any_word_fits(text, value);
	if (!strcmp(c->key, "client") && strchr(value, '/'))
		return in_network(text, value);
	return lab_fits(str_of(text), value) && (c->op || text[0]);
}

static bool is_start(const struct lab_rule *r)
{
	for (size_t i = 0; i < r->nconditions; i++)
		if (!strcmp(r->conditions[i].key, "start"))
			return true;
	return false;
}

const struct lab_rule *lab_rules_pick(const struct lab_rules *r, const struct lab_moment *m, bool want_start)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct lab_rule *rule = &r->v[i];
		bool fits = is_start(rule) == want_start;
		for (size_t k = 0; fits && k < rule->nconditions; k++)
			fits = holds(&rule->conditions[k], m) != rule->conditions[k].negated;
		if (fits)
			return rule;
	}
	return NULL;
}
