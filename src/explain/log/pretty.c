/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/log/pretty.h"

#include "explain/log/field.h"

/* TAB "NAME" blank colon blank: no other program writes the blank before the colon. */
static bool is_member(struct str s)
{
	static const struct str name_ends = STR_LIT("\" : ");
	size_t i = 2;
	if (!log_starts(s, STR_LIT("\t\"")))
		return false;
	while (i < s.len &&
	       (s.p[i] == '_' || (s.p[i] >= 'A' && s.p[i] <= 'Z') || (s.p[i] >= '0' && s.p[i] <= '9')))
		i++;
	return i > 2 && log_starts(log_from(s, i), name_ends);
}

/* Members of members (a field that stands there twice) are indented too. */
static bool goes_on(struct str s)
{
	return !s.len || s.p[0] == '\t' || s.p[0] == ' ';
}

static void add(struct log_pretty *p, struct str s)
{
	(void)buf_add(&p->object, s.p, s.len);
	(void)buf_add(&p->object, " ", 1);
}

void log_pretty_end(struct log_pretty *p)
{
	p->opened = p->within = false;
	buf_take(&p->object, buf_waiting(&p->object));
}

bool log_pretty_holds(struct log_pretty *p, struct str *line)
{
	struct str s = *line;
	if (!p->within) {
		bool begins = p->opened && is_member(s);
		p->opened = str_eq(s, "{");
		if (!begins)
			return false;
		log_pretty_end(p);
		add(p, STR_LIT("{"));
		p->within = true;
	} else if (log_starts(s, STR_LIT("}"))) {
		p->within = false;
		add(p, STR_LIT("}"));
		*line = str_trim(buf_str(&p->object));
		return false;
	} else if (!goes_on(s)) {
		log_pretty_end(p);
		p->opened = str_eq(s, "{");
		return false;
	}
	add(p, str_trim(s));
	return true;
}
