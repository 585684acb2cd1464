/* SPDX-License-Identifier: Apache-2.0 */
/* Renderers against golden files, and against servers that mean ill.
 *
 * Entries are the test's own: the catalogue may be reworded without this test.
 * POSTRIDER_GOLDEN=write makes the files anew. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/glyph.h"
#include "check/render.h"

static const struct finding_fix fixes[] = {
	{ ACTOR_IT_PROVIDER, "Set a new password for {user|the account} and try it in webmail.",
	  "postrider check {host|smtp.example.com} --user {user|you@example.com}" },
	{ ACTOR_USER, "Sign in to webmail with exactly this name and password, then type it here by hand.",
	  "" },
};
static const char *const refs[] = { "RFC 4954, 6", "https://example.com/help?a=1&b=2", NULL };
static const char *const none[] = { NULL };

static const struct finding_entry refused = {
	.id = "made-login-refused",
	.class = "made-class",
	.step = STEP_AUTH,
	.severity = SEVERITY_FAILURE,
	.actor = ACTOR_USER,
	.title = "The login of {user|this account} was refused",
	.why = "{host|The server} asked for the login and said: {reply|nothing}. It does not say which half "
	       "is wrong.",
	.fixes = fixes,
	.nfixes = ARRAY_LEN(fixes),
	.refs = refs,
	.alike = none,
	.tell = "Code 535 without a further reason.",
};
static const struct finding_entry other = {
	.id = "made-app-password",
	.class = "made-class",
	.step = STEP_AUTH,
	.title = "{host|The provider} wants an app password",
	.why = "",
	.refs = none,
	.alike = none,
	.tell = "",
};
static const struct finding_entry aside = {
	.id = "made-ends-soon",
	.class = "made-class",
	.step = STEP_TLS_CERT,
	.severity = SEVERITY_WARNING,
	.actor = ACTOR_MAIL_ADMIN,
	.title = "The certificate ends in 6 days",
	.why = "",
	.refs = none,
	.alike = none,
	.tell = "",
};

struct made {
	const char *name, *host, *user, *reply;
};

static const struct made tame = { "tame", "mail.example.com", "clerk@example.com",
				  "5.7.8 Error: authentication failed: aufgeblähte Gründe 日本語" };
/* ANSI, HTML, Markdown, direction marks, an image, an at-mention, a long word. */
static const struct made hostile = {
	"hostile", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
	"\033]0;owned\a\033[2J\xe2\x80\xaemoc.live\xe2\x80\xac `code` ``` | [click](http://evil.example) "
	"![x](http://evil.example/i.png) </pre></code><b>bold</b> **bold** # head\r\n- item @everyone "
	"\xff\xfe www.evil.example &lt; "
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
};

/* Raw text on purpose: a renderer must hold even where evidence is not clean. */
static struct evidence *made_evidence(const struct made *m)
{
	struct evidence *ev = evidence_new(1795251600);
	struct fact *t = evidence_add(ev, FACT_TARGET, 0, 0);
	t->target.input = t->target.host = m->host;
	t->target.form = "host";
	t->target.port = 587;
	t->target.security = "starttls";
	t->target.user = m->user;
	struct fact *r = evidence_add(ev, FACT_REPLY, 1, 301);
	r->reply.step = "auth";
	r->reply.command = "AUTH PLAIN [hidden]";
	r->reply.code = 535;
	r->reply.text = m->reply;
	struct fact *d = evidence_add(ev, FACT_SESSION, 1, 302);
	d->dialogue.purpose = "main";
	for (unsigned i = 0; i < 2; i++) { /* one taken, one refused with the server's worst words */
		struct fact *to = evidence_add(ev, FACT_REPLY, 1, 310);
		to->reply.step = "rcpt";
		to->reply.recipient = i ? m->user : "bob@example.org";
		to->reply.code = i ? 550 : 250;
		to->reply.text = i ? m->reply : "2.1.5 Ok";
	}
	struct fact *x = evidence_add(ev, FACT_EXPERIMENT, 0, 400);
	x->experiment.asked = "Is the port the trouble?";
	x->experiment.result = m->reply;
	evidence_transcript(ev, 1, 300, '>', "AUTH PLAIN [hidden]");
	evidence_transcript(ev, 1, 301, '<', m->reply);
	ev->elapsed_ms = 412;
	return ev;
}

static struct verdict *made_verdict(const struct evidence *ev)
{
	static const enum step passed[] = { STEP_CONFIG, STEP_DNS, STEP_CONNECT, STEP_BANNER, STEP_EHLO };
	struct verdict *v = mem_alloc(sizeof(*v));
	v->ev = ev;
	v->arena = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(passed); i++)
		v->steps[passed[i]] = (struct step_result){ STEP_PASS, 1, "fine" };
	v->steps[STEP_TLS_CERT] = (struct step_result){ STEP_WARN, 0, aside.title };
	v->steps[STEP_AUTH] = (struct step_result){ STEP_FAIL, 20, ev->facts[1]->reply.text };
	v->steps[STEP_DOMAIN_POLICY] = (struct step_result){ STEP_SKIPPED, 0, "no domain was given" };
	v->findings[0] = (struct finding){ .entry = &refused,
					   .severity = SEVERITY_FAILURE,
					   .step = STEP_AUTH,
					   .confidence = 0.8,
					   .ninstead = 1 };
	v->findings[0].instead[0].entry = &other;
	v->findings[0].instead[0].confidence = 0.1;
	finding_fact(&v->findings[0], ev->facts[1]);
	v->findings[1] = (struct finding){
		.entry = &aside, .severity = SEVERITY_WARNING, .step = STEP_TLS_CERT, .confidence = 1
	};
	v->n = 2;
	v->word = VERDICT_FAILING;
	v->summary = arena_printf(v->arena, "%s.", finding_fill(v, &v->findings[0], refused.title));
	return v;
}

static char *rendered(const struct made *m, enum render_format format, const struct render_options *o)
{
	char *text = NULL;
	size_t n;
	struct err e = { 0 };
	CLEANUP(evidence_free) struct evidence *ev = made_evidence(m);
	CLEANUP(verdict_free) struct verdict *v = made_verdict(ev);
	FILE *f = open_memstream(&text, &n);
	assert_true(render_verdict(v, format, o, f, &e));
	fclose(f);
	return text;
}

static const struct golden {
	const char *suffix;
	enum render_format format;
	struct render_options o;
} goldens[] = {
	{ "txt", RENDER_TEXT, { .width = 80, .transcript = true } },
	{ "narrow.txt", RENDER_TEXT, { .width = 44, .ascii = true } },
	{ "color.txt", RENDER_TEXT, { .width = 80, .color = true } },
	{ "brief.txt", RENDER_TEXT, { .width = 80, .brief = true } },
	{ "html", RENDER_HTML, { .transcript = true } },
	{ "md", RENDER_MARKDOWN, { .transcript = true } },
};

static char *file_text(const char *path)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	char *text = mem_alloc(1 << 16);
	if (f)
		text[fread(text, 1, (1 << 16) - 1, f)] = 0;
	return text;
}

static void check_golden(const struct made *m, const struct golden *g)
{
	CLEANUP(mem_free) char *text = rendered(m, g->format, &g->o);
	CLEANUP(mem_free) char *path = mem_printf("%s/render/%s.%s", FIXTURES_DIR, m->name, g->suffix);
	if (getenv("POSTRIDER_GOLDEN")) {
		CLEANUP(close_file) FILE *f = fopen(path, "we");
		assert_non_null(f);
		fputs(text, f);
	}
	CLEANUP(mem_free) char *want = file_text(path);
	if (strcmp(text, want) != 0)
		print_message("%s differs\n", path);
	assert_string_equal(text, want);
}

static void test_golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(goldens); i++) {
		check_golden(&tame, &goldens[i]);
		check_golden(&hostile, &goldens[i]);
	}
}

/* Nothing of what a server said steers: no control byte but our own line ends
 * and colours, no hidden character. */
static void test_nothing_steers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(goldens); i++) {
		if (goldens[i].o.color)
			continue;
		CLEANUP(mem_free) char *text = rendered(&hostile, goldens[i].format, &goldens[i].o);
		for (struct str s = str_of(text); s.len;) {
			struct glyph g = glyph_first(s);
			assert_true(!g.hidden || g.code == '\n');
			if (goldens[i].o.ascii)
				assert_true(g.code < 0x80);
			s = str_cut(s, g.bytes, s.len);
		}
	}
}

static void test_html_is_inert(void **state)
{
	(void)state;
	struct render_options o = { .transcript = true };
	CLEANUP(mem_free) char *text = rendered(&hostile, RENDER_HTML, &o);
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "<img"));
	assert_null(strstr(text, "<b>bold"));
	assert_non_null(strstr(text, "&lt;script&gt;"));
}

static void test_markdown_is_inert(void **state)
{
	(void)state;
	struct render_options o = { .transcript = true };
	CLEANUP(mem_free) char *text = rendered(&hostile, RENDER_MARKDOWN, &o);
	assert_non_null(strstr(text, "\n````\n")); /* the dialogue holds ``` */
	assert_non_null(strstr(text, "\\*\\*bold\\*\\*"));
	assert_non_null(strstr(text, "\\<script\\>"));
	assert_null(strstr(text, "\n- item"));
	assert_null(strstr(text, "\n# head"));
}

static const struct width_case {
	const char *text;
	unsigned columns, ascii;
} widths[] = {
	{ "abc", 3, 3 },  { "gr\xc3\xbc\xc3\x9f", 4, 14 }, { "日本", 4, 16 }, { "e\xcc\x81", 1, 8 },
	{ "\xff", 4, 4 }, { "\xe2\x80\xae", 8, 8 },        { "a\\b", 3, 3 },
};

static void test_widths(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
		assert_int_equal(glyph_columns(str_of(widths[i].text), false), widths[i].columns);
		assert_int_equal(glyph_columns(str_of(widths[i].text), true), widths[i].ascii);
	}
}

/* But for words that have no blank, no line passes the width. */
static void test_wraps(void **state)
{
	(void)state;
	for (unsigned width = 40; width <= 100; width += 7) {
		struct render_options o = { .width = width };
		CLEANUP(mem_free) char *text = rendered(&tame, RENDER_TEXT, &o);
		struct str rest = str_of(text), line;
		while (str_next(&rest, "\n", &line))
			if (str_ifind(line, "postrider check") == line.len)
				assert_true(glyph_columns(line, false) <= width);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),        cmocka_unit_test(test_nothing_steers),
		cmocka_unit_test(test_html_is_inert), cmocka_unit_test(test_markdown_is_inert),
		cmocka_unit_test(test_widths),        cmocka_unit_test(test_wraps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
