/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/unit.h - cmocka with what it needs included first. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
