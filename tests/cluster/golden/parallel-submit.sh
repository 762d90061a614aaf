#!/bin/sh
# Does a plan's shares by GNU parallel, stage by stage. Written by latentreel submit.
set -eu
cd -- '/films/dawn/plan.submission'
mkdir -p logs

stage() { # NAME SHARE...
  name=$1
  shift
  printf '%s\n' "$@" | parallel --joblog "logs/$name.joblog" \
    --jobs 100% --resume-failed --retries 3 --halt soon,fail=1 --workdir . --sshlogin 'anna@one,two' \
    sh ./share.sh '{}'
}

stage 0-key 0 1 2
stage 1-pace 3 4
stage 2-seg 5 6
stage 3-film 7
