#!/bin/sh
# The model that two cores can train: 6.2M parameters.  Stop it at any moment, start it again, and it goes on.
#
#   cpu.sh FOLDER-OF-EPISODES WORK-FOLDER [MINUTES]
#
# WORK/shards are the examples (made if there are none), WORK/cpu the checkpoints.  When it is good enough:
#
#   python -m training cool-down --recipe training/runs/cpu.json --shards WORK/shards --out WORK/cooled \
#       --from WORK/cpu/latest.pt --tokens 4e6
#   python -m training export WORK/cooled/latest.pt --out model.gguf
set -eu
episodes=$1 work=$2 minutes=${3:-inf}
python=${PYTHON:-python3}
here=$(dirname "$0")
# Threads that wait must not spin: beside another busy process that costs three quarters of the speed.
export OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0
[ -e "$work/shards/dev-rename-00.npz" ] || PYTHON="$python" sh "$here/examples.sh" "$episodes" "$work/shards"
exec nice -n 12 "$python" -m training train --recipe "${RECIPE:-$here/cpu.json}" --shards "$work/shards" \
    --out "$work/cpu" --minutes "$minutes"
