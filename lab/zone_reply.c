/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/zone_reply.h"

#include <stdlib.h>
#include <string.h>

enum {
	UDP_BYTES = 512, /* without EDNS */
	EDNS_BYTES = 1232,
	GARBAGE_BYTES = 7 /* of the packet: not even its header */
};

static void add_ede(const struct zone_reply *r)
{
	if (r->ede < 0)
		return;
	char data[128] = { (char)(r->ede >> 8), (char)(r->ede & 0xff) };
	size_t n = r->ede_text ? strlen(r->ede_text) : 0;
	if (n > sizeof(data) - 2)
		n = sizeof(data) - 2;
	if (n)
		memcpy(data + 2, r->ede_text, n);
	ldns_edns_option_list *l = ldns_edns_option_list_new();
	ldns_edns_option_list_push(l, ldns_edns_new_from_data(LDNS_EDNS_EDE, n + 2, data));
	ldns_pkt_set_edns_option_list(r->packet, l);
}

static void shape_reply(const struct zone_reply *r, const ldns_pkt *q)
{
	ldns_pkt_set_id(r->packet, ldns_pkt_id(q));
	ldns_pkt_set_qr(r->packet, true);
	ldns_pkt_set_rd(r->packet, ldns_pkt_rd(q));
	ldns_pkt_set_ra(r->packet, !r->authoritative);
	ldns_pkt_set_aa(r->packet, r->authoritative);
	ldns_pkt_set_cd(r->packet, ldns_pkt_cd(q));
	ldns_pkt_push_rr(r->packet, LDNS_SECTION_QUESTION,
			 ldns_rr_clone(ldns_rr_list_rr(ldns_pkt_question(q), 0)));
	if (ldns_pkt_edns(q)) {
		ldns_pkt_set_edns_udp_size(r->packet, EDNS_BYTES);
		add_ede(r);
	}
}

static void empty_sections(ldns_pkt *p)
{
	ldns_rr_list_deep_free(ldns_pkt_answer(p));
	ldns_rr_list_deep_free(ldns_pkt_authority(p));
	ldns_pkt_set_answer(p, ldns_rr_list_new());
	ldns_pkt_set_authority(p, ldns_rr_list_new());
	ldns_pkt_set_section_count(p, LDNS_SECTION_ANSWER, 0);
	ldns_pkt_set_section_count(p, LDNS_SECTION_AUTHORITY, 0);
}

static size_t room_of(const ldns_pkt *q)
{
	size_t offered = ldns_pkt_edns(q) ? ldns_pkt_edns_udp_size(q) : 0;
	return offered > UDP_BYTES ? offered : UDP_BYTES;
}

bool zone_reply_write(const struct zone_reply *r, const ldns_pkt *q, bool udp, struct buf *out)
{
	uint8_t *wire = NULL;
	size_t n = 0;
	shape_reply(r, q);
	if (ldns_pkt2wire(&wire, r->packet, &n) != LDNS_STATUS_OK)
		return false;
	if (r->truncate || (udp && n > room_of(q))) {
		free(wire);
		wire = NULL;
		ldns_pkt_set_tc(r->packet, true);
		empty_sections(r->packet);
		if (ldns_pkt2wire(&wire, r->packet, &n) != LDNS_STATUS_OK)
			return false;
	}
	buf_add(out, wire, r->garbage && n > GARBAGE_BYTES ? GARBAGE_BYTES : n);
	free(wire);
	return true;
}
