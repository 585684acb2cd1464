/* SPDX-License-Identifier: Apache-2.0 */
/* lab/smtp_auth.c - AUTH as a pretend server sees it: who, with what, right or wrong. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "lab/smtp_talk.h"
#include "smtp/sasl_server.h"

static const char oauth_refused[] =
	"challenge {\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.example/\"} "
	"| 535 5.7.8 Username and Password not accepted";

static char *decode(struct talk *t, const char *b64)
{
	CLEANUP(buf_wipe) struct buf b = { 0 };
	if (!strcmp(b64, "=") || !base64_decode(&b, str_of(b64)))
		return !strcmp(b64, "=") ? arena_strdup(t->arena, "") : NULL;
	struct str s = buf_str(&b);
	char *z = arena_dup(t->arena, s.p, s.len);
	for (size_t i = 0; i < s.len; i++)
		if (!z[i])
			z[i] = '\002'; /* PLAIN's separators, kept apart from OAuth's \001 */
	return z;
}

static const char *password_of(const struct talk *t, const char *user)
{
	const struct strlist *l = spec_list(t->srv->s, "accounts");
	size_t n = strlen(user);
	for (size_t i = 0; l && i < l->n; i++)
		if (!strncasecmp(l->v[i], user, n) && l->v[i][n] == ':')
			return l->v[i] + n + 1;
	return NULL;
}

/* ---- what to do once who and what are known */

static void conclude(struct talk *t, const char *otherwise_wrong)
{
	struct smtp_talk *s = t->state;
	s->stage = STAGE_COMMAND;
	int code = talk_answer(t, RULES_AUTH,
			       t->m.right ? "235 2.7.0 Authentication successful" : otherwise_wrong);
	t->m.login = code == 235;
}

static void conclude_password(struct talk *t, const char *user, const char *pass)
{
	const char *known = password_of(t, user);
	t->m.user = user;
	t->m.pass = pass;
	t->m.right = known && !strcmp(known, pass);
	conclude(t, "535 5.7.8 Error: authentication failed");
}

static void refuse(struct talk *t, const char *reply)
{
	struct smtp_talk *s = t->state;
	s->stage = STAGE_COMMAND;
	talk_queue(t, ACT_REPLY, reply);
}

/* ---- tokens */

static void claim(struct talk *t, const char *key, const json_t *v)
{
	struct smtp_talk *s = t->state;
	if (json_is_string(v))
		strlist_add(&s->claims, t->arena, arena_printf(t->arena, "%s=%s", key, json_string_value(v)));
	else if (json_is_integer(v))
		strlist_add(&s->claims, t->arena,
			    arena_printf(t->arena, "%s=%lld", key, (long long)json_integer_value(v)));
	for (size_t i = 0; json_is_array(v) && i < json_array_size(v); i++)
		claim(t, key, json_array_get(v, i));
}

/* A JWT's claims become conditions (token.aud=...); true when it is one and not expired. */
static bool read_token(struct talk *t, const char *token)
{
	struct smtp_talk *s = t->state;
	s->claims = (struct strlist){ 0 };
	t->m.claims = &s->claims;
	struct str rest = str_of(token), part;
	CLEANUP(buf_wipe) struct buf b = { 0 };
	if (!str_next(&rest, ".", &part) || !str_next(&rest, ".", &part) || !base64url_decode(&b, part)) {
		strlist_add(&s->claims, t->arena, "form=opaque");
		return *token != '\0';
	}
	json_t *claims = json_loadb(buf_str(&b).p, buf_str(&b).len, 0, NULL);
	if (!claims) { /* "ya29.a0..." has a dot too */
		strlist_add(&s->claims, t->arena, "form=opaque");
		return true;
	}
	const char *key;
	json_t *v;
	json_object_foreach(claims, key, v) claim(t, key, v);
	bool fresh = json_integer_value(json_object_get(claims, "exp")) > time(NULL);
	strlist_add(&s->claims, t->arena, "form=jwt");
	if (!fresh)
		strlist_add(&s->claims, t->arena, "state=expired");
	json_decref(claims);
	return fresh;
}

/* "user=U^Aauth=Bearer T^A^A", or OAUTHBEARER's "n,a=U,^Ahost=...^Aauth=Bearer T^A^A". */
static void conclude_oauth(struct talk *t, char *blob)
{
	const char *user = "", *token = "", *form = blob && strchr(blob, 1) ? "good" : "bad";
	struct str rest = str_of(blob), part;
	while (str_next(&rest, "\001", &part)) {
		if (str_istarts(part, "user="))
			user = arena_dup(t->arena, part.p + 5, part.len - 5);
		if (str_istarts(part, "auth=Bearer "))
			token = arena_dup(t->arena, part.p + 12, part.len - 12);
		size_t a = str_ifind(part, "a=");
		if (str_istarts(part, "n,") && a < part.len) {
			struct str u = str_cut(part, a + 2, part.len);
			while (u.len && u.p[u.len - 1] == ',')
				u.len--;
			user = arena_dup(t->arena, u.p, u.len);
		}
	}
	struct smtp_talk *s = t->state;
	bool fresh = read_token(t, token);
	strlist_add(&s->claims, t->arena, arena_printf(t->arena, "blob=%s", form));
	t->m.user = user;
	t->m.pass = token;
	t->m.right =
		fresh && !strcmp(form, "good") && (password_of(t, user) || !spec_list(t->srv->s, "accounts"));
	conclude(t, oauth_refused);
}

/* ---- mechanisms */

static void conclude_plain(struct talk *t, const char *blob)
{
	const char *user = blob ? strchr(blob, 2) : NULL, *pass = user ? strchr(user + 1, 2) : NULL;
	if (!pass) {
		refuse(t, "501 5.5.2 Cannot decode the response");
		return;
	}
	conclude_password(t, arena_dup(t->arena, user + 1, (size_t)(pass - user) - 1),
			  arena_strdup(t->arena, pass + 1));
}

static void ask(struct talk *t, struct str challenge)
{
	struct smtp_talk *s = t->state;
	CLEANUP(buf_clear) struct buf b = { 0 };
	base64_encode(&b, challenge);
	s->stage = STAGE_AUTH;
	s->auth_step++;
	talk_queue(t, ACT_REPLY, arena_printf(t->arena, "334 " STR_FMT, STR_ARG(buf_str(&b))));
}

/* ---- mechanisms with a proof: the engine's */

static bool look_up(void *ctx, const char *user, struct sasl_account *out)
{
	out->password = password_of(ctx, user);
	return out->password != NULL;
}

static void engine_step(struct talk *t, const char *answer)
{
	struct smtp_talk *s = t->state;
	CLEANUP(buf_wipe) struct buf in = { 0 }, challenge = { 0 };
	if (answer && strcmp(answer, "=") != 0 && !base64_decode(&in, str_of(answer))) {
		refuse(t, "501 5.5.2 Cannot Base64-decode the response");
		return;
	}
	struct str response = buf_str(&in);
	enum sasl_server_step step = sasl_server_step(s->engine, answer ? &response : NULL, &challenge);
	if (step == SASL_SERVER_CHALLENGE) {
		ask(t, buf_str(&challenge));
		return;
	}
	t->m.user = arena_strdup(t->arena, sasl_server_user(s->engine));
	t->m.right = step == SASL_SERVER_DONE;
	if (step == SASL_SERVER_MALFORMED)
		refuse(t, "501 5.5.2 Cannot decode the response");
	else
		conclude(t, "535 5.7.8 Error: authentication failed");
	sasl_server_free(&s->engine);
}

static bool needs_proof(const char *mech)
{
	enum sasl_mechanism m = sasl_mechanism_of(str_of(mech));
	return m != SASL_NONE && !sasl_mechanism_is_plaintext(m) && !sasl_mechanism_is_oauth(m);
}

/* Goes on with an answer, NULL before the first. */
static void go_on(struct talk *t, const char *answer)
{
	struct smtp_talk *s = t->state;
	if (s->engine) {
		engine_step(t, answer);
		return;
	}
	char *plain = answer ? decode(t, answer) : NULL;
	if (answer && !plain) {
		refuse(t, "501 5.5.2 Cannot Base64-decode the response");
	} else if (!strcasecmp(t->m.mech, "LOGIN") && s->auth_step < 2) {
		if (answer) {
			t->m.user = plain;
			s->auth_step = 1;
		}
		ask(t, answer ? STR_LIT("Password:") : STR_LIT("Username:"));
	} else if (!strcasecmp(t->m.mech, "LOGIN")) {
		conclude_password(t, t->m.user, plain);
	} else if (!answer) {
		ask(t, STR_LIT(""));
	} else if (!strcasecmp(t->m.mech, "PLAIN")) {
		conclude_plain(t, plain);
	} else {
		conclude_oauth(t, plain);
	}
}

static void start_exchange(struct talk *t, const char *initial)
{
	struct smtp_talk *s = t->state;
	sasl_server_free(&s->engine);
	if (needs_proof(t->m.mech)) {
		const struct sasl_server_options o = {
			.lookup = look_up, .ctx = t, .host = t->srv->name, .salt_key = STR_LIT("lab")
		};
		s->engine = sasl_server_new(sasl_mechanism_of(str_of(t->m.mech)), &o);
	}
	go_on(t, initial);
}

void smtp_auth_begin(struct talk *t, struct str args)
{
	struct smtp_talk *s = t->state;
	struct str mech = { 0 }, initial = { 0 };
	const struct strlist *offered = smtp_talk_mechanisms(t);
	int code;
	str_next(&args, " ", &mech);
	str_next(&args, " ", &initial);
	t->m.mech = arena_dup(t->arena, mech.p, mech.len);
	t->m.initial = initial.len > 0;
	t->m.user = t->m.pass = NULL;
	t->m.right = false;
	s->auth_step = 0;
	if (talk_answer_start(t, RULES_AUTH, &code))
		return;
	if (!offered && !t->srv->rules[RULES_AUTH].n)
		talk_queue(t, ACT_REPLY,
			   t->srv->mode == MODE_STARTTLS && !wire_has_tls(t->wire)
				   ? "530 5.7.0 Must issue a STARTTLS command first"
				   : "503 5.5.1 AUTH is not available");
	else if (sasl_mechanism_of(mech) == SASL_NONE || (offered && !strlist_has(offered, t->m.mech)))
		talk_queue(t, ACT_REPLY, "504 5.5.4 Unrecognized authentication type");
	else
		start_exchange(t, initial.len ? arena_dup(t->arena, initial.p, initial.len) : NULL);
}

void smtp_auth_line(struct talk *t, char *line)
{
	if (!strcmp(line, "*")) {
		struct smtp_talk *s = t->state;
		sasl_server_free(&s->engine);
		refuse(t, "501 5.7.0 Authentication aborted");
	} else
		go_on(t, line);
}
