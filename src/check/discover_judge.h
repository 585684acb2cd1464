/* SPDX-License-Identifier: Apache-2.0 */
/* check/discover_judge.h - what one dialogue with a candidate came to: read off its facts. */
#ifndef CHECK_DISCOVER_JUDGE_H
#define CHECK_DISCOVER_JUDGE_H

#include "check/discover_inner.h"

struct judged {
	enum outcome outcome;
	const char *says;
	const char *auth;    /* password | oauth | none; "" not known */
	const char *finding; /* id of what the refusing reply means; "" none */
};

/* user: whom it would log in as, "" not known. */
struct judged discover_judge(const struct search *s, const struct candidate *c, const char *user,
			     const struct dialogue_result *out);

/* A name and a secret went out in this session. */
bool discover_tried_login(const struct evidence *ev, unsigned session);

#endif
