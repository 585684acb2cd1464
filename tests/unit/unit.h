/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/unit.h - cmocka with what it needs included first. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* cmocka does not say that what fails does not go on, and an analyzer reads on as if it did. */
#ifdef __clang_analyzer__
#include <stdlib.h>
#undef fail_msg
#undef assert_true
#undef assert_false
#undef assert_non_null
#undef assert_int_equal
#define fail_msg(...)          (print_error(__VA_ARGS__), abort())
#define assert_true(c)         ((c) ? (void)0 : abort())
#define assert_false(c)        ((c) ? abort() : (void)0)
#define assert_non_null(p)     ((p) ? (void)0 : abort())
#define assert_int_equal(a, b) ((a) == (b) ? (void)0 : abort())
#endif

#endif
