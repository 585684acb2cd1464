/* SPDX-License-Identifier: Apache-2.0 */
/* lab/world.h - a scenario that is up: its folder, certificates, resolvers and servers. */
#ifndef LAB_WORLD_H
#define LAB_WORLD_H

#include <uv.h>

#include "lab/pki.h"
#include "lab/spec.h"

struct lab_server;
struct lab_dns;

struct world {
	struct arena *arena;
	uv_loop_t loop;
	const struct spec *spec; /* merged; places filled in */
	struct lab_pki *pki;
	const char *dir;
	bool isolated; /* in a network namespace of its own: any address, any port */
	bool trace;    /* every line on stderr */
	struct lab_server *servers;
	struct lab_dns *resolvers;
	const char *resolver;  /* ADDR:PORT of the main one */
	struct strlist logins; /* servers that were given a login: lab/leak.h */
};

/* Makes the folder, files, certificates and tokens, fills in the places, and
 * listens.  The network namespace is the caller's work and done before (isolate.h). */
struct world *world_new(struct spec *merged, bool isolated, struct err *e) MUST_USE;
void world_free(struct world **w); /* closes everything, removes the folder */

#endif
