/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mta_sts.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "mail/taglist.h"

/* sts-version = %s"v=STSv1", then blanks and a semicolon. */
static bool is_sts(const char *txt)
{
	return !strncmp(txt, "v=STSv1", 7) && (txt[7 + strspn(txt + 7, " \t")] == ';' || !txt[7]);
}

static void judge_txt(struct arena *a, const char *txt, struct mta_sts_txt *out)
{
	struct taglist l;
	struct str id;
	bool sound = taglist_parse(str_of(txt), &l), given = taglist_get(&l, "id", false, &id);
	bool good = given && id.len && id.len <= MTA_STS_ID_MAX;
	for (size_t i = 0; good && i < id.len; i++)
		good = isalnum((unsigned char)id.p[i]) != 0;
	out->result = good && sound ? MTA_STS_OK : MTA_STS_SYNTAX;
	out->id = given ? text_printable(a, id) : "";
	out->problem = !given  ? "id= is missing"
		       : !good ? "id= is not 1 to 32 letters and digits"
		       : sound ? ""
			       : l.bad;
}

bool mta_sts_find(struct arena *a, const char *domain, const struct dns_view *view, struct dns_wants *w,
		  struct mta_sts_txt *out)
{
	struct dns_records got;
	size_t found = 0;
	*out = (struct mta_sts_txt){ .result = MTA_STS_NONE, .id = "", .record = "", .problem = "" };
	if (!dns_view_ask(view, w, arena_printf(a, "_mta-sts.%s", domain), "TXT", &got))
		return false;
	if (got.status == DNS_TEMPERROR)
		out->result = MTA_STS_TEMPERROR;
	for (size_t i = 0; i < got.n; i++)
		if (is_sts(got.v[i]) && !found++) {
			out->record = text_printable(a, str_of(got.v[i]));
			judge_txt(a, got.v[i], out);
		}
	if (found > 1) {
		out->result = MTA_STS_MULTIPLE;
		out->problem = "more than one MTA-STS record; none counts";
	}
	return true;
}

/* What the lines of a policy file gave so far. */
struct reading {
	struct arena *a;
	struct mta_sts_policy *p;
	bool version, mode, age;
};

static void fault(struct reading *r, const char *what, struct str value)
{
	if (!*r->p->problem)
		r->p->problem =
			arena_printf(r->a, "%s%s", what, text_printable(r->a, str_cut(value, 0, 100)));
}

/* "*." may stand first; one label is a domain, too (RFC 5321, 4.1.2). */
static bool is_pattern(const char *s)
{
	const char *name = z_istarts(s, "*.") ? s + 2 : s;
	return *name && dns_name_askable(name) && !strpbrk(name, "* @/:\t");
}

static void read_mx(struct reading *r, struct str value)
{
	char *z = arena_dup(r->a, value.p, value.len);
	for (char *c = z; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (!is_pattern(z))
		fault(r, "mx: holds no host name: ", value);
	else if (r->p->mx.n == MTA_STS_MX_MAX)
		fault(r, "more mx: lines than anybody reads", (struct str){ "", 0 });
	else
		strlist_add(&r->p->mx, r->a, dns_name_plain(r->a, z));
}

static void read_mode(struct reading *r, struct str value)
{
	static const char *const modes[] = { "none", "testing", "enforce" };
	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		if (str_eq(value, modes[i])) {
			r->p->mode = (enum mta_sts_mode)i;
			r->mode = true;
			return;
		}
	fault(r, "mode: is not enforce, testing or none: ", value);
}

/* Of a field that stands twice the first counts (3.2); mx is the exception. */
static void read_field(struct reading *r, struct str name, struct str value)
{
	if (str_eq(name, "mx")) {
		read_mx(r, value);
	} else if (str_eq(name, "version") && !r->version) {
		r->version = str_eq(value, "STSv1");
		if (!r->version)
			fault(r, "version: is not STSv1: ", value);
	} else if (str_eq(name, "mode") && !r->mode) {
		read_mode(r, value);
	} else if (str_eq(name, "max_age") && !r->age) {
		r->age = str_number(value, MTA_STS_AGE_MAX, &r->p->max_age);
		if (!r->age)
			fault(r, "max_age: is not 0 to 31557600 seconds: ", value);
	}
}

static void read_line(struct reading *r, struct str line)
{
	const char *colon = memchr(line.p, ':', line.len);
	if (!str_trim(line).len)
		return;
	if (!colon)
		fault(r, "a line without a colon: ", line);
	else
		read_field(r, str_trim(str_cut(line, 0, (size_t)(colon - line.p))),
			   str_trim(str_cut(line, (size_t)(colon - line.p) + 1, line.len)));
}

static bool is_plain_text(const char *type)
{
	static const char plain[] = "text/plain";
	return z_istarts(type, plain) && strchr("; \t", type[sizeof(plain) - 1]);
}

static void read_lines(struct reading *r, struct str body)
{
	const struct str none = { "", 0 };
	struct str line;
	while (str_next(&body, "\r\n", &line))
		read_line(r, line);
	if (!r->version)
		fault(r, "version: STSv1 is missing", none);
	if (!r->mode)
		fault(r, "mode: is missing", none);
	if (!r->age)
		fault(r, "max_age: is missing", none);
	if (!r->p->mx.n && r->p->mode != MTA_STS_MODE_NONE)
		fault(r, "there is no mx: line", none);
}

void mta_sts_policy_parse(struct arena *a, const char *type, struct str body, struct mta_sts_policy *out)
{
	struct reading r = { .a = a, .p = out };
	*out = (struct mta_sts_policy){ .problem = "" };
	if (body.len > MTA_STS_BODY_BYTES_MAX)
		fault(&r, "the policy is larger than 64 KB", (struct str){ "", 0 });
	else if (!is_plain_text(type))
		fault(&r, "its Content-Type is not text/plain: ", str_of(type));
	else
		read_lines(&r, body);
	out->good = !*out->problem;
}

bool mta_sts_allows(const struct mta_sts_policy *p, const char *host)
{
	const char *dot = strchr(host, '.');
	for (size_t i = 0; i < p->mx.n; i++) {
		const char *pattern = p->mx.v[i];
		bool wild = pattern[0] == '*';
		if (wild ? dot && dot > host && dns_name_eq(dot + 1, pattern + 2)
			 : dns_name_eq(host, pattern))
			return true;
	}
	return false;
}

const char *mta_sts_result_name(enum mta_sts_result r)
{
	static const char *const names[] = { "none", "ok", "multiple", "syntax", "temperror" };
	return names[r];
}

const char *mta_sts_mode_name(enum mta_sts_mode m)
{
	static const char *const names[] = { "none", "testing", "enforce" };
	return names[m];
}
