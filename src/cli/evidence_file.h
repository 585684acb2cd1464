/* SPDX-License-Identifier: Apache-2.0 */
/* cli/evidence_file.h - evidence kept in files (--save, --evidence), and the loop of
 * whoever gathers it: Ctrl-C ends the gathering, and what is there is told. */
#ifndef CLI_EVIDENCE_FILE_H
#define CLI_EVIDENCE_FILE_H

#include <stdio.h>

#include "check/evidence.h"
#include "net/loop.h"

/* False with *e (ERR_USAGE: cannot be read, or is no evidence). */
bool evidence_file_load(const char *path, struct evidence **out, struct err *e) MUST_USE;

/* Opened before anything is contacted: what cannot be kept is not begun.  path NULL:
 * *out is NULL. */
bool evidence_file_open(const char *path, FILE **out, struct err *e) MUST_USE;

/* One at a time; SIGINT and SIGTERM interrupt it. */
struct net_loop *gathering_begin(void) MUST_USE;
/* False with *e: it was interrupted, and what had no time to answer may look silent. */
bool gathering_end(struct net_loop **loop, struct err *e) MUST_USE;

#endif
