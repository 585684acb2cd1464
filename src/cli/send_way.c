/* SPDX-License-Identifier: Apache-2.0 */
/* Over which way a mail goes, and what the server there says to it. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/local_relay.h"
#include "cli/secret.h"
#include "cli/send.h"
#include "mail/mailbox.h"
#include "mail/mime.h"

struct way {
	struct send_mail *m;
	struct net_loop *loop;
	struct config *config; /* NULL: there is none */
	struct dns *dns;
	struct tls_trust *trust;
	char *secret; /* wiped at the end */
	struct submit submit;
	const struct config_profile *profile; /* NULL: the queue */
	const struct config_profile *as;      /* in whose name; NULL nobody's */
	const struct config_kind *kind;
};

static bool no_way(const char *detail, struct err *e)
{
	ERR_FILL(e, ERR_USAGE, 0, "find", "a way to send over");
	return err_detail(e, "%s", detail);
}

static bool load(struct way *w, struct err *e)
{
	const char *path = w->m->o->config ? w->m->o->config : config_default_path();
	if (path) {
		bool loaded = config_load(path, &w->m->config, e);
		w->config = w->m->config;
		return loaded;
	}
	return no_way(
		"there is neither ./postrider.conf nor /etc/postrider/postrider.conf; name the file with "
		"--config FILE",
		e);
}

static bool only_profile(struct way *w, struct err *e)
{
	const struct config_profile *first = config_profile_at(w->config, 0);
	if (first && !config_profile_at(w->config, 1)) {
		w->profile = first;
		return true;
	}
	return no_way(first ? "the configuration holds several profiles: say --via profile NAME"
			    : "the configuration holds neither a listen block (a relay) nor a profile",
		      e);
}

/* Its own server where it names one, else through the relay, which knows its route. */
static bool choose_test(struct way *w, struct err *e)
{
	if (!config_profile_find(w->config, w->m->o->test, &w->as, e))
		return false;
	w->profile = *w->as->host ? w->as : NULL;
	return true;
}

static bool choose_kind(struct way *w, struct err *e)
{
	const struct send_options *o = w->m->o;
	if (!w->as)
		w->as = w->profile;
	if (!o->kind)
		return true;
	if (w->as)
		return config_kind_find(w->as, o->kind, &w->kind, e);
	ERR_FILL(e, ERR_USAGE, 0, "send", "a mail of the kind \"%s\"", o->kind);
	return err_detail(e, "say of which profile: --profile NAME");
}

static bool choose_way(struct way *w, struct err *e)
{
	const struct send_options *o = w->m->o;
	const char *via = o->via;
	if (via && z_eq(via, "queue"))
		return true;
	if (!via && config_count(w->config, "listen"))
		return true;
	if (!via && w->as) { /* no relay: by its own server */
		w->profile = w->as;
		return true;
	}
	if (!via || (z_eq(via, "profile") && !o->profile))
		return only_profile(w, e);
	const char *name = z_eq(via, "profile")         ? o->profile
			   : z_istarts(via, "profile:") ? via + strlen("profile:")
							: via;
	return config_profile_find(w->config, name, &w->profile, e);
}

static bool choose(struct way *w, struct err *e)
{
	if (w->m->o->test)
		return choose_test(w, e);
	const char *as = w->m->o->as;
	return (!as || config_profile_find(w->config, as, &w->as, e)) && choose_way(w, e) &&
	       choose_kind(w, e);
}

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
		const char *ca = config_text(w->config, "ca-file");
		w->secret = send_token(w->loop, w->dns, p, *ca ? ca : NULL, w->submit.until_ms, e);
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

static struct send_fate fate_of(const struct way *w, const struct submit_recipient *v,
				const struct submit_result *r)
{
	struct send_fate f = { .address = v->address,
			       .code = r->code,
			       .reply = r->reply,
			       .step = r->step,
			       .host = w->submit.host,
			       .host_address = r->address,
			       .tls = r->tls,
			       .remote_id = "",
			       .finding = "" };
	if (v->code >= 400) { /* refused by itself */
		f.state = STORE_REFUSED;
		f.code = v->code;
		f.reply = v->reply;
		f.step = "rcpt";
	} else if (r->end == SUBMIT_HANDED_OVER) {
		f.state = w->profile ? STORE_HANDED_OVER : STORE_QUEUED;
	} else if (r->end == SUBMIT_REFUSED) {
		f.state = STORE_REFUSED;
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

/* What was typed, else the kind's, else the profile's, else its user. */
static const char *own_address(const struct way *w)
{
	const struct config_profile *p = w->as;
	if (w->m->o->from || !p)
		return w->m->o->from;
	return w->kind && *w->kind->from ? w->kind->from
	       : *p->from                ? p->from
	       : strchr(p->user, '@')    ? p->user
					 : NULL;
}

/* Name and address apart; Reply-To where the profile has one. */
static bool sender(struct way *w, struct send_options *o, struct err *e)
{
	struct mailbox_list l = { 0 };
	const char *from = own_address(w), *reply = w->kind ? w->kind->reply_to : "";
	if (w->as && !*reply)
		reply = w->as->reply_to;
	if (!o->reply_to && *reply)
		o->reply_to = reply;
	if (!from)
		return true;
	if (!mailbox_parse(w->m->arena, str_of(from), &l) || l.n != 1) {
		ERR_FILL(e, ERR_USAGE, 0, "send as", "%s", from);
		return err_detail(e, "the profile's from is no address such as office@example.com");
	}
	w->m->from = l.v[0].address;
	bool coded;
	if (!o->from)
		o->from_name = mime_words(w->m->arena, l.v[0].name, &coded);
	return true;
}

/* A test mail goes to who sends it, and is waited for. */
static bool aim_test(struct way *w, struct send_options *o, struct err *e)
{
	o->wait = true;
	if (o->to.n + o->cc.n + o->bcc.n)
		return true;
	if (w->m->from) {
		strlist_add(&o->to, w->m->arena, w->m->from);
		return true;
	}
	ERR_FILL(e, ERR_USAGE, 0, "test", "profile \"%s\"", o->test);
	return err_detail(
		e, "it has no address of its own: add from = \"office@example.com\", or say --to ADDRESS");
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
	if (!load(w, e) || !choose(w, e))
		return false;
	w->m->profile = w->as;
	struct send_options *o = arena_alloc(w->m->arena, sizeof(*o));
	*o = *w->m->o;
	w->m->o = o;
	if (!prepare(w, e) || !sender(w, o, e) || (o->test && !aim_test(w, o, e)))
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
