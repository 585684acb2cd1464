/* SPDX-License-Identifier: Apache-2.0 */
/* What of postrider.conf tells where reports come to and what they may do; and folders that mails come from.
 */
#include <string.h>

#include "cli/config_relay_inner.h"
#include "net/maildrop.h"
#include "relay/bounce/return_path.h"
#include "smtp/host.h"

const char *config_return_path(const struct config_reading *r, const char *text)
{
	if (!*text)
		return r->s->bounces.return_path;
	if (!strcmp(text, "none"))
		return "";
	return strchr(text, '@') ? arena_strdup(r->s->arena, text) : arena_printf(r->s->arena, "*@%s", text);
}

bool config_judge_return_path(const struct config_reading *r, const char *block, const char *title,
			      const char *path)
{
	const char *at = strchr(path, '@');
	if (!*path || !at)
		return true;
	if ((size_t)(at - path) - 1 > RETURN_PATH_LOCAL_MAX - RETURN_PATH_TOKEN)
		return config_mistake(r, block, title, "return-path",
				      "what stands before the @ is too long: at most %d characters and the *",
				      RETURN_PATH_LOCAL_MAX - RETURN_PATH_TOKEN);
	if (relay_is_local(r->s, str_of(path)) || r->s->nmailboxes)
		return true;
	return config_mistake(r, block, title, "return-path",
			      "nobody reads what comes to %s: add it to local-domains (and its MX record to "
			      "this relay), or a mailbox block that it comes to",
			      at + 1);
}

static bool judge_mailbox(const struct config_reading *r, const struct relay_mailbox *m)
{
	if (!*m->host)
		return config_mistake(r, "mailbox", m->name, "host", "add host = \"imap.example.com\"");
	if (!*m->user)
		return config_mistake(r, "mailbox", m->name, "", "add user = \"bounces@example.com\"");
	if (!*m->password_file && !m->oauth.given)
		return config_mistake(r, "mailbox", m->name, "user",
				      "%s logs in: add password-file = \"FILE\", or an oauth block", m->name);
	if (m->security == RELAY_SECURITY_NONE && !smtp_host_is_loopback(m->host))
		return config_mistake(r, "mailbox", m->name, "security",
				      "a password never goes out in clear: use security = \"tls\" or "
				      "\"starttls\"");
	if (m->poll_s < RELAY_POLL_LEAST_S)
		return config_mistake(r, "mailbox", m->name, "poll",
				      "servers lock out who comes so often: give at least %ds",
				      RELAY_POLL_LEAST_S);
	return true;
}

static bool judge_folders(const struct config_reading *r, const struct relay_mailbox *m)
{
	bool moves = m->after == RELAY_AFTER_MOVE;
	if (m->pop3 && (*m->folder || moves))
		return config_mistake(
			r, "mailbox", m->name, *m->folder ? "folder" : "after",
			"POP3 knows no folders: use protocol = \"imap\", or after = \"leave\" or "
			"\"delete\"");
	if ((*m->folder && !maildrop_folder_fits(m->folder)) ||
	    (moves && !maildrop_folder_fits(m->after_folder)))
		return config_mistake(r, "mailbox", m->name, moves ? "after" : "folder",
				      "a folder's name may have letters, digits and . - / _ and blanks only");
	return true;
}

static enum relay_security security_of(const char *word)
{
	return !strcmp(word, "none")       ? RELAY_SECURITY_NONE
	       : !strcmp(word, "starttls") ? RELAY_SECURITY_STARTTLS
					   : RELAY_SECURITY_TLS;
}

static enum relay_after after_of(const char *word, bool pop3)
{
	if (!*word)
		return pop3 ? RELAY_AFTER_LEAVE : RELAY_AFTER_SEEN;
	return z_istarts(word, "move:")  ? RELAY_AFTER_MOVE
	       : !strcmp(word, "delete") ? RELAY_AFTER_DELETE
	       : !strcmp(word, "leave")  ? RELAY_AFTER_LEAVE
					 : RELAY_AFTER_SEEN;
}

static bool read_mailbox(const struct config_reading *r, cfg_t *b, struct relay_mailbox *m)
{
	const char *after = config_value(b, "after"), *host = config_value(b, "host");
	bool pop3 = !strcmp(config_value(b, "protocol"), "pop3");
	*m = (struct relay_mailbox){
		.name = arena_strdup(r->s->arena, cfg_title(b)),
		.host = "",
		.pop3 = pop3,
		.security = security_of(config_value(b, "security")),
		.user = config_copy(r, b, "user"),
		.password_file = config_copy_file(r, b, "password-file"),
		.oauth = config_oauth(r, cfg_getsec(b, "oauth")),
		.folder = config_copy(r, b, "folder"),
		.poll_s = config_seconds(config_value(b, "poll"), RELAY_POLL_S),
		.after = after_of(after, pop3),
		.after_folder = "",
	};
	if (*host && !config_host(r, host, &m->host, &m->port))
		return config_mistake(r, "mailbox", m->name, "host",
				      "host = \"%s\" cannot be; give a name such as imap.example.com", host);
	if (cfg_getint(b, "port"))
		m->port = (unsigned)cfg_getint(b, "port");
	if (m->after == RELAY_AFTER_MOVE)
		m->after_folder = arena_strdup(r->s->arena, after + strlen("move:"));
	return judge_mailbox(r, m) && judge_folders(r, m);
}

bool config_read_bounces(const struct config_reading *r)
{
	cfg_t *cfg = r->c->cfg, *b = cfg_getsec(cfg, "bounces");
	struct relay_settings *s = r->s;
	const char *suppress = config_value(b, "suppress");
	s->bounces.return_path = "";
	s->bounces.return_path = config_return_path(r, config_value(b, "return-path"));
	s->bounces.suppress_s = !strcmp(suppress, "never") ? 0 : config_seconds(suppress, RELAY_SUPPRESS_S);
	s->bounces.keep_s = config_seconds(config_value(b, "keep"), RELAY_KEEP_REPORTS_S);
	s->nmailboxes = cfg_size(cfg, "mailbox");
	s->mailboxes = arena_alloc(s->arena, (s->nmailboxes + 1) * sizeof(*s->mailboxes));
	for (unsigned i = 0; i < s->nmailboxes; i++)
		if (!read_mailbox(r, cfg_getnsec(cfg, "mailbox", i), &s->mailboxes[i]))
			return false;
	return config_judge_return_path(r, "bounces", "", s->bounces.return_path);
}

/* ---- folders ---- */

static bool judge_pickup(const struct config_reading *r, const char *title, const struct relay_pickup *p)
{
	if (*p->folder != '/')
		return config_mistake(r, "pickup", title, "",
				      "name the whole path: pickup \"/var/spool/postrider/out\" { }");
	if (*p->account && !relay_account_find(r->s, p->account))
		return config_mistake(r, "pickup", title, "account",
				      "there is no such account: add account \"%s\" { }, or leave it out",
				      p->account);
	if (*p->sender && !strchr(p->sender, '@'))
		return config_mistake(r, "pickup", title, "sender",
				      "give an address such as app@example.com");
	if (*p->archive && !strcmp(p->archive, p->folder))
		return config_mistake(r, "pickup", title, "archive",
				      "what is archived there would be sent again: name another folder");
	return true;
}

bool config_read_pickups(const struct config_reading *r)
{
	struct relay_settings *s = r->s;
	s->npickups = cfg_size(r->c->cfg, "pickup");
	s->pickups = arena_alloc(s->arena, (s->npickups + 1) * sizeof(*s->pickups));
	for (unsigned i = 0; i < s->npickups; i++) {
		cfg_t *b = cfg_getnsec(r->c->cfg, "pickup", i);
		const char *title = cfg_title(b);
		char *folder = arena_strdup(s->arena, config_beside(r->c, title));
		for (size_t n = strlen(folder); n > 1 && folder[n - 1] == '/'; n--)
			folder[n - 1] = '\0';
		s->pickups[i] = (struct relay_pickup){
			.title = arena_strdup(s->arena, title),
			.folder = folder,
			.sender = config_copy(r, b, "sender"),
			.account = config_copy(r, b, "account"),
			.attachments = config_copy_file(r, b, "attachments"),
			.archive = config_copy_file(r, b, "archive"),
			.json = cfg_getbool(b, "json"),
		};
		if (!judge_pickup(r, title, &s->pickups[i]))
			return false;
	}
	return true;
}
