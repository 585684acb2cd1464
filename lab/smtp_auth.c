/* SPDX-License-Identifier: Apache-2.0 */
/* lab/smtp_auth.c - AUTH as a pretend server sees it: who, with what, right or wrong.
 *
 * sasl_server speaks the mechanisms; who may log in is judged here, and the rules have the last word. */
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "base/base64.h"
#include "lab/smtp_talk.h"
#include "smtp/sasl_server.h"

static const char oauth_refused[] =
	"challenge {\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.example/\"} "
	"| 535 5.7.8 Username and Password not accepted";

/* password NULL: any. */
static bool has_account(const struct talk *t, const char *user, const char *password)
{
	const struct strlist *l = spec_list(t->srv->s, "accounts");
	size_t n = strlen(user);
	for (size_t i = 0; l && i < l->n; i++)
		if (!strncasecmp(l->v[i], user, n) && l->v[i][n] == ':' &&
		    (!password || !strcmp(l->v[i] + n + 1, password)))
			return true;
	return false;
}

/* For mechanisms with a proof: the first account of that name. */
static bool look_up(void *ctx, const char *user, struct sasl_account *out)
{
	const struct talk *t = ctx;
	const struct strlist *l = spec_list(t->srv->s, "accounts");
	size_t n = strlen(user);
	for (size_t i = 0; l && i < l->n && !out->password; i++)
		if (!strncasecmp(l->v[i], user, n) && l->v[i][n] == ':')
			out->password = l->v[i] + n + 1;
	return out->password != NULL;
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

/* ---- the exchange */

static bool judge(struct talk *t, bool oauth, bool readable)
{
	struct smtp_talk *s = t->state;
	if (!oauth)
		return has_account(t, t->m.user, t->m.pass);
	bool fresh = read_token(t, t->m.pass);
	strlist_add(&s->claims, t->arena, readable ? "blob=good" : "blob=bad");
	return fresh && readable && (has_account(t, t->m.user, NULL) || !spec_list(t->srv->s, "accounts"));
}

/* All that the client had to say is said. */
static void conclude(struct talk *t, enum sasl_server_step step, bool oauth)
{
	struct smtp_talk *s = t->state;
	t->m.user = arena_strdup(t->arena, sasl_server_user(s->login));
	t->m.pass = arena_strdup(t->arena, sasl_server_secret(s->login));
	t->m.right = step == SASL_SERVER_DONE;
	if (step == SASL_SERVER_JUDGE || oauth)
		t->m.right = judge(t, oauth, step == SASL_SERVER_JUDGE);
	s->code = talk_answer(t, RULES_AUTH,
			      t->m.right ? "235 2.7.0 Authentication successful"
			      : oauth    ? oauth_refused
					 : "535 5.7.8 Error: authentication failed");
}

/* response NULL: AUTH came without one. */
static void go_on(struct talk *t, const struct str *response)
{
	struct smtp_talk *s = t->state;
	bool oauth = sasl_mechanism_is_oauth(sasl_mechanism_of(str_of(t->m.mech)));
	CLEANUP(buf_wipe) struct buf challenge = { 0 };
	enum sasl_server_step step = sasl_server_step(s->login, response, &challenge);
	if (step == SASL_SERVER_CHALLENGE)
		smtp_server_challenge(s->engine, buf_str(&challenge));
	else if (step == SASL_SERVER_MALFORMED && !oauth)
		smtp_server_reply(s->engine, 501, "5.5.2", "Cannot decode the response");
	else
		conclude(t, step, oauth);
	smtp_talk_hand_over(t);
	if (step != SASL_SERVER_CHALLENGE)
		sasl_server_free(&s->login);
}

static struct sasl_server *exchange(struct talk *t, enum sasl_mechanism m)
{
	bool proof = !sasl_mechanism_is_plaintext(m) && !sasl_mechanism_is_oauth(m);
	const struct sasl_server_options o = {
		.lookup = proof ? look_up : NULL, .ctx = t, .host = t->srv->name, .salt_key = STR_LIT("lab")
	};
	return sasl_server_new(m, &o);
}

void smtp_auth_begin(struct talk *t)
{
	struct smtp_talk *s = t->state;
	const struct smtp_request *r = smtp_server_request(s->engine);
	t->m.mech = arena_str(t->arena, r->argument).p;
	t->m.initial = r->has_initial;
	t->m.user = t->m.pass = NULL;
	t->m.right = false;
	sasl_server_free(&s->login);
	if (talk_answer_start(t, RULES_AUTH, &s->code))
		return;
	if (smtp_server_refusal(s->engine)) {
		talk_queue(t, ACT_DEFAULT, NULL);
		return;
	}
	s->login = exchange(t, r->mechanism);
	go_on(t, r->has_initial ? &r->initial : NULL);
}

void smtp_auth_response(struct talk *t)
{
	struct smtp_talk *s = t->state;
	struct str response;
	talk_tracef(t, "< " STR_FMT, STR_ARG(smtp_server_request(s->engine)->line));
	if (s->login && smtp_server_response(s->engine, &response)) {
		go_on(t, &response);
		return;
	}
	sasl_server_free(&s->login);
	talk_queue(t, ACT_DEFAULT, NULL); /* cancelled, or no base64 */
}
