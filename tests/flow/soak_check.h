/* SPDX-License-Identifier: Apache-2.0 */
/* tests/flow/soak_check.h - what a store holds after it was killed or lost its power, against what it had
 * acknowledged.
 */
#ifndef TESTS_FLOW_SOAK_CHECK_H
#define TESTS_FLOW_SOAK_CHECK_H

/* Against the lines of `store_soak write` on standard input.  The exit status: 0 where nothing is lost or
 * unsaid. */
int soak_check(const char *path);

#endif
