/* SPDX-License-Identifier: Apache-2.0 */
/* relay/log_missed.h - what queue.log, handed-over.log and failed.log lack is added at a start.
 *
 * They are written a moment after the store: a kill -9 in between, a full disk at an end, or a person who deals
 * with mail while no relay runs leaves changes that only the trails know.  A start tells them, with the time
 * that each had.
 *
 * What stays away: the files are not synced, so after a power cut some of the last half a minute may be missing;
 * what the store notes by itself (a doubt of a claim that lapsed) and mail that it reads again from a disk that
 * had not given it stand in the trails only; and lines that were rotated away more than once may stand twice. */
#ifndef RELAY_LOG_MISSED_H
#define RELAY_LOG_MISSED_H

struct relay;

void log_missed_tell(struct relay *r); /* at a start, before anything happens; store and log are open */
void log_missed_look(struct relay *r); /* every few seconds */
void log_missed_end(struct relay *r);  /* when nothing more will be told; the store is still open */

#endif
