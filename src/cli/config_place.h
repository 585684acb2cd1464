/* SPDX-License-Identifier: Apache-2.0 */
/* cli/config_place.h - on which line of postrider.conf something stands.
 *
 * The parser forgets it, and a mistake seen only in the whole (a listener that
 * needs a certificate) has to be named with its line all the same. */
#ifndef CLI_CONFIG_PLACE_H
#define CLI_CONFIG_PLACE_H

#include "base/str.h"

/* text: the file, comments blanked.  block: "listen"; "" the outermost.  title: its title, ""
 * none or any.  option: "login", or a block in it; "" the block itself.  Where the option is not
 * there: its block's line; 1 when that is not there either. */
unsigned config_place(struct str text, const char *block, const char *title, const char *option);

#endif
