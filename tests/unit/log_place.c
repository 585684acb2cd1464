/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/log_place.h"

#include "relay/log_file.h"

void log_place_make(struct log_place *p)
{
	*p = (struct log_place){ .dir = "/tmp/postrider-log-XXXXXX" };
	assert_non_null(mkdtemp(p->dir));
}

void log_place_begin(struct log_place *p)
{
	struct err e = { 0 };
	log_place_make(p);
	p->log = relay_log_open(p->dir, &e);
	if (!p->log)
		fail_msg("%s: %s", e.what, e.detail);
}

char *log_place_read(const struct log_place *p, const char *name)
{
	char path[80];
	static char text[1 << 20];
	snprintf(path, sizeof(path), "%s/%s", p->dir, name);
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f)
		fclose(f);
	text[n] = 0;
	return text;
}

void log_place_end(struct log_place *p)
{
	static const char *const files[] = { "conversation.log",  "queue.log",    "handed-over.log",
					     "failed.log",        "queue.log.1",  "conversation.log.1",
					     "handed-over.log.1", "failed.log.1", "queue.log.old",
					     LOG_FILE_NOTE };
	char path[80];
	relay_log_close(&p->log);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", p->dir, files[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(p->dir), 0); /* nothing is there that the list does not know */
}
