/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/text_time.h"
#include "check/evidence.h"

enum { READ_BYTES = 64 * 1024, PLACE_BYTES = 96 };

struct loader {
	const char *path;
	struct evidence *ev;
	struct err *e;
	char place[PLACE_BYTES]; /* "facts[3] (dns)" */
};

static bool wrong(const struct loader *l, const char *field, const char *why)
{
	ERR_FILL(l->e, ERR_SYNTAX, 0, "read evidence from", "%s: %s%s%s", l->path, l->place,
		 *l->place && *field ? "." : "", field);
	return err_detail(l->e, "%s", why);
}

static bool read_all(FILE *f, const char *path, struct buf *out, struct err *e)
{
	CLEANUP(mem_free) char *piece = mem_alloc(READ_BYTES);
	out->max = EVIDENCE_FILE_MAX;
	for (size_t n; (n = fread(piece, 1, READ_BYTES, f)) > 0;)
		if (!buf_add(out, piece, n))
			return ERR_FILL(e, ERR_LIMIT, EVIDENCE_FILE_MAX, "read evidence from",
					"%s: more than %d bytes", path, EVIDENCE_FILE_MAX);
	if (ferror(f))
		return ERR_FILL(e, ERR_SYS, errno, "read evidence from", "%s", path);
	return true;
}

/* An upper bound of the values in a JSON text, before memory is spent on them:
 * each but the first follows a comma, colon or opening bracket outside strings. */
static size_t count_values(struct str s)
{
	bool quoted = false;
	size_t n = 1;
	for (size_t i = 0; i < s.len; i++) {
		if (quoted && s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && s.p[i] && strchr(",:[{", s.p[i]))
			n++;
	}
	return n;
}

static json_t *parse(const struct loader *l, struct str text)
{
	json_error_t je;
	if (count_values(text) > EVIDENCE_VALUES_MAX) {
		ERR_FILL(l->e, ERR_LIMIT, EVIDENCE_VALUES_MAX, "read evidence from",
			 "%s: more than %d values", l->path, EVIDENCE_VALUES_MAX);
		return NULL;
	}
	json_t *root = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES, &je);
	if (!root) {
		ERR_FILL(l->e, ERR_SYNTAX, je.line, "read evidence from", "%s:%d:%d", l->path, je.line,
			 je.column);
		err_detail(l->e, "%s", je.text);
	}
	return root;
}

static bool number(const struct loader *l, const json_t *o, const char *name, json_int_t min, json_int_t max,
		   json_int_t *out)
{
	const json_t *j = json_object_get(o, name);
	if (!j)
		return true;
	if (!json_is_integer(j))
		return wrong(l, name, "a whole number is expected");
	json_int_t v = json_integer_value(j);
	if (v < min || v > max)
		return wrong(l, name, "the number is out of range");
	*out = v;
	return true;
}

static struct str text_of(const json_t *j)
{
	return (struct str){ json_string_value(j), json_string_length(j) };
}

static bool load_list(const struct loader *l, const struct fact_field *field, const json_t *j,
		      struct strlist *out)
{
	if (!json_is_array(j))
		return wrong(l, field->name, "a list of texts is expected");
	if (json_array_size(j) > EVIDENCE_LIST_MAX)
		return wrong(l, field->name, "the list is too long");
	for (size_t i = 0; i < json_array_size(j); i++) {
		const json_t *item = json_array_get(j, i);
		if (!json_is_string(item))
			return wrong(l, field->name, "a list of texts is expected");
		strlist_add(out, l->ev->arena, ev_keep(l->ev, text_of(item)));
	}
	return true;
}

static bool load_field(const struct loader *l, struct fact *f, const struct fact_field *field,
		       const json_t *o)
{
	const json_t *j = json_object_get(o, field->name);
	void *at = (char *)f + field->offset;
	json_int_t v = 0;
	if (!j)
		return true;
	switch (field->type) {
	case FACT_STR:
		if (!json_is_string(j))
			return wrong(l, field->name, "a text is expected");
		*(const char **)at = ev_keep(l->ev, text_of(j));
		return true;
	case FACT_NUM:
		if (!number(l, o, field->name, LONG_MIN, LONG_MAX, &v))
			return false;
		*(long *)at = (long)v;
		return true;
	case FACT_YES:
		if (!json_is_boolean(j))
			return wrong(l, field->name, "true or false is expected");
		*(bool *)at = json_is_true(j);
		return true;
	case FACT_LIST:
		break;
	}
	return load_list(l, field, j, at);
}

static bool load_fields(const struct loader *l, struct fact *f, const json_t *o)
{
	size_t n;
	const struct fact_field *field = fact_fields(f->kind, &n);
	for (size_t i = 0; i < n; i++)
		if (!load_field(l, f, &field[i], o))
			return false;
	return true;
}

/* Numbers ascend; a fact without one takes the next. */
static bool load_number(const struct loader *l, const json_t *o, unsigned *n)
{
	json_int_t v = *n;
	if (!number(l, o, "n", *n, EVIDENCE_NUMBER_MAX, &v))
		return false;
	*n = (unsigned)v;
	return true;
}

static bool load_fact(struct loader *l, size_t i, const json_t *o)
{
	snprintf(l->place, sizeof(l->place), "facts[%zu]", i);
	if (!json_is_object(o))
		return wrong(l, "", "an object is expected");
	const json_t *name = json_object_get(o, "kind");
	if (!json_is_string(name))
		return wrong(l, "kind", "a text is expected");
	enum fact_kind kind;
	if (!fact_kind_of(json_string_value(name), &kind))
		return true;
	snprintf(l->place, sizeof(l->place), "facts[%zu] (%s)", i, fact_kind_name(kind));
	json_int_t session = 0, t_ms = 0;
	unsigned n = l->ev->n ? l->ev->facts[l->ev->n - 1]->n + 1 : 1;
	if (!load_number(l, o, &n) || !number(l, o, "session", 0, EVIDENCE_NUMBER_MAX, &session) ||
	    !number(l, o, "t_ms", LONG_MIN, LONG_MAX, &t_ms))
		return false;
	if (l->ev->n >= EVIDENCE_FACTS_MAX)
		return wrong(l, "", "there are too many facts");
	struct fact *f = evidence_add(l->ev, kind, (unsigned)session, (long)t_ms);
	f->n = n;
	return load_fields(l, f, o);
}

static bool load_line(struct loader *l, size_t i, const json_t *o)
{
	json_int_t session = 0, t_ms = 0;
	snprintf(l->place, sizeof(l->place), "transcript[%zu]", i);
	const json_t *dir = json_object_get(o, "dir"), *text = json_object_get(o, "text");
	if (!json_is_object(o))
		return wrong(l, "", "an object is expected");
	if (!json_is_string(dir) || json_string_length(dir) != 1 || !strchr("<>*", *json_string_value(dir)))
		return wrong(l, "dir", "one of < > * is expected");
	if (!json_is_string(text))
		return wrong(l, "text", "a text is expected");
	if (!number(l, o, "session", 0, EVIDENCE_NUMBER_MAX, &session) ||
	    !number(l, o, "t_ms", LONG_MIN, LONG_MAX, &t_ms))
		return false;
	if (i >= EVIDENCE_TRANSCRIPT_MAX)
		return wrong(l, "", "there are too many lines");
	evidence_transcript(l->ev, (unsigned)session, (long)t_ms, *json_string_value(dir),
			    json_string_value(text));
	return true;
}

static bool load_array(struct loader *l, const json_t *root, const char *name,
		       bool (*each)(struct loader *l, size_t i, const json_t *item))
{
	const json_t *array = json_object_get(root, name);
	if (!array)
		return true;
	if (!json_is_array(array))
		return wrong(l, name, "a list is expected");
	for (size_t i = 0; i < json_array_size(array); i++)
		if (!each(l, i, json_array_get(array, i)))
			return false;
	l->place[0] = 0;
	return true;
}

static bool load_head(struct loader *l, const json_t *root)
{
	json_int_t schema = 0, elapsed_ms = 0, dropped = 0;
	if (!json_is_object(root))
		return wrong(l, "", "this is not an evidence file");
	const json_t *started = json_object_get(root, "started");
	if (!number(l, root, "schema", LONG_MIN, LONG_MAX, &schema))
		return false;
	if (schema != 1)
		return wrong(l, "schema", "this is not an evidence file of schema 1");
	if (!json_is_string(started) || !text_time_read(text_of(started), &l->ev->started_s))
		return wrong(l, "started", "a time such as 2026-11-21T08:49:38Z is expected");
	if (!json_object_get(root, "facts"))
		return wrong(l, "facts", "a list is expected");
	if (!number(l, root, "elapsed_ms", LONG_MIN, LONG_MAX, &elapsed_ms) ||
	    !number(l, root, "dropped", 0, LONG_MAX, &dropped))
		return false;
	l->ev->elapsed_ms = (long)elapsed_ms;
	l->ev->dropped = (size_t)dropped;
	return true;
}

static void free_json(json_t **j)
{
	json_decref(*j);
}

bool evidence_load(FILE *f, const char *path, struct evidence **out, struct err *e)
{
	CLEANUP(buf_clear) struct buf text = { 0 };
	CLEANUP(evidence_free) struct evidence *ev = evidence_new(0);
	struct loader l = { .path = path, .ev = ev, .e = e };
	if (!read_all(f, path, &text, e))
		return false;
	CLEANUP(free_json) json_t *root = parse(&l, buf_str(&text));
	if (!root || !load_head(&l, root) || !load_array(&l, root, "facts", load_fact) ||
	    !load_array(&l, root, "transcript", load_line))
		return false;
	*out = STEAL(ev);
	return true;
}
