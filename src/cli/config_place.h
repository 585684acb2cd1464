/* SPDX-License-Identifier: Apache-2.0 */
/* cli/config_place.h - on which line of postrider.conf something stands.
 *
 * The parser forgets it, and a mistake seen only in the whole (a listener that
 * needs a certificate) has to be named with its line all the same. */
#ifndef CLI_CONFIG_PLACE_H
#define CLI_CONFIG_PLACE_H

#include "base/str.h"

/* text: the file, comments blanked.  block: "listen"; "" the outermost.  title: its title, ""
 * none or any.  option: "login", or a block in it; or what stands in one of its blocks, as
 * "login|anna|role" ("mailbox||host" where that has no title); "" the block itself.  Where the
 * option is not there: its block's line; 1 when that is not there either. */
unsigned config_place(struct str text, const char *block, const char *title, const char *option);

/* The parser takes the last of two without a word, and forgets or mixes what the first said. */
struct config_twice {
	struct str name; /* within text */
	unsigned line, first;
	bool is_block;
};

/* False with *out: a setting, or a block without a title, stands twice in the same block.  text: one that
 * the parser took, comments blanked. */
bool config_is_told_once(struct str text, struct config_twice *out) MUST_USE;

#endif
