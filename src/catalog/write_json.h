/* SPDX-License-Identifier: Apache-2.0 */
/* catalog/write_json.h - a JSON document into a file: the one place where it is written. */
#ifndef CATALOG_WRITE_JSON_H
#define CATALOG_WRITE_JSON_H

#include <jansson.h>
#include <stdio.h>

/* Takes o, and writes it with a line end; flags: jansson's.  What the file does not take it remembers
 * (base/write.h, cli/command.h).  A document that cannot be made for want of memory ends the process. */
void write_json(FILE *out, json_t *o, size_t flags);

#endif
