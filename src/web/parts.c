/* SPDX-License-Identifier: Apache-2.0 */
#include "web/parts.h"

#include <jansson.h>
#include <stdint.h>
#include <strings.h>

#include "base/base64.h"
#include "base/text.h"
#include "mail/compose.h"
#include "mail/filetype.h"
#include "mail/html_words.h"
#include "mail/mailbox.h"
#include "net/plain_address.h"
#include "smtp/path.h"
#include "store/store.h"

struct reading {
	const json_t *o;
	struct arena *a;
	struct parts *out;
	struct compose c;
	struct compose_attachment attached[PARTS_ATTACHMENTS_MAX];
	struct buf files[PARTS_ATTACHMENTS_MAX];
	struct err *e;
};

static bool wrong(struct err *e, const char *name, const char *mend)
{
	ERR_FILL(e, ERR_USAGE, 0, "take", "\"%s\"", name);
	return err_detail(e, "%s", mend);
}

/* NULL where it is not given. */
static bool text_of(struct reading *r, const json_t *o, const char *name, const char **out)
{
	const json_t *v = json_object_get(o, name);
	const char *s = json_string_value(v);
	*out = s;
	if (v && !json_is_null(v) && !s)
		return wrong(r->e, name, "a text is wanted there");
	return !s || strlen(s) == json_string_length(v) || wrong(r->e, name, "a NUL cannot stand there");
}

/* ---- addresses ---- */

static void add_rcpt(struct reading *r, const char *address)
{
	for (size_t i = 0; i < r->out->rcpts.n; i++)
		if (!strcasecmp(r->out->rcpts.v[i], address))
			return;
	strlist_add(&r->out->rcpts, r->a, address);
}

static bool is_address(const char *s)
{
	struct smtp_mailbox m;
	return smtp_mailbox_read(str_of(s), SMTP_PATH_UTF8, &m, NULL);
}

/* As every server takes it; false with *e: its domain is none. */
static bool make_plain(struct reading *r, const char *name, const char **address)
{
	const char *why, *plain = plain_address(r->a, *address, &why);
	if (!plain)
		return wrong(r->e, name, why);
	*address = plain;
	return true;
}

/* Nobody else than who was typed gets the mail: no address is made of pieces. */
static bool stands_there(struct str given, const char *address)
{
	return is_address(address) && memmem(given.p, given.len, address, strlen(address));
}

/* "a@b.example", "Anna <a@b.example>", several with commas; to may be NULL: blind copies */
static bool add_addresses(struct reading *r, const char *name, const json_t *v, struct strlist *to)
{
	struct mailbox_list all = { 0 };
	struct str s = { json_string_value(v), json_string_length(v) };
	if (!s.p || text_has_control(s) || !mailbox_parse(r->a, s, &all) || !all.n)
		return wrong(r->e, name, "an address such as anna@example.com is wanted there");
	for (size_t i = 0; i < all.n; i++) {
		if (!stands_there(s, all.v[i].address))
			return wrong(r->e, name, "an address such as anna@example.com is wanted there");
		if (!make_plain(r, name, &all.v[i].address))
			return false;
		add_rcpt(r, all.v[i].address);
		if (to)
			strlist_add(to, r->a, all.v[i].address);
	}
	return r->out->rcpts.n <= PARTS_RCPTS_MAX ||
	       wrong(r->e, name, "at most 1000 recipients in one message");
}

static bool read_addresses(struct reading *r, const char *name, struct strlist *to)
{
	const json_t *v = json_object_get(r->o, name), *one;
	size_t i;
	if (!v || json_is_null(v))
		return true;
	if (!json_is_array(v))
		return add_addresses(r, name, v, to);
	json_array_foreach(v, i, one)
	{
		if (!add_addresses(r, name, one, to))
			return false;
	}
	return true;
}

static bool read_from(struct reading *r)
{
	const char *from, *sender;
	struct mailbox_list all = { 0 };
	if (!text_of(r, r->o, "from", &from) || !text_of(r, r->o, "sender", &sender) ||
	    !text_of(r, r->o, "reply_to", &r->c.reply_to))
		return false;
	if (!from || text_has_control(str_of(from)) || !mailbox_parse(r->a, str_of(from), &all) ||
	    all.n != 1 || !is_address(all.v[0].address))
		return wrong(r->e, "from", "one address such as Shop <shop@example.com> is wanted there");
	r->c.from = all.v[0].address;
	r->c.from_name = all.v[0].name;
	if (sender && strcmp(sender, "<>") != 0 && !is_address(sender))
		return wrong(r->e, "sender", "an address such as shop@example.com, or <> for none");
	if (!make_plain(r, "from", &r->c.from) || (sender && !make_plain(r, "sender", &sender)) ||
	    (r->c.reply_to && !make_plain(r, "reply_to", &r->c.reply_to)))
		return false;
	r->out->sender = !sender ? r->c.from : !strcmp(sender, "<>") ? "" : arena_strdup(r->a, sender);
	return true;
}

/* ---- content ---- */

static bool read_attachment(struct reading *r, const json_t *o)
{
	struct compose_attachment *x = &r->attached[r->c.nattachments];
	struct buf *file = &r->files[r->c.nattachments];
	const char *content;
	if (!json_is_object(o) || !text_of(r, o, "name", &x->name) || !text_of(r, o, "type", &x->type) ||
	    !text_of(r, o, "content", &content))
		return wrong(r->e, "attachments",
			     "each is {\"name\", \"type\", \"content\"}, the content in base64");
	if (!x->name || !*x->name)
		return wrong(r->e, "attachments", "each wants a name, such as invoice-17.pdf");
	if (!content || !base64_decode(file, str_of(content)))
		return wrong(r->e, "attachments",
			     "the content must be base64 (RFC 4648, 4), without line ends");
	x->bytes = buf_str(file);
	if (!x->type || !*x->type)
		x->type = filetype_of(r->a, x->name, x->bytes);
	r->c.nattachments++;
	return true;
}

static bool read_attachments(struct reading *r)
{
	const json_t *list = json_object_get(r->o, "attachments"), *one;
	size_t i;
	if (list && !json_is_array(list))
		return wrong(r->e, "attachments", "a list is wanted there");
	json_array_foreach(list, i, one)
	{
		if (i == PARTS_ATTACHMENTS_MAX)
			return wrong(r->e, "attachments", "at most 100 of them");
		if (!read_attachment(r, one))
			return false;
	}
	r->c.attachments = r->attached;
	return true;
}

static bool read_content(struct reading *r)
{
	struct compose *c = &r->c;
	if (!text_of(r, r->o, "subject", &c->subject) || !text_of(r, r->o, "text", &c->text) ||
	    !text_of(r, r->o, "html", &c->html))
		return false;
	if (!c->subject)
		c->subject = "";
	if (!c->text)
		c->text = c->html ? arena_str(r->a, html_words(r->a, str_of(c->html))).p : "";
	return true;
}

/* ---- the rest ---- */

static bool read_notify(const json_t *list, unsigned *out, struct err *e)
{
	static const struct {
		const char *word;
		unsigned flag;
	} all[] = { { "never", STORE_NOTIFY_NEVER },
		    { "success", STORE_NOTIFY_SUCCESS },
		    { "failure", STORE_NOTIFY_FAILURE },
		    { "delay", STORE_NOTIFY_DELAY } };
	const json_t *one;
	size_t i, k;
	*out = 0;
	json_array_foreach(list, i, one)
	{
		for (k = 0; k < ARRAY_LEN(all); k++)
			if (z_eq(json_string_value(one) ? json_string_value(one) : "", all[k].word))
				break;
		if (k == ARRAY_LEN(all))
			return wrong(e, "notify", "some of success, failure, delay; or never alone");
		*out |= all[k].flag;
	}
	if ((*out & STORE_NOTIFY_NEVER) && *out != STORE_NOTIFY_NEVER)
		return wrong(e, "notify", "never stands alone");
	return !list || json_is_array(list) || wrong(e, "notify", "a list is wanted there");
}

static bool knows_all(const struct reading *r)
{
	static const char *const names[] = { "from",    "sender", "to",          "cc",     "bcc",  "reply_to",
					     "subject", "text",   "attachments", "notify", "html", "envid" };
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)(uintptr_t)r->o, key, v)
	{
		size_t i = 0;
		while (i < ARRAY_LEN(names) && strcmp(names[i], key) != 0)
			i++;
		if (i == ARRAY_LEN(names))
			return wrong(r->e, key, "nobody knows that key; see /api/v1/openapi.json");
	}
	return true;
}

static bool read_all(struct reading *r, const struct parts_place *at)
{
	if (!knows_all(r) || !read_from(r) || !read_addresses(r, "to", &r->c.to) ||
	    !read_addresses(r, "cc", &r->c.cc) || !read_addresses(r, "bcc", NULL) || !read_content(r) ||
	    !read_attachments(r) || !text_of(r, r->o, "envid", &r->out->envid) ||
	    !read_notify(json_object_get(r->o, "notify"), &r->out->notify, r->e))
		return false;
	if (r->out->envid && text_has_control(str_of(r->out->envid)))
		return wrong(r->e, "envid", "control characters cannot stand there");
	if (!r->out->rcpts.n)
		return wrong(r->e, "to", "name a recipient");
	r->c.date_s = at->now_s;
	r->c.message_id = arena_printf(r->a, "%llx.%llx@%s", at->nonce[0], at->nonce[1], at->hostname);
	return compose_message(&r->c, &r->out->message, r->e);
}

bool parts_read(const json_t *o, const struct parts_place *at, struct arena *a, struct parts *out,
		struct err *e)
{
	CLEANUP(mem_free) struct reading *r = mem_alloc(sizeof(*r));
	*r = (struct reading){ .o = o, .a = a, .out = out, .e = e };
	*out = (struct parts){ .sender = "" };
	bool ok = read_all(r, at);
	for (size_t i = 0; i < PARTS_ATTACHMENTS_MAX; i++)
		buf_clear(&r->files[i]);
	if (!out->envid)
		out->envid = "";
	return ok;
}
