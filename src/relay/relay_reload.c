/* SPDX-License-Identifier: Apache-2.0 */
/* What a relay that runs takes up of a new configuration: all of it, or nothing. */
#include <string.h>

#include "relay/bounce/collector.h"
#include "relay/delivery/tokens.h"
#include "relay/door/usage.h"
#include "relay/filter/signing.h"
#include "relay/pickup/pickup.h"
#include "relay/relay_inner.h"

/* Keys that are in use and cannot be read again go on: as the certificate's does. */
static bool reload_keys(struct relay *r, const struct relay_settings *s, struct signing **out, struct err *e)
{
	struct err no = { 0 };
	if (relay_load_keys(s, out, &no))
		return true;
	if (!signing_is_of(r->signing, s)) {
		*e = no;
		return false;
	}
	relay_tell_former(r, &no, "the signing keys");
	*out = signing_hold(r->signing);
	return true;
}

void relay_rotate(struct relay *r)
{
	relay_log_reopen(r->log);
}

/* From here on the loop, and whoever reads r->present, has the new ones. */
static void adopt(struct relay *r, const struct relay_settings *settings)
{
	ports_adopt(r, settings);
	relay_settings_drop(&r->settings);
	r->settings = relay_settings_hold(settings);
	atomic_store(&r->present, (uintptr_t)settings);
	relay_log_bound(r->log, (uint64_t)settings->keep.conversation);
	relay_start(r);
	lanes_wake_all(r->lanes);
	lanes_plan_held(r->lanes);
	collectors_adopt(r->collectors);
	pickups_adopt(r->pickups);
	tokens_tidy(r);
}

/* By then all is taken up: the configuration is not wrong where the store cannot say what was sent. */
static void count_again(struct relay *r, const struct relay_settings *settings)
{
	struct err no = { 0 };
	if (usage_count(r->usage, r->store, settings, relay_now_ms(), &no))
		return;
	err_detail(&no, "the new configuration is in use; accounts go on with what was counted before");
	relay_tell(r, &no);
}

bool relay_reload(struct relay *r, const struct relay_settings *settings, struct err *e)
{
	size_t before = r->nports;
	struct tls_identity *identity = NULL;
	struct signing *signing = NULL;
	if (strcmp(settings->data, r->settings->data) != 0) {
		ERR_FILL(e, ERR_USAGE, 0, "reload", "data = \"%s\"", settings->data);
		return err_detail(e, "the folder stays %s until a restart", r->settings->data);
	}
	if (!relay_identity_reload(r, settings, &identity, e) ||
	    !relay_identity_fits(settings, identity, e) || !reload_keys(r, settings, &signing, e) ||
	    !ports_bind(r, settings, e) || !relay_trust_renew(r, settings, e)) {
		signing_free(&signing);
		if (identity != r->identity)
			tls_identity_free(&identity);
		ports_forget(r, before);
		return false;
	}
	relay_identity_adopt(r, identity);
	signing_free(&r->signing);
	r->signing = signing;
	adopt(r, settings);
	count_again(r, settings);
	return true;
}
