/* SPDX-License-Identifier: Apache-2.0 */
/* lab/zone.h - what one resolver of the lab answers: records and faults; wire in, wire out.
 *
 *   NAME TYPE RDATA [;; MOD...]      a record; TXT needs no quotes
 *   NAME TYPE !FAULT [MOD...]        what happens instead; TYPE may be ANY
 *
 * FAULT  servfail refused nxdomain nodata notimp drop truncate bogus garbage formerr slow
 * MOD    ede=N ede-text=T delay=500ms first=N after=N udp tcp notcp
 * NAME may begin with a "*." label, or be "*" for everything that is not there. */
#ifndef LAB_ZONE_H
#define LAB_ZONE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct lab_zone;

bool lab_zone_check(const char *line, char *why, size_t size) MUST_USE;

struct lab_zone *lab_zone_new(void) MUST_USE;
void lab_zone_free(struct lab_zone **z);
bool lab_zone_add(struct lab_zone *z, const char *line, struct err *e) MUST_USE;
void lab_zone_secure(struct lab_zone *z, const char *domain); /* answers below it carry AD */

enum lab_zone_way { ZONE_UDP, ZONE_TCP };

void lab_zone_authoritative(struct lab_zone *z); /* AA, no recursion offered, no AD */

/* Answers the question of len bytes into out; false: say nothing (over TCP:
 * close).  *delay_ms: how long to wait before sending. */
bool lab_zone_answer(struct lab_zone *z, const void *question, size_t len, enum lab_zone_way way,
		     struct buf *out, long long *delay_ms) MUST_USE;

#endif
