/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/token.h"

#include <jansson.h>
#include <stdlib.h>
#include <time.h>

#include "base/base64.h"

enum { TOKEN_LIFE_S = 3600 };

static json_t *claims_of(const struct spec_section *s)
{
	static const char *const texts[] = { "aud", "scp", "upn", "tid", "appid", "iss" };
	json_t *claims = json_object();
	long long from = 0, until = TOKEN_LIFE_S * 1000LL;
	if (!spec_duration(str_of(spec_text(s, "from", "0s")), &from) ||
	    !spec_duration(str_of(spec_text(s, "until", "1h")), &until))
		from = 0;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (spec_text(s, texts[i], NULL))
			json_object_set_new(claims, texts[i], json_string(spec_text(s, texts[i], "")));
	const struct strlist *roles = spec_list(s, "roles");
	if (roles) {
		json_t *list = json_array();
		for (size_t i = 0; i < roles->n; i++)
			json_array_append_new(list, json_string(roles->v[i]));
		json_object_set_new(claims, "roles", list);
	}
	json_object_set_new(claims, "iat", json_integer(time(NULL) + from / 1000));
	json_object_set_new(claims, "nbf", json_integer(time(NULL) + from / 1000));
	json_object_set_new(claims, "exp", json_integer(time(NULL) + until / 1000));
	return claims;
}

static void base64url(struct buf *out, const char *z)
{
	CLEANUP(buf_clear) struct buf b = { 0 };
	base64_encode(&b, str_of(z));
	for (size_t i = 0; i < b.len && b.data[i] != '='; i++) {
		char c = b.data[i] == '+' ? '-' : b.data[i] == '/' ? '_' : b.data[i];
		buf_add(out, &c, 1);
	}
}

const char *lab_token_make(const struct spec_section *s, struct arena *a)
{
	if (spec_text(s, "text", NULL))
		return spec_text(s, "text", "");
	json_t *claims = claims_of(s);
	char *text = json_dumps(claims, JSON_COMPACT);
	CLEANUP(buf_clear) struct buf b = { 0 };
	base64url(&b, "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"lab\"}");
	buf_adds(&b, ".");
	base64url(&b, text);
	buf_adds(&b, ".bGFiLXNpZ25hdHVyZQ");
	free(text);
	json_decref(claims);
	return arena_dup(a, b.data, b.len);
}
