/* SPDX-License-Identifier: Apache-2.0 */
#include "net/dns_wire.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "net/dns.h"

enum { HEADER_BYTES = 12, EDE_OPTION = 15 };

static void free_rdf(ldns_rdf **r)
{
	ldns_rdf_deep_free(*r);
}

static void free_pkt(ldns_pkt **p)
{
	ldns_pkt_free(*p);
}

static unsigned u16(const char *p)
{
	return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

static bool put16(struct buf *out, unsigned v)
{
	char b[2] = { (char)(v >> 8 & 0xff), (char)(v & 0xff) };
	return buf_add(out, b, sizeof(b));
}

unsigned dns_wire_type_number(const char *type)
{
	return ldns_get_rr_type_by_name(type);
}

/* QNAME QTYPE QCLASS */
static bool put_question(const struct dns_wire_question *q, struct buf *out)
{
	CLEANUP(free_rdf) ldns_rdf *name = ldns_dname_new_frm_str(q->name);
	unsigned type = ldns_get_rr_type_by_name(q->type);
	return name && type && buf_add(out, ldns_rdf_data(name), ldns_rdf_size(name)) && put16(out, type) &&
	       put16(out, LDNS_RR_CLASS_IN);
}

/* RFC 6891, 6.1.2; DO is the first bit of the flags. */
static bool put_opt(struct buf *out)
{
	static const char head[] = { 0, 0, LDNS_RR_TYPE_OPT };
	static const char rest[] = { 0, 0, (char)0x80, 0, 0, 0 };
	return buf_add(out, head, sizeof(head)) && put16(out, DNS_WIRE_UDP_BYTES) &&
	       buf_add(out, rest, sizeof(rest));
}

bool dns_wire_build(const struct dns_wire_question *q, struct buf *out)
{
	unsigned bits = 0x0020; /* AD: we understand the answer's AD (RFC 6840, 5.7) */
	if (!(q->flags & DNS_NO_RECURSE))
		bits |= 0x0100;
	if (q->flags & DNS_CD)
		bits |= 0x0010;
	return put16(out, q->id) && put16(out, bits) && put16(out, 1) && put16(out, 0) && put16(out, 0) &&
	       put16(out, q->edns ? 1 : 0) && put_question(q, out) && (!q->edns || put_opt(out));
}

static bool same_bytes_any_case(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned x = (unsigned char)a[i], y = (unsigned char)b[i];
		if (x != y && !((x ^ y) == 32 && (x | 32) >= 'a' && (x | 32) <= 'z'))
			return false;
	}
	return true;
}

/* Ours: the id, QR and the question fit.  An error may come without a question. */
static bool is_ours(const struct dns_wire_question *q, struct str packet)
{
	struct buf want = { 0 };
	if (packet.len < HEADER_BYTES || u16(packet.p) != q->id || !(packet.p[2] & 0x80))
		return false;
	unsigned questions = u16(packet.p + 4), rcode = packet.p[3] & 0x0f;
	if (questions == 0)
		return rcode != 0;
	bool ok = questions == 1 && put_question(q, &want);
	struct str w = buf_str(&want);
	ok = ok && packet.len >= HEADER_BYTES + w.len &&
	     same_bytes_any_case(packet.p + HEADER_BYTES, w.p, w.len);
	buf_clear(&want);
	return ok;
}

static void lower_ascii(char *z)
{
	for (; *z; z++)
		if (*z >= 'A' && *z <= 'Z')
			*z = (char)(*z + 32);
}

/* "mx.example" of a name's rdata; the root stays ".". */
static const char *dname_text(struct arena *a, const ldns_rdf *rdf)
{
	char *z = ldns_rdf2str(rdf);
	if (!z)
		return "";
	size_t len = strlen(z);
	char *out = arena_dup(a, z, len > 1 && z[len - 1] == '.' && z[len - 2] != '\\' ? len - 1 : len);
	lower_ascii(out);
	free(z);
	return out;
}

static const char *rdata_text(struct arena *a, const ldns_rr *rr)
{
	const char *text = "";
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		const char *part;
		if (ldns_rdf_get_type(rdf) == LDNS_RDF_TYPE_DNAME) {
			part = dname_text(a, rdf);
		} else {
			char *z = ldns_rdf2str(rdf);
			part = arena_strdup(a, z ? z : "");
			free(z);
		}
		text = arena_printf(a, "%s%s%s", text, i ? " " : "", part);
	}
	return text;
}

/* The strings of a TXT record are one text without anything between (RFC 7208,
 * 3.3).  A NUL, which could hide the rest, is spelt out. */
static const char *txt_text(struct arena *a, const ldns_rr *rr)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		const char *p = (const char *)ldns_rdf_data(rdf);
		for (size_t k = 1; k < ldns_rdf_size(rdf); k++)
			if (p[k])
				buf_add(&b, p + k, 1);
			else
				buf_adds(&b, "\\000");
	}
	struct str s = buf_str(&b);
	const char *text = arena_dup(a, s.p, s.len);
	buf_clear(&b);
	return text;
}

static bool is_txt(ldns_rr_type type)
{
	return type == LDNS_RR_TYPE_TXT || type == LDNS_RR_TYPE_SPF;
}

static ldns_rdf *find_cname(const ldns_rr_list *answer, const ldns_rdf *owner)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		ldns_rr *rr = ldns_rr_list_rr(answer, i);
		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_CNAME && ldns_rr_rd_count(rr) == 1 &&
		    ldns_dname_compare(ldns_rr_owner(rr), owner) == 0)
			return ldns_rr_rdf(rr, 0);
	}
	return NULL;
}

/* The end of the alias chain from `name`; NULL when it is too long or a ring. */
static const ldns_rdf *follow(const ldns_rr_list *answer, const ldns_rdf *name, struct arena *a,
			      struct dns_wire_reply *out)
{
	const ldns_rdf *at = name;
	for (int hops = 0; hops <= DNS_CNAME_MAX; hops++) {
		const ldns_rdf *next = find_cname(answer, at);
		if (!next)
			return at;
		at = next;
		out->cname = dname_text(a, at);
	}
	return NULL;
}

static void keep_records(const ldns_rr_list *answer, const ldns_rdf *owner, ldns_rr_type type,
			 struct arena *a, struct dns_wire_reply *out)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answer, i);
		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG)
			out->has_signatures = true;
		if (ldns_rr_get_type(rr) != type || ldns_dname_compare(ldns_rr_owner(rr), owner) != 0 ||
		    out->records.n >= DNS_ANSWERS_MAX)
			continue;
		if (out->records.n == 0 || ldns_rr_ttl(rr) < out->ttl)
			out->ttl = ldns_rr_ttl(rr);
		strlist_add(&out->records, a, is_txt(type) ? txt_text(a, rr) : rdata_text(a, rr));
	}
}

/* By the leading number; equal ones keep the order in which they came. */
static void sort_by_preference(struct strlist *l)
{
	for (size_t i = 1; i < l->n; i++)
		for (size_t k = i; k && strtoul(l->v[k - 1], NULL, 10) > strtoul(l->v[k], NULL, 10); k--) {
			const char *swap = l->v[k];
			l->v[k] = l->v[k - 1];
			l->v[k - 1] = swap;
		}
}

static void read_authority(const ldns_rr_list *authority, struct dns_wire_reply *out)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(authority); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(authority, i);
		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA)
			continue;
		out->has_soa = true;
		if (out->records.n == 0)
			out->ttl = ldns_rr_ttl(rr);
	}
}

/* RFC 8914, 2: option-code, option-length, info-code, extra-text. */
static void read_options(struct str s, struct arena *a, struct dns_wire_reply *out)
{
	while (s.len >= 4) {
		unsigned code = u16(s.p);
		struct str body = str_cut(s, 4, 4 + u16(s.p + 2));
		if (code == EDE_OPTION && body.len >= 2) {
			out->ede = (int)u16(body.p);
			out->ede_text = text_printable(a, str_trim(str_cut(body, 2, body.len)));
			return;
		}
		s = str_cut(s, 4 + u16(s.p + 2), s.len);
	}
}

static void read_edns(const ldns_pkt *pkt, struct arena *a, struct dns_wire_reply *out)
{
	if (!ldns_pkt_edns(pkt))
		return;
	out->rcode |= ldns_pkt_edns_extended_rcode(pkt) << 4;
	const ldns_rdf *options = ldns_pkt_edns_data(pkt);
	if (options)
		read_options((struct str){ (const char *)ldns_rdf_data(options), ldns_rdf_size(options) }, a,
			     out);
}

static enum dns_wire_result read_answer(const struct dns_wire_question *q, const ldns_pkt *pkt,
					struct arena *a, struct dns_wire_reply *out)
{
	CLEANUP(free_rdf) ldns_rdf *name = ldns_dname_new_frm_str(q->name);
	ldns_rr_type type = ldns_get_rr_type_by_name(q->type);
	const ldns_rr_list *answer = ldns_pkt_answer(pkt);
	const ldns_rdf *owner = type == LDNS_RR_TYPE_CNAME ? name : follow(answer, name, a, out);
	if (!owner)
		return DNS_WIRE_MALFORMED;
	keep_records(answer, owner, type, a, out);
	if (type == LDNS_RR_TYPE_MX || type == LDNS_RR_TYPE_SRV)
		sort_by_preference(&out->records);
	read_authority(ldns_pkt_authority(pkt), out);
	return DNS_WIRE_REPLY;
}

enum dns_wire_result dns_wire_read(const struct dns_wire_question *q, struct str packet, struct arena *a,
				   struct dns_wire_reply *out)
{
	*out = (struct dns_wire_reply){ .ede = -1, .ede_text = "", .cname = "" };
	if (packet.len > DNS_WIRE_PACKET_BYTES_MAX || !is_ours(q, packet))
		return DNS_WIRE_FOREIGN;
	out->rcode = packet.p[3] & 0x0f;
	out->truncated = packet.p[2] & 0x02;
	out->authentic = packet.p[3] & 0x20;
	if (out->truncated)
		return DNS_WIRE_REPLY;
	CLEANUP(free_pkt) ldns_pkt *pkt = NULL;
	if (ldns_wire2pkt(&pkt, (const uint8_t *)packet.p, packet.len) != LDNS_STATUS_OK)
		return DNS_WIRE_MALFORMED;
	read_edns(pkt, a, out);
	return read_answer(q, pkt, a, out);
}
