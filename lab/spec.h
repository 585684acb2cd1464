/* SPDX-License-Identifier: Apache-2.0 */
/* lab/spec.h - scenarios and setups as written: sections of settings, each a list of texts.
 *
 * Which settings exist, and which words they take, is one table (spec_table.c);
 * lab/README.md explains them.  Everything lives in the library's arena. */
#ifndef LAB_SPEC_H
#define LAB_SPEC_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum spec_kind {
	SPEC_SCENARIO, /* also a setup */
	SPEC_SERVER,
	SPEC_RESOLVER,
	SPEC_CERT,
	SPEC_TOKEN,
	SPEC_FILE,
	SPEC_KINDS
};

struct spec_setting {
	const char *key;
	struct strlist list;
};

struct spec_section {
	enum spec_kind kind;
	const char *title, *file;
	int line;
	struct spec_setting *settings;
	size_t n;
};

struct spec {
	struct spec_section top; /* settings of the scenario itself */
	struct spec_section *sections;
	size_t n;
	bool setup;
};

struct spec_library {
	struct arena *arena;
	struct spec *all;
	size_t n;
};

/* The shape of one setting. */
struct spec_shape {
	const char *key;
	enum spec_kind of;
	enum spec_form { FORM_TEXT, FORM_NUMBER, FORM_YES, FORM_WORD, FORM_RULES, FORM_ZONE, FORM_TIME } form;
	const char *words; /* of FORM_WORD: "none starttls tls" */
};
extern const struct spec_shape spec_shapes[]; /* ends with key == NULL */

/* dir NULL: the files compiled in.  False with *e naming file and line. */
bool spec_library_load(const char *dir, struct spec_library *out, struct err *e) MUST_USE;
void spec_library_clear(struct spec_library *l);

/* Adds the scenarios and setups of one file's text. */
bool spec_read(struct spec_library *l, const char *name, struct str text, struct err *e) MUST_USE;

const struct spec *spec_find(const struct spec_library *l, const char *name, bool setup);

/* A scenario with its setups folded in: later settings replace earlier ones by
 * key, zone lines by owner and type.  NULL with *e for an unknown setup. */
struct spec *spec_merge(const struct spec_library *l, const struct spec *s, struct arena *a,
			struct err *e) MUST_USE;

/* Adds the settings of `from`, replacing as spec_merge() does. */
void spec_fold_section(struct spec_section *into, const struct spec_section *from, struct arena *a);

/* NULL when the setting is not there. */
const struct strlist *spec_list(const struct spec_section *s, const char *key);
const char *spec_text(const struct spec_section *s, const char *key, const char *otherwise);
long spec_number(const struct spec_section *s, const char *key, long otherwise);
bool spec_yes(const struct spec_section *s, const char *key, bool otherwise);

/* "500ms", "2s", "5m", "3h", "40d", a leading minus allowed; false otherwise. */
bool spec_duration(struct str s, long long *ms) MUST_USE;

#endif
