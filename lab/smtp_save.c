/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <sys/stat.h>

#include "lab/smtp_talk.h"

void smtp_talk_save(struct talk *t)
{
	const struct smtp_talk *s = t->state;
	struct lab_server *srv = t->srv;
	unsigned long n = ++srv->messages;
	if (!spec_yes(srv->s, "save", true))
		return;
	const char *dir = srv->w->dir;
	CLEANUP(mem_free) char *folder = mem_printf("%s/mail", dir);
	CLEANUP(mem_free) char *eml = mem_printf("%s/mail/%s-%04lu.eml", dir, srv->s->title, n);
	CLEANUP(mem_free) char *env = mem_printf("%s/mail/%s-%04lu.env", dir, srv->s->title, n);
	mkdir(folder, 0700);
	CLEANUP(close_file) FILE *f = fopen(eml, "we");
	CLEANUP(close_file) FILE *g = fopen(env, "we");
	if (!f || !g)
		return;
	fwrite(t->m.message.p, 1, t->m.message.len, f);
	fprintf(g, "client %s\nehlo %s\nfrom %s\n", t->m.client, t->m.name ? t->m.name : "", t->m.from);
	for (size_t i = 0; i < s->rcpts.n; i++)
		fprintf(g, "to %s\n", s->rcpts.v[i]);
}
