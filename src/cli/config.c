/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "cli/config_grammar.h"
#include "cli/config_inner.h"
#include "cli/config_place.h"
#include "cli/who_may.h"

enum { CONFIG_BYTES_MAX = 1024 * 1024, BLOCKS_MAX = 8 };

/* Whom libconfuse's messages go to; it has no place for a pointer. */
static struct {
	struct err *e;
	const char *path;
} reader;

static bool has_setting(const cfg_t *cfg, const char *name)
{
	for (const cfg_opt_t *o = cfg ? cfg->opts : NULL; o && o->name; o++)
		if (z_eq(o->name, name))
			return true;
	return false;
}

static const char *near_setting(const cfg_t *cfg, const char *name)
{
	struct nearest near = nearest_to(str_of(name), NEAREST_WRONG);
	for (const cfg_opt_t *o = cfg->opts; o->name; o++)
		nearest_look(&near, o->name);
	return near.name;
}

/* What libconfuse finds amiss, and the mend that it does not say. */
static const struct {
	const char *says, *mend;
} mends[] = {
	{ "missing title", "its name stands in quotes between the word and the {" },
	{ "invalid integer", "give a whole number without quotes, such as 25" },
	{ "invalid floating point", "give a number without quotes, such as 2 or 1.5" },
	{ "out of range", "give a smaller number" },
	{ "invalid boolean", "give yes or no" },
	{ "missing equal sign", "write NAME = VALUE" },
	{ "missing opening brace", "what belongs to a block stands in { and }" },
	{ "closing brace", "there is a } too many, or its block's { is missing" },
	{ "unexpected token", "a text stands in quotes, and only a list in { and }" },
	{ "premature end", "a value or a } is missing" },
	{ "non-list", "write = instead of +=" },
};

static const char *mend_of(const char *fmt)
{
	for (size_t i = 0; i < ARRAY_LEN(mends); i++)
		if (strstr(fmt, mends[i].says))
			return mends[i].mend;
	return NULL;
}

/* libconfuse's words, and for a misspelt option the one that was meant. */
static void complain(cfg_t *cfg, const char *fmt, va_list ap)
{
	char words[200];
	va_list again;
	va_copy(again, ap);
	vsnprintf(words, sizeof(words), fmt, ap);
	ERR_FILL(reader.e, ERR_USAGE, 0, "read", "%s:%d", reader.path, cfg ? cfg->line : 0);
	const char *name = strstr(fmt, "no such option") ? va_arg(again, const char *) : NULL;
	const char *twice = strstr(fmt, "duplicate title") ? va_arg(again, const char *) : NULL;
	va_end(again);
	const char *near = name ? near_setting(cfg, name) : NULL, *mend = mend_of(fmt);
	if (name && z_eq(name, ";"))
		err_detail(reader.e, "nothing is ended with a ; here: remove it");
	else if (name && z_eq(name, "password") && has_setting(cfg, "password-file"))
		err_detail(reader.e, "a password stands in a file of its own, which others cannot read: "
				     "password-file = \"...\"");
	else if (near)
		err_detail(reader.e, "there is no option \"%s\" here; did you mean \"%s\"?", name, near);
	else if (name)
		err_detail(reader.e, "there is no option \"%s\" here; see man postrider.conf", name);
	else if (twice)
		err_detail(reader.e, "another block has the name \"%s\" already: give this one its own",
			   twice);
	else
		err_detail(reader.e, "%s%s%s", words, mend ? ": " : "", mend ? mend : "");
}

/* Overwrites comments with blanks: libconfuse 3.3 counts a line that ends in one
 * more than once, and its messages would name the wrong line.  It also takes an
 * end of file for the end of every block, and a text whose quote is missing for
 * one that ends in a later line: *amiss gets the lines where these begin. */
struct amiss {
	unsigned open;  /* the block that is never closed; 0 none */
	unsigned quote; /* the first text that goes on behind its line; 0 none */
};

static void prepare(char *s, size_t n, struct amiss *amiss)
{
	char quote = 0;
	unsigned line = 1, begun = 0, opened[BLOCKS_MAX] = { 0 }, depth = 0;
	for (size_t i = 0; i < n; i++) {
		line += s[i] == '\n';
		if (quote && s[i] == '\n' && !amiss->quote)
			amiss->quote = begun;
		if (quote && s[i] == '\\' && i + 1 < n) {
			i++;
		} else if (quote) {
			quote = s[i] == quote ? 0 : quote;
		} else if (s[i] == '"' || s[i] == '\'') {
			quote = s[i];
			begun = line;
		} else if (s[i] == '{' && depth < BLOCKS_MAX) {
			opened[depth++] = line;
		} else if (s[i] == '}' && depth) {
			depth--;
		} else if (s[i] == '#' || (s[i] == '/' && i + 1 < n && s[i + 1] == '/')) {
			while (i + 1 < n && s[i + 1] != '\n')
				s[i++] = ' ';
			s[i] = ' ';
		}
	}
	amiss->open = depth ? opened[depth - 1] : 0;
}

/* Editors of Windows put the mark U+FEFF in front of a text. */
static void blank_mark(struct buf *text)
{
	if (text->len >= 3 && !memcmp(text->data, "\xef\xbb\xbf", 3))
		memset(text->data, ' ', 3);
}

static bool read_file(const char *path, struct buf *out, struct err *e)
{
	char piece[4096];
	out->max = CONFIG_BYTES_MAX;
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	for (size_t n; f && (n = fread(piece, 1, sizeof(piece), f)) > 0;)
		if (memchr(piece, 0, n) || !buf_add(out, piece, n)) {
			ERR_FILL(e, ERR_USAGE, 0, "read the configuration", "%s", path);
			return err_detail(e, "it is longer than 1 MB, or no text: is this the right file?");
		}
	if (f && !ferror(f))
		return true;
	int no = errno;
	if (no == EACCES || no == EIO) { /* no mistake in it */
		CLEANUP(arena_free) struct arena *a = arena_new();
		ERR_FILL(e, ERR_SYS, no, "read the configuration", "%s", path);
		return no == EACCES && err_detail(e, "%s", who_may(NULL, a));
	}
	ERR_FILL(e, ERR_USAGE, 0, "read the configuration", "%s", path);
	return err_detail(e, "%s", strerror(no));
}

/* What was told of a file that could not be parsed, or what is behind it. */
static bool refuse(const char *path, const struct amiss *amiss, const struct err *own, struct err *e)
{
	unsigned line = amiss->quote ? amiss->quote : own->doing ? 0 : amiss->open;
	if (line)
		ERR_FILL(e, ERR_USAGE, 0, "read", "%s:%u", path, line);
	else
		ERR_FILL(e, ERR_USAGE, 0, "read", "%s", own->doing ? own->what : path);
	if (amiss->quote)
		return err_detail(e, "the text that begins here goes on behind the end of its line: its "
				     "closing quote is missing");
	if (line)
		return err_detail(e, "the block that begins here is never closed: add a }");
	return err_detail(e, "%s", own->doing ? own->detail : "this is not a configuration file");
}

static bool parse(cfg_t *cfg, const char *path, struct buf *text, struct err *e)
{
	struct err own = { 0 };
	struct amiss amiss = { 0 };
	blank_mark(text);
	prepare(text->data, text->len, &amiss);
	buf_add(text, "\n", 2); /* and a NUL: the parser wants a string */
	cfg_set_error_function(cfg, complain);
	reader.e = &own;
	reader.path = path;
	int parsed = cfg_parse_buf(cfg, text->data);
	reader.e = NULL;
	return (parsed == CFG_SUCCESS && !amiss.open) || refuse(path, &amiss, &own, e);
}

static bool judge_twice(const struct config *c, struct err *e)
{
	struct config_twice t;
	if (config_is_told_once(c->text, &t))
		return true;
	ERR_FILL(e, ERR_USAGE, 0, "read", "%s:%u", c->path, t.line);
	return err_detail(e, "%s\"" STR_FMT "\" stands on line %u already: %s", t.is_block ? "a block " : "",
			  STR_ARG(t.name), t.first,
			  t.is_block ? "make one block of both" : "leave one of them out");
}

bool config_load(const char *path, struct config **out, struct err *e)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	if (!read_file(path, &text, e))
		return false;
	CLEANUP(config_free) struct config *c = mem_alloc(sizeof(*c));
	c->arena = arena_new();
	c->path = arena_strdup(c->arena, path);
	c->cfg = config_grammar_new();
	if (!parse(c->cfg, path, &text, e))
		return false;
	c->text = arena_str(c->arena, str_cut(buf_str(&text), 0, text.len - 2));
	if (!judge_twice(c, e))
		return false;
	config_read_profiles(c);
	*out = STEAL(c);
	return true;
}

void config_free(struct config **c)
{
	if (!*c)
		return;
	if ((*c)->cfg)
		cfg_free((*c)->cfg);
	arena_free(&(*c)->arena);
	free(*c);
	*c = NULL;
}

const char *config_default_path(void)
{
	static const char *const paths[] = { "postrider.conf", "/etc/postrider/postrider.conf" };
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (access(paths[i], F_OK) == 0)
			return paths[i];
	return NULL;
}

const char *config_path(const struct config *c)
{
	return c->path;
}

const char *config_text(const struct config *c, const char *name)
{
	return config_value(c->cfg, name);
}

unsigned config_count(const struct config *c, const char *block)
{
	return cfg_size(c->cfg, block);
}
