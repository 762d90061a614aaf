#!/bin/sh
# Hands a plan's shares to Slurm. Written by latentreel submit.
set -eu
cd -- '/films/dawn/plan.submission'
mkdir -p logs

# All or nothing: what Slurm has taken is taken back if it refuses the rest.
jobs=
done=
take_back() {
  code=$?
  # shellcheck disable=SC2086 # several numbers
  if [ -z "$done" ] && [ -n "$jobs" ]; then scancel $jobs || true; fi
  exit "$code"
}
trap take_back EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

hand() { # ARRAY OPTION...: says which job the array has become
  array=$1
  shift
  job=$(sbatch \
    '--parsable' \
    '--requeue' \
    '--kill-on-invalid-dep=yes' \
    '--signal=B:TERM@60' \
    '--open-mode=append' \
    '--output=logs/%x.%A_%a.log' \
    '--chdir=/films/dawn/plan.submission' \
    '--nodes=1' \
    '--ntasks=1' \
    '--cpus-per-task=1' \
    '--gres=gpu:1' \
    '--partition=gpu' \
    '--account=studio' \
    '--constraint=h200' \
    '--qos=night' \
    "$@")
  job=${job%%;*} # the cluster's name, where there are several
  jobs="$jobs $job"
  echo "$array $job"
}

hand 0 --job-name=latentreel-key --array=0-2%8 --time=10 --mem=1280M share.sh 0
job_0=$job
hand 1 --job-name=latentreel-pace --array=0-0%8 --time=10 --mem=1280M "--dependency=afterok:${job_0}_0:${job_0}_1" share.sh 3
job_1=$job
hand 2 --job-name=latentreel-pace --array=0-0%8 --time=10 --mem=1280M "--dependency=afterok:${job_0}_1:${job_0}_2" share.sh 4
job_2=$job
hand 3 --job-name=latentreel-seg --array=0-0%8 --time=10 --mem=1280M "--dependency=afterok:${job_1}_0" share.sh 5
job_3=$job
hand 4 --job-name=latentreel-seg --array=0-0%8 --time=10 --mem=1280M "--dependency=afterok:${job_2}_0" share.sh 6
job_4=$job
hand 5 --job-name=latentreel-film --array=0-0%8 --time=10 --mem=1280M "--dependency=afterok:${job_3}_0:${job_4}_0" share.sh 7
job_5=$job
done=yes
