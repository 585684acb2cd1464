/* SPDX-License-Identifier: Apache-2.0 */
/* Over which way a mail goes, and what the server there says to it. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cli/local_relay.h"
#include "cli/secret.h"
#include "cli/send_way.h"

static enum session_security security_of(const struct config_profile *p)
{
	if (z_eq(p->security, "none"))
		return SESSION_PLAIN;
	if (z_eq(p->security, "tls") || z_eq(p->security, "ssl"))
		return SESSION_TLS;
	return !z_eq(p->security, "starttls") && p->port == 465 ? SESSION_TLS : SESSION_STARTTLS;
}

static bool profile_secret(struct way *w, struct err *e)
{
	const struct config_profile *p = w->profile;
	struct submit_login *in = &w->submit.login;
	in->user = p->user;
	if (z_eq(p->auth, "none"))
		return true;
	if (p->oauth.given) {
		in->token = true;
		w->secret = send_token(w->loop, w->dns, w->config, p, w->submit.until_ms, e);
		if (!w->secret)
			return false;
	} else if (*p->password_file) {
		if (!secret_read_file(p->password_file, &w->secret, e))
			return false;
	} else if (*p->user) {
		w->secret = secret_ask(p->user);
	}
	in->secret = w->secret;
	in->mechanism = sasl_mechanism_of(str_of(p->auth));
	in->token = in->token || sasl_mechanism_is_oauth(in->mechanism);
	if (w->secret || !*p->user)
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "log in by", "profile \"%s\"", p->name);
	return err_detail(e, "it names a user and no secret: add password-file, or set $POSTRIDER_PASSWORD");
}

static bool by_profile(struct way *w, struct err *e)
{
	const struct config_profile *p = w->profile;
	if (!*p->host) {
		ERR_FILL(e, ERR_USAGE, 0, "send by", "profile \"%s\"", p->name);
		return err_detail(e, "it names no server; add: host = \"mail.example.com\"");
	}
	w->submit.host = arena_strdup(w->m->arena, p->host);
	w->submit.security = security_of(p);
	w->submit.port = p->port ? p->port : w->submit.security == SESSION_TLS ? 465 : 587;
	w->m->via = arena_printf(w->m->arena, "profile:%s", p->name);
	return true;
}

static bool by_queue(struct way *w, struct err *e)
{
	struct local_relay r = { 0 };
	if (!local_relay_of(w->config, w->m->arena, &r, e))
		return false;
	w->submit.host = r.host;
	w->submit.port = r.port;
	w->submit.security = r.security;
	w->submit.any_certificate = true;
	w->m->via = "queue";
	w->m->data = r.data;
	return true;
}

static const char *own_name(struct way *w)
{
	char name[HOST_NAME_MAX + 1] = "";
	const char *told = config_text(w->config, "hostname");
	if (*told)
		return told;
	gethostname(name, sizeof(name) - 1);
	return strchr(name, '.') ? arena_strdup(w->m->arena, name)
				 : arena_printf(w->m->arena, "%s.localdomain", *name ? name : "localhost");
}

static void add_recipients(struct way *w)
{
	const struct send_options *o = w->m->o;
	const struct strlist *lists[] = { &o->to, &o->cc, &o->bcc };
	struct strlist all = { 0 };
	for (size_t k = 0; k < ARRAY_LEN(lists); k++)
		for (size_t i = 0; i < lists[k]->n; i++)
			if (!strlist_has(&all, lists[k]->v[i]))
				strlist_add(&all, w->m->arena, lists[k]->v[i]);
	w->submit.n = all.n;
	w->submit.v = arena_alloc(w->m->arena, all.n * sizeof(*w->submit.v));
	for (size_t i = 0; i < all.n; i++)
		w->submit.v[i] = (struct submit_recipient){ .address = all.v[i], .reply = "" };
}

static void on_step(void *ctx, const char *step, const char *what)
{
	const struct way *w = ctx;
	char text[300];
	snprintf(text, sizeof(text), "%s:%u  %s %s", w->submit.host, w->submit.port, step, what);
	send_progress(w->m->o, text);
}

static void on_line(void *ctx, char dir, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%c %s\n", dir, line);
}

/* As the relay keeps it: the code stands beside it. */
static const char *without_code(const char *reply)
{
	size_t digits = strspn(reply, "0123456789");
	return digits == 3 && reply[digits] == ' ' ? reply + digits + 1 : reply;
}

/* A reply that is no "later". */
static enum store_state refused(unsigned code)
{
	return code >= 500 ? STORE_REFUSED : STORE_NO_STATE;
}

static struct send_fate fate_of(const struct way *w, const struct submit_recipient *v,
				const struct submit_result *r)
{
	struct send_fate f = { .address = v->address,
			       .code = r->code,
			       .reply = without_code(r->reply),
			       .step = r->step,
			       .host = w->submit.host,
			       .host_address = r->address,
			       .tls = r->tls,
			       .remote_id = "",
			       .finding = "" };
	if (v->code >= 400) { /* refused by itself */
		f.state = refused(v->code);
		f.code = v->code;
		f.reply = without_code(v->reply);
		f.step = "rcpt";
	} else if (r->end == SUBMIT_HANDED_OVER) {
		f.kept = !w->profile;
		f.state = f.kept ? STORE_QUEUED : STORE_HANDED_OVER;
	} else if (r->end == SUBMIT_REFUSED) {
		f.state = refused(r->code);
	} else {
		f.state = r->end == SUBMIT_IN_DOUBT ? STORE_IN_DOUBT : STORE_NO_STATE;
		f.code = 0;
		f.reply = r->words;
	}
	return f;
}

/* "queued as ID (durable)": whatever else the relay says around it. */
static const char *id_in(struct arena *a, const char *reply)
{
	const char *at = strstr(reply, "queued as ");
	if (!at)
		return "";
	at += strlen("queued as ");
	return arena_dup(a, at, strcspn(at, " ;,()"));
}

static void run(struct way *w)
{
	struct send_mail *m = w->m;
	struct submit_result r;
	submit_run(w->loop, w->dns, &w->submit, m->arena, &r);
	send_progress(m->o, NULL);
	m->host = w->submit.host;
	m->port = w->submit.port;
	m->n = w->submit.n;
	m->fates = arena_alloc(m->arena, m->n * sizeof(*m->fates));
	for (size_t i = 0; i < m->n; i++)
		m->fates[i] = fate_of(w, &w->submit.v[i], &r);
	m->id = !w->profile && r.end == SUBMIT_HANDED_OVER ? id_in(m->arena, r.reply) : "";
}

static bool prepare(struct way *w, struct err *e)
{
	const char *resolver = config_text(w->config, "resolver"), *ca = config_text(w->config, "ca-file");
	const struct dns_options o = { .resolver = *resolver ? resolver : NULL };
	struct submit *s = &w->submit;
	s->until_ms = net_loop_now_ms(w->loop) + w->m->o->timeout_s * 1000;
	s->ehlo_name = own_name(w);
	s->watch = (struct submit_watch){ on_step, w->m->o->verbose ? on_line : NULL, w };
	w->dns = dns_new(w->loop, &o, e);
	if (!w->dns)
		return false;
	s->trust = w->trust = tls_trust_new(*ca ? ca : NULL, e);
	return w->trust && (w->profile ? by_profile(w, e) && profile_secret(w, e) : by_queue(w, e));
}

/* The relay is told in fields that it takes off. */
static void add_name(struct way *w)
{
	struct buf named = { 0 };
	const struct send_options *o = w->m->o;
	if (w->profile || !w->as)
		return;
	buf_addf(&named, "X-Postrider-Profile: %s\r\n", w->as->name);
	if (w->kind)
		buf_addf(&named, "X-Postrider-Kind: %s\r\n", w->kind->name);
	if (o->test || o->untested)
		buf_adds(&named, "X-Postrider-Untested: yes\r\n");
	buf_add(&named, buf_str(&w->m->bytes).p, buf_waiting(&w->m->bytes));
	buf_clear(&w->m->bytes);
	w->m->bytes = named;
}

static bool go(struct way *w, struct err *e)
{
	if (!way_choose(w, e))
		return false;
	w->m->profile = w->as;
	struct send_options *o = arena_alloc(w->m->arena, sizeof(*o));
	*o = *w->m->o;
	w->m->o = o;
	if (!prepare(w, e) || !way_sender(w, o, e) || (o->test && !way_aim_test(w, o, e)))
		return false;
	if (!send_message(w->m, w->submit.ehlo_name, e))
		return false;
	if (w->profile && !w->m->bare && !o->untested && !send_may_leave(w->m, w->profile, e))
		return false;
	add_name(w);
	w->submit.from = w->m->from;
	w->submit.message = buf_str(&w->m->bytes);
	add_recipients(w);
	run(w);
	return true;
}

bool send_way(struct send_mail *m, struct net_loop *l, struct err *e)
{
	struct way w = { .m = m, .loop = l };
	bool done = go(&w, e);
	if (w.secret)
		mem_wipe(w.secret, strlen(w.secret));
	mem_free(&w.secret);
	dns_free(&w.dns);
	tls_trust_free(&w.trust);
	return done;
}
