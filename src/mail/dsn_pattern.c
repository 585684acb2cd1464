/* SPDX-License-Identifier: Apache-2.0 */
/* The patterns of catalog/bounces/ on one line.  Each stands under four of its
 * bytes; a line asks for each four of its own, so the number of patterns does
 * not count. */
#include <endian.h>
#include <string.h>

#include "mail/dsn_job.h"

enum {
	GRAM_BYTES = 4,
	STEP_BYTES = 128,   /* of a line that are sieved at once */
	TRIED_MAX = 200,    /* patterns compared with one line */
	BARE_WORD_MAX = 8,  /* bytes with the colon */
	USER_LINE_MAX = 40, /* bytes of a line that may be a name without a domain */
};

/* The address last measured: many patterns ask for the one that begins a line. */
struct measured {
	const char *p;
	size_t n;
};

struct match {
	struct str text, low; /* the same bytes, in `low` folded */
	size_t at;
	struct dsn_hit *hit;
	struct measured *last;
};

static bool ends_address(char c)
{
	switch (c) {
	case '\0':
	case ' ':
	case '\t':
	case '<':
	case '>':
	case ',':
	case ';':
	case ':':
	case '(':
	case ')':
	case '[':
	case ']':
	case '"':
	case '\'':
	case '{':
	case '}':
	case '|':
		return true;
	default:
		return false;
	}
}

/* local@domain at s; its length without what only ends a sentence, 0: none. */
static size_t address_length(struct str s)
{
	size_t n = 0, at = 0;
	if (s.len && s.p[0] == '"')
		for (n = 1; n < s.len && s.p[n - 1 + (n == 1)] != '\0' && s.p[n] != '"'; n++)
			;
	n += n > 0;
	if (n && (n >= s.len || s.p[n] != '@'))
		return 0;
	for (; n < s.len && !ends_address(s.p[n]); n++)
		if (s.p[n] == '@')
			at = n;
	while (n > at + 1 && strchr(".!?*", s.p[n - 1]))
		n--;
	return at && n > at + 1 ? n : 0;
}

static size_t measure(struct measured *last, struct str s)
{
	if (last->p != s.p)
		*last = (struct measured){ s.p, address_length(s) };
	return last->n;
}

static bool is_bracket(char c)
{
	return c == '<' || c == '"' || c == '\'' || c == '[';
}

/* "smtp:", "mailto:" */
static size_t scheme_length(struct str s)
{
	char c = s.len ? (char)(s.p[0] | 32) : '\0';
	return c == 's' && str_istarts(s, "smtp:") ? 5 : c == 'm' && str_istarts(s, "mailto:") ? 7 : 0;
}

/* "<local@domain>", quotes and brackets allowed, "smtp:" and "mailto:" too. */
static bool take_address(struct match *m, bool bare)
{
	struct str s = str_cut(m->text, m->at, m->text.len);
	size_t lead = 0;
	while (lead < 2 && lead < s.len && is_bracket(s.p[lead]) &&
	       !measure(m->last, str_cut(s, lead, s.len)))
		lead++;
	struct str rest = str_cut(s, lead, s.len);
	rest = str_cut(rest, scheme_length(rest), rest.len);
	size_t n = measure(m->last, rest);
	if (!n && bare)
		while (n < rest.len && n < 64 && !ends_address(rest.p[n]))
			n++;
	if (!n)
		return false;
	m->hit->address = str_cut(rest, 0, n);
	m->at += (size_t)(rest.p - s.p) + n;
	while (lead && m->at < m->text.len && strchr(">\"']", m->text.p[m->at]) && lead--)
		m->at++;
	return true;
}

static bool is_host_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || strchr(".-_:[]", c);
}

static bool take_host(struct match *m)
{
	size_t n = 0;
	struct str s = str_cut(m->low, m->at, m->low.len);
	while (n < s.len && s.p[n] && is_host_byte(s.p[n]))
		n++;
	m->hit->host = str_cut(m->text, m->at, m->at + n);
	m->at += n;
	return n > 1;
}

/* The words of a pattern up to its next special byte. */
static size_t words_length(const char *p)
{
	size_t n = 0;
	while ((unsigned char)p[n] > BOUNCE_SPECIALS)
		n++;
	return n;
}

static bool skip_to(struct match *m, const char *words, size_t n)
{
	struct str rest = str_cut(m->low, m->at, m->low.len);
	size_t found = str_find(rest, (struct str){ words, n });
	if (found == rest.len)
		return false;
	m->at += found + n;
	return true;
}

static bool take_special(struct match *m, char special)
{
	switch (special) {
	case BOUNCE_IS_ADDRESS:
		return take_address(m, false);
	case BOUNCE_IS_USER:
		return take_address(m, true);
	case BOUNCE_IS_HOST:
		return take_host(m);
	case BOUNCE_IS_REPLY:
		m->hit->reply = str_trim(str_cut(m->text, m->at, m->text.len));
		m->at = m->text.len;
		return true;
	default: /* BOUNCE_IS_END */
		return m->at == m->low.len;
	}
}

/* From `at` in the pattern on, and m->at in the line. */
static bool matches(const char *at, struct match *m)
{
	while (*at) {
		size_t n = words_length(at);
		if (*at == BOUNCE_IS_ANY) {
			n = words_length(++at);
			if (!skip_to(m, at, n))
				return false;
		} else if (!n) {
			if (!take_special(m, *at))
				return false;
			n = 1;
		} else {
			/* A bracket that the address took stands in the pattern too. */
			if (m->at > m->low.len || m->low.len - m->at < n ||
			    memcmp(m->low.p + m->at, at, n) != 0)
				return false;
			m->at += n;
		}
		at += n;
	}
	return true;
}

struct search {
	struct str text, low;
	enum dsn_want want;
	struct dsn_hit *out;
	unsigned n, ntried;
	struct measured last;
	const struct bounce_pattern *tried[TRIED_MAX];
};

static bool is_wanted(const struct search *s, const struct bounce_pattern *p)
{
	if (s->want == DSN_WANT_STEP)
		return p->role == BOUNCE_STEP;
	return (p->role == BOUNCE_HEADER) == (s->want == DSN_WANT_HEADER);
}

/* The first `known` bytes of the pattern stand before line position `from`. */
static void try_pattern(struct search *s, const struct bounce_pattern *p, size_t known, size_t from)
{
	if (s->n == DSN_HITS_MAX)
		return;
	s->out[s->n] = (struct dsn_hit){ .pattern = p };
	struct match m = { s->text, s->low, from, &s->out[s->n], &s->last };
	s->n += matches(p->text + known, &m);
}

/* Each such pattern once a line, so that a line of one word repeated stays cheap. */
static void try_once(struct search *s, const struct bounce_pattern *p, size_t known, size_t from)
{
	for (unsigned i = 0; i < s->ntried; i++)
		if (s->tried[i] == p)
			return;
	if (s->ntried == TRIED_MAX)
		return;
	s->tried[s->ntried++] = p;
	try_pattern(s, p, known, from);
}

/* The pattern's four bytes stand at i: can its first words stand around them? */
static void try_at(struct search *s, const struct bounce_pattern *p, size_t i)
{
	if (p->at == BOUNCE_AT_ANY) {
		try_once(s, p, 0, 0);
	} else if (!p->floats) {
		if (i == p->at)
			try_pattern(s, p, 0, 0);
	} else if (i >= p->at && s->low.len - (i - p->at) >= p->lead &&
		   !memcmp(s->low.p + i - p->at, p->text + 1, p->lead)) {
		try_once(s, p, 1u + p->lead, i - p->at + p->lead);
	}
}

static uint32_t gram_at(const char *p)
{
	uint32_t gram;
	memcpy(&gram, p, sizeof(gram));
	return le32toh(gram);
}

static uint32_t gram_hash(uint32_t gram)
{
	return gram * 2654435761u;
}

/* Places whose four bytes some pattern may have.  No branches: where they are is as good as chance. */
static unsigned sieved(struct str low, size_t from, size_t to, uint16_t places[STEP_BYTES + 1])
{
	unsigned n = 0;
	for (size_t i = from; i < to; i++) {
		uint32_t sieve = gram_hash(gram_at(low.p + i)) >> (32 - BOUNCE_SIEVE_BITS);
		places[n] = (uint16_t)i;
		n += bounce_sieve[sieve / 64] >> sieve % 64 & 1;
	}
	return n;
}

static void try_bucket(struct search *s, size_t i)
{
	uint32_t gram = gram_at(s->low.p + i), b = gram_hash(gram) >> (32 - BOUNCE_GRAM_BITS);
	for (unsigned k = bounce_gram_start[b]; k < bounce_gram_start[b + 1]; k++)
		if (bounce_patterns[k].gram == gram && is_wanted(s, &bounce_patterns[k]))
			try_at(s, &bounce_patterns[k], i);
}

/* Patterns without four bytes in a row begin with an address, or with few letters and a colon. */
static bool begins_bare(struct str low)
{
	size_t n = 0;
	while (n < low.len && (is_bracket(low.p[n]) || low.p[n] == '('))
		n++;
	if (n && low.len < USER_LINE_MAX && low.p[0] == '<')
		return true;
	if (address_length(str_cut(low, n, low.len)))
		return true;
	const char *colon = memchr(low.p, ':', low.len < BARE_WORD_MAX ? low.len : BARE_WORD_MAX);
	const char *code = low.len > 4 && low.p[0] >= '4' && low.p[0] <= '5' ? low.p : NULL;
	return (colon || code) && memchr(low.p, '@', low.len);
}

/* Those whose first byte is the line's, or stands for an address. */
static void try_bare(struct search *s)
{
	for (unsigned k = bounce_npatterns - bounce_nbare; k < bounce_npatterns; k++) {
		const struct bounce_pattern *p = &bounce_patterns[k];
		if (((unsigned char)*p->text <= BOUNCE_SPECIALS || *p->text == s->low.p[0]) &&
		    is_wanted(s, p))
			try_pattern(s, p, 0, 0);
	}
}

unsigned dsn_match(struct str text, struct str low, enum dsn_want want, struct dsn_hit out[DSN_HITS_MAX])
{
	struct search s;
	s.text = text;
	s.low = low;
	s.want = want;
	s.out = out;
	s.n = s.ntried = 0;
	s.last = (struct measured){ NULL, 0 };
	size_t end = low.len < GRAM_BYTES ? 0 : low.len - GRAM_BYTES + 1;
	for (size_t at = 0; at < end; at += STEP_BYTES) {
		uint16_t places[STEP_BYTES + 1];
		unsigned n = sieved(low, at, at + STEP_BYTES < end ? at + STEP_BYTES : end, places);
		for (unsigned k = 0; k < n; k++)
			try_bucket(&s, places[k]);
	}
	if (want == DSN_WANT_BODY && begins_bare(low))
		try_bare(&s);
	return s.n;
}

bool dsn_has_role(const struct dsn_line *line, enum bounce_role role)
{
	for (unsigned i = 0; i < line->nhits; i++)
		if (line->hits[i].pattern->role == role)
			return true;
	return false;
}
