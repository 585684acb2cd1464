/* SPDX-License-Identifier: Apache-2.0 */
/* cli/config_grammar.h - libconfuse's view of postrider.conf; for config*.c only. */
#ifndef CLI_CONFIG_GRAMMAR_H
#define CLI_CONFIG_GRAMMAR_H

#include <confuse.h>

/* A parser with every option, value check and error message set; cfg_free() it. */
cfg_t *config_grammar_new(void);

#endif
