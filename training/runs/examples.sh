#!/bin/sh
# Makes all shards of examples that the recipes name.
#
#   examples.sh FOLDER-OF-EPISODES OUT [MILLIONS OF TOKENS] [JOBS]
#
# The shares of the lessons are those that the recipes ask for.  One core made 24 million tokens of commits in four minutes, beside other work.
set -eu
episodes=$1 out=$2 millions=${3:-60} jobs=${4:-2}
python=${PYTHON:-python3}

build() {
    name=$1 share=$2
    shift 2
    $python -m training build --jobs "$jobs" --longest 900 --tokens "$((millions * share * 10))e3" --out "$out/$name" "$@"
}

train="$episodes/edits-train-*.jsonl.xz"
# shellcheck disable=SC2086 - the episodes are a pattern.
{
    build rename-short 8 --episodes $train --lesson rename --difficulty 0 0.3 --seed 1
    build rename-long 12 --episodes $train --lesson rename --difficulty 0.3 1 --seed 2
    build refactorings 20 --episodes $train --lesson refactorings --seed 4
    build lintseq 8 --episodes $train --lesson lintseq --seed 5
    build commits 52 --episodes $train --lesson commits --seed 6
}
dev="$episodes/edits-dev.jsonl.xz"
jobs=1 millions=1000
build dev-commits 100 --episodes "$dev" --limit 250 --lesson commits --seed 9
build dev-refactorings 100 --episodes "$dev" --limit 40 --lesson refactorings --seed 9
build dev-rename 100 --episodes "$dev" --limit 40 --lesson rename --seed 9
