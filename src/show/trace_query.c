/* SPDX-License-Identifier: Apache-2.0 */
#include "show/trace_query.h"

#include <string.h>

#include "base/text.h"
#include "net/dns_name.h"
#include "net/plain_address.h"
#include "relay/filter/filter_lane.h"
#include "smtp/host.h"
#include "store/words.h"

enum kind {
	KIND_ID,
	KIND_RECIPIENT,
	KIND_DOMAIN, /* recipients in it, named without the @ */
	KIND_SENDER,
	KIND_MESSAGE_ID,
	KIND_REMOTE,
	KIND_STATE,
	KIND_ACCOUNT,
	KIND_FINDING,
	KIND_LANE,
	KIND_SUBJECT,
	KIND_BEGINNING, /* of a recipient's address */
	KINDS
};

enum { KINDS_OF_A_WORD = 5, QUEUE_ID_MIN = 5, BEGINNING_MIN = 2 };

static const struct {
	const char *word;
	enum kind kind;
} prefixes[] = {
	{ "id", KIND_ID },         { "recipient", KIND_RECIPIENT }, { "to", KIND_RECIPIENT },
	{ "sender", KIND_SENDER }, { "from", KIND_SENDER },         { "message-id", KIND_MESSAGE_ID },
	{ "remote", KIND_REMOTE }, { "remote-id", KIND_REMOTE },    { "queue-id", KIND_REMOTE },
	{ "state", KIND_STATE },   { "account", KIND_ACCOUNT },     { "finding", KIND_FINDING },
	{ "lane", KIND_LANE },     { "destination", KIND_LANE },    { "subject", KIND_SUBJECT },
};

static const char *const names[KINDS] = {
	[KIND_ID] = "id",
	[KIND_RECIPIENT] = "recipient",
	[KIND_DOMAIN] = "recipient",
	[KIND_SENDER] = "sender",
	[KIND_MESSAGE_ID] = "Message-ID",
	[KIND_REMOTE] = "queue id there",
	[KIND_STATE] = "state",
	[KIND_ACCOUNT] = "account",
	[KIND_FINDING] = "finding",
	[KIND_LANE] = "destination",
	[KIND_SUBJECT] = "subject",
	[KIND_BEGINNING] = "recipient beginning with",
};

struct typed {
	const char *text;
	enum kind kinds[KINDS_OF_A_WORD];
	size_t n;
};

static bool has_digit(const char *s)
{
	return strpbrk(s, "0123456789");
}

/* "4XYZ1a2b", "1vM3Qz-0001-Ab", "49C1F2.mx": one word that no dictionary has. */
static bool is_queue_id(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.=+/";
	return strlen(s) >= QUEUE_ID_MIN && has_digit(s) && !s[strspn(s, letters)];
}

static bool is_domain(const char *s, struct arena *a)
{
	struct smtp_host h;
	const char *why, *name = text_is_ascii(str_of(s)) ? s : dns_name_clean(s, a, &why);
	if (!name || !smtp_host_read(str_of(name), &h) || h.form != SMTP_HOST_NAME)
		return false;
	const char *last = strrchr(name, '.');
	return !has_digit(last) || z_istarts(last, ".xn--");
}

static void may_be(struct typed *t, enum kind k)
{
	if (t->n < KINDS_OF_A_WORD)
		t->kinds[t->n++] = k;
}

static bool by_prefix(struct typed *t)
{
	const char *colon = strchr(t->text, ':');
	for (size_t i = 0; colon && i < ARRAY_LEN(prefixes); i++)
		if (str_ieq((struct str){ t->text, (size_t)(colon - t->text) }, prefixes[i].word)) {
			t->text = colon + 1;
			may_be(t, prefixes[i].kind);
			return true;
		}
	return false;
}

static struct typed guess(const char *word, struct arena *a)
{
	struct typed t = { .text = word };
	struct store_id id;
	size_t n = strlen(word);
	if (by_prefix(&t))
		return t;
	if (store_id_read(str_of(word), &id))
		may_be(&t, KIND_ID);
	if (*word == '<' && n > 1 && word[n - 1] == '>')
		return may_be(&t, KIND_MESSAGE_ID), t;
	if (*word == '@' || (n && word[n - 1] == '*'))
		return may_be(&t, KIND_RECIPIENT), t;
	if (strchr(word, '@')) {
		may_be(&t, KIND_RECIPIENT);
		may_be(&t, KIND_MESSAGE_ID);
		may_be(&t, KIND_SENDER);
		return t;
	}
	if (store_state_of(str_of(word)) != STORE_NO_STATE)
		may_be(&t, KIND_STATE);
	else if (is_domain(word, a))
		may_be(&t, KIND_DOMAIN);
	if (is_queue_id(word))
		may_be(&t, KIND_REMOTE);
	may_be(&t, KIND_SUBJECT);
	return t;
}

/* "nobody", "nobody@rec": somebody still types it, or knows no more of an address.  Where it stands alone,
 * and is nothing else. */
static void may_begin(struct typed *t, const char *word)
{
	size_t n = strlen(word);
	if (t->text != word || n < BEGINNING_MIN || strpbrk(word, " <>:") || *word == '@' ||
	    word[n - 1] == '*')
		return;
	may_be(t, KIND_BEGINNING);
}

static bool set_once(struct str *field, const char *text)
{
	if (field->len)
		return false;
	*field = str_of(text);
	return true;
}

/* False: there is one such already, or it can be no such thing. */
static bool apply(struct trace_try *x, enum kind k, const char *text, struct arena *a)
{
	struct store_query *q = &x->q;
	switch (k) {
	case KIND_ID:
		return !x->id.seq && store_id_read(str_of(text), &x->id);
	case KIND_RECIPIENT:
		return set_once(&q->recipient, text);
	case KIND_DOMAIN:
		return set_once(&q->recipient, arena_printf(a, "@%s", text));
	case KIND_SENDER:
		return set_once(&q->sender, text);
	case KIND_BEGINNING:
		x->beginning = true;
		return set_once(&q->recipient, arena_printf(a, "%s*", text));
	case KIND_MESSAGE_ID:
		return set_once(&q->message_id, text);
	case KIND_REMOTE:
		return set_once(&q->remote_id, text);
	case KIND_STATE:
		q->state = store_state_of(str_of(text));
		return q->state != STORE_NO_STATE;
	case KIND_ACCOUNT:
		return set_once(&q->account, text);
	case KIND_FINDING:
		return set_once(&q->finding, text);
	case KIND_LANE:
		return set_once(&q->lane, text);
	default:
		q->subject = str_of(q->subject.len ? arena_printf(a, STR_FMT " %s", STR_ARG(q->subject), text)
						   : text);
		return true;
	}
}

struct planning {
	const struct typed *t;
	size_t n;
	enum kind choice[TRACE_WORDS_MAX];
	struct arena *a;
	struct trace_plan *out;
};

static const char *told(const struct planning *p)
{
	struct strlist as = { 0 };
	for (size_t i = 0; i < p->n; i++)
		strlist_add(&as, p->a, arena_printf(p->a, "%s %s", names[p->choice[i]], p->t[i].text));
	return strlist_join(&as, p->a, ", ");
}

/* Word i and those after it in each meaning that goes with what is there; the first meanings first.
 * Each kind but subject words stands once, so that most ways end soon. */
static void plan_from(struct planning *p, size_t i, const struct trace_try *so_far)
{
	if (i == p->n && (!so_far->id.seq || p->n == 1)) {
		p->out->v[p->out->n] = *so_far;
		p->out->v[p->out->n++].as = told(p);
		return;
	}
	for (size_t k = 0; i < p->n && k < p->t[i].n && p->out->n < TRACE_TRIES_MAX; k++) {
		struct trace_try x = *so_far;
		p->choice[i] = p->t[i].kinds[k];
		if (apply(&x, p->choice[i], p->t[i].text, p->a))
			plan_from(p, i + 1, &x);
	}
}

static bool is_id(const char *text)
{
	struct store_id id;
	return store_id_read(str_of(text), &id);
}

/* Signs alone are no word of a subject: beside others they narrow nothing, by themselves they would find all.
 */
static bool finds_all(const struct typed *t, size_t n, struct err *e)
{
	char word[WORD_BYTES];
	for (size_t i = 0; i < n; i++) {
		struct str rest = str_of(t[i].text);
		if (t[i].kinds[0] != KIND_SUBJECT || words_next(&rest, word))
			return false;
	}
	if (!n)
		return false;
	ERR_FILL(e, ERR_USAGE, 0, "look for", "\"%s\"", t->text);
	return !err_detail(e, "nothing in it can be searched for: give a word with letters or digits");
}

static bool check_word(const struct typed *t, struct err *e)
{
	ERR_FILL(e, ERR_USAGE, 0, "look for", "\"%s\"", t->text);
	if (!str_trim(str_of(t->text)).len)
		return err_detail(e, "something has to stand there");
	if (t->n == 1 && t->kinds[0] == KIND_ID && !is_id(t->text))
		return err_detail(e, "an id is as the 250 said it: 18 letters and digits");
	if (t->n == 1 && t->kinds[0] == KIND_STATE && store_state_of(str_of(t->text)) == STORE_NO_STATE)
		return err_detail(e, "a state is one of queued held sending in-doubt delayed handed-over "
				     "refused expired suppressed cancelled bounced confirmed");
	err_clear(e);
	return true;
}

/* Two ids are no words of one mail. */
static bool is_one_id(const struct typed *t, size_t n, struct err *e)
{
	const struct typed *first = NULL;
	for (size_t i = 0; i < n; i++) {
		if (t[i].kinds[0] != KIND_ID)
			continue;
		if (first) {
			ERR_FILL(e, ERR_USAGE, 0, "look for", "%s and %s", first->text, t[i].text);
			return err_detail(e, "one id at a time (postrider queue show takes several)");
		}
		first = &t[i];
	}
	return true;
}

bool trace_plan_of(char **words, size_t n, struct arena *a, struct trace_plan *out, struct err *e)
{
	struct typed t[TRACE_WORDS_MAX];
	*out = (struct trace_plan){ .n = 0 };
	if (n > TRACE_WORDS_MAX) {
		ERR_FILL(e, ERR_USAGE, 0, "look for", "%zu words", n);
		return err_detail(e, "give at most %d", TRACE_WORDS_MAX);
	}
	for (size_t i = 0; i < n; i++) {
		t[i] = guess(words[i], a);
		if (!check_word(&t[i], e))
			return false;
	}
	if (!is_one_id(t, n, e) || finds_all(t, n, e))
		return false;
	if (n == 1)
		may_begin(&t[0], words[0]);
	struct planning p = { .t = t, .n = n, .a = a, .out = out };
	plan_from(&p, 0, &(struct trace_try){ .as = "" });
	if (out->n)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "look for", "all of that together");
	return err_detail(e, "give one recipient, one sender, one Message-ID at a time; an id stands alone");
}

void trace_query_forms(struct store_query *q, struct arena *a)
{
	_Static_assert((int)STORE_FORMS_MAX == (int)ADDRESS_FORMS_MAX, "room for each form");
	(void)plain_address_forms(a, q->recipient, q->recipient_forms);
	(void)plain_address_forms(a, q->sender, q->sender_forms);
	q->lane_own = filter_lane_own;
}
