/* SPDX-License-Identifier: Apache-2.0 */
/* lab/spec_read.c - scenario files through libconfuse, whose types stay here. */
#include <confuse.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/embedded.h"
#include "lab/rule.h"
#include "lab/spec.h"
#include "lab/zone.h"

enum { SPEC_OPTIONS_MAX = 96, SPEC_FILE_BYTES_MAX = 4 << 20 };

static const char *const section_names[SPEC_KINDS] = { "scenario", "server", "resolver",
						       "cert",     "token",  "file" };

/* libconfuse's error callback has no room for a context. */
static struct err *parse_err;

static void on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[160];
	vsnprintf(text, sizeof(text), fmt, ap);
	ERR_FILL(parse_err, ERR_SYNTAX, cfg ? cfg->line : 0, "read scenario file", "%s:%d",
		 cfg && cfg->filename ? cfg->filename : "?", cfg ? cfg->line : 0);
	if (parse_err && !parse_err->detail[0])
		err_detail(parse_err, "%s", text);
}

/* ---- is a value of the right form? */

static bool good_value(const struct spec_shape *sh, const char *v, char *why, size_t size)
{
	unsigned long n;
	long long ms;
	switch (sh->form) {
	case FORM_TEXT:
		return true;
	case FORM_NUMBER:
		snprintf(why, size, "is no number");
		return str_number(str_of(v), 1ul << 40, &n);
	case FORM_YES:
		snprintf(why, size, "must be yes or no");
		return !strcmp(v, "yes") || !strcmp(v, "no");
	case FORM_WORD:
		snprintf(why, size, "must be one of: %s", sh->words);
		return str_lists(str_of(sh->words), " ", str_of(v));
	case FORM_RULES:
		return lab_rule_check(v, why, size);
	case FORM_ZONE:
		return lab_zone_check(v, why, size);
	case FORM_TIME:
		snprintf(why, size, "is no time like 500ms, 2s, 5m, 3h or -40d");
		return spec_duration(str_of(v), &ms);
	}
	return false;
}

static const struct spec_shape *shape_of(cfg_t *cfg, const char *key)
{
	for (const struct spec_shape *sh = spec_shapes; sh->key; sh++) {
		const char *section = sh->of == SPEC_SCENARIO && !strcmp(cfg_name(cfg), "setup")
					      ? "setup"
					      : section_names[sh->of];
		if (!strcmp(section, cfg_name(cfg)) && !strcmp(sh->key, key))
			return sh;
	}
	return NULL;
}

static int on_value(cfg_t *cfg, cfg_opt_t *opt)
{
	const struct spec_shape *sh = shape_of(cfg, cfg_opt_name(opt));
	for (unsigned i = 0; sh && i < cfg_opt_size(opt); i++) {
		char why[120] = "";
		const char *v = cfg_opt_getnstr(opt, i);
		if (v && v[0] && !good_value(sh, v, why, sizeof(why))) {
			cfg_error(cfg, "%s: \"%.60s\" %s", sh->key, v, why);
			return -1;
		}
	}
	return 0;
}

/* ---- libconfuse's tables, filled from ours */

struct options {
	cfg_opt_t of[SPEC_KINDS][SPEC_OPTIONS_MAX];
	cfg_opt_t root[3];
};

static void fill_options(struct options *o)
{
	size_t n[SPEC_KINDS] = { 0 };
	for (const struct spec_shape *sh = spec_shapes; sh->key; sh++) {
		cfg_opt_t one = CFG_STR_LIST(sh->key, NULL, CFGF_NODEFAULT);
		one.validcb = on_value;
		o->of[sh->of][n[sh->of]++] = one;
	}
	for (int k = SPEC_SERVER; k < SPEC_KINDS; k++) {
		cfg_opt_t sec =
			CFG_SEC(section_names[k], o->of[k], CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
		o->of[SPEC_SCENARIO][n[SPEC_SCENARIO]++] = sec;
	}
	for (int k = 0; k < SPEC_KINDS; k++)
		o->of[k][n[k]] = (cfg_opt_t)CFG_END();
	const cfg_opt_t root[] = {
		CFG_SEC("scenario", o->of[SPEC_SCENARIO], CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_SEC("setup", o->of[SPEC_SCENARIO], CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES),
		CFG_END(),
	};
	memcpy(o->root, root, sizeof(root));
}

/* ---- from libconfuse to ours */

/* libconfuse knows where a section ends; people look for where it begins. */
static int line_of(struct str text, const char *kind, const char *title, int from)
{
	CLEANUP(mem_free) char *quoted = mem_printf("\"%s\"", title);
	int n = 0;
	for (size_t at = 0; at < text.len; n++) {
		const char *lf = memchr(text.p + at, '\n', text.len - at);
		struct str line = str_cut(text, at, lf ? (size_t)(lf - text.p) : text.len);
		at += line.len + 1;
		if (n + 1 >= from && str_istarts(str_trim(line), kind) && str_ifind(line, quoted) < line.len)
			return n + 1;
	}
	return from;
}

struct source {
	struct str text;
	const char *file;
	struct spec_library *into;
};

static void take_settings(cfg_t *cfg, enum spec_kind kind, struct spec_section *out, const struct source *src,
			  int from)
{
	struct arena *a = src->into->arena;
	out->kind = kind;
	out->title = arena_strdup(a, cfg_title(cfg) ? cfg_title(cfg) : "");
	out->file = src->file;
	out->line = line_of(src->text, cfg_name(cfg), out->title, from);
	out->settings = arena_alloc(a, SPEC_OPTIONS_MAX * sizeof(*out->settings));
	for (const struct spec_shape *sh = spec_shapes; sh->key; sh++) {
		unsigned n = sh->of == kind ? cfg_size(cfg, sh->key) : 0;
		if (!n)
			continue;
		struct spec_setting *set = &out->settings[out->n++];
		set->key = sh->key;
		for (unsigned i = 0; i < n; i++) {
			const char *v = cfg_getnstr(cfg, sh->key, i);
			if (v && (v[0] || !strcmp(sh->key, "script") || sh->form == FORM_TEXT))
				strlist_add(&set->list, a, v);
		}
		if (set->list.n == 1 && !set->list.v[0][0] && strcmp(sh->key, "check") != 0)
			set->list.n = 0; /* { "" } empties a list of the setup */
	}
}

static void take_spec(cfg_t *cfg, bool setup, const struct source *src)
{
	struct spec_library *l = src->into;
	l->all = mem_grow(l->all, l->n + 1, sizeof(*l->all));
	struct spec *s = &l->all[l->n++];
	*s = (struct spec){ .setup = setup };
	take_settings(cfg, SPEC_SCENARIO, &s->top, src, 1);
	size_t total = 0;
	for (int k = SPEC_SERVER; k < SPEC_KINDS; k++)
		total += cfg_size(cfg, section_names[k]);
	s->sections = arena_alloc(l->arena, total * sizeof(*s->sections));
	for (int k = SPEC_SERVER; k < SPEC_KINDS; k++)
		for (unsigned i = 0; i < cfg_size(cfg, section_names[k]); i++)
			take_settings(cfg_getnsec(cfg, section_names[k], i), (enum spec_kind)k,
				      &s->sections[s->n++], src, s->top.line);
}

static void free_cfg(cfg_t **cfg)
{
	if (*cfg)
		cfg_free(*cfg);
}

static bool take_all(cfg_t *cfg, const struct source *src, struct err *e)
{
	static const char *const roots[] = { "scenario", "setup" };
	for (size_t r = 0; r < ARRAY_LEN(roots); r++)
		for (unsigned i = 0; i < cfg_size(cfg, roots[r]); i++) {
			cfg_t *sec = cfg_getnsec(cfg, roots[r], i);
			const struct spec *old = spec_find(src->into, cfg_title(sec), r == 1);
			if (old)
				return ERR_FILL(e, ERR_SYNTAX, sec->line, "read scenario file",
						"%s:%d: %s \"%s\" stands in %s:%d already", src->file,
						sec->line, roots[r], cfg_title(sec), old->top.file,
						old->top.line);
			take_spec(sec, r == 1, src);
		}
	return true;
}

bool spec_read(struct spec_library *l, const char *name, struct str text, struct err *e)
{
	if (!l->arena)
		l->arena = arena_new();
	CLEANUP(mem_free) struct options *o = mem_alloc(sizeof(*o));
	fill_options(o);
	CLEANUP(free_cfg) cfg_t *cfg = cfg_init(o->root, CFGF_NONE);
	CLEANUP(close_file) FILE *f = text.len ? fmemopen((void *)(uintptr_t)text.p, text.len, "r") : NULL;
	if (!f)
		return ERR_FILL(e, ERR_SYS, errno, "read scenario file", "%s", name);
	cfg->filename = strdup(name);
	cfg_set_error_function(cfg, on_error);
	parse_err = e;
	int rc = cfg_parse_fp(cfg, f);
	parse_err = NULL;
	if (rc != CFG_SUCCESS)
		return ERR_FILL(e, ERR_SYNTAX, 0, "read scenario file", "%s", name);
	const struct source src = { .text = text, .file = arena_strdup(l->arena, name), .into = l };
	return take_all(cfg, &src, e);
}

/* ---- where the files are */

static bool read_path(struct spec_library *l, const char *path, struct err *e)
{
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	if (!f)
		return ERR_FILL(e, ERR_SYS, errno, "open scenario file", "%s", path);
	CLEANUP(mem_free) char *text = mem_alloc(SPEC_FILE_BYTES_MAX);
	size_t n = fread(text, 1, SPEC_FILE_BYTES_MAX, f);
	return spec_read(l, path, (struct str){ text, n }, e);
}

static int is_lab(const struct dirent *d)
{
	return z_iends(d->d_name, ".lab");
}

static bool read_folder(struct spec_library *l, const char *dir, bool needed, struct err *e)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_lab, alphasort);
	if (n < 0)
		return !needed || ERR_FILL(e, ERR_SYS, errno, "open folder of scenarios", "%s", dir);
	bool ok = true;
	for (int i = 0; i < n; i++) {
		CLEANUP(mem_free) char *path = mem_printf("%s/%s", dir, names[i]->d_name);
		ok = ok && read_path(l, path, e);
		free(names[i]);
	}
	free(names);
	return ok;
}

bool spec_library_load(const char *dir, struct spec_library *out, struct err *e)
{
	*out = (struct spec_library){ .arena = arena_new() };
	if (!dir) {
		for (const struct lab_embedded *f = lab_embedded; f->name; f++)
			if (!spec_read(out, f->name, (struct str){ f->text, f->len }, e))
				return false;
		return true;
	}
	CLEANUP(mem_free) char *setups = mem_printf("%s/setups", dir);
	CLEANUP(mem_free) char *scenarios = mem_printf("%s/scenarios", dir);
	CLEANUP(mem_free) char *layouts = mem_printf("%s/layouts", dir);
	return read_folder(out, setups, false, e) && read_folder(out, scenarios, false, e) &&
	       read_folder(out, layouts, false, e) && read_folder(out, dir, true, e);
}
