#!/usr/bin/env bash
# Stands in for the programs that set-up starts: writes its call to $BOX/log and leaves behind what the
# real one would. Which one it is, its name says; files in $BOX make it fail.
set -euo pipefail
name=${0##*/}
printf '%s\n' "$name $*" >>"$BOX/log"

value_of() { # value_of OPTION ARGUMENTS…
  local option=$1
  shift
  while (($# > 1)); do
    if [[ $1 == "$option" ]]; then
      printf '%s\n' "$2"
      return
    fi
    shift
  done
}

fails() { [[ -e $BOX/$1-fails ]] && grep -q -- "$2" "$BOX/$1-fails"; }

pip_download() {
  local requirement wheel
  requirement=$(<"$(value_of --requirement "$@")")
  printf '%s\n' "requirement $requirement" >>"$BOX/log"
  if fails pip "${requirement%%=*}"; then
    echo "ERROR: no network" >&2
    exit 1
  fi
  wheel=$(value_of --dest "$@")/${requirement%%=*}.whl
  printf '%s' "${requirement%% *}" >"$wheel" # its digest is that of this text
}

unpack() { # unpack WHEEL FOLDER
  mkdir -p "$2/torch/include/ATen" "$2/torch/lib" "$2/nvidia/cu13/lib"
  case ${1##*/} in
    torch.whl) touch "$2/torch/include/ATen/ATen.h" "$2/torch/lib/libtorch_cpu.so" ;;
    nvidia-cuda-runtime.whl) touch "$2/nvidia/cu13/lib/libcudart.so.13" ;;
    *) touch "$2/nvidia/${1##*/}" ;;
  esac
}

run_ninja() {
  local folder program
  folder=$(value_of -C "$@")
  program=$folder/src/cli/latentreel
  if [[ " $* " == *" -n "* ]]; then
    if [[ -e $program && ! -e $BOX/edited ]]; then echo "ninja: no work to do."; else echo "[1/1] work"; fi
    return
  fi
  if fails ninja .; then
    echo "error: expected ';'"
    exit 1
  fi
  rm -f "$BOX/edited"
  mkdir -p "${program%/*}"
  # shellcheck disable=SC2016 # for the program to expand
  printf '%s\n' '#!/usr/bin/env bash' 'printf "program:"; printf " <%s>" "$@"; echo' >"$program"
  chmod +x "$program"
}

case "$name $*" in
  "dpkg-query "*) cat "$BOX/installed" ;;
  "apt-get "*install*)
    echo "Reading lists"
    if fails apt-get .; then
      echo "E: no such package"
      exit 100
    fi
    for argument; do
      if [[ $argument == *[!a-z]* || $argument == cmake ]]; then echo "installed $argument" >>"$BOX/installed"; fi
    done
    cp -P "$BOX"/installable/* "$BOX/bin/"
    ;;
  "sudo DEBIAN_FRONTEND=noninteractive "*) "${@:2}" ;;
  "python3 -m pip download "*) pip_download "$@" ;;
  "python3 -m zipfile -e "*) unpack "$4" "$5" ;;
  "cmake "*" -P "*) ;;
  "cmake "*)
    if fails cmake .; then
      echo "CMake Error: no compiler"
      exit 1
    fi
    folder=$(value_of -B "$@")
    echo "LATENTREEL_TESTS:BOOL=$([[ "$*" == *LATENTREEL_TESTS=ON* ]] && echo ON || echo OFF)" >"$folder/CMakeCache.txt"
    touch "$folder/build.ninja"
    ;;
  "ninja "*) run_ninja "$@" ;;
  "id -u") if [[ -e $BOX/not-root ]]; then echo 1000; else echo 0; fi ;;
  "df "*)
    echo Avail
    if [[ -e $BOX/disk-full ]]; then echo 1000000; else echo 100000000; fi
    ;;
esac
