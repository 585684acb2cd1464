/* SPDX-License-Identifier: Apache-2.0 */
/* A mail of a pick-up folder on its way into the store, and its file out of the way. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "relay/pickup/pickup_inner.h"

/* A folder far away that hangs may hold as many of the pool, and one more that looks. */
enum { PICKUP_THREADS = 2, WORDS = 400, COPY_MOST = 1 << 30 };

/* ---- the file's end, in a thread ---- */

/* Across file systems. */
static bool copy_away(int from, const char *name, int to, const char *as)
{
	CLEANUP(close_fd) int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	CLEANUP(close_fd)
	int out = openat(to, as, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0660);
	struct stat st;
	ssize_t n = in < 0 || out < 0 || fstat(in, &st) || !S_ISREG(st.st_mode) ? -1 : 1;
	while (n > 0)
		n = sendfile(out, in, NULL, COPY_MOST);
	return !n && !fdatasync(out) && !unlinkat(from, name, 0);
}

static bool move_to(int from, const char *name, int to, const char *as)
{
	return !renameat2(from, name, to, as, RENAME_NOREPLACE) ||
	       (errno == EXDEV && copy_away(from, name, to, as));
}

/* Under its own name, or with the time behind it where that is taken. */
static bool keep(struct pickup_hand *h, int from, int to, const char *folder)
{
	CLEANUP(mem_free) char *other = mem_printf("%s.%lld", h->name, (long long)relay_now_ms());
	if (to >= 0 && (move_to(from, h->name, to, h->name) || move_to(from, h->name, to, other)))
		return true;
	return ERR_FILL(&h->err, ERR_SYS, errno, "keep the file", "%s in %s: %s", h->name, folder,
			strerror(errno));
}

/* An archive inside the folder is as open to others as the folder: through no link. */
static int open_archive(const char *folder, const char *archive)
{
	struct str below = pickup_path_in(folder, str_of(archive));
	return below.len < strlen(archive) ? pickup_open_beneath(folder, below)
					   : open(archive, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Who may write in this folder could make links of its folders into another's: none is followed. */
static bool put_away(struct pickup_hand *h)
{
	const char *folder = h->p->folder;
	CLEANUP(mem_free) char *refused = mem_printf("%s/" PICKUP_REFUSED, folder);
	CLEANUP(close_fd) int taken = pickup_open_beneath(folder, STR_LIT(PICKUP_TAKEN));
	if (h->end == PICKUP_END_REFUSED) {
		(void)mkdir(refused, 0770);
		CLEANUP(close_fd) int to = pickup_open_beneath(folder, STR_LIT(PICKUP_REFUSED));
		return keep(h, taken, to, refused);
	}
	if (*h->p->archive) {
		CLEANUP(close_fd) int to = open_archive(folder, h->p->archive);
		return keep(h, taken, to, h->p->archive);
	}
	return !unlinkat(taken, h->name, 0) ||
	       ERR_FILL(&h->err, ERR_SYS, errno, "remove", "%s/" PICKUP_TAKEN "/%s", folder, h->name);
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

static void finish_next(struct pickup_folder *f);

static void on_finished(void *ctx)
{
	struct pickup_hand *h = ctx;
	struct pickup_folder *f = h->folder;
	struct pickups *all = f->all;
	all->working--;
	f->finishing--;
	if (h->end == PICKUP_END_TAKEN)
		pickup_tell(all, h->deposit.id, 0, false);
	if (h->err.kind != ERR_NONE) {
		relay_tell(all->relay, &h->err);
		h->end = PICKUP_END_LATER;
	}
	all->over(h);
	finish_next(f);
}

static void run_finish(struct pickup_hand *h)
{
	struct pickup_folder *f = h->folder;
	h->waits = false;
	f->finishing++;
	f->all->working++;
	if (!f->all->ended) {
		net_work_start(f->all->relay->loop, finish, on_finished, h);
		return;
	}
	finish(h);
	on_finished(h);
}

static void finish_next(struct pickup_folder *f)
{
	struct pickup_hand *h = f->finishing < PICKUP_THREADS ? f->hands : NULL;
	while (h && !h->waits)
		h = h->next;
	if (h)
		run_finish(h);
}

static void start_finish(struct pickup_hand *h, enum pickup_end end, const char *why)
{
	h->end = end;
	h->note = (struct pickup_note){ h->p->folder, h->name, h->p->json, h->refused, h->nrefused };
	pickup_result_none(&h->note, why, end != PICKUP_END_REFUSED, relay_now_ms(), h->arena, &h->result);
	h->waits = true;
	finish_next(h->folder);
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
		.key = str_of(arena_printf(h->arena, "pickup\x1f%s", h->mail.key)),
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
