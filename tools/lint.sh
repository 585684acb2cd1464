#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make lint: format, the order of includes, cppcheck, clang-tidy.  Ends non-zero at the first that complains.
# CLEANUP() closes what cppcheck thinks is leaked; tables made by macros it cannot expand.
set -eu
build=$1
git ls-files '*.c' '*.h' | xargs clang-format --dry-run --Werror
python3 tests/layers.py
cppcheck --quiet --error-exitcode=1 --inline-suppr --enable=warning,performance,portability \
	--suppress=missingIncludeSystem --suppress=nullPointerRedundantCheck -j "$(nproc)" -Isrc -I. \
	--suppress=resourceLeak --suppress=preprocessorErrorDirective -D'json_array_foreach(a,i,v)=for(;;)' -D'json_object_foreach(o,k,v)=for(;;)' \
	-DPOSTRIDER_VERSION='"x"' $(git ls-files 'src/*.c' 'lab/*.c' 'tests/*.c' 'bench/*.c')
git ls-files 'src/*.c' 'lab/*.c' 'tests/unit/*.c' 'tests/flow/*.c' | xargs -P "$(nproc)" -n 8 clang-tidy --quiet -p "$build"
echo "lint: nothing to say"
