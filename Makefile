# The study and everything around it. `make help` lists the targets. Nothing but npm and GNU make is needed: the
# Node that runs the project comes with npm ci.

# Set here, so that only what stands on the command line counts, and not a variable of the environment by chance.
CONFIG    =
DATA      =
LABEL     =
BATCH     =
ENCODINGS =
SET       =
WORKERS   =
OPTIONS   =

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

NODE      := node_modules/.bin/node
RANKLOOM  := $(NODE) lib/cli/main.ts
INSTALLED := node_modules/.package-lock.json

STAGES := load subset hvg encode neighbors embed similarity joint purity fidelity diagnose perturb summarize report

KERNELS := $(patsubst lib/kernels/assembly/%.ts,lib/kernels/%.wasm,$(wildcard lib/kernels/assembly/*.ts))

# Values reach the shell by its environment, letter by letter: no sign in them means anything, not even a line break.
export GIVEN_CONFIG := $(value CONFIG)
export GIVEN_DATA := $(value DATA)
export GIVEN_LABEL := $(value LABEL)
export GIVEN_BATCH := $(value BATCH)
export GIVEN_ENCODINGS := $(value ENCODINGS)
export GIVEN_SET := $(value SET)
export GIVEN_WORKERS := $(value WORKERS)
export GIVEN_OPTIONS := $(value OPTIONS)
# make would expand them on their way out.
unexport CONFIG DATA LABEL BATCH ENCODINGS SET WORKERS OPTIONS

# The options of rankloom as "$$@". Data without a config get one that fits, made once by `rankloom init` and then yours
# to edit: atlas.h5ad has atlas.config.ts. --fitted has it refused if it was made for other data of that name.
config_of_data = name=$${GIVEN_DATA%/}; name=$${name\#\#*/}; GIVEN_CONFIG="./$${name%.*}.config.ts"
options = set -f; \
  if [ -n "$$GIVEN_LABEL" ]; then set -- "$$@" --label="$$GIVEN_LABEL"; fi; \
  if [ -n "$$GIVEN_BATCH" ]; then set -- "$$@" --batch="$$GIVEN_BATCH"; fi; \
  if [ -n "$$GIVEN_DATA" ] && [ -z "$$GIVEN_CONFIG" ]; then \
    $(config_of_data); \
    if ! [ -e "$$GIVEN_CONFIG" ]; then $(RANKLOOM) init "$$GIVEN_CONFIG" --from="$$GIVEN_DATA" "$$@" || exit $$?; fi; \
    set -- "$$@" --fitted; \
  fi; \
  if [ -n "$$GIVEN_CONFIG" ]; then set -- "$$@" --config="$$GIVEN_CONFIG"; fi; \
  if [ -n "$$GIVEN_DATA" ]; then set -- "$$@" --data="$$GIVEN_DATA"; fi; \
  if [ -n "$$GIVEN_ENCODINGS" ]; then set -- "$$@" --encodings="$$GIVEN_ENCODINGS"; fi; \
  for pair in $$GIVEN_SET; do set -- "$$@" --set="$$pair"; done; \
  eval "set -- \"\$$@\" $$GIVEN_OPTIONS"
# The same for commands that look at what is there: the config and OPTIONS alone.
look = set -f; eval "set -- $$GIVEN_OPTIONS"; \
  if [ -n "$$GIVEN_DATA" ] && [ -z "$$GIVEN_CONFIG" ]; then \
    $(config_of_data); \
  fi; \
  if [ -n "$$GIVEN_CONFIG" ]; then set -- "$$@" --config="$$GIVEN_CONFIG"; fi
workers = if [ -n "$$GIVEN_WORKERS" ]; then set -- "$$@" --workers="$$GIVEN_WORKERS"; fi

.PHONY: all
all: build  ## the whole study: install and build what is needed, then run what is not up to date
	@$(options); $(workers); exec $(RANKLOOM) run "$$@"

.PHONY: build
build: $(INSTALLED) $(KERNELS)  ## install packages and compile the kernels, if they are not up to date

lib/kernels/%.wasm: lib/kernels/assembly/%.ts $(wildcard lib/kernels/assembly/*/*.ts) lib/kernels/build.ts $(INSTALLED)
	@$(NODE) lib/kernels/build.ts
	@touch $(KERNELS)

# npm writes this file last: where it is older than the lockfile, an install is due or was cut short.
$(INSTALLED): package-lock.json
	@echo "Installing packages ..."
	@npm ci --no-audit --no-fund --loglevel=error
	@test -x $(NODE) || { echo "npm did not install $(NODE): are install scripts switched off?" >&2; exit 1; }
	@touch $@

.PHONY: $(STAGES)
$(STAGES): build
	@$(options); $(workers); exec $(RANKLOOM) run $@ "$$@"

.PHONY: plan status
plan status: build  ## what would run, and why; the state of every target
	@$(options); exec $(RANKLOOM) $@ "$$@"

.PHONY: why
why: build  ## why the targets in OPTIONS are up to date or not: make why OPTIONS='encode[rank] embed'
	@if [ -n "$$GIVEN_OPTIONS" ]; then $(options); exec $(RANKLOOM) why "$$@"; fi; \
	  echo "why needs a target or a stage: make why OPTIONS=embed" >&2; exit 2

.PHONY: show
show: build  ## the first rows of the output in OPTIONS: make show OPTIONS='separation --rows 3'
	@if [ -n "$$GIVEN_OPTIONS" ]; then $(look); exec $(RANKLOOM) show "$$@"; fi; \
	  echo "show needs an output: make show OPTIONS=separation" >&2; exit 2

.PHONY: runs
runs: build  ## the runs on record; with OPTIONS='show latest' one of them
	@$(look); exec $(RANKLOOM) runs "$$@"

.PHONY: inspect
inspect: build  ## what is in the file DATA, and which columns can be LABEL and BATCH
	@if [ -n "$$GIVEN_DATA" ]; then exec $(RANKLOOM) inspect "$$GIVEN_DATA"; fi; \
	  echo "inspect needs a file: make inspect DATA=atlas.h5ad" >&2; exit 2

# Any other name: one target, as 'encode[rank]', or a name that rankloom refuses with the right one.
.DEFAULT:
	@target='$(subst ','\'',$@)'; \
	  case "$$target" in *\[*) ;; *[./]*) echo "make: no rule to make $$target, and no such file" >&2; exit 2;; esac; \
	  test -x $(NODE) || { echo "make: $$target needs what make build installs" >&2; exit 2; }; \
	  $(options); $(workers); exec $(RANKLOOM) run "$$target" "$$@"

.PHONY: test
test: build  ## all tests, or those whose path contains one of TESTS
	@$(NODE) test/run.ts $(TESTS)

.PHONY: typecheck lint bench
typecheck: build  ## check the types
	@$(NODE) node_modules/typescript/bin/tsc --noEmit
lint: build  ## check style and common mistakes
	@$(NODE) node_modules/@biomejs/biome/bin/biome check
bench: build  ## measure speed, against other implementations where they are installed
	@set -e; for script in bench/*.ts; do echo "== $$script"; $(NODE) "$$script"; done

.PHONY: campaign
campaign: build  ## the long tests: random kills, full disks, damage, edits; an hour or more
	@set -e; for script in test/campaigns/*.ts; do echo "== $$script"; $(NODE) "$$script"; done

.PHONY: clean
clean:  ## remove the store in artifacts/, all results included; what is not of the store stays
	@if [ -L artifacts ]; then echo "artifacts is a link to $$(readlink artifacts): remove that store yourself, if it is only yours" >&2; exit 2; fi; \
	if [ ! -d artifacts ]; then exit 0; fi; \
	if [ ! -f artifacts/store.json ] && ! { [ -d artifacts/objects ] && [ -d artifacts/actions ] && [ -d artifacts/targets ]; }; then \
	  echo "artifacts/ is no store: nothing was removed" >&2; exit 2; fi; \
	cd artifacts && rm -rf $(STORED); cd .. && { rmdir artifacts 2>/dev/null || { echo "kept, for it is not of the store:"; ls -d artifacts/*; }; }

# What runs make in a store. set-aside/ is not among it: there lies what was the user's.
STORED = actions cache latest locks objects quarantine runs store.json studies targets tmp

.PHONY: help
help:  ## this list
	@echo "rankloom: how much of what makes single cells alike survives an encoding"
	@echo
	@echo "  make all                                   the study on a simulated atlas"
	@echo "  make all DATA=atlas.h5ad LABEL=cell_type   the study on your cells"
	@echo
	@echo "Targets"
	@sed -n 's/^\([a-z][a-z ]*\):[^#]*## *\(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) \
	  | awk -F'|' '{ printf "  %-12s %s\n", substr($$1, 3), $$2 }'
	@echo "  $(STAGES)"
	@echo "               one stage, with what it needs"
	@echo
	@echo "Variables"
	@echo "  CONFIG       the config; default: the nearest pipeline.config.*, or with DATA one that fits them"
	@echo "  DATA         an .h5ad file with raw counts"
	@echo "  LABEL BATCH  its columns with the cell types and, if there are any, the batches"
	@echo "  ENCODINGS    some of the config's encodings: ENCODINGS=rank,geneformer"
	@echo "  SET          values for single keys: SET='subset.cellsPerType=100 seed=1'"
	@echo "  WORKERS      worker threads; default: one a core"
	@echo "  OPTIONS      more options for rankloom: OPTIONS='--keep-going --memory 8G'"
	@echo
	@echo "More commands (export, verify, gc, config, graph): ./rankloom help"
