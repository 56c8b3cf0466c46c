# gen.h and task.h need no building. This builds the loop library, the tests and the examples, all
# below $(BUILD), once for each configuration: $(BUILD)/O2, $(BUILD)/san, and for check_tsan.sh tsan.

BUILD  = build
PREFIX = /usr/local
VERSION = 0.1.0

# The scripts in tests/ read these lines too, so that there is one list of flags.
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wimplicit-fallthrough -Wconversion
WERROR = -Werror
PLAIN  = -std=c99
HOSTED = -std=c11 -D_GNU_SOURCE
LOOP_LIBS = -lev -lcares -lpthread
TLS_LIBS  = -lssl -lcrypto

O2_FLAGS  = -O2
san_FLAGS = -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
tsan_FLAGS = -g -O1 -fsanitize=thread

# Files. What includes "loop/..." is hosted and linked with the loop library. WITHOUT='tls ares' leaves
# out what needs OpenSSL or c-ares.
ARES     := $(if $(filter ares,$(WITHOUT)),,-lcares)
LOOP     := $(filter-out $(WITHOUT:%=loop/%%.c),$(wildcard loop/*.c))
TESTS    := $(wildcard tests/test_*.c)
EXAMPLES := $(filter-out examples/firmware/%,$(wildcard examples/*/*.c))
USE_LOOP := $(wildcard tests/test_loop_*.c) \
            $(shell grep -ls '^\# *include "loop/' $(EXAMPLES) /dev/null)
USE_TLS  := $(shell grep -ls '^\# *include "loop/tls.h' $(USE_LOOP) /dev/null)
USE_STD  := $(LOOP) $(wildcard bench/*.c bench/*/*.c tests/fuzz/*.c) $(USE_LOOP)
DIRS     := . task loop tests tests/fuzz tests/separate bench bench/peers bench/size examples \
            $(sort $(patsubst %/,%,$(dir $(EXAMPLES))))
SOURCES  := $(wildcard $(foreach d,$(DIRS),$d/*.h $d/*.c))
# Small programs by the hundred: their format is checked, and the tests that they are for.
CASES    := $(wildcard tests/misuse/*.[ch] tests/conformance/*.[ch] examples/firmware/*.[ch] \
              tests/embedded/*.[ch] tests/embedded/*/*.[ch] tests/faults/*.[ch])
PROGRAMS := $(TESTS:.c=) $(EXAMPLES:.c=)
CHECKS   := $(filter-out tests/check_compilers.sh,$(wildcard tests/check_*.sh))
LIBRARY  := $(if $(LOOP),libgenloop.a)

# What the head comment of an example says: Link: -lcurl, or Needs: curl/curl.h.
LINKED := $(shell grep -ls '^ \* Link: ' $(EXAMPLES) /dev/null)
note    = $(shell sed -n 's,^ \* $1: \([^*]*\).*,\1,p' $2)

LOOP_NEEDS = ev.h $(if $(filter tls,$(WITHOUT)),,openssl/ssl.h) $(if $(ARES),ares.h)
loop_libs  = $(filter-out $(WITHOUT:%=-lc%),$(LOOP_LIBS))

built = $(addprefix $(BUILD)/$1/,$(2:.c=))
needs = $(addprefix $(BUILD)/need/,$1)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: help test demo bench examples lint check-compilers check-embedded fuzz-conformance conformance-record \
        install uninstall clean FORCE

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' Makefile
	@echo 'Variables: CC=$(CC) BUILD=$(BUILD) PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) CFLAGS LDFLAGS WERROR= WITHOUT="tls ares"'

test: $(foreach c,O2 san,$(call built,$c,$(TESTS) $(LIBRARY))) examples | $(call needs,$(LOOP_NEEDS) cmocka.h openssl python3) ## run every test, plain and under sanitizers, and the checks
	@CC='$(CC)' BUILD='$(BUILD)' sh tests/run.sh $(foreach c,O2 san,$(call built,$c,$(TESTS))) $(CHECKS)

fuzz-conformance: | $(call needs,python3) ## compare random programs with CPython; SECONDS=300 SEED=
	python3 tests/fuzz/fuzz.py --cc '$(CC)' --build $(BUILD)/fuzz --seconds $(or $(SECONDS),300) \
	    $(if $(SEED),--seed $(SEED))

conformance-record: | $(call needs,python3) ## record anew what CPython prints for tests/conformance
	@sh tests/conformance/record.sh

check-compilers: | $(call needs,cmocka.h) ## build the generator tests with every compiler there is; INSTALL=1 fetches more
	@INSTALL='$(INSTALL)' sh tests/check_compilers.sh $(BUILD)

check-embedded: ## run the tests on emulated Cortex-M, RISC-V and AVR
	@sh tests/embedded/run.sh $(BUILD)

demo: examples | $(call needs,$(LOOP_NEEDS) python3) ## build the examples and show some at work
	@sh examples/demo.sh $(BUILD)/O2/examples

# What others have for the same is measured where it is installed.
PEERS = gnuplot g++ rustc cargo tokio go uv.h uvloop boost/context/fiber.hpp arm-none-eabi-gcc
bench: | $(call needs,$(LOOP_NEEDS)) ## measure, with gcc and clang; BENCH=gen selects; INSTALL=1 fetches the peers
	@[ -z '$(INSTALL)' ] || sh tests/need.sh $(PEERS)
	@BENCH='$(BENCH)' sh bench/run.sh

examples: $(call built,O2,$(EXAMPLES)) ## build the examples

# Off: checks that object to the style of macros and to names, or that -Wconversion covers; to the
# order of a frame's members, which is the reader's; to a copy of padding; to lists of what is on the
# stack, which is their use; and the one for NULL, which does not see that no ring is half linked.
TIDY = -*,clang-analyzer-*,-clang-analyzer-core.NullDereference,$\
       -clang-analyzer-core.uninitialized.Assign,-clang-analyzer-core.StackAddressEscape,$\
       -clang-analyzer-optin.performance.Padding,$\
       bugprone-*,-bugprone-macro-parentheses,-bugprone-branch-clone,$\
       -bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,$\
       -bugprone-reserved-identifier,-bugprone-assignment-in-if-condition,$\
       -bugprone-terminating-continue,-clang-analyzer-security.insecureAPI.strcpy,$\
       -clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling
TIDY_FLAGS = --quiet --warnings-as-errors='*' --header-filter='.*' --checks='$(TIDY)'
tidy = printf '%s\n' $1 | xargs -P "$$(nproc)" -I FILE clang-tidy $(TIDY_FLAGS) FILE -- $2 -I.
# Not the tests: it would take half an hour, and the sanitizers run every line of them.
TIDY_FILES  = $(filter-out tests/test_%,$(filter %.c,$(SOURCES:./%=%)))
TIDY_HOSTED = $(filter $(USE_STD),$(TIDY_FILES))
TIDY_PLAIN  = $(filter-out $(USE_STD),$(TIDY_FILES))

# cppcheck's suppressed checks take the arguments of what gen_declare makes for one another.
lint: | $(call needs,clang-format cppcheck clang-tidy $(LOOP_NEEDS) cmocka.h uv.h $(foreach e,$(LINKED),$(call note,Needs,$e))) ## check the format, and look for mistakes without running
	clang-format --dry-run -Werror $(SOURCES) $(CASES)
	cppcheck --quiet --language=c --std=c11 --enable=warning,portability --inline-suppr \
	    --suppress=ctunullpointer --suppress=ctuuninitvar --suppress=nullPointerRedundantCheck --error-exitcode=1 \
	    -j "$$(nproc)" -D__GNUC__=12 -I. $(SOURCES)
	$(call tidy,$(TIDY_PLAIN),$(PLAIN))
	$(call tidy,$(TIDY_HOSTED),$(HOSTED))

INCLUDE = $(DESTDIR)$(PREFIX)/include/gen
LIB     = $(DESTDIR)$(PREFIX)/lib
HEADERS = $(wildcard gen.h task.h itertools.h task/*.h loop/*.h)

define PC
prefix=$(PREFIX)
includedir=$${prefix}/include
libdir=$${prefix}/lib

Name: gen
Description: generators and async tasks for C
Version: $(VERSION)
Cflags: -I$${includedir}/gen
$(if $(LOOP),Libs: -L$${libdir} -lgenloop $(loop_libs))
endef
export PC

install: $(call built,O2,$(LIBRARY)) ## install into $(DESTDIR)$(PREFIX): headers, library, gen.pc
	install -d $(LIB)/pkgconfig $(sort $(dir $(HEADERS:%=$(INCLUDE)/%)))
	$(foreach h,$(HEADERS),install -m 644 $h $(INCLUDE)/$h &&) :
	$(if $(LOOP),install -m 644 $(BUILD)/O2/$(LIBRARY) $(LIB))
	printf '%s\n' "$$PC" >$(LIB)/pkgconfig/gen.pc

uninstall: ## remove what install put there
	rm -f $(HEADERS:%=$(INCLUDE)/%) $(LIB)/libgenloop.a $(LIB)/pkgconfig/gen.pc
	rmdir $(INCLUDE)/task $(INCLUDE)/loop $(INCLUDE) 2>/dev/null || : # unless something of others is there

clean: ## remove $(BUILD)
	rm -rf $(BUILD)

# What has to be on the machine: looked for once, then remembered.
$(BUILD)/need/%:
	@CC='$(CC)' sh tests/need.sh $*
	@mkdir -p $(@D) && touch $@

# Another compiler, other flags, or less of the loop: build anew.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(WERROR) $(WITHOUT)' | cmp -s - $@ || \
	 echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(WERROR) $(WITHOUT)' >$@

define configuration
$(patsubst %.c,$(BUILD)/$1/%.o,$(LOOP) $(TESTS) $(EXAMPLES)): \
    $(BUILD)/$1/%.o: %.c $(BUILD)/flags Makefile
	@mkdir -p $$(@D)
	$$(CC) -I. $$(CPPFLAGS) $$(STD) $$(WARNINGS) $$(WERROR) $($1_FLAGS) $$(CFLAGS) -MMD -MP -c -o $$@ $$<

$(PROGRAMS:%=$(BUILD)/$1/%): $(BUILD)/$1/%: $(BUILD)/$1/%.o
	$$(CC) $($1_FLAGS) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$(filter %.o %.a,$$^) $$(LIBS)

$(BUILD)/$1/libgenloop.a: $(LOOP:%.c=$(BUILD)/$1/%.o)
	rm -f $$@
	$$(AR) rcs $$@ $$^

$(patsubst %.c,$(BUILD)/$1/%.o,$(USE_STD)): STD = $(HOSTED) $(if $(ARES),,-DLOOP_NO_ARES)
$(patsubst %.c,$(BUILD)/$1/%.o,$(LOOP) $(USE_LOOP)): | $(call needs,$(LOOP_NEEDS))
$(patsubst %.c,$(BUILD)/$1/%.o,$(TESTS)): | $(call needs,cmocka.h)
$(call built,$1,$(USE_LOOP)): LIBS += $(loop_libs)
$(call built,$1,$(USE_TLS)): LIBS += $(TLS_LIBS)
$(call built,$1,$(USE_LOOP)): $(call built,$1,$(LIBRARY))
$(call built,$1,$(TESTS)): LIBS += -lcmocka
$(call built,$1,tests/test_task_wake.c): LIBS += -lpthread
endef

define linked
$(call built,$1,$2): LIBS += $(call note,Link,$2)
$(patsubst %.c,$(BUILD)/$1/%.o,$2): | $(call needs,$(call note,Needs,$2))
endef

STD = $(PLAIN)
$(foreach c,O2 san tsan,$(eval $(call configuration,$c)))
$(foreach e,$(LINKED),$(eval $(call linked,O2,$e)))
-include $(wildcard $(BUILD)/*/*/*.d $(BUILD)/*/*/*/*.d)
