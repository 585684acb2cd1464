/* SPDX-License-Identifier: Apache-2.0 */
/* A mail of a pick-up folder on its way into the store, and its file out of the way. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "relay/pickup_inner.h"

enum { WORDS = 400, COPY_MOST = 1 << 30 };

/* ---- the file's end, in a thread ---- */

/* Across file systems. */
static bool copy_away(const char *from, int dir, const char *name)
{
	CLEANUP(close_fd) int in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	CLEANUP(close_fd) int out = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
	ssize_t n = in < 0 || out < 0 ? -1 : 1;
	while (n > 0)
		n = sendfile(out, in, NULL, COPY_MOST);
	return !n && !fdatasync(out) && !unlink(from);
}

static bool move_to(const char *from, const char *folder, const char *name)
{
	CLEANUP(close_fd) int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return false;
	return !renameat2(AT_FDCWD, from, dir, name, RENAME_NOREPLACE) ||
	       (errno == EXDEV && copy_away(from, dir, name));
}

/* Under its own name, or with the time behind it where that is taken. */
static bool keep(struct pickup_hand *h, const char *from, const char *folder)
{
	char stamp[40];
	snprintf(stamp, sizeof(stamp), ".%lld", (long long)relay_now_ms());
	CLEANUP(mem_free) char *other = mem_printf("%s%s", h->name, stamp);
	if (move_to(from, folder, h->name) || move_to(from, folder, other))
		return true;
	return ERR_FILL(&h->err, ERR_SYS, errno, "keep the file", "%s in %s: %s", h->name, folder,
			strerror(errno));
}

static bool put_away(struct pickup_hand *h)
{
	CLEANUP(mem_free) char *from = mem_printf("%s/" PICKUP_TAKEN "/%s", h->p->folder, h->name);
	CLEANUP(mem_free) char *refused = mem_printf("%s/" PICKUP_REFUSED, h->p->folder);
	if (h->end == PICKUP_END_REFUSED) {
		(void)mkdir(refused, 0770);
		return keep(h, from, refused);
	}
	if (*h->p->archive)
		return keep(h, from, h->p->archive);
	return !unlink(from) || ERR_FILL(&h->err, ERR_SYS, errno, "remove", "%s", from);
}

static void finish(void *ctx)
{
	struct pickup_hand *h = ctx;
	h->err = (struct err){ 0 };
	if (h->end == PICKUP_END_TAKEN &&
	    !pickup_note_save(h->settings->data, h->deposit.id, &h->note, &h->err))
		return; /* it stays in .taken, and is known again */
	if (!pickup_result_write(&h->note, &h->result, &h->err) || h->end == PICKUP_END_LATER)
		return;
	(void)put_away(h); /* what went wrong is in h->err */
}

static void on_finished(void *ctx)
{
	struct pickup_hand *h = ctx;
	struct pickups *all = h->folder->all;
	all->working--;
	if (h->err.kind != ERR_NONE) {
		relay_tell(all->relay, &h->err);
		h->end = h->end == PICKUP_END_TAKEN ? PICKUP_END_LATER : h->end;
	}
	if (h->end == PICKUP_END_TAKEN)
		pickup_tell(all, h->deposit.id, 0, false);
	pickup_hand_over(h);
}

static void start_finish(struct pickup_hand *h, enum pickup_end end, const char *why)
{
	h->end = end;
	h->note = (struct pickup_note){ h->p->folder, h->name, h->p->json, h->refused, h->nrefused };
	pickup_result_none(&h->note, why, end != PICKUP_END_REFUSED, relay_now_ms(), h->arena, &h->result);
	h->folder->all->working++;
	if (!h->folder->all->ended) {
		net_work_start(h->folder->all->relay->loop, finish, on_finished, h);
		return;
	}
	finish(h);
	on_finished(h);
}

/* ---- into the store ---- */

static const char *words_of(struct arena *a, const struct smtp_answer *x)
{
	return arena_printf(a, "%u %s%s%s", x->code, x->enhanced, *x->enhanced ? " " : "", x->text);
}

static void post(struct pickup_hand *h);

/* Who cannot be taken is told apart; the others are not to wait for him. */
static bool leave_out_refused(struct pickup_hand *h)
{
	struct strlist good = { 0 };
	for (size_t i = 0; i < h->deposit.nrcpts; i++) {
		const struct deposit_rcpt *r = &h->deposit.rcpts[i];
		const char *address = arena_str(h->arena, r->address).p;
		if (r->no && r->no->code / 100 == 5)
			h->refused[h->nrefused++] =
				(struct pickup_refused){ address, words_of(h->arena, r->no) };
		else
			strlist_add(&good, h->arena, address);
	}
	bool some = good.n && good.n < h->mail.rcpts.n;
	h->mail.rcpts = good;
	return some;
}

static void on_told(void *ctx)
{
	struct pickup_hand *h = ctx;
	const struct smtp_answer *x = &h->deposit.answer;
	bool refused = x->code / 100 == 5;
	if (refused && h->deposit.nrcpts > 1 && leave_out_refused(h)) {
		post(h);
		return;
	}
	if (x->code / 100 == 2)
		start_finish(h, PICKUP_END_TAKEN, "it has just been taken, and is on its way");
	else
		start_finish(h, refused ? PICKUP_END_REFUSED : PICKUP_END_LATER,
			     arena_str(h->arena, str_of(words_of(h->arena, x))).p);
}

static void post(struct pickup_hand *h)
{
	struct relay *r = h->folder->all->relay;
	struct str bytes = buf_str(&h->mail.bytes);
	struct deposit *d = &h->deposit;
	*d = (struct deposit){
		.sender = str_of(h->mail.sender),
		.rcpts = arena_alloc(h->arena, (h->mail.rcpts.n + 1) * sizeof(*d->rcpts)),
		.nrcpts = h->mail.rcpts.n,
		.flags = h->mail.eightbit ? STORE_8BITMIME : 0,
		.envid = STR_LIT(""),
		.account = h->p->account,
		.way = PICKUP_LISTENER,
		.protocol = "LOCAL",
		.by = "pickup",
		.client = "127.0.0.1",
		.key = str_of(arena_printf(h->arena, "pickup %s", h->mail.key)),
		.intake = intake_new(r->store),
		.size = bytes.len,
		.told = on_told,
		.ctx = h,
	};
	for (size_t i = 0; i < d->nrcpts; i++)
		d->rcpts[i].address = str_of(h->mail.rcpts.v[i]);
	(void)intake_add(d->intake, bytes); /* what is wrong is told at its end */
	deposit_post(r, d);
}

void pickup_hand_start(struct pickup_hand *h)
{
	char words[WORDS];
	h->refused = arena_alloc(h->arena, (h->mail.rcpts.n + 1) * sizeof(*h->refused));
	if (h->err.kind == ERR_NONE)
		post(h);
	else
		start_finish(h, h->err.kind == ERR_SYS ? PICKUP_END_LATER : PICKUP_END_REFUSED,
			     arena_strdup(h->arena, err_text(&h->err, words, sizeof(words))));
}
