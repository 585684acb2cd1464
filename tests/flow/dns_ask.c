/* SPDX-License-Identifier: Apache-2.0 */
/* dns_ask RESOLVER ANCHOR NAME TYPE...: one validated answer a line, for tests of DNSSEC. */
#include <stdio.h>

#include "net/dns.h"

enum { ANSWER_MS = 15000 };

static const char *proof_of(const struct dns_answer *a)
{
	static const char *const of_doubt[DNS_DOUBTS] = {
		[DNS_NO_DOUBT] = "unproven",
		[DNS_PROOF_OPEN] = "open",
		[DNS_ANCHOR_WRONG] = "anchor",
	};
	if (!a)
		return "none";
	return a->secure ? "secure" : of_doubt[a->doubt];
}

static void show(struct dns *d, const char *name, const char *type, uint64_t until_ms)
{
	const struct dns_answer *a = dns_wait(d, dns_ask(d, name, type, DNS_VALIDATE, NULL), until_ms);
	printf("%s %s %s %s %s\n", name, type, a ? dns_status_name(a->status) : "none", proof_of(a),
	       a && a->records.n ? a->records.v[0] : "-");
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return 2;
	struct err e = { 0 };
	struct net_loop *l = net_loop_new();
	struct dns *d = dns_new(l, &(struct dns_options){ .resolver = argv[1], .trust_anchor = argv[2] }, &e);
	if (!d)
		return 2;
	for (int i = 3; i + 1 < argc; i += 2)
		show(d, argv[i], argv[i + 1], net_loop_now_ms(l) + ANSWER_MS);
	dns_free(&d);
	net_loop_free(&l);
	return 0;
}
