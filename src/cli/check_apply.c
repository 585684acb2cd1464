/* SPDX-License-Identifier: Apache-2.0 */
/* How the values of options are taken, each with its mend. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text_time.h"
#include "cli/check_options.h"
#include "cli/guided.h"
#include "cli/option_table.h"
#include "cli/secret.h"

enum { TIMEOUT_MAX_S = 3600 };

static bool wrong(struct err *e, const struct check_option *row, const char *value, const char *mend)
{
	return option_wrong(e, row->name, value, mend);
}

static void *member(struct check_options *o, const struct check_option *row)
{
	return (char *)o + row->offset;
}

bool apply_text(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	if (option_has_control(value))
		return wrong(e, row, "...",
			     "control characters cannot stand there: was a line end pasted along?");
	*(const char **)member(o, row) = value;
	return true;
}

/* "<>" is the null reverse-path; "" is a field left blank, which is a finding. */
bool apply_sender(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	o->request.null_from = !strcmp(value, "<>");
	o->request.blank_from = !*value;
	return apply_text(o, row, o->request.null_from ? "" : value, e);
}

bool apply_flag(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	(void)value;
	(void)e;
	return *(bool *)member(o, row) = true;
}

bool apply_secret(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	char *secret = NULL;
	if (o->nsecrets == CHECK_SECRETS_MAX)
		return wrong(e, row, value, "give each secret once");
	if (!secret_read_file(value, &secret, e))
		return false;
	*(const char **)member(o, row) = o->secrets[o->nsecrets++] = secret;
	return true;
}

bool apply_oauth_text(struct check_options *o, const struct check_option *row, const char *value,
		      struct err *e)
{
	o->request.oauth = true;
	return apply_text(o, row, value, e);
}

bool apply_oauth_url(struct check_options *o, const struct check_option *row, const char *value,
		     struct err *e)
{
	if (*value && !z_istarts(value, "https://") && !z_istarts(value, "http://"))
		return wrong(e, row, value, "an address such as https://login.example.com/token");
	return apply_oauth_text(o, row, value, e);
}

bool apply_oauth_secret(struct check_options *o, const struct check_option *row, const char *value,
			struct err *e)
{
	o->request.oauth = true;
	return apply_secret(o, row, value, e);
}

bool apply_list(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	(void)e;
	strlist_add(member(o, row), o->arena, value);
	return true;
}

/* QUESTION=WORDS; the questions are those of --guided. */
bool apply_answer(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	struct check_request *r = &o->request;
	const char *equals = strchr(value, '=');
	const char *question = equals ? arena_dup(o->arena, value, (size_t)(equals - value)) : "";
	if (!guided_question(question))
		return wrong(e, row, value,
			     "QUESTION=WORDS, with one of: since-when who where what-changed webmail program "
			     "wording");
	if (r->nanswers == ARRAY_LEN(r->answers))
		return wrong(e, row, value, "at most 16 answers in one check");
	r->answers[r->nanswers++] = (struct request_answer){ question, equals + 1 };
	return true;
}

bool apply_to(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	if (o->request.to.n == REQUEST_RECIPIENTS_MAX)
		return wrong(e, row, value, "at most 20 recipients in one check");
	return apply_list(o, row, value, e);
}

static bool readable(const struct check_option *row, const char *path, struct err *e)
{
	struct stat st;
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return wrong(e, row, path, "this is a folder: name a file");
	if (access(path, R_OK) == 0)
		return true;
	if (errno == EACCES) /* no wrong use */
		return ERR_FILL(e, ERR_SYS, errno, "read", "%s", path);
	return wrong(e, row, path, strerror(errno));
}

bool apply_file(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	return readable(row, value, e) && apply_text(o, row, value, e);
}

bool apply_attach(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	if (o->request.attach.n == REQUEST_ATTACHMENTS_MAX)
		return wrong(e, row, value, "at most 10 attachments in one check");
	return readable(row, value, e) && apply_list(o, row, value, e);
}

static bool is_ip(const char *s)
{
	unsigned char b[16];
	return inet_pton(AF_INET, s, b) == 1 || inet_pton(AF_INET6, s, b) == 1;
}

bool apply_ip(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	return is_ip(value) ? apply_text(o, row, value, e)
			    : wrong(e, row, value, "an IP address such as 192.0.2.7 or 2001:db8::7");
}

/* ip | ip ":" port | "[" ip6 "]" [ ":" port ] */
static bool is_resolver(struct check_options *o, const char *value)
{
	const char *colon = strrchr(value, ':'), *close = strchr(value, ']');
	unsigned long port = 0;
	if (is_ip(value))
		return true;
	if (*value == '[' && close)
		return is_ip(arena_dup(o->arena, value + 1, (size_t)(close - value) - 1)) &&
		       (!close[1] ||
			(close[1] == ':' && str_number(str_of(close + 2), 65535, &port) && port));
	return colon && is_ip(arena_dup(o->arena, value, (size_t)(colon - value))) &&
	       str_number(str_of(colon + 1), 65535, &port) && port;
}

bool apply_resolver(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	return is_resolver(o, value)
		       ? apply_text(o, row, value, e)
		       : wrong(e, row, value,
			       "an IP address, maybe with a port: 192.0.2.53 or 127.0.0.1:5353");
}

bool apply_security(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	return request_security_of(value, &o->request.security) ||
	       wrong(e, row, value, "one of auto none starttls tls");
}

bool apply_auth(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	static const char *const names[] = { "auto",     "none",          "plain",   "login",
					     "cram-md5", "scram-sha-256", "xoauth2", "oauthbearer" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_ieq(str_of(value), names[i])) {
			o->request.auth = names[i];
			return true;
		}
	return wrong(e, row, value,
		     "one of auto none plain login cram-md5 scram-sha-256 xoauth2 oauthbearer");
}

bool apply_until(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	return request_until_of(value, &o->request.until) ||
	       wrong(e, row, value, "one of connect tls auth envelope message");
}

bool apply_timeout(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	unsigned long n;
	if (!str_number(str_of(value), TIMEOUT_MAX_S, &n) || !n)
		return wrong(e, row, value, "a whole number of seconds from 1 to 3600");
	o->request.timeout_s = (unsigned)n;
	return true;
}

bool apply_now(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	return text_time_read(str_of(value), &o->request.now_s) ||
	       wrong(e, row, value, "a time such as 2026-11-21T08:00:00Z");
}

bool apply_json(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	(void)row;
	(void)value;
	(void)e;
	o->format = RENDER_JSON;
	return true;
}

bool apply_format(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	return render_format_of(value, &o->format) || wrong(e, row, value, "one of text json html markdown");
}

bool apply_quiet(struct check_options *o, const struct check_option *row, const char *value, struct err *e)
{
	(void)row;
	(void)value;
	(void)e;
	return o->quiet = o->render.brief = true;
}
