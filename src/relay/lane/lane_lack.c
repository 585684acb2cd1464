/* SPDX-License-Identifier: Apache-2.0 */
/* What this machine lacks for one more session: then all lanes wait, and no destination is told to fail. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/lane/lanes_inner.h"

static const struct lack {
	int number;
	const char *words, *mend;
	bool of_way; /* one way alone may lack it: its table of routes, or of neighbours, is full */
} lacks[] = {
	{ EMFILE, "it has too many open files", "raise LimitNOFILE", false },
	{ ENFILE, "the machine has too many open files", "raise fs.file-max", false },
	{ ENOBUFS, "the machine has no memory left", "free some", true },
	{ ENOMEM, "the machine has no memory left", "free some", true },
};

static const struct lack *lack_of(int number)
{
	for (size_t i = 0; i < ARRAY_LEN(lacks); i++)
		if (lacks[i].number == number)
			return &lacks[i];
	return NULL;
}

bool lane_is_lack(int number)
{
	return lack_of(number);
}

bool lane_lacks(struct lanes *l, const struct lane *x, int number)
{
	const struct lack *k = lack_of(number);
	int64_t now = relay_now_ms(), ago = now - l->scarce_ms;
	if (!k || !k->of_way)
		return k;
	if (ago < 0 || ago >= LANE_SCARCE_MS) {
		l->scarce = x->group;
		l->scarce_more = false;
	}
	l->scarce_more = l->scarce_more || l->scarce != x->group;
	l->scarce_ms = now;
	return l->scarce_more;
}

/* Near the limit it comes and goes: one trouble, not one each time. */
static bool was_told(struct lanes *l, int number, int64_t now)
{
	int64_t ago = now - l->lack_told_ms;
	bool told = l->lack_told == number && ago >= 0 && ago < LANE_LACK_TOLD_MS;
	l->lack_told = number;
	l->lack_told_ms = now;
	return told;
}

void lanes_lack(struct lanes *l, int number)
{
	const struct lack *k = lack_of(number);
	struct err e = { 0 };
	int64_t now = relay_now_ms();
	l->lack_ms = now + LANE_LACK_MS;
	l->lack = number;
	if (was_told(l, number, now))
		return;
	ERR_FILL(&e, ERR_SYS, number, "begin a connection to", "the next server");
	err_detail(&e, "here, it is not the server; mail waits and goes out when there is room: %s", k->mend);
	relay_tell(l->relay, &e);
}

/* As many as a session needs for itself, for look-ups and for its message: 0, or why there are not. */
static int try_files(void)
{
	int fds[LANE_FILES], number = 0;
	size_t n = 0;
	for (; n < LANE_FILES && !number; n++) {
		fds[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		number = fds[n] < 0 ? errno : 0;
	}
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return number;
}

bool lanes_are_short(struct lanes *l)
{
	int64_t left = l->lack_ms - relay_now_ms();
	if (left > 0 && left <= LANE_LACK_MS)
		return true;
	int number = try_files();
	if (lane_is_lack(number)) {
		lanes_lack(l, number);
		return true;
	}
	l->lack = 0;
	l->lack_ms = 0;
	return false;
}

/* Each look costs system calls, and many lanes may be looked at in one moment. */
static bool had_room_just_now(const struct lanes *l, int64_t now)
{
	int64_t ago = now - l->room_ms;
	return !l->lack && l->nsessions <= l->room_sessions && ago >= 0 && ago < LANE_ROOM_MS;
}

bool lane_lack_room(struct lanes *l, struct lane *x)
{
	int64_t now = relay_now_ms();
	if (had_room_just_now(l, now))
		return true;
	if (lanes_are_short(l)) {
		lane_due(l, x, l->lack_ms);
		x->wants_seat = true;
		return false;
	}
	l->room_ms = now;
	l->room_sessions = l->nsessions;
	return true;
}

const char *lanes_lack_rule(const struct lanes *l, struct arena *a)
{
	const struct lack *k = lack_of(l->lack);
	return k ? arena_printf(a, "there is no room here for another connection, since %s (%s)", k->words,
				k->mend)
		 : "";
}
