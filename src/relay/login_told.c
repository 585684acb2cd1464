/* SPDX-License-Identifier: Apache-2.0 */
#include "relay/login_told.h"

#include <string.h>

#include "catalog/finding.h"

static const char begin[] = "with the login ";
static const char other_words[] = ": "; /* what the relay adds behind it */

static bool names_user(const char *sentence)
{
	return sentence && strstr(sentence, "{user");
}

static bool is_about_login(const struct finding_entry *e)
{
	bool about = e && (names_user(e->title) || names_user(e->why));
	for (size_t i = 0; e && !about && i < e->nfixes; i++)
		about = names_user(e->fixes[i].text) || names_user(e->fixes[i].command);
	return about;
}

const char *login_told(struct arena *a, const char *finding, const char *user)
{
	return user && *user && is_about_login(finding_entry_find(finding))
		       ? arena_printf(a, "%s%s", begin, user)
		       : "";
}

const char *login_told_user(struct arena *a, struct str why)
{
	if (!str_istarts(why, begin))
		return "";
	struct str user = str_cut(why, strlen(begin), why.len);
	return arena_str(a, str_cut(user, 0, str_ifind(user, other_words))).p;
}
