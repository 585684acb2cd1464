/* SPDX-License-Identifier: Apache-2.0 */
/* cli/config_fit.h - what a value of postrider.conf must look like, and the mend where it does not. */
#ifndef CLI_CONFIG_FIT_H
#define CLI_CONFIG_FIT_H

#include <stdbool.h>
#include <stddef.h>

struct config_fit {
	const char *option; /* "block|option", "block|block|option" or "option" */
	bool (*fits)(const char *value);
	const char *mend; /* "give ..." */
};

extern const struct config_fit config_fits[];
extern const size_t config_nfits;

/* ADDRESS:PORT to listen at; port 0: one that the system picks. */
bool config_is_bindable(const char *v);
/* One word; it becomes part of a lane's name and of a file's. */
bool config_is_plain_name(const char *v);

#endif
