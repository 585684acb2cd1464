/* SPDX-License-Identifier: Apache-2.0 */
/* GET /api/v1/events: the lines of queue.log as they are written, as server-sent events. */
#include "web/endpoints.h"
#include "web/news.h"
#include "web/web_inner.h"

void events_watch(struct web_call *c)
{
	news_watch(c->web->news, c);
}
