/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/door/passwords.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#include "net/watch.h"
#include "smtp/scram.h"

enum { KNOWN_SLOTS = 1024 };

struct job {
	struct passwords *desk;
	struct job *next;
	char *hash, *password;
	bool nobody, right;
	void (*done)(void *ctx, bool right);
	void *ctx;
};

struct passwords {
	struct net_loop *loop;
	struct scram_key key; /* of this process */
	struct scram_key known[KNOWN_SLOTS];
	bool used[KNOWN_SLOTS];
	struct job *first, **last; /* those that wait */
	size_t waiting, running;
	bool closed;
};

/* Compared with where there is no hash, or none that can be computed: the cost is that of a real one. */
static const char usual_hash[] = "$y$j9T$kyhuvF7MrCx1fLTxj8eOn.$85ciZO41tOceR8QLcQ4.RxOrgRC0k5rF.qnlWZpBut0";

static void new_key(struct passwords *p)
{
	CLEANUP(buf_wipe) struct buf nonce = { 0 };
	struct err e = { 0 };
	if (!scram_nonce_new(&nonce, &e) || !scram_hash(buf_str(&nonce), &p->key))
		abort(); /* no random bytes: nothing here can be trusted */
}

struct passwords *passwords_new(struct net_loop *l)
{
	struct passwords *p = mem_alloc(sizeof(*p));
	p->loop = l;
	p->last = &p->first;
	new_key(p);
	return p;
}

static void free_job(struct job *j)
{
	mem_wipe(j->hash, strlen(j->hash));
	mem_wipe(j->password, strlen(j->password));
	free(j->hash);
	free(j->password);
	free(j);
}

static void destroy(struct passwords *p)
{
	mem_wipe(p, sizeof(*p));
	free(p);
}

void passwords_free(struct passwords **pp)
{
	struct passwords *p = *pp;
	*pp = NULL;
	if (!p)
		return;
	for (struct job *j = p->first, *next; j; j = next) {
		next = j->next;
		free_job(j);
	}
	p->first = NULL;
	p->closed = true;
	if (!p->running)
		destroy(p);
}

static bool digest(const struct passwords *p, const char *hash, const char *password, struct scram_key *out)
{
	CLEANUP(buf_wipe) struct buf both = { 0 };
	buf_add(&both, hash, strlen(hash) + 1);
	buf_adds(&both, password);
	return scram_hmac(&p->key, buf_str(&both), out);
}

static size_t slot_of(const struct scram_key *k)
{
	return (k->b[0] | (size_t)k->b[1] << 8) % KNOWN_SLOTS;
}

bool passwords_known(struct passwords *p, const char *hash, const char *password)
{
	struct scram_key k;
	if (!digest(p, hash, password, &k))
		return false;
	size_t i = slot_of(&k);
	return p->used[i] && scram_same(&p->known[i], &k);
}

static void learn(struct passwords *p, const struct job *j)
{
	struct scram_key k;
	if (!j->right || !digest(p, j->hash, j->password, &k))
		return;
	p->known[slot_of(&k)] = k;
	p->used[slot_of(&k)] = true;
}

static bool same(const char *a, const char *b)
{
	size_t n = strlen(a);
	unsigned char diff = n != strlen(b);
	for (size_t i = 0; n == strlen(b) && i < n; i++)
		diff |= (unsigned char)(a[i] ^ b[i]);
	return !diff;
}

/* In a thread. */
static void compare(void *ctx)
{
	struct job *j = ctx;
	struct crypt_data *data = mem_alloc(sizeof(*data));
	const char *got = *j->hash ? crypt_r(j->password, j->hash, data) : NULL;
	bool computed = got && *got != '*';
	j->right = computed && same(got, j->hash) && !j->nobody;
	if (!computed)
		(void)!crypt_r(j->password, usual_hash, data);
	mem_wipe(data, sizeof(*data));
	free(data);
}

static void start_next(struct passwords *p);

static void on_compared(void *ctx)
{
	struct job *j = ctx;
	struct passwords *p = j->desk;
	p->running--;
	if (p->closed) {
		free_job(j);
		if (!p->running)
			destroy(p);
		return;
	}
	learn(p, j);
	start_next(p);
	j->done(j->ctx, j->right);
	free_job(j);
}

static void start_next(struct passwords *p)
{
	struct job *j = p->first;
	if (!j || p->running >= PASSWORDS_AT_ONCE)
		return;
	p->first = j->next;
	if (!p->first)
		p->last = &p->first;
	p->waiting--;
	p->running++;
	net_work_start(p->loop, compare, on_compared, j);
}

bool passwords_ask(struct passwords *p, const struct passwords_question *q,
		   void (*done)(void *ctx, bool right), void *ctx)
{
	if (p->waiting >= PASSWORDS_WAITING_MAX)
		return false;
	struct job *j = mem_alloc(sizeof(*j));
	*j = (struct job){ .desk = p,
			   .hash = mem_strdup(q->hash),
			   .password = mem_strdup(q->password),
			   .nobody = q->nobody,
			   .done = done,
			   .ctx = ctx };
	*p->last = j;
	p->last = &j->next;
	p->waiting++;
	start_next(p);
	return true;
}

size_t passwords_pick(const struct passwords *p, const char *user, size_t n)
{
	struct scram_key k;
	if (!n || !scram_hmac(&p->key, str_of(user), &k))
		return 0;
	return (k.b[0] | (size_t)k.b[1] << 8 | (size_t)k.b[2] << 16) % n;
}

/* ---- what a hash looks like ---- */

/* Those of crypt(5): the characters behind the last "$" are the hash itself, the "$" before it are its
 * settings', at least so many.  Weak: guessed by the billion a second, on one card. */
static const struct form {
	const char *prefix;
	size_t dollars, characters;
	bool weak;
} forms[] = {
	{ "$y$", 4, 43, false },   { "$gy$", 4, 43, false }, { "$7$", 3, 43, false },
	{ "$2a$", 3, 53, false },  { "$2b$", 3, 53, false }, { "$2x$", 3, 53, false },
	{ "$2y$", 3, 53, false },  { "$6$", 3, 86, false },  { "$5$", 3, 43, false },
	{ "$sha1$", 4, 28, true }, { "$md5", 3, 22, true },  { "$1$", 3, 22, true },
	{ "$3$", 3, 32, true },
};

/* Of a method that has no row: a later libcrypt's, such as "$sm3$". */
enum { SHORTEST_UNKNOWN = 13 };

static const struct form *form_of(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (!strncmp(text, forms[i].prefix, strlen(forms[i].prefix)))
			return &forms[i];
	return NULL;
}

static size_t count_dollars(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += *text == '$';
	return n;
}

static bool is_of_form(const char *text, const struct form *f)
{
	static const char alphabet[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const char *last = strrchr(text, '$') + 1;
	return strlen(last) == f->characters && strspn(last, alphabet) == f->characters &&
	       count_dollars(text) >= f->dollars;
}

bool passwords_is_hash(const char *text)
{
	const struct form *f = form_of(text);
	bool whole = f ? is_of_form(text, f) : *text == '$' && strlen(text) >= SHORTEST_UNKNOWN;
	return whole && crypt_checksalt(text) != CRYPT_SALT_INVALID &&
	       crypt_checksalt(text) != CRYPT_SALT_METHOD_DISABLED;
}

bool passwords_is_weak(const char *text)
{
	const struct form *f = form_of(text);
	return f && f->weak;
}
