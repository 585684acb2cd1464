/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/dnsbl.h"

#include "base/text.h"

/* What one address in an answer means. */
enum meaning { MEANS_LISTED, MEANS_REFUSED, MEANS_FOREIGN };

/* Codes by which lists say something else than "listed".  Spamhaus, as
 * documented in 2026: 252 wrong zone, 254 public resolver, 255 too many questions. */
static const struct {
	unsigned char bytes[4];
	const char *words;
} refusals[] = {
	{ { 127, 255, 255, 252 }, "the list does not know a zone of that name" },
	{ { 127, 255, 255, 254 }, "the list does not answer public resolvers" },
	{ { 127, 255, 255, 255 }, "the list got too many questions from this resolver" },
	{ { 127, 0, 0, 1 }, "the list answers 127.0.0.1, which means blocked or over its limit" },
};

static bool same(const unsigned char *a, const unsigned char *b)
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

static enum meaning meaning_of(const char *answer, const char **words)
{
	struct ipaddr ip;
	if (!ipaddr_read(str_of(answer), &ip) || ip.family != 4 || ip.bytes[0] != 127) {
		*words = "the answer is no blocklist's: the resolver rewrites missing names, or the list is "
			 "gone";
		return MEANS_FOREIGN;
	}
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (same(ip.bytes, refusals[i].bytes)) {
			*words = refusals[i].words;
			return MEANS_REFUSED;
		}
	if (ip.bytes[1] == 255) {
		*words = "the list answers with an error code";
		return MEANS_REFUSED;
	}
	return MEANS_LISTED;
}

const char *dnsbl_name(struct arena *a, const char *subject, const char *zone)
{
	struct ipaddr ip;
	if (!ipaddr_read(str_of(subject), &ip))
		return arena_printf(a, "%s.%s", dns_name_plain(a, subject), zone);
	ip = ipaddr_unmapped(ip);
	return arena_printf(a, "%s.%s", ipaddr_reversed(a, &ip), zone);
}

/* Whether the zone lists what every list must, and not what none may (RFC 5782, 5). */
struct control {
	bool waiting, listed, everything;
};

static struct control ask_controls(struct arena *a, bool is_ip, const char *zone, const struct dns_view *view,
				   struct dns_wants *w)
{
	struct dns_records yes, no;
	const char *words;
	bool all = dns_view_ask(view, w, arena_printf(a, "%s.%s", is_ip ? "2.0.0.127" : "test", zone), "A",
				&yes);
	all = dns_view_ask(view, w, arena_printf(a, "%s.%s", is_ip ? "1.0.0.127" : "invalid", zone), "A",
			   &no) &&
	      all;
	return (struct control){
		.waiting = !all,
		.listed = yes.n && meaning_of(yes.v[0], &words) == MEANS_LISTED,
		.everything = no.n && meaning_of(no.v[0], &words) != MEANS_REFUSED,
	};
}

static void judge_answers(struct arena *a, const struct dns_records *got, struct dnsbl_report *out)
{
	const char *words = "";
	if (got->status == DNS_TEMPERROR)
		out->result = DNSBL_TEMPERROR;
	for (size_t i = 0; i < got->n; i++) {
		enum meaning m = meaning_of(got->v[i], &words);
		enum dnsbl_result r = m == MEANS_LISTED    ? DNSBL_LISTED
				      : m == MEANS_REFUSED ? DNSBL_REFUSED
							   : DNSBL_WILDCARD;
		strlist_add(&out->answers, a, text_printable(a, str_of(got->v[i])));
		if (i == 0 || r != DNSBL_LISTED)
			out->result = r;
		if (r != DNSBL_LISTED)
			out->reason = words;
	}
}

/* A listing is one only of a list that does not list everything. */
static void settle(const struct control *c, struct dnsbl_report *out)
{
	out->proven = c->listed && !c->everything;
	if (out->result == DNSBL_LISTED && c->everything) {
		out->result = DNSBL_WILDCARD;
		out->reason = "the list, or the resolver, answers for every name";
	}
}

bool dnsbl_check(struct arena *a, const char *subject, const char *zone, const struct dns_view *view,
		 struct dns_wants *w, struct dnsbl_report *out)
{
	struct ipaddr ip;
	struct dns_records got, txt;
	zone = dns_name_plain(a, zone);
	*out = (struct dnsbl_report){ .result = DNSBL_CLEAR,
				      .zone = zone,
				      .subject = subject,
				      .reason = "",
				      .name = dnsbl_name(a, subject, zone) };
	struct control c = ask_controls(a, ipaddr_read(str_of(subject), &ip), zone, view, w);
	bool known = dns_view_ask(view, w, out->name, "A", &got) && !c.waiting;
	if (!known)
		return false;
	judge_answers(a, &got, out);
	settle(&c, out);
	if (out->result != DNSBL_LISTED)
		return true;
	if (!dns_view_ask(view, w, out->name, "TXT", &txt))
		return false;
	if (txt.n)
		out->reason = text_printable(a, str_of(txt.v[0]));
	return true;
}

const char *dnsbl_result_name(enum dnsbl_result r)
{
	static const char *const names[] = { "clear", "listed", "refused", "temperror", "wildcard" };
	return names[r];
}
