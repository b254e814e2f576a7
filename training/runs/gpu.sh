#!/bin/sh
# The model that one large GPU trains in half an hour: 29M parameters.  It has never been run in full.
#
#   gpu.sh pack FOLDER-OF-EPISODES OUT [SHARE]   here: wheels and episodes for a machine without a network, below 58 MB
#   gpu.sh build PACK WORK [MILLIONS]            there: examples, with all cores
#   gpu.sh train PACK WORK MINUTES               there: goes on where it was; several GPUs as well
#   gpu.sh finish PACK WORK TOKENS OUT           there: cool down, export, cut into pieces below 15 MB
#
# "there" needs Python 3.12 with PyTorch 2.9 or later and NumPy.  Pieces are put together with cat.
set -eu
what=$1
here=$(dirname "$0")
python=${PYTHON:-python3}
recipe=${RECIPE:-$here/gpu.json}

if [ "$what" = pack ]; then
    episodes=$2 out=$3 share=${4:-85}
    mkdir -p "$out/wheels"
    "$python" -m pip download --quiet --only-binary :all: --python-version 3.12 --no-deps --dest "$out/wheels" \
        tree-sitter tree-sitter-python tree-sitter-javascript tree-sitter-typescript tree-sitter-go tree-sitter-rust \
        tree-sitter-java tree-sitter-c tree-sitter-ruby pathspec gguf
    cp "$episodes/edits-train-01.jsonl.xz" "$episodes/edits-dev.jsonl.xz" "$out"
    # A share of the episodes, evenly: the whole would not fit.
    xzcat "$episodes/edits-train-00.jsonl.xz" | awk -v share="$share" 'NR * 61 % 100 < share' |
        xz -6 -T0 >"$out/edits-train-00.jsonl.xz"
    du -sh "$out"
    exit
fi

pack=$2 work=$3
[ -d "$work/packages" ] || "$python" -m pip install --quiet --no-index --no-deps --target "$work/packages" \
    "$pack"/wheels/*.whl
export PYTHONPATH="$PWD:$work/packages"
processes=$("$python" -c 'import torch; print(max(1, torch.cuda.device_count()))')
launch="$python -m"
[ "$processes" -eq 1 ] || launch="$python -m torch.distributed.run --nproc-per-node $processes -m"
case $what in
build) PYTHON="$python" sh "$here/examples.sh" "$pack" "$work/shards" "${4:-300}" "$(nproc)" ;;
train) $launch training train --recipe "$recipe" --shards "$work/shards" --out "$work/gpu" --minutes "$4" ;;
finish)
    $launch training cool-down --recipe "$recipe" --shards "$work/shards" --out "$work/cooled" \
        --from "$work/gpu/latest.pt" --tokens "$4"
    "$python" -m training export "$work/cooled/latest.pt" --out "$work/model.gguf"
    split -b 15000000 "$work/model.gguf" "$5/model.gguf."
    cp "$work/gpu/log.jsonl" "$5/log.jsonl"
    cat "$work/cooled/log.jsonl" >>"$5/log.jsonl"
    ;;
*) echo "gpu.sh pack, build, train or finish" >&2 && exit 2 ;;
esac
