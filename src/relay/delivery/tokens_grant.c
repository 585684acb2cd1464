/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/delivery/tokens_grant.h"

#include "store/names.h"

struct grant {
	struct named named; /* first */
	bool busy;
	struct oauth_kept *kept; /* while busy; NULL: the folder takes nothing, says why */
	struct err why;
	struct buf unkept; /* the newest, with a NUL, where the disk did not take it */
};

struct grants {
	struct names names;
};

struct grants *grants_new(void)
{
	return mem_alloc(sizeof(struct grants));
}

static void grant_clear(struct named *x)
{
	grant_leave((struct grant *)x);
	buf_wipe(&((struct grant *)x)->unkept);
}

void grants_free(struct grants **gp)
{
	if (!*gp)
		return;
	names_drop(&(*gp)->names, grant_clear);
	mem_free(gp);
}

static bool is_free(void *ctx)
{
	return !((struct grant *)ctx)->busy;
}

static bool keep_unkept(struct grant *x, struct err *e)
{
	struct str token = { buf_str(&x->unkept).p, buf_waiting(&x->unkept) - 1 };
	if (!oauth_kept_keep(x->kept, token, e))
		return false;
	buf_wipe(&x->unkept);
	return true;
}

/* There may be room by now; it was told when there was none. */
static void try_unkept(struct grant *x)
{
	struct err again = { 0 };
	if (x->kept && buf_waiting(&x->unkept))
		(void)keep_unkept(x, &again);
}

/* Where nothing can be kept the relay goes on from memory; but one that is there, or may be, is newer than
 * the one in the settings, and who shows that counts as a thief. */
static bool goes_on(const struct grant *x, const char *folder, const char *name)
{
	if (x->kept || x->why.kind == ERR_LIMIT)
		return x->kept;
	return buf_waiting(&x->unkept) || oauth_kept_is_none(folder, name);
}

struct grant *grant_take(struct grants *g, struct net_loop *l, const char *folder, const char *name,
			 uint64_t until_ms, struct err *e)
{
	struct grant *x = (struct grant *)names_find(&g->names, str_of(name));
	if (!x)
		x = names_use(&g->names, str_of(name), sizeof(*x));
	while (x->busy)
		if (!net_loop_wait(l, is_free, x, until_ms)) {
			ERR_FILL(e, ERR_LIMIT, 0, "wait for", "another sign-in with the same refresh token");
			return NULL;
		}
	x->busy = true;
	err_clear(&x->why);
	x->kept = oauth_kept_take(l, folder, name, until_ms, &x->why);
	try_unkept(x);
	if (goes_on(x, folder, name))
		return x;
	*e = x->why;
	grant_leave(x);
	return NULL;
}

void grant_leave(struct grant *x)
{
	if (!x)
		return;
	oauth_kept_leave(&x->kept);
	x->busy = false;
}

bool grant_read(struct grant *x, struct buf *out, struct err *e)
{
	if (buf_waiting(&x->unkept))
		return buf_add(out, buf_str(&x->unkept).p, buf_waiting(&x->unkept));
	return !x->kept || oauth_kept_read(x->kept, out, e);
}

bool grant_renew(struct grant *x, struct str token, struct err *e)
{
	buf_wipe(&x->unkept);
	buf_add(&x->unkept, token.p, token.len);
	buf_add(&x->unkept, "", 1);
	if (x->kept && keep_unkept(x, e))
		return true;
	if (!x->kept)
		*e = x->why;
	return err_detail(e, "it is in memory only, and lost when the relay ends");
}
