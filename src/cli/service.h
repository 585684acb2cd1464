/* SPDX-License-Identifier: Apache-2.0 */
/* cli/service.h - what a service manager is told (sd_notify(3)), by its datagram protocol. */
#ifndef CLI_SERVICE_H
#define CLI_SERVICE_H

#include <stdint.h>

/* "READY=1", "STOPPING=1", "STATUS=..."; several with newlines in between.  Without a manager
 * ($NOTIFY_SOCKET) nothing happens. */
void service_tell(const char *state);
void service_tell_reloading(void); /* RELOADING=1 with the time, as Type=notify-reload wants it */
/* How often "WATCHDOG=1" is to be told, half of what the manager waits; 0: it keeps no watch. */
uint64_t service_watchdog_ms(void);

#endif
