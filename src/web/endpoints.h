/* SPDX-License-Identifier: Apache-2.0 */
/* web/endpoints.h - what runs for each route (route.c). */
#ifndef WEB_ENDPOINTS_H
#define WEB_ENDPOINTS_H

#include "web/call.h"

/* well.c: is it well? */
void well_alive(struct web_call *c);
void well_ready(struct web_call *c);
void well_metrics(struct web_call *c);
/* explain.c */
void explain_post(struct web_call *c);
/* messages.c */
void messages_find(struct web_call *c);
void messages_show(struct web_call *c);
/* queue.c */
void queue_show_all(struct web_call *c);
/* page.c */
void page_show(struct web_call *c);

#endif
