/* SPDX-License-Identifier: Apache-2.0 */
/* store/store_ops.h - what a back end gives: one table of functions, as store.h tells them.
 *
 * For back ends and their tests only; everybody else calls store.h. */
#ifndef STORE_STORE_OPS_H
#define STORE_STORE_OPS_H

#include "store/store.h"

struct store_ops {
	const char *name;
	bool (*open)(const struct store_options *o, struct store **out, struct err *e);
	void (*close)(struct store *s);
	struct store_body *(*body_begin)(struct store *s);
	bool (*body_append)(struct store_body *b, struct str bytes, struct err *e);
	bool (*body_prepend)(struct store_body *b, struct str bytes, struct err *e);
	uint64_t (*body_size)(const struct store_body *b);
	struct store_id (*body_id)(struct store_body *b, int64_t now_ms);
	void (*body_take_id)(struct store_body *to, struct store_body *from);
	void (*body_free)(struct store_body *b);
	struct store_reader *(*body_look)(const struct store_body *b);
	struct store_reader *(*body_open)(struct store *s, struct store_id id, struct err *e);
	int (*reader_next)(struct store_reader *r, struct str *piece, struct err *e);
	void (*reader_free)(struct store_reader *r);
	bool (*accept)(struct store *s, struct store_body *body, const struct store_message *m, void *user,
		       struct err *e);
	bool (*mark)(struct store *s, const struct store_mark *marks, size_t n, void *user, struct err *e);
	int (*wake_fd)(const struct store *s);
	size_t (*take_done)(struct store *s, struct store_done *out, size_t max);
	void (*idle)(struct store *s, size_t company);
	size_t (*behind)(struct store *s);
	void (*settle)(struct store *s);
	bool (*catch_up)(struct store *s, int ms);
	size_t (*claim)(struct store *s, struct str lane, unsigned owner, int64_t now_ms, int64_t lease_ms,
			struct store_claim *out, size_t max);
	size_t (*claim_message)(struct store *s, struct store_id id, struct str lane, unsigned owner,
				int64_t now_ms, int64_t lease_ms, struct store_claim *out, size_t max);
	bool (*claim_renew)(struct store *s, const struct store_claim *c, int64_t until_ms);
	void (*claim_release)(struct store *s, const struct store_claim *c, int64_t now_ms);
	size_t (*claims_expire)(struct store *s, int64_t now_ms);
	bool (*under_way)(struct store *s, struct store_id id, int64_t now_ms, store_rcpt_fn *of, void *user);
	void (*sending)(struct store *s, struct arena *a, struct store_sending *out);
	int64_t (*lane_next)(struct store *s, struct str lane, size_t *n);
	uint32_t (*lane_account)(struct store *s, struct str lane, int64_t now_ms);
	void (*turn)(struct store *s, struct str lane, struct store_id id, uint32_t rcpt, int64_t now_ms,
		     struct store_turn *out);
	void (*each_live)(struct store *s, bool (*fn)(void *user, const struct store_live *row), void *user);
	bool (*fetch)(struct store *s, struct store_id id, struct arena *a, struct store_message *out,
		      struct err *e);
	struct store_reader *(*fetch_open)(struct store *s, struct store_id id, struct arena *a,
					   struct store_message *out, struct err *e);
	int (*trail)(struct store *s, struct store_id id, struct arena *a, struct store_trail *out,
		     struct err *e);
	void (*hold)(struct store *s);
	void (*let_go)(struct store *s);
	bool (*find)(struct store *s, const struct store_query *q, struct arena *a, struct store_hits *out,
		     struct err *e);
	bool (*lanes)(struct store *s, struct arena *a, struct store_lanes *out, struct err *e);
	bool (*suppress)(struct store *s, const struct store_suppressed *v, void *user, struct err *e);
	bool (*is_suppressed)(struct store *s, struct str address, int64_t now_ms, struct arena *a,
			      struct store_suppressed *out);
	void (*each_suppressed)(struct store *s, bool (*fn)(void *user, const struct store_suppressed *v),
				void *user);
	struct store_place (*place)(struct store *s);
	bool (*changes)(struct store *s, struct store_place from, store_change_fn *each, void *user,
			struct err *e);
	void (*tidy)(struct store *s, int64_t now_ms);
	void (*health)(struct store *s, struct store_health *out);
};

/* The first member of every back end's store, body and reader. */
struct store {
	const struct store_ops *ops;
};
struct store_body {
	const struct store_ops *ops;
};
struct store_reader {
	const struct store_ops *ops;
};

extern const struct store_ops store_embedded; /* segments and SQLite */

#endif
