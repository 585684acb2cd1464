/* SPDX-License-Identifier: Apache-2.0 */
/* check/mx.h - a domain's MX hosts while they are looked at; shared by probe_mx.c and mx_*.c. */
#ifndef CHECK_MX_H
#define CHECK_MX_H

#include "check/dialogue.h"

enum {
	MX_HOSTS_MAX = 8,     /* looked up */
	MX_DIALOGUES_MAX = 4, /* talked to */
	MX_ADDRESSES_MAX = 4, /* of one host, tried */
	MX_NAME_SERVERS_MAX = 6,
	MX_PORT = 25
};

struct mx_host {
	const char *name;
	bool literal; /* an address was typed into the MX record */
	struct dns_question *a4, *a6, *tlsa;
	struct strlist addresses;
	struct strlist tlsa_records; /* proven; a certificate has to fit one of them */
};

struct mx_set {
	const char *domain;
	struct dns_question *mx;
	struct mx_host v[MX_HOSTS_MAX];
	size_t n;
	bool implicit; /* no MX record: the domain's own address (RFC 5321, 5.1) */
};

/* Asks for the MX and the hosts behind it, and records; false: nothing to connect to. */
bool mx_look_up(struct probe *p, struct mx_set *s);
/* Records TLSA facts; keeps what may be used. */
void mx_look_up_tlsa(struct probe *p, struct mx_set *s);

/* The domain's own name servers, asked for its MX one by one. */
struct mx_authority {
	struct dns_question *ns;
	struct {
		struct dns_question *address, *mx;
	} v[MX_NAME_SERVERS_MAX];
	size_t n;
};

void mx_authority_start(struct probe *p, const char *domain, struct mx_authority *a);
/* Takes the next step of what is answered by now; call it after each wait for others. */
void mx_authority_go_on(struct probe *p, const char *domain, struct mx_authority *a);
/* Records what came in; waits shortly. */
void mx_authority_finish(struct probe *p, const char *domain, struct mx_authority *a);

#endif
