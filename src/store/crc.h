/* SPDX-License-Identifier: Apache-2.0 */
/* store/crc.h - CRC-32C (Castagnoli), by the processor where it can. */
#ifndef STORE_CRC_H
#define STORE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* Continues from crc (0 at the start). */
uint32_t store_crc(uint32_t crc, const void *data, size_t len);
/* The same by table, whatever the processor: for machines without, and for the test. */
uint32_t store_crc_by_table(uint32_t crc, const void *data, size_t len);

#endif
