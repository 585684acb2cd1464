/* SPDX-License-Identifier: Apache-2.0 */
/* web/login.h - what gate.c and login.c share of people's sessions. */
#ifndef WEB_LOGIN_H
#define WEB_LOGIN_H

#include "web/call.h"

struct session_view;

uint64_t login_stamp(const char *password_hash);
const char *login_cookie_name(const struct web_call *c);

/* gate.c: fills in c->who by token, session or place, as far as somebody is known; *v is that of the
 * session. False: a token or a session was sent that does not count (any more). */
bool web_gate_know(struct web_call *c, struct session_view *v);
/* It is this one's session; false: its person or password is not there any more. */
bool web_gate_is(struct web_call *c, const struct session_view *v);

#endif
