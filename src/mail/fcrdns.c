/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/fcrdns.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { TOKENS_MAX = 64 };

/* A run of digits or of letters in a name. */
struct token {
	struct str s;
	bool digits;
};

static size_t tokens_of(const char *name, struct token *v)
{
	size_t n = 0;
	for (const char *p = name; *p && n < TOKENS_MAX;) {
		bool digits = isdigit((unsigned char)*p) != 0;
		const char *from = p;
		while (*p && (digits ? isdigit((unsigned char)*p) : isalpha((unsigned char)*p)) != 0)
			p++;
		if (p > from)
			v[n++] = (struct token){ { from, (size_t)(p - from) }, digits };
		else
			p++;
	}
	return n;
}

/* Whether the numbers of the name hold the last three octets in order or
 * reversed (pools often leave the first away). */
static bool has_octets(const struct token *v, size_t n, const unsigned char *b)
{
	unsigned long got;
	unsigned up = 0, down = 0;
	for (size_t i = 0; i < n; i++) {
		if (!v[i].digits || !str_number(v[i].s, 255, &got))
			continue;
		up = up < 3 && got == b[up + 1] ? up + 1 : up;
		down = down < 3 && got == b[3 - down] ? down + 1 : down;
	}
	return up == 3 || down == 3;
}

/* "c0000201", "192000002001" */
static bool has_packed(const char *name, const unsigned char *b)
{
	char hex[16], decimal[16], reversed[16];
	snprintf(hex, sizeof(hex), "%02x%02x%02x%02x", b[0], b[1], b[2], b[3]);
	snprintf(decimal, sizeof(decimal), "%03u%03u%03u%03u", b[0], b[1], b[2], b[3]);
	snprintf(reversed, sizeof(reversed), "%03u%03u%03u%03u", b[3], b[2], b[1], b[0]);
	return z_ihas(name, hex) || z_ihas(name, decimal) || z_ihas(name, reversed);
}

/* Eight nibbles of the address one after another, dots and dashes left out. */
static bool has_nibbles(const char *name, const struct ipaddr *ip)
{
	char packed[256], part[12], last[12];
	size_t n = 0;
	for (const char *p = name; *p && n + 1 < sizeof(packed); p++)
		if (isalnum((unsigned char)*p))
			packed[n++] = *p;
	packed[n] = 0;
	const unsigned char *b = ip->bytes;
	snprintf(part, sizeof(part), "%02x%02x%02x%02x", b[0], b[1], b[2], b[3]);
	snprintf(last, sizeof(last), "%02x%02x%02x%02x", b[12], b[13], b[14], b[15]);
	return z_ihas(packed, part) ||
	       (strcmp(last, "00000000") != 0 && strcmp(last, "00000001") != 0 && z_ihas(packed, last));
}

static bool has_pool_word(const struct token *v, size_t n)
{
	static const char *const words[] = { "dynamic", "dyn",   "dsl",       "adsl",      "vdsl",   "xdsl",
					     "ppp",     "pppoe", "dhcp",      "dialup",    "dialin", "dial",
					     "cable",   "pool",  "broadband", "unassigned" };
	bool word = false, digits = false;
	for (size_t i = 0; i < n; i++) {
		digits = digits || v[i].digits;
		for (size_t k = 0; k < ARRAY_LEN(words); k++)
			word = word || str_ieq(v[i].s, words[k]);
	}
	return word && digits;
}

bool fcrdns_looks_generic(const char *name, const struct ipaddr *ip)
{
	struct token v[TOKENS_MAX];
	size_t n = tokens_of(name, v);
	if (z_iends(name, ".in-addr.arpa") || z_iends(name, ".ip6.arpa") || has_pool_word(v, n))
		return true;
	if (ip->family == 4)
		return has_octets(v, n, ip->bytes) || has_packed(name, ip->bytes);
	return ip->family == 6 && has_nibbles(name, ip);
}

/* What the forward lookup of one name says. */
enum forward { FORWARD_OTHER, FORWARD_BACK, FORWARD_TEMPERROR, FORWARD_WAITING };

static enum forward look_forward(const struct dns_view *view, struct dns_wants *w, const char *name,
				 const struct ipaddr *ip)
{
	struct dns_records got;
	struct ipaddr other;
	if (!dns_view_ask(view, w, name, ip->family == 4 ? "A" : "AAAA", &got))
		return FORWARD_WAITING;
	for (size_t i = 0; i < got.n; i++)
		if (ipaddr_read(str_of(got.v[i]), &other) && ipaddr_eq(ip, &other))
			return FORWARD_BACK;
	return got.status == DNS_TEMPERROR ? FORWARD_TEMPERROR : FORWARD_OTHER;
}

static void confirm(struct fcrdns_report *out, const char *name, const char *helo, const struct ipaddr *ip)
{
	bool is_helo = helo && dns_name_eq(name, helo);
	bool better = *out->confirmed && out->result == FCRDNS_GENERIC && !fcrdns_looks_generic(name, ip);
	if (!*out->confirmed || is_helo || (better && !out->helo_matches)) {
		out->confirmed = name;
		out->result = fcrdns_looks_generic(name, ip) ? FCRDNS_GENERIC : FCRDNS_OK;
	}
	out->helo_matches = out->helo_matches || is_helo;
}

bool fcrdns_check(struct arena *a, const struct ipaddr *ip, const char *helo, const struct dns_view *view,
		  struct dns_wants *w, struct fcrdns_report *out)
{
	struct dns_records got;
	struct ipaddr plain = ipaddr_unmapped(*ip);
	bool waiting = false, failed = false;
	*out = (struct fcrdns_report){ .result = FCRDNS_NONE, .confirmed = "" };
	if (!plain.family)
		return true;
	if (!dns_view_ask(view, w, ipaddr_ptr_name(a, &plain), "PTR", &got))
		return false;
	for (size_t i = 0; i < got.n && i < FCRDNS_NAMES_MAX; i++) {
		const char *name = dns_name_plain(a, got.v[i]);
		enum forward f = look_forward(view, w, name, &plain);
		strlist_add(&out->names, a, text_printable(a, str_of(name)));
		waiting = waiting || f == FORWARD_WAITING;
		failed = failed || f == FORWARD_TEMPERROR;
		if (f == FORWARD_BACK)
			confirm(out, out->names.v[i], helo, &plain);
	}
	if (got.status == DNS_TEMPERROR || (!*out->confirmed && failed))
		out->result = FCRDNS_TEMPERROR;
	else if (out->names.n && !*out->confirmed)
		out->result = FCRDNS_MISMATCH;
	return !waiting;
}

const char *fcrdns_result_name(enum fcrdns_result r)
{
	static const char *const names[] = { "ok", "none", "mismatch", "generic", "temperror" };
	return names[r];
}
