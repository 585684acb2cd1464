/* SPDX-License-Identifier: Apache-2.0 */
/* The openspf.org suites for RFC 7208 and RFC 4408, read from their YAML files. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "base/text.h"
#include "mail/spf.h"
#include "tests/unit/zone.h"

struct suite {
	struct arena *arena;
	yaml_document_t doc;
	struct zone zone;
	unsigned cases, failed;
};

static yaml_node_t *node(struct suite *s, int id)
{
	return yaml_document_get_node(&s->doc, id);
}

/* A scalar as printable text; "" for none. */
static const char *text(struct suite *s, const yaml_node_t *n)
{
	if (!n || n->type != YAML_SCALAR_NODE)
		return "";
	return text_printable(s->arena,
			      (struct str){ (const char *)n->data.scalar.value, n->data.scalar.length });
}

static yaml_node_t *member(struct suite *s, const yaml_node_t *map, const char *key)
{
	if (!map || map->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++)
		if (!strcmp(text(s, node(s, p->key)), key))
			return node(s, p->value);
	return NULL;
}

/* The items of a list joined; a scalar as it is. */
static const char *joined(struct suite *s, const yaml_node_t *n, const char *between)
{
	struct strlist l = { 0 };
	if (n->type != YAML_SEQUENCE_NODE)
		return text(s, n);
	for (yaml_node_item_t *i = n->data.sequence.items.start; i < n->data.sequence.items.top; i++)
		strlist_add(&l, s->arena, text(s, node(s, *i)));
	return strlist_join(&l, s->arena, between);
}

static bool has_txt(struct suite *s, const yaml_node_t *list)
{
	for (yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top; i++)
		if (member(s, node(s, *i), "TXT"))
			return true;
	return false;
}

/* Records of type SPF stand for TXT ones where a name has none of its own. */
static void add_record(struct suite *s, const char *name, const yaml_node_t *item, bool own_txt)
{
	if (item->type == YAML_SCALAR_NODE) {
		zone_add(&s->zone, name, text(s, item), "");
		return;
	}
	yaml_node_pair_t *p = item->data.mapping.pairs.start;
	const char *type = text(s, node(s, p->key));
	const yaml_node_t *value = node(s, p->value);
	bool spf = !strcmp(type, "SPF");
	if ((spf && own_txt) || (!spf && !strcmp(text(s, value), "NONE")))
		return;
	zone_add(&s->zone, name, spf ? "TXT" : type, joined(s, value, !strcmp(type, "MX") ? " " : ""));
}

static void read_zone(struct suite *s, const yaml_node_t *data)
{
	s->zone = (struct zone){ .arena = s->arena };
	for (yaml_node_pair_t *p = data->data.mapping.pairs.start; p < data->data.mapping.pairs.top; p++) {
		const yaml_node_t *list = node(s, p->value);
		for (yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top;
		     i++)
			add_record(s, text(s, node(s, p->key)), node(s, *i), has_txt(s, list));
	}
}

static void run_case(struct suite *s, const char *name, const yaml_node_t *test)
{
	struct spf_report got;
	struct dns_wants w = { .arena = s->arena };
	struct dns_view view = zone_view(&s->zone);
	struct spf_ask ask = { .helo = text(s, member(s, test, "helo")),
			       .mail_from = text(s, member(s, test, "mailfrom")) };
	assert_true(ipaddr_read(str_of(text(s, member(s, test, "host"))), &ask.ip));
	zone_hide(&s->zone);
	ZONE_RUN(&s->zone, &w, spf_check(s->arena, &ask, &view, &w, &got));
	const char *allowed = arena_printf(s->arena, " %s ", joined(s, member(s, test, "result"), " "));
	const char *result = arena_printf(s->arena, " %s ", spf_result_name(got.result));
	const char *want = text(s, member(s, test, "explanation"));
	const char *explanation = *got.explanation ? got.explanation : "DEFAULT";
	bool good = strstr(allowed, result) && (!*want || !strcasecmp(want, explanation));
	s->cases++;
	if (good)
		return;
	s->failed++;
	print_error("%s: is%s(%s: %s, %s) and not%s; explanation '%s' for '%s'\n", name, result, got.problem,
		    got.term, got.why, allowed, explanation, want);
}

static void run_document(struct suite *s)
{
	yaml_node_t *root = yaml_document_get_root_node(&s->doc);
	yaml_node_t *tests = member(s, root, "tests");
	read_zone(s, member(s, root, "zonedata"));
	for (yaml_node_pair_t *p = tests->data.mapping.pairs.start; p < tests->data.mapping.pairs.top; p++)
		run_case(s, text(s, node(s, p->key)), node(s, p->value));
}

static void run_file(const char *file, unsigned at_least)
{
	struct suite s = { 0 };
	char path[4096];
	const char *dir = getenv("POSTRIDER_VECTORS");
	snprintf(path, sizeof(path), "%s/%s", dir ? dir : VECTORS_DIR, file);
	CLEANUP(close_file) FILE *f = fopen(path, "re");
	if (!f) {
		print_message("%s is not here (set POSTRIDER_VECTORS)\n", file);
		skip();
	}
	yaml_parser_t parser;
	assert_true(yaml_parser_initialize(&parser));
	yaml_parser_set_input_file(&parser, f);
	for (bool more = true; more;) {
		CLEANUP(arena_free) struct arena *arena = s.arena = arena_new();
		assert_true(yaml_parser_load(&parser, &s.doc));
		more = yaml_document_get_root_node(&s.doc) != NULL;
		if (more)
			run_document(&s);
		yaml_document_delete(&s.doc);
		(void)arena;
	}
	yaml_parser_delete(&parser);
	print_message("%s: %u cases, %u failed\n", file, s.cases, s.failed);
	assert_int_equal(s.failed, 0);
	assert_true(s.cases >= at_least);
}

static void test_rfc7208(void **state)
{
	(void)state;
	run_file("rfc7208-tests.yml", 203);
}

static void test_rfc4408(void **state)
{
	(void)state;
	run_file("rfc4408-tests.yml", 191);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rfc7208), cmocka_unit_test(test_rfc4408) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
