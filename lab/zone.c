/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/zone.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lab/zone_line.h"
#include "lab/zone_reply.h"

enum { ZONE_ALIASES_MAX = 12, EDE_DNSSEC_BOGUS = 6 };

struct lab_zone {
	struct arena *arena;
	struct zone_line *lines;
	size_t n;
	struct strlist secure;
	bool authoritative;
};

struct lab_zone *lab_zone_new(void)
{
	struct lab_zone *z = mem_alloc(sizeof(*z));
	z->arena = arena_new();
	return z;
}

void lab_zone_free(struct lab_zone **z)
{
	if (!*z)
		return;
	for (size_t i = 0; i < (*z)->n; i++)
		ldns_rr_free((*z)->lines[i].rr);
	free((*z)->lines);
	arena_free(&(*z)->arena);
	free(*z);
	*z = NULL;
}

bool lab_zone_add(struct lab_zone *z, const char *line, struct err *e)
{
	char why[120] = "";
	struct zone_line l;
	if (!zone_line_read(line, z->arena, &l, why, sizeof(why)))
		return ERR_FILL(e, ERR_SYNTAX, 0, "read zone line", "\"%s\" %s", line, why);
	z->lines = mem_grow(z->lines, z->n + 1, sizeof(*z->lines));
	z->lines[z->n++] = l;
	return true;
}

void lab_zone_secure(struct lab_zone *z, const char *domain)
{
	strlist_add(&z->secure, z->arena, domain);
}

void lab_zone_authoritative(struct lab_zone *z)
{
	z->authoritative = true;
}

/* ---- looking up */

struct look {
	struct lab_zone *z;
	enum lab_zone_way way;
	ldns_rr_type type;
	struct zone_reply reply;
	bool cd, silent, close;
	long long delay_ms;
};

static bool is_below(const char *name, const char *domain)
{
	size_t n = strlen(name), d = strlen(domain);
	if (!d || !strcmp(domain, "."))
		return true;
	if (domain[d - 1] == '.')
		d--;
	return n >= d && !strncasecmp(name + n - d, domain, d) && (n == d || name[n - d - 1] == '.');
}

static bool counts(const struct zone_line *l, enum lab_zone_way way)
{
	return !(l->udp_only && way != ZONE_UDP) && !(l->tcp_only && way != ZONE_TCP) &&
	       !(l->first && l->asked > l->first) && !(l->after && l->asked <= l->after);
}

static bool type_fits(const struct zone_line *l, ldns_rr_type type)
{
	return l->type == type || (l->fault && l->type == LDNS_RR_TYPE_ANY);
}

/* The owner whose lines speak for name: itself, a name above it with "*.", or
 * "*".  NULL when there is none.  *exists: the name is there, maybe only as an
 * empty one between others (RFC 4592, 2.2.2). */
static const char *owner_for(const struct lab_zone *z, const char *name, bool *exists)
{
	*exists = false;
	for (size_t i = 0; i < z->n; i++) {
		if (!strcmp(z->lines[i].name, name))
			return *exists = true, z->lines[i].name;
		if (is_below(z->lines[i].name, name) && *name)
			*exists = true;
	}
	if (*exists)
		return NULL;
	for (const char *dot = name; dot; dot = strchr(dot, '.')) {
		dot += *dot == '.';
		for (size_t i = 0; i < z->n; i++) {
			const char *w = z->lines[i].name;
			if (dot != name && !strncmp(w, "*.", 2) && !strcmp(w + 2, dot))
				return *exists = true, w;
		}
	}
	for (size_t i = 0; i < z->n; i++)
		if (!strcmp(z->lines[i].name, "*"))
			return *exists = true, z->lines[i].name;
	return NULL;
}

static void add_soa(struct look *k, const char *name)
{
	const char *apex = name;
	unsigned dots = 0;
	for (const char *p = name + strlen(name); p > name && dots < 2; p--)
		if (p[-1] == '.' && ++dots == 2)
			apex = p;
	ldns_rr *rr = NULL;
	const char *text =
		arena_printf(k->z->arena, "%s. 60 IN SOA ns.lab. hostmaster.lab. 1 3600 600 86400 60", apex);
	if (ldns_rr_new_frm_str(&rr, text, 60, NULL, NULL) == LDNS_STATUS_OK)
		ldns_pkt_push_rr(k->reply.packet, LDNS_SECTION_AUTHORITY, rr);
}

static void negative(struct look *k, const char *name, ldns_pkt_rcode rcode)
{
	if (rcode == LDNS_RCODE_NXDOMAIN)
		ldns_pkt_set_rcode(k->reply.packet, (uint8_t)rcode);
	add_soa(k, name);
}

static const ldns_pkt_rcode fault_rcodes[ZONE_FAULTS] = {
	[FAULT_SERVFAIL] = LDNS_RCODE_SERVFAIL, [FAULT_REFUSED] = LDNS_RCODE_REFUSED,
	[FAULT_NOTIMP] = LDNS_RCODE_NOTIMPL,    [FAULT_FORMERR] = LDNS_RCODE_FORMERR,
	[FAULT_BOGUS] = LDNS_RCODE_SERVFAIL,
};

/* Carries out a fault; true when nothing further is to be looked up. */
static bool carry_out(struct look *k, const struct zone_line *l, const char *name)
{
	k->delay_ms += l->delay_ms;
	if (l->notcp && k->way == ZONE_TCP)
		return k->close = true;
	if (l->fault == FAULT_BOGUS && k->cd)
		return false;
	k->reply.ede = l->fault == FAULT_BOGUS && l->ede < 0 ? EDE_DNSSEC_BOGUS : l->ede;
	k->reply.ede_text = l->ede_text;
	switch (l->fault) {
	case FAULT_DROP:
		return k->silent = true;
	case FAULT_GARBAGE:
		return k->reply.garbage = true;
	case FAULT_TRUNCATE:
		k->reply.truncate = k->way == ZONE_UDP;
		return k->reply.truncate;
	case FAULT_SLOW:
		return false;
	case FAULT_NXDOMAIN:
	case FAULT_NODATA:
		negative(k, name, l->fault == FAULT_NXDOMAIN ? LDNS_RCODE_NXDOMAIN : LDNS_RCODE_NOERROR);
		return true;
	default:
		ldns_pkt_set_rcode(k->reply.packet, (uint8_t)fault_rcodes[l->fault]);
		return true;
	}
}

static void push_record(struct look *k, const struct zone_line *l, const char *name)
{
	ldns_rr *rr = ldns_rr_clone(l->rr);
	ldns_rdf_deep_free(ldns_rr_owner(rr));
	ldns_rr_set_owner(rr, ldns_dname_new_frm_str(*name ? name : "."));
	ldns_pkt_push_rr(k->reply.packet, LDNS_SECTION_ANSWER, rr);
}

/* As zone lines have it: lower case, no dot at the end. */
static void fold_name(char *name)
{
	size_t n = strlen(name);
	if (n && name[n - 1] == '.')
		name[n - 1] = '\0';
	for (char *p = name; *p; p++)
		*p = (char)tolower((unsigned char)*p);
}

static char *target_of(const ldns_rr *rr, struct arena *a)
{
	char *z = ldns_rdf2str(ldns_rr_rdf(rr, 0));
	char *out = arena_strdup(a, z ? z : "");
	free(z);
	fold_name(out);
	return out;
}

/* Counts who was asked for; true when a fault leaves nothing further to be looked up. */
static bool is_faulty(struct look *k, const char *owner, const char *name)
{
	for (size_t i = 0; i < k->z->n; i++) {
		struct zone_line *l = &k->z->lines[i];
		if (strcmp(l->name, owner) != 0 || !type_fits(l, k->type))
			continue;
		l->asked++;
		if (l->fault && counts(l, k->way) && carry_out(k, l, name))
			return true;
	}
	return false;
}

/* One name of an alias chain; returns the next one, or NULL at its end. */
static const char *look_once(struct look *k, const char *name)
{
	bool exists, found = false;
	const char *alias = NULL;
	const char *owner = owner_for(k->z, name, &exists);
	if (!owner) {
		negative(k, name, exists ? LDNS_RCODE_NOERROR : LDNS_RCODE_NXDOMAIN);
		return NULL;
	}
	if (is_faulty(k, owner, name))
		return NULL;
	for (size_t i = 0; i < k->z->n; i++) {
		struct zone_line *l = &k->z->lines[i];
		bool wanted = l->type == k->type || k->type == LDNS_RR_TYPE_ANY;
		if (l->fault || strcmp(l->name, owner) != 0 || !counts(l, k->way) ||
		    (!wanted && l->type != LDNS_RR_TYPE_CNAME))
			continue;
		push_record(k, l, name);
		k->delay_ms += wanted ? l->delay_ms : 0;
		found = found || wanted;
		alias = wanted ? alias : target_of(l->rr, k->z->arena);
	}
	if (!found && !alias)
		negative(k, name, LDNS_RCODE_NOERROR);
	return found ? NULL : alias;
}

static void look_up(struct look *k, const char *name)
{
	const char *at = name;
	for (int i = 0; at && i < ZONE_ALIASES_MAX; i++)
		at = look_once(k, at);
	for (size_t i = 0; i < k->z->secure.n && !k->z->authoritative; i++)
		if (is_below(name, k->z->secure.v[i]))
			ldns_pkt_set_ad(k->reply.packet, true);
}

static void free_pkt(ldns_pkt **p)
{
	if (*p)
		ldns_pkt_free(*p);
}

bool lab_zone_answer(struct lab_zone *z, const void *question, size_t len, enum lab_zone_way way,
		     struct buf *out, long long *delay_ms)
{
	CLEANUP(free_pkt) ldns_pkt *q = NULL;
	CLEANUP(free_pkt) ldns_pkt *reply = ldns_pkt_new();
	*delay_ms = 0;
	if (ldns_wire2pkt(&q, question, len) != LDNS_STATUS_OK || ldns_pkt_qr(q) || ldns_pkt_qdcount(q) != 1)
		return false;
	const ldns_rr *rr = ldns_rr_list_rr(ldns_pkt_question(q), 0);
	struct look k = { .z = z,
			  .way = way,
			  .type = ldns_rr_get_type(rr),
			  .reply = { .packet = reply, .authoritative = z->authoritative, .ede = -1 },
			  .cd = ldns_pkt_cd(q) };
	char *owner = ldns_rdf2str(ldns_rr_owner(rr));
	fold_name(owner);
	look_up(&k, owner);
	free(owner);
	*delay_ms = k.delay_ms;
	return !k.silent && !k.close && zone_reply_write(&k.reply, q, way == ZONE_UDP, out);
}
