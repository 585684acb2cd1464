/* SPDX-License-Identifier: Apache-2.0 */
/* net/http_curl.h - libcurl, loaded when the first fetch needs it.
 *
 * Debian's libcurl brings 30 more libraries (Kerberos, LDAP, SSH ...), and
 * mapping them takes longer than all else before a check's first word: 14 ms
 * instead of 6.  Most checks fetch nothing. */
#ifndef NET_HTTP_CURL_H
#define NET_HTTP_CURL_H

#include <curl/curl.h>

/* Each has libcurl's own type and meaning. */
#define HTTP_CURL_CALLS(X)                                                                                   \
	X(curl_global_init)                                                                                  \
	X(curl_easy_init)                                                                                    \
	X(curl_easy_setopt)                                                                                  \
	X(curl_easy_perform)                                                                                 \
	X(curl_easy_getinfo)                                                                                 \
	X(curl_easy_strerror)                                                                                \
	X(curl_easy_cleanup)                                                                                 \
	X(curl_slist_append)                                                                                 \
	X(curl_slist_free_all)                                                                               \
	X(curl_url)                                                                                          \
	X(curl_url_set)                                                                                      \
	X(curl_url_get)                                                                                      \
	X(curl_url_cleanup)                                                                                  \
	X(curl_free)

/* curl.h makes macros of two of them to check their arguments' types. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

struct http_curl {
#define HTTP_CURL_MEMBER(name) __typeof__(name) *name;
	HTTP_CURL_CALLS(HTTP_CURL_MEMBER)
#undef HTTP_CURL_MEMBER
};

/* The same table for the life of the process; NULL: libcurl is not there. */
const struct http_curl *http_curl(void);

#endif
