/* SPDX-License-Identifier: Apache-2.0 */
/* lab/server.h - one pretend server: its settings, its listeners, what it remembers. */
#ifndef LAB_SERVER_H
#define LAB_SERVER_H

#include "lab/rule.h"
#include "lab/wire.h"
#include "lab/world.h"

enum server_rules {
	RULES_BANNER,
	RULES_EARLY,
	RULES_EHLO,
	RULES_HELO,
	RULES_STARTTLS,
	RULES_AUTH,
	RULES_MAIL,
	RULES_RCPT,
	RULES_DATA,
	RULES_DOT,
	RULES_RSET,
	RULES_NOOP,
	RULES_VRFY,
	RULES_QUIT,
	RULES_OTHER,
	RULES_HTTP,
	RULES_SCRIPT,
	RULES_TOO_MANY,
	RULES_COUNT
};

enum server_mode { MODE_NONE, MODE_STARTTLS, MODE_TLS };

struct talk;

/* How a kind of server speaks: what it does first, and with input. */
struct speaker {
	const char *word;
	void (*open)(struct talk *t);
	/* Takes one piece of t->in; false: more is needed first. */
	bool (*take)(struct talk *t);
	/* NULL: nothing to do. */
	void (*early)(struct talk *t);     /* input came while actions are pending */
	void (*usual)(struct talk *t);     /* does what `default` means here */
	void (*tls_ended)(struct talk *t); /* it is up */
	void (*close)(struct talk *t);     /* frees t->state */
};

struct server_seen { /* how often a (client, from, to) asked: greylisting */
	const char *key;
	unsigned long n;
};

struct lab_server {
	struct world *w;
	const struct spec_section *s;
	const char *name; /* said in banners */
	enum server_mode mode;
	const struct speaker *speaker;
	struct lab_rules rules[RULES_COUNT];
	struct lab_tls *tls, *upstream;
	unsigned long connections, messages, totals[RULES_COUNT];
	struct talk *open; /* list */
	struct server_seen *seen;
	size_t nseen;
	uint64_t started_ms;
	struct server_listener *listeners;
	struct lab_server *next;
};

/* Listens on everything the section names; NULL with *e. */
struct lab_server *server_new(struct world *w, const struct spec_section *s, struct err *e) MUST_USE;
void server_close(struct lab_server *s); /* listeners and connections; then run the loop, then free */
void server_free(struct lab_server **s);

extern const struct speaker speaker_smtp, speaker_http, speaker_script, speaker_echo, speaker_silent;
void forward_accept(struct lab_server *s, uv_stream_t *listener);

#endif
