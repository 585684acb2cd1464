/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/spf_record.h"

#include <stdint.h>
#include <string.h>

#include "base/nearest.h"
#include "base/text.h"
#include "mail/spf_macro.h"

bool spf_record_is(const char *txt)
{
	return z_istarts(txt, "v=spf1") && (!txt[6] || txt[6] == ' ');
}

bool spf_term_looks_up(const struct spf_term *t)
{
	switch (t->kind) {
	case SPF_INCLUDE:
	case SPF_A:
	case SPF_MX:
	case SPF_PTR:
	case SPF_EXISTS:
	case SPF_REDIRECT:
		return true;
	default:
		return false;
	}
}

bool spf_term_passes_all(const struct spf_term *t)
{
	return t->qualifier == '+' && (t->kind == SPF_ALL || (t->kind == SPF_IP4 && !t->bits4));
}

/* What may follow a mechanism's name. */
enum argument { ARG_NONE, ARG_DOMAIN, ARG_DOMAIN_OPTIONAL, ARG_DOMAIN_CIDR, ARG_NET };

static const struct {
	const char *name;
	enum spf_kind kind;
	enum argument argument;
} mechanisms[] = {
	{ "all", SPF_ALL, ARG_NONE },
	{ "include", SPF_INCLUDE, ARG_DOMAIN },
	{ "a", SPF_A, ARG_DOMAIN_CIDR },
	{ "mx", SPF_MX, ARG_DOMAIN_CIDR },
	{ "ptr", SPF_PTR, ARG_DOMAIN_OPTIONAL },
	{ "ip4", SPF_IP4, ARG_NET },
	{ "ip6", SPF_IP6, ARG_NET },
	{ "exists", SPF_EXISTS, ARG_DOMAIN },
};

/* "/" ( "0" / non-zero *DIGIT ) at the end of *s: cut off and returned, -1 when
 * there is none, -2 when it is no prefix length. */
static int cut_prefix(struct str *s, unsigned most)
{
	size_t i = s->len;
	while (i && s->p[i - 1] >= '0' && s->p[i - 1] <= '9')
		i--;
	if (i == s->len || !i || s->p[i - 1] != '/')
		return -1;
	struct str digits = str_cut(*s, i, s->len);
	unsigned long n;
	if ((digits.len > 1 && digits.p[0] == '0') || !str_number(digits, most, &n))
		return -2;
	*s = str_cut(*s, 0, i - 1);
	return (int)n;
}

/* [ "/" ip4-cidr ] [ "//" ip6-cidr ] at the end of *s. */
static const char *cut_dual_cidr(struct str *s, struct spf_term *t)
{
	struct str s6 = *s;
	t->bits4 = 32;
	t->bits6 = 128;
	int n = cut_prefix(&s6, 128);
	if (n != -1 && s6.len && s6.p[s6.len - 1] == '/') {
		*s = str_cut(s6, 0, s6.len - 1);
		t->bits6 = (unsigned)n;
	} else if (n == -2) {
		for (size_t i = 0; i + 1 < s->len; i++)
			if (s->p[i] == '/' && s->p[i + 1] == '/')
				return "the IPv6 prefix is not 0 to 128";
	}
	n = cut_prefix(s, 32);
	if (n == -2)
		return "the IPv4 prefix is not 0 to 32";
	if (n >= 0)
		t->bits4 = (unsigned)n;
	return NULL;
}

static const char *read_domain(struct arena *a, struct str arg, struct spf_term *t)
{
	struct ipaddr ip;
	if (ipaddr_read(str_cut(arg, 0, arg.len), &ip))
		return ip.family == 4 ? "an address stands where a domain belongs; write ip4: before it"
				      : "an address stands where a domain belongs; write ip6: before it";
	const char *why = spf_domain_fault(arg);
	if (!why)
		t->domain = arena_dup(a, arg.p, arg.len);
	return why;
}

static const char *read_net(struct str arg, struct spf_term *t)
{
	unsigned family = t->kind == SPF_IP4 ? 4 : 6, most = family == 4 ? 32 : 128;
	int n = cut_prefix(&arg, most);
	if (n == -2)
		return family == 4 ? "the prefix is not 0 to 32" : "the prefix is not 0 to 128";
	if (!ipaddr_read(arg, &t->net))
		return family == 4 ? "not an IPv4 address" : "not an IPv6 address";
	if (t->net.family != family)
		return family == 4 ? "an IPv6 address; write ip6:" : "an IPv4 address; write ip4:";
	t->bits4 = t->bits6 = n < 0 ? most : (unsigned)n;
	return NULL;
}

static const char *read_argument(struct arena *a, struct str arg, enum argument kind, struct spf_term *t)
{
	const char *why = kind == ARG_DOMAIN_CIDR ? cut_dual_cidr(&arg, t) : NULL;
	if (why)
		return why;
	bool given = arg.len > 0;
	if (given && arg.p[0] != ':')
		return kind == ARG_NONE ? "nothing may follow all" : "something else than a colon follows";
	struct str value = str_cut(arg, 1, arg.len);
	switch (kind) {
	case ARG_NONE:
		return given ? "nothing may follow all" : NULL;
	case ARG_NET:
		return given ? read_net(value, t) : "no address given";
	case ARG_DOMAIN:
		return given ? read_domain(a, value, t) : "no domain given";
	default:
		return given ? read_domain(a, value, t) : NULL;
	}
}

/* Words for a name that is no mechanism, with the one probably meant. */
static const char *unknown_mechanism(struct arena *a, struct str name)
{
	struct nearest near = nearest_to(name, NEAREST_WRONG);
	if (str_ieq(name, "redirect") || str_ieq(name, "exp"))
		return arena_printf(a, "a modifier is written " STR_FMT "=", STR_ARG(name));
	if (str_ieq(name, "ip"))
		near.name = "ip4";
	for (size_t i = 0; name.len > 2 && i < ARRAY_LEN(mechanisms); i++)
		if (strlen(mechanisms[i].name) > 2)
			nearest_look(&near, mechanisms[i].name);
	return near.name ? arena_printf(a, "no such mechanism; probably %s", near.name) : "no such mechanism";
}

static const char *read_directive(struct arena *a, struct str term, struct spf_term *t)
{
	if (term.len && strchr("+-~?", term.p[0])) {
		t->qualifier = term.p[0];
		term = str_cut(term, 1, term.len);
	}
	size_t n = 0;
	while (n < term.len && term.p[n] != ':' && term.p[n] != '/')
		n++;
	struct str name = str_cut(term, 0, n);
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++)
		if (str_ieq(name, mechanisms[i].name)) {
			t->kind = mechanisms[i].kind;
			return read_argument(a, str_cut(term, n, term.len), mechanisms[i].argument, t);
		}
	t->kind = SPF_OTHER;
	return unknown_mechanism(a, name);
}

static bool is_name_char(char c, bool first)
{
	bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	return alpha || (!first && ((c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'));
}

/* Length of the name of a modifier ("name=..."), 0 when it is a directive. */
static size_t modifier_name(struct str term)
{
	size_t n = 0;
	while (n < term.len && is_name_char(term.p[n], n == 0))
		n++;
	return n < term.len && term.p[n] == '=' ? n : 0;
}

static const char *read_modifier(struct arena *a, struct str term, size_t name_len, struct spf_term *t)
{
	struct str name = str_cut(term, 0, name_len), value = str_cut(term, name_len + 1, term.len);
	t->kind = str_ieq(name, "redirect") ? SPF_REDIRECT : str_ieq(name, "exp") ? SPF_EXP : SPF_OTHER;
	return t->kind == SPF_OTHER ? spf_macro_fault(value, SPF_IN_MODIFIER) : read_domain(a, value, t);
}

/* redirect and exp may stand once each. */
static const char *note_modifier(struct spf_record *r, const struct spf_term *t)
{
	const struct spf_term **slot = t->kind == SPF_REDIRECT ? &r->redirect : &r->exp;
	if (t->kind != SPF_REDIRECT && t->kind != SPF_EXP)
		return NULL;
	if (*slot)
		return t->kind == SPF_REDIRECT ? "a second redirect=" : "a second exp=";
	*slot = t;
	return NULL;
}

static const char *read_term(struct arena *a, struct str term, struct spf_record *r)
{
	struct spf_term *t = &r->terms[r->n++];
	t->qualifier = '+';
	t->domain = "";
	t->text = text_printable(a, term);
	size_t name_len = modifier_name(term);
	const char *why = name_len ? read_modifier(a, term, name_len, t) : read_directive(a, term, t);
	return why ? why : note_modifier(r, t);
}

bool spf_record_parse(struct arena *a, const char *txt, struct spf_record *out)
{
	struct str rest = str_cut(str_of(txt), 6, SIZE_MAX), term;
	size_t blanks = 1;
	for (size_t i = 0; i < rest.len; i++)
		blanks += rest.p[i] == ' ';
	if (blanks > SPF_TERMS_MAX)
		blanks = SPF_TERMS_MAX;
	*out = (struct spf_record){ .text = txt, .terms = arena_alloc(a, blanks * sizeof(*out->terms)) };
	while (str_next(&rest, " ", &term)) {
		const char *why = out->n < blanks ? read_term(a, term, out) : "more terms than anybody reads";
		if (why && !out->bad) {
			out->bad = text_printable(a, term);
			out->why = why;
		}
		if (out->n == blanks && why)
			break;
	}
	return !out->bad;
}
