/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/replay.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPLAY_BYTES_MAX = 32 << 20 };

static bool judge_again(const char *kept, const char *again)
{
	char *args[] = { (char *)(uintptr_t) "postrider",  (char *)(uintptr_t) "check",
			 (char *)(uintptr_t) "--evidence", (char *)(uintptr_t)kept,
			 (char *)(uintptr_t) "--json",     NULL };
	posix_spawn_file_actions_t files;
	pid_t pid;
	int status = 0;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, again, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	bool started = posix_spawn(&pid, "/proc/self/exe", &files, NULL, args, environ) == 0;
	posix_spawn_file_actions_destroy(&files);
	return started && waitpid(pid, &status, 0) == pid && WIFEXITED(status);
}

const char *lab_replay(const char *kept, const char *again, struct str json)
{
	CLEANUP(buf_clear) struct buf b = { .max = REPLAY_BYTES_MAX };
	char piece[8192];
	size_t n;
	if (!json.len)
		return NULL;
	if (!judge_again(kept, again))
		return "the kept evidence could not be judged again";
	CLEANUP(close_file) FILE *f = fopen(again, "re");
	while (f && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&b, piece, n);
	struct str second = buf_str(&b);
	if (second.len != json.len || memcmp(second.p, json.p, json.len) != 0)
		return "the kept evidence, judged again, gives another document";
	return NULL;
}
