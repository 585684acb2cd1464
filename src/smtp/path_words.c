/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "smtp/path.h"

static const struct {
	const char *word, *words;
} all[] = {
	{ "empty", "it is empty" },
	{ "blank", "it has a blank in it" },
	{ "line-break", "it has a line break in it" },
	{ "bad-character", "it has a character that cannot stand there" },
	{ "non-ascii", "it has a character that is not ASCII" },
	{ "comma", "a comma or semicolon stands in it: one address at a time" },
	{ "display-name", "a name or brackets stand in it: the address alone" },
	{ "no-local", "nothing stands before the @" },
	{ "no-at", "it has no @" },
	{ "two-ats", "it has two @" },
	{ "no-domain", "nothing stands behind the @" },
	{ "dot", "a dot stands at an end, or two together" },
	{ "unbalanced-quote", "a quote (\") is without its other one" },
	{ "bad-label", "what stands behind the @ is no domain" },
	{ "bad-literal", "what stands in the square brackets is no IP address" },
	{ "too-long", "it is too long" },
	{ "no-bracket", "its > is missing" },
	{ "bad-route", "the route before it cannot be read" },
	{ "bad-parameter", "a blank has to stand behind its >" },
};

const char *smtp_path_words(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (!strcmp(word, all[i].word))
			return all[i].words;
	return word;
}
