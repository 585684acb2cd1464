/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/log_peer.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_line.h"

static bool is_same(const struct log_peer *k, const struct relay_log_peer *p)
{
	return k->session && k->port == p->port && !strcmp(k->session, p->session) &&
	       !strcmp(k->host, p->host) && !strcmp(k->address, p->address);
}

static void forget(struct log_peer *k)
{
	free(k->session);
	free(k->host);
	free(k->address);
	buf_clear(&k->fields);
	*k = (struct log_peer){ 0 };
}

static void keep(struct log_peer *k, const struct relay_log_peer *p)
{
	forget(k);
	k->session = mem_strdup(p->session);
	k->host = mem_strdup(p->host);
	k->address = mem_strdup(p->address);
	k->port = p->port;
	struct buf *b = &k->fields;
	buf_add(b, " ", 1); /* something stands before them: commas */
	json_line_text(b, "session", str_of(p->session));
	json_line_given(b, "host", str_of(p->host));
	json_line_given(b, "address", str_of(p->address));
	if (p->port)
		json_line_number(b, "port", p->port);
	buf_take(b, 1);
}

static size_t place_of(const char *session)
{
	size_t h = 0;
	while (*session)
		h = h * 31 + (unsigned char)*session++;
	return h % LOG_PEERS_KEPT;
}

struct str log_peer_fields(struct log_peers *l, const struct relay_log_peer *p)
{
	struct log_peer *k = &l->v[place_of(p->session)];
	if (!is_same(k, p))
		keep(k, p);
	return buf_str(&k->fields);
}

void log_peers_clear(struct log_peers *l)
{
	for (size_t i = 0; i < LOG_PEERS_KEPT; i++)
		forget(&l->v[i]);
}
