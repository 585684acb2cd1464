/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain_input.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_there(const char *path)
{
	struct stat st;
	return !strcmp(path, "-") || stat(path, &st) == 0;
}

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A name that nobody writes in an error message: typed wrong, or in another folder. */
static bool looks_like_file(const char *arg)
{
	static const char *const ends[] = { ".eml", ".log", ".mbox", ".msg", ".txt",
					    ".gz",  ".xz",  ".zst",  ".mail" };
	if (strpbrk(arg, " \t\r\n<>\"") || strstr(arg, "://"))
		return false;
	if (z_istarts(arg, "/") || z_istarts(arg, "./") || z_istarts(arg, "../") || z_istarts(arg, "~/"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (z_iends(arg, ends[i]))
			return true;
	return false;
}

static bool missing(const char *path, struct err *e)
{
	ERR_FILL(e, ERR_USAGE, 0, "read", "%s", path);
	return err_detail(e, "%s", strerror(errno ? errno : ENOENT));
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static bool add_files(const char *folder, struct arena *a, struct strlist *out, struct err *e)
{
	struct dirent **names;
	int n = scandir(folder, &names, visible, alphasort);
	if (n < 0) {
		ERR_FILL(e, ERR_SYS, errno, "read the folder", "%s", folder);
		return err_detail(e, "%s", strerror(errno));
	}
	for (int i = 0; i < n; i++) {
		const char *path = arena_printf(a, "%s/%s", folder, names[i]->d_name);
		if (!is_folder(path))
			strlist_add(out, a, path);
		free(names[i]);
	}
	free(names);
	return true;
}

/* A Maildir has its mails in new/ and cur/; what is in tmp/ is not whole yet. */
static bool add_folder(const char *folder, struct arena *a, struct strlist *out, struct err *e)
{
	static const char *const parts[] = { "new", "cur" };
	bool maildir = false;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const char *part = arena_printf(a, "%s/%s", folder, parts[i]);
		if (!is_folder(part))
			continue;
		maildir = true;
		if (!add_files(part, a, out, e))
			return false;
	}
	if (!maildir && !add_files(folder, a, out, e))
		return false;
	return out->n || (ERR_FILL(e, ERR_USAGE, 0, "find a mail or a log in", "%s", folder),
			  err_detail(e, "the folder holds no file"));
}

static bool add_files_of(char *const *args, size_t n, struct arena *a, struct strlist *out, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		errno = 0;
		if (!is_there(args[i]))
			return missing(args[i], e);
		if (!is_folder(args[i]))
			strlist_add(out, a, args[i]);
		else if (!add_folder(args[i], a, out, e))
			return false;
	}
	return true;
}

bool explain_input_of(char *const *args, size_t nargs, bool files_only, struct arena *a,
		      struct explain_input *out, struct err *e)
{
	struct strlist words = { 0 };
	*out = (struct explain_input){ 0 };
	if (!nargs) {
		strlist_add(&out->files, a, "-");
		return true;
	}
	if (files_only || is_there(args[0]) || looks_like_file(args[0]))
		return add_files_of(args, nargs, a, &out->files, e);
	for (size_t i = 0; i < nargs; i++)
		strlist_add(&words, a, args[i]);
	out->text = strlist_join(&words, a, " ");
	return true;
}
