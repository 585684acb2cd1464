/* SPDX-License-Identifier: Apache-2.0 */
/* cli/config_files.h - the files that the relay's part of the configuration names, in its order. */
#ifndef CLI_CONFIG_FILES_H
#define CLI_CONFIG_FILES_H

#include "cli/config_relay.h"

enum config_file_kind {
	CONFIG_FILE_PUBLIC,
	CONFIG_FILE_SECRET,
	CONFIG_FILE_RENEWED, /* a secret, too; another program puts a new one there now and then */
};

struct config_file {
	const char *block, *title, *option; /* as in config_place.h */
	const char *path;
	enum config_file_kind kind;
};

struct config_files {
	struct config_file *v;
	size_t n;
};

/* Texts are those of s. */
struct config_files config_files(const struct relay_settings *s, struct arena *a);

#endif
