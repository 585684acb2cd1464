/* SPDX-License-Identifier: Apache-2.0 */
/* maildrop_ask imap|pop3 tls|starttls|clear HOST PORT USER SECRET CA WHAT [ARGUMENT]: a mailbox, for tests.
 * WHAT: list [MESSAGE-ID] | fetch | delete | seen | move FOLDER; all but list deal with each mail. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/maildrop.h"

enum { MOST = 100000 };

static enum maildrop_result deal(struct maildrop *m, const struct maildrop_mail *x, const char *what,
				 const char *argument)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	enum maildrop_result r = MAILDROP_OK;
	printf("%s %llu %s\n", x->uid, x->bytes, x->seen ? "seen" : "new");
	if (!strcmp(what, "fetch"))
		r = maildrop_fetch(m, x, argument ? strtoul(argument, NULL, 10) : MOST, &b);
	else if (!strcmp(what, "delete"))
		r = maildrop_delete(m, x);
	else if (!strcmp(what, "seen"))
		r = maildrop_flag(m, x, true);
	else if (!strcmp(what, "move"))
		r = maildrop_move(m, x, argument);
	fwrite(buf_str(&b).p, 1, buf_waiting(&b), stdout);
	return r;
}

static enum maildrop_result run(struct maildrop *m, const char *what, const char *argument)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct maildrop_list list;
	const struct maildrop_look look = { .message_id = !strcmp(what, "list") ? argument : NULL };
	enum maildrop_result r = maildrop_list(m, &look, a, &list);
	for (size_t i = 0; i < list.n && r == MAILDROP_OK; i++)
		r = deal(m, &list.v[i], what, argument);
	return r;
}

int main(int argc, char **argv)
{
	struct err e = { 0 };
	if (argc < 9)
		return 2;
	enum maildrop_security security = !strcmp(argv[2], "tls")        ? MAILDROP_TLS
					  : !strcmp(argv[2], "starttls") ? MAILDROP_STARTTLS
									 : MAILDROP_CLEAR;
	const struct maildrop_options o = { .pop3 = !strcmp(argv[1], "pop3"),
					    .host = argv[3],
					    .port = (unsigned)strtoul(argv[4], NULL, 10),
					    .security = security,
					    .user = argv[5],
					    .secret = argv[6],
					    .ca_file = argv[7],
					    .timeout_ms = 8000 };
	struct net_loop *l = net_loop_new();
	struct dns *d = dns_new(l, &(struct dns_options){ 0 }, &e);
	struct maildrop *m = maildrop_new(l, d, &o);
	enum maildrop_result r = run(m, argv[8], argc > 9 ? argv[9] : NULL);
	printf("%s %s\n", maildrop_result_name(r), r == MAILDROP_OK ? "" : maildrop_words(m));
	maildrop_free(&m);
	dns_free(&d);
	net_loop_free(&l);
	return r != MAILDROP_OK;
}
