#!/bin/sh
# Does one share of a plan, called by its number. Written by latentreel submit.
program='/opt/latentreel/latentreel'
plan='/films/dawn/plan.json'
store='/films/store'
share=$(($1 + ${SLURM_ARRAY_TASK_ID:-0}))
restarts=${SLURM_RESTART_COUNT:-0}
if [ "$restarts" -gt 50 ]; then
  echo "latentreel: share $share was begun $restarts times and is given up" >&2
  exit 70
fi
case $share in
  0) set -- key:0 ;;
  1) set -- key:1 ;;
  2) set -- key:2 ;;
  3) set -- key:0 key:1 pace:0 ;;
  4) set -- key:1 key:2 pace:1 ;;
  5) set -- key:0 key:1 pace:0 seg:0 ;;
  6) set -- key:1 key:2 pace:1 seg:1 ;;
  7) set -- seg:0 seg:1 film ;;
  *)
    echo "latentreel: there is no share $share" >&2
    exit 64
    ;;
esac
"$program" task "$plan" "$@" --store "$store" --jobs 1 --on-term retry &
child=$!
stopped=
trap 'stopped=yes; kill -TERM "$child"' TERM
wait "$child"
code=$?
while [ -n "$stopped" ]; do
  stopped=
  wait "$child"
  again=$?
  if [ "$again" -ne 127 ]; then code=$again; fi
done
# 75: to be tried again. The cluster does not do that by itself (RequeueExit=75).
if [ "$code" -eq 75 ] && scontrol requeue "$SLURM_JOB_ID"; then
  sleep 300 # until Slurm ends this run of the job
fi
exit "$code"
