# SPDX-License-Identifier: Apache-2.0
# Two commands do everything on a fresh Debian machine:  make run   make test
BUILD ?= build
ASAN  ?= build-asan
JOBS  ?= $(shell nproc)

.PHONY: run program build test bench lint format fuzz deb install clean needs

run: needs program
	@tools/tour.sh $(BUILD)/postrider

# All there is to see and to install; the tests' programs are a third of the build.
program: $(BUILD)/build.ninja
	@ninja -C $(BUILD) -j $(JOBS) postrider

build: $(BUILD)/build.ninja
	@ninja -C $(BUILD) -j $(JOBS)

needs:
	@tools/install-needs.sh

$(BUILD)/build.ninja:
	@meson setup $(BUILD) >/dev/null

test:
	@tools/install-needs.sh test
	@BUILD=$(abspath $(BUILD)) ASAN=$(abspath $(ASAN)) python3 tests/run.py

bench: build
	@tools/install-needs.sh test
	@bench/run.sh $(BUILD)/postrider

lint:
	@tools/install-needs.sh test lint
	@$(MAKE) --no-print-directory $(BUILD)/build.ninja
	@tools/lint.sh $(BUILD)

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

fuzz:
	@tools/install-needs.sh test
	@tests/fuzz/run.sh

deb:
	@tools/install-needs.sh deb
	@tools/deb.sh $(BUILD)/deb

install: program
	@meson install -C $(BUILD) --no-rebuild

clean:
	@rm -rf $(BUILD) $(ASAN)
