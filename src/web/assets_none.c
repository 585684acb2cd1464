/* SPDX-License-Identifier: Apache-2.0 */
/* A build without the page's sources: the API alone. */
#include "web/assets.h"

const struct web_asset web_assets[] = { { 0 } };
