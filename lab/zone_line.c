/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/zone_line.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lab/spec.h"
#include "lab/zone.h"

enum { ZONE_TTL_S = 300, TXT_PIECE_BYTES = 255 };

static const char *const fault_names[ZONE_FAULTS] = { "",         "servfail", "refused", "nxdomain",
						      "nodata",   "notimp",   "formerr", "drop",
						      "truncate", "bogus",    "garbage", "slow" };

static bool read_fault(struct str word, enum zone_fault *f)
{
	for (int i = 1; i < ZONE_FAULTS; i++)
		if (str_eq(word, fault_names[i])) {
			*f = (enum zone_fault)i;
			return true;
		}
	return false;
}

static bool read_number_mod(struct str key, struct str value, struct zone_line *out)
{
	unsigned long n = 0;
	if (!str_number(value, 100000, &n))
		return false;
	if (str_eq(key, "ede"))
		out->ede = (int)n;
	else if (str_eq(key, "first"))
		out->first = n;
	else if (str_eq(key, "after"))
		out->after = n;
	else
		return false;
	return true;
}

/* A mod is one word: "_" stands for a blank. */
static const char *with_blanks(struct arena *a, struct str s)
{
	char *t = arena_dup(a, s.p, s.len);
	for (char *p = t; *p; p++)
		if (*p == '_')
			*p = ' ';
	return t;
}

static bool read_mod(struct str m, struct arena *a, struct zone_line *out)
{
	const char *eq = memchr(m.p, '=', m.len);
	struct str key = str_cut(m, 0, eq ? (size_t)(eq - m.p) : m.len);
	struct str value = str_cut(m, key.len + 1, m.len);
	if (str_eq(key, "udp"))
		return out->udp_only = true;
	if (str_eq(key, "tcp"))
		return out->tcp_only = true;
	if (str_eq(key, "notcp"))
		return out->notcp = true;
	if (str_eq(key, "delay"))
		return spec_duration(value, &out->delay_ms);
	if (!str_eq(key, "ede-text"))
		return read_number_mod(key, value, out);
	out->ede_text = with_blanks(a, value);
	return true;
}

static bool read_mods(struct str rest, struct arena *a, struct zone_line *out, char *why, size_t size)
{
	struct str one;
	while (str_next(&rest, " \t", &one))
		if (!read_mod(one, a, out)) {
			snprintf(why, size, "has an unknown modifier: " STR_FMT,
				 STR_ARG(str_cut(one, 0, 40)));
			return false;
		}
	return true;
}

/* Text without quotes becomes character-strings of at most 255 bytes (RFC 1035, 3.3). */
static const char *quote_txt(struct str s, struct arena *a)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	size_t in_piece = 0;
	buf_adds(&b, "\"");
	for (size_t i = 0; i < s.len; i++) {
		if (in_piece++ == TXT_PIECE_BYTES) {
			buf_adds(&b, "\" \"");
			in_piece = 1;
		}
		unsigned char c = (unsigned char)s.p[i];
		if (c == '"' || (c == '\\'))
			buf_addf(&b, "\\%c", c);
		else if (c < ' ' || c > '~')
			buf_addf(&b, "\\%03u", c);
		else
			buf_add(&b, &s.p[i], 1);
	}
	buf_adds(&b, "\"");
	return arena_dup(a, buf_str(&b).p, buf_str(&b).len);
}

static bool read_record(struct str rdata, const char *type, struct arena *a, struct zone_line *out, char *why,
			size_t size)
{
	rdata = str_trim(rdata);
	const char *data = arena_dup(a, rdata.p, rdata.len);
	if (out->type == LDNS_RR_TYPE_TXT && data[0] != '"')
		data = quote_txt(rdata, a);
	const char *text =
		arena_printf(a, "%s. %d IN %s %s", out->name[0] ? out->name : "", ZONE_TTL_S, type, data);
	ldns_status s = ldns_rr_new_frm_str(&out->rr, text, ZONE_TTL_S, NULL, NULL);
	if (s == LDNS_STATUS_OK)
		return true;
	snprintf(why, size, "is no record: %s", ldns_get_errorstr_by_id(s));
	return false;
}

/* The rdata ends at " ;; "; modifiers follow. */
static struct str cut_mods(struct str rest, struct str *mods)
{
	size_t at = str_ifind(rest, " ;; ");
	*mods = str_cut(rest, at + 4, rest.len);
	return str_cut(rest, 0, at);
}

/* In small letters, without the root's dot. */
static char *owner_name(struct arena *a, struct str name)
{
	size_t n = name.p[name.len - 1] == '.' ? name.len - 1 : name.len;
	char *owner = arena_dup(a, name.p, n);
	for (char *p = owner; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return owner;
}

bool zone_line_read(const char *text, struct arena *a, struct zone_line *out, char *why, size_t size)
{
	*out = (struct zone_line){ .ede = -1 };
	struct str rest = str_of(text), name, type, mods;
	if (!str_next(&rest, " \t", &name) || !str_next(&rest, " \t", &type)) {
		snprintf(why, size, "is no zone line (NAME TYPE RDATA or NAME TYPE !FAULT)");
		return false;
	}
	out->name = owner_name(a, name);
	const char *type_name = arena_dup(a, type.p, type.len);
	out->type = ldns_get_rr_type_by_name(type_name);
	if (!out->type) {
		snprintf(why, size, "has an unknown type: %.30s", type_name);
		return false;
	}
	rest = str_trim(rest);
	if (!rest.len || rest.p[0] != '!') {
		struct str rdata = cut_mods(rest, &mods);
		return read_mods(mods, a, out, why, size) && read_record(rdata, type_name, a, out, why, size);
	}
	struct str word;
	str_next(&rest, " \t", &word);
	if (!read_fault(str_cut(word, 1, word.len), &out->fault)) {
		snprintf(why, size, "has an unknown fault: " STR_FMT, STR_ARG(str_cut(word, 0, 30)));
		return false;
	}
	return read_mods(rest, a, out, why, size);
}

bool lab_zone_check(const char *line, char *why, size_t size)
{
	if (strchr(line, '{'))
		return true; /* a place that is filled in later; read again then */
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct zone_line l;
	bool ok = zone_line_read(line, a, &l, why, size);
	if (l.rr)
		ldns_rr_free(l.rr);
	return ok;
}
