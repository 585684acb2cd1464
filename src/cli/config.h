/* SPDX-License-Identifier: Apache-2.0 */
/* cli/config.h - postrider.conf: one file for check, send and serve.
 *
 * The grammar of all of it stands in config_grammar.c, so that every command
 * refuses the same mistakes with file, line and the mend.  Here is what commands
 * ask for; texts belong to the config. */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "base/arena.h"
#include "base/err.h"

struct config;

/* Settings kept for check and send; texts are "" where not given. */
struct config_profile {
	const char *name, *host, *security, *user, *from, *auth;
	unsigned port; /* 0: not given */
	const char *password_file;
	struct {
		bool given;
		const char *client_id, *tenant_id, *client_secret_file, *refresh_token_file, *token_url,
			*scope;
	} oauth;
	const char *reply_to, *route;
	bool test;     /* nothing but its test leaves before that has passed */
	char hash[17]; /* of what the test proves */
	struct config_kind {
		const char *name, *from, *reply_to, *route;
	} * kinds;
	size_t nkinds;
	struct { /* where the test mail arrives; host "" none */
		const char *host, *protocol, *security, *user, *password_file, *folder;
		unsigned port;
	} mailbox;
};

/* False with *e (ERR_USAGE): what = file:line, detail = the mend. */
bool config_load(const char *path, struct config **out, struct err *e) MUST_USE;
void config_free(struct config **c);

/* The file to read where none was named: ./postrider.conf, then the system's;
 * NULL when there is neither. */
const char *config_default_path(void);

const char *config_path(const struct config *c);
/* "hostname", "resolver", "ca-file", "data"; "" when not given. */
const char *config_text(const struct config *c, const char *name);
/* Where what was seen is kept: the relay's folder where there is a relay; else one of the user's own. */
const char *config_folder(const struct config *c, struct arena *a);
const char *config_folder_made(const struct config *c, struct arena *a); /* is made where it is missing */
/* NULL past the end; paths of files are made relative to the configuration's folder. */
const struct config_profile *config_profile_at(const struct config *c, size_t i);
/* False with *e (ERR_USAGE): no such profile; the detail names near ones. */
bool config_profile_find(const struct config *c, const char *name, const struct config_profile **out,
			 struct err *e) MUST_USE;

/* False with *e (ERR_USAGE): it has no such kind. */
bool config_kind_find(const struct config_profile *p, const char *name, const struct config_kind **out,
		      struct err *e) MUST_USE;

/* How many blocks of that name there are: "listen", "route", "profile" ... */
unsigned config_count(const struct config *c, const char *block);

#endif
