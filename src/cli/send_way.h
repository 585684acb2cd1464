/* SPDX-License-Identifier: Apache-2.0 */
/* cli/send_way.h - over which way one mail goes, and in whose name; for cli/send_way*.c only. */
#ifndef CLI_SEND_WAY_H
#define CLI_SEND_WAY_H

#include "cli/send.h"

struct way {
	struct send_mail *m;
	struct net_loop *loop;
	struct config *config; /* NULL: there is none */
	struct dns *dns;
	struct tls_trust *trust;
	char *secret; /* wiped at the end */
	struct submit submit;
	const struct config_profile *profile; /* NULL: the queue */
	const struct config_profile *as;      /* in whose name; NULL nobody's */
	const struct config_kind *kind;
};

/* send_way_choose.c: loads the configuration; profile, as and kind by the options. */
bool way_choose(struct way *w, struct err *e) MUST_USE;
/* send_way_sender.c: From and Reply-To, of what was typed, the kind or the profile. */
bool way_sender(struct way *w, struct send_options *o, struct err *e) MUST_USE;
/* A test mail goes to who sends it, and is waited for. */
bool way_aim_test(struct way *w, struct send_options *o, struct err *e) MUST_USE;

#endif
