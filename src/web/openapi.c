/* SPDX-License-Identifier: Apache-2.0 */
/* GET /api/v1/openapi.json: the description of all this (openapi.json beside this file). */
#include "web/description.h"
#include "web/endpoints.h"

void openapi_show(struct web_call *c)
{
	const struct web_description *d = &web_description[0];
	web_answer_static(c, 200, "application/json", (struct str){ d->text, d->n });
}
