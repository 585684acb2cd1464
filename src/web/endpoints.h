/* SPDX-License-Identifier: Apache-2.0 */
/* web/endpoints.h - what runs for each route (route.c). */
#ifndef WEB_ENDPOINTS_H
#define WEB_ENDPOINTS_H

#include "store/store.h"
#include "web/call.h"

/* well.c: is it well? */
void well_alive(struct web_call *c);
void well_ready(struct web_call *c);
void well_metrics(struct web_call *c);
/* login.c */
void session_show(struct web_call *c);
void session_begin(struct web_call *c);
void session_end(struct web_call *c);
/* check_start.c */
void check_post(struct web_call *c);
void check_profiles(struct web_call *c);
/* checks.c */
void check_list(struct web_call *c);
void check_show(struct web_call *c);
void check_evidence(struct web_call *c);
void check_events(struct web_call *c);
void check_cancel(struct web_call *c);
/* explain.c */
void explain_post(struct web_call *c);
/* messages.c */
/* What was told as done before this call, by whichever way, is found after it: the index is waited for, a
 * moment at most. */
void messages_catch_up(struct web_call *c);
void messages_find(struct web_call *c);
void messages_show(struct web_call *c);
/* 1, 0, -1 as store_trail, in the call's arena; an id told a moment ago is waited for. */
int messages_look_up(struct web_call *c, struct store_id id, struct store_trail *t, struct err *e);
/* reports.c */
void report_of_check(struct web_call *c);
void report_of_message(struct web_call *c);
void report_of_period(struct web_call *c);
/* send.c */
void messages_send(struct web_call *c);
/* act.c */
void act_on_message(struct web_call *c);
void act_on_queue(struct web_call *c);
/* suppressions.c */
void suppressions_list(struct web_call *c);
void suppressions_add(struct web_call *c);
void suppressions_remove(struct web_call *c);
/* queue.c */
void queue_show_all(struct web_call *c);
/* events.c */
void events_watch(struct web_call *c);
/* batches.c */
void batches_list(struct web_call *c);
void batches_show(struct web_call *c);
void batches_results(struct web_call *c);
/* health.c */
void health_show(struct web_call *c);
void monitor_show(struct web_call *c);
void monitor_run(struct web_call *c);
/* openapi.c */
void openapi_show(struct web_call *c);
/* page.c */
void page_show(struct web_call *c);

#endif
