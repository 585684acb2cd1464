/* SPDX-License-Identifier: Apache-2.0 */
/* lab/address.h - "ADDR:PORT" of a scenario, and where that is on this machine. */
#ifndef LAB_ADDRESS_H
#define LAB_ADDRESS_H

#include "lab/world.h"

enum { ADDRESS_BYTES = 64 };

/* Splits "ADDR:PORT" or "[V6]:PORT"; false: not one. */
bool address_split(const char *text, char *address, size_t size, unsigned *port) MUST_USE;

/* The address of the scenario as it is on this machine: the same when isolated,
 * else one of 127/8 (as it came, or in the world's arena). */
const char *address_here(const struct world *w, const char *address);

/* "ADDR:PORT" of the scenario as the socket address on this machine; false: not one. */
bool address_socket(const struct world *w, const char *text, struct sockaddr_storage *ss) MUST_USE;

#endif
