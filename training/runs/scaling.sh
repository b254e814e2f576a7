#!/bin/sh
# How quality grows with parameters: three sizes on the same lessons, for as many tokens each.
#
#   scaling.sh WORK-FOLDER [MILLIONS OF TOKENS]      after examples.sh; logs in WORK/scaling-WIDTH/log.jsonl
set -eu
work=$1 millions=${2:-4}
python=${PYTHON:-python3}
export OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0
for shape in 128:3:384 256:6:768 384:8:1152; do
    width=${shape%%:*} rest=${shape#*:}
    layers=${rest%%:*} inner=${rest#*:}
    recipe="$work/scaling-$width.json"
    cat >"$recipe" <<END
{"shape": {"width": $width, "n_layers": $layers, "n_heads": $((width / 64)), "inner": $inner},
 "held_out": ["dev-commits", "dev-rename"],
 "stages": [
   {"tokens": $((millions / 2))e6, "batch_tokens": 2048, "shares": {"rename-short": 1}},
   {"tokens": $((millions - millions / 2))e6, "shares": {"rename-long": 1, "refactorings": 2, "commits": 3}}]}
END
    nice -n 12 "$python" -m training train --recipe "$recipe" --shards "$work/shards" --out "$work/scaling-$width"
done
