/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

static const struct {
	const char *name;
	size_t at;
} calls[] = {
#define HTTP_CURL_ROW(name) { #name, offsetof(struct http_curl, name) },
	HTTP_CURL_CALLS(HTTP_CURL_ROW)
#undef HTTP_CURL_ROW
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct http_curl loaded;
static const struct http_curl *usable;

static void load(void)
{
	void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		void *symbol = library ? dlsym(library, calls[i].name) : NULL;
		if (!symbol)
			return;
		memcpy((char *)&loaded + calls[i].at, &symbol, sizeof(symbol));
	}
	loaded.curl_global_init(CURL_GLOBAL_DEFAULT);
	usable = &loaded;
}

const struct http_curl *http_curl(void)
{
	pthread_once(&once, load);
	return usable;
}
