#!/bin/sh
# Does a plan's shares one after another. Written by latentreel submit.
set -eu
cd -- '/films/dawn/plan.submission'
mkdir -p logs

share=0
tries=0
while [ "$share" -lt 8 ]; do
  code=0
  sh ./share.sh "$share" || code=$?
  if [ "$code" -eq 0 ]; then
    share=$((share + 1))
    tries=0
  elif [ "$code" -eq 75 ] && [ "$tries" -lt 3 ]; then
    tries=$((tries + 1)) # 75: worth trying again
  else
    echo "latentreel: share $share ended with exit code $code" >&2
    exit "$code"
  fi
done
