/* SPDX-License-Identifier: Apache-2.0 */
#include "smtp/server_inner.h"

#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "smtp/xtext.h"

enum param_of { OF_MAIL, OF_RCPT };

static bool is_keyword_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

/* esmtp-param = esmtp-keyword ["=" esmtp-value] (RFC 5321, 4.1.2) */
static bool split_param(struct str word, struct smtp_param *p)
{
	size_t i = 0;
	while (i < word.len && is_keyword_char(word.p[i]))
		i++;
	p->name = str_cut(word, 0, i);
	p->value = (struct str){ 0 };
	if (!i || word.p[0] == '-' || (i < word.len && word.p[i] != '='))
		return false;
	if (i == word.len)
		return true;
	p->value = str_cut(word, i + 1, word.len);
	return p->value.len && !memchr(p->value.p, '=', p->value.len);
}

enum { SIZE_DIGITS_MAX = 20 };

static bool is_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.len;
}

/* value is "" for none. */
typedef bool take_param_fn(struct smtp_server *s, struct str value);

/* 1*20DIGIT (RFC 1870, 6): what does not fit a number is too big, too. */
static bool take_size(struct smtp_server *s, struct str value)
{
	unsigned long n = LONG_MAX;
	if (!str_number(value, LONG_MAX, &n) && (value.len > SIZE_DIGITS_MAX || !is_digits(value)))
		return false;
	s->request.size = (long)n;
	if (s->options.size > 0 && s->request.size > s->options.size)
		server_refuse(
			s, 552, "5.3.4",
			arena_printf(s->arena,
				     "The message is too big (%ld bytes): at most %ld bytes are taken here",
				     s->request.size, s->options.size));
	return true;
}

static bool take_body(struct smtp_server *s, struct str value)
{
	s->request.body = value;
	if (str_ieq(value, "BINARYMIME"))
		return s->options.extensions & SMTP_EXT_BINARYMIME;
	return str_ieq(value, "7BIT") || str_ieq(value, "8BITMIME");
}

static bool take_utf8(struct smtp_server *s, struct str value)
{
	s->request.smtputf8 = true;
	return !value.len;
}

/* RFC 8689, 4.1: only over TLS */
static bool take_requiretls(struct smtp_server *s, struct str value)
{
	s->request.requiretls = true;
	if (!s->tls)
		server_refuse(s, 530, "5.7.0", "REQUIRETLS needs TLS");
	return !value.len;
}

static bool take_ret(struct smtp_server *s, struct str value)
{
	s->request.ret = value;
	return str_ieq(value, "FULL") || str_ieq(value, "HDRS");
}

enum { ENVID_CHARS_MAX = 100 }; /* RFC 3461, 4.4 */

/* What it means is printable (RFC 3461, 4.2 and 4.4): it goes into the header of reports. */
static bool is_printable_xtext(struct str value)
{
	CLEANUP(buf_clear) struct buf plain = { 0 };
	return value.len && smtp_xtext_decode(&plain, value) && !text_has_control(buf_str(&plain));
}

static bool take_envid(struct smtp_server *s, struct str value)
{
	s->request.envid = value;
	return value.len <= ENVID_CHARS_MAX && is_printable_xtext(value);
}

/* AUTH=<> or an xtext mailbox (RFC 4954, 5); told in params, trusted by nobody. */
static bool take_auth(struct smtp_server *s, struct str value)
{
	(void)s;
	return smtp_xtext_is(value);
}

/* NEVER / 1#( SUCCESS / FAILURE / DELAY ) */
static bool take_notify(struct smtp_server *s, struct str value)
{
	struct str rest = value, one;
	size_t n = 0;
	bool never = false;
	s->request.notify = value;
	for (; str_next(&rest, ",", &one); n++) {
		never |= str_ieq(one, "NEVER");
		if (!str_ieq(one, "NEVER") && !str_ieq(one, "SUCCESS") && !str_ieq(one, "FAILURE") &&
		    !str_ieq(one, "DELAY"))
			return false;
	}
	return n == 1 || (n && !never);
}

/* atom (RFC 5321, 4.1.2) */
static bool is_atom(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || c >= 127 || strchr("()<>[]:;@\\,.\"", c))
			return false;
	}
	return s.len;
}

/* addr-type ";" xtext; the address of type utf-8 may be in UTF-8 where SMTPUTF8 was said (RFC 6533, 3) */
static bool take_orcpt(struct smtp_server *s, struct str value)
{
	const char *semi = value.len ? memchr(value.p, ';', value.len) : NULL;
	s->request.orcpt = value;
	if (!semi || value.len > SMTP_ORCPT_CHARS_MAX)
		return false;
	struct str type = str_cut(value, 0, (size_t)(semi - value.p));
	struct str address = str_cut(value, type.len + 1, value.len);
	if (s->tx.utf8 && str_ieq(type, "utf-8") && !text_is_ascii(address))
		return text_is_utf8(address);
	return is_atom(type) && is_printable_xtext(address);
}

static const struct {
	enum param_of of;
	const char *name;
	enum smtp_extension needs;
	take_param_fn *take;
} params[] = {
	{ OF_MAIL, "SIZE", SMTP_EXT_SIZE, take_size },
	{ OF_MAIL, "BODY", SMTP_EXT_8BITMIME, take_body },
	{ OF_MAIL, "SMTPUTF8", SMTP_EXT_SMTPUTF8, take_utf8 },
	{ OF_MAIL, "REQUIRETLS", SMTP_EXT_REQUIRETLS, take_requiretls },
	{ OF_MAIL, "RET", SMTP_EXT_DSN, take_ret },
	{ OF_MAIL, "ENVID", SMTP_EXT_DSN, take_envid },
	{ OF_MAIL, "AUTH", SMTP_EXT_AUTH, take_auth },
	{ OF_RCPT, "NOTIFY", SMTP_EXT_DSN, take_notify },
	{ OF_RCPT, "ORCPT", SMTP_EXT_DSN, take_orcpt },
};

static bool was_given(const struct smtp_request *r, struct str name)
{
	for (size_t i = 0; i < r->nparams; i++)
		if (str_iequal(r->params[i].name, name))
			return true;
	return false;
}

/* AUTH is not offered again to who has logged in; its parameter is for just them (RFC 4954, 5). */
static bool may_be_given(const struct smtp_server *s, enum smtp_extension needs)
{
	return s->options.extensions & (unsigned)needs || (needs == SMTP_EXT_AUTH && s->authenticated);
}

static void take_param(struct smtp_server *s, enum param_of of, const struct smtp_param *p)
{
	for (size_t i = 0; i < ARRAY_LEN(params); i++) {
		if (params[i].of != of || !str_ieq(p->name, params[i].name))
			continue;
		if (!may_be_given(s, params[i].needs))
			break;
		if (!params[i].take(s, p->value.p ? p->value : STR_LIT("")))
			server_refuse(s, 501, "5.5.4", "Bad value of a parameter");
		return;
	}
	server_refuse(s, 555, "5.5.4", "Unsupported parameter");
}

static void read_params(struct smtp_server *s, enum param_of of, struct str rest)
{
	struct smtp_request *r = &s->request;
	struct str word;
	while (str_next(&rest, " \t", &word)) {
		struct smtp_param p;
		if (r->nparams == SMTP_SERVER_PARAMS_MAX) {
			server_refuse(s, 501, "5.5.4", "Too many parameters");
			return;
		}
		if (!split_param(word, &p) || was_given(r, p.name)) {
			server_refuse(s, 501, "5.5.4", "Bad parameter");
			return;
		}
		r->params[r->nparams++] = p;
		take_param(s, of, &p);
	}
}

static const char *const expected[] = { [OF_MAIL] = "MAIL FROM:<name@example.com> is expected",
					[OF_RCPT] = "RCPT TO:<name@example.com> is expected" };

static void refuse_address(struct smtp_server *s, enum param_of of, const char *word)
{
	s->request.path = (struct smtp_path){ .address = STR_LIT("") };
	server_refuse(s, 501, of == OF_MAIL ? "5.1.7" : "5.1.3",
		      arena_printf(s->arena, "The address cannot be read: %s (%s)", smtp_path_words(word),
				   expected[of]));
}

/* Reads "FROM:<path>" or "TO:<path>" and what follows. */
static void read_envelope(struct smtp_server *s, enum param_of of, struct str rest, const char *word)
{
	struct smtp_path_problem why = { 0 };
	struct str after = { 0 };
	s->request.argument = rest;
	if (!str_istarts(rest, word)) {
		server_refuse(s, 501, "5.5.4", expected[of]);
		return;
	}
	s->request.argument = rest = str_cut(rest, strlen(word), rest.len);
	bool good =
		smtp_path_read(rest, SMTP_PATH_UTF8 | SMTP_PATH_LONG_LOCAL, &s->request.path, &after, &why);
	if (!good) {
		refuse_address(s, of, why.word);
		return;
	}
	read_params(s, of, after);
	bool utf8 = of == OF_MAIL ? s->request.smtputf8 : s->tx.utf8;
	if (s->request.path.mailbox.utf8 && !utf8)
		server_refuse(s, 553, "5.6.7", "SMTPUTF8 is needed for this address");
}

void server_read_mail(struct smtp_server *s, struct str rest)
{
	read_envelope(s, OF_MAIL, rest, "FROM:");
	if (!s->refusal.code && str_ieq(s->request.path.address, "postmaster"))
		refuse_address(s, OF_MAIL, "no-at");
}

void server_read_rcpt(struct smtp_server *s, struct str rest)
{
	read_envelope(s, OF_RCPT, rest, "TO:");
	if (!s->refusal.code && !s->request.path.address.len)
		server_refuse(s, 501, "5.1.3", "A recipient is needed");
}
