/* SPDX-License-Identifier: Apache-2.0 */
/* relay/log_file.h - lines on their way to files: memory in front, a thread behind.  For log*.c only, but for
 * LOG_FILE_OLD. */
#ifndef RELAY_LOG_FILE_H
#define RELAY_LOG_FILE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "relay/log_out.h"

#define LOG_FILE_NOTE ".written"
#define LOG_FILE_OLD ".old" /* not ".1": that is logrotate's, and it keeps more of them */

struct log_files;

/* Appends to dir/names[i], 0600; names ends with NULL and is borrowed for life.  NULL with *e. */
struct log_files *log_files_open(const char *dir, const char *const *names, size_t room, unsigned lag_ms,
				 struct err *e) MUST_USE;
void log_files_close(struct log_files **f); /* writes what waits */

/* File i grows to so many bytes, a turn's more at most, then it is renamed to NAME.old: over the one of
 * before, so that both never take more than twice that. */
void log_files_bound(struct log_files *f, size_t i, uint64_t most);

/* The buffer of file i, locked, for one or more whole lines; *lost: how many lines there was no room
 * for since the last one.  NULL: `room` bytes wait already, and the line counts as lost.  Each
 * call that gave one is followed by log_files_put. */
struct buf *log_files_take(struct log_files *f, size_t i, unsigned long long *lost);
void log_files_put(struct log_files *f, size_t i);

/* Once all lines that were put before are written, the file dir/LOG_FILE_NOTE says so: `text`, of less than
 * LOG_NOTE_BYTES.  A later one takes its place.  It says no more once file `first` or one behind it has lost
 * a line. */
void log_files_note(struct log_files *f, size_t first, const char *text);
const char *log_files_dir(const struct log_files *f);

void log_files_reopen(struct log_files *f); /* at the thread's next turn */
/* True with *e: one could not be opened, and the old one goes on, or could not be put by; it is tried again
 * at the next turn. */
bool log_files_stale(struct log_files *f, struct err *e);
void log_files_flush(struct log_files *f); /* returns when what was put is written, or cannot be */

#endif
