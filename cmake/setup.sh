# shellcheck shell=bash
# What ./latentreel, ./run-tests and .ci/run share: all from a fresh Debian 12 to a built program.
# Sourced by them, with `set -euo pipefail`.
#
# Set up in this order, each only where it is missing and said before it is done:
#   1. Debian packages (cmake/packages.txt), as root or with sudo
#   2. LibTorch: the wheels of cmake/libtorch.txt, unpacked into
#      ${XDG_DATA_HOME:-~/.local/share}/latentreel/libtorch-VERSION; on a machine with an NVIDIA GPU
#      (/proc/driver/nvidia/version) the CUDA libraries too, 2 GB
#   3. the build folder (cmake), and CLIP's vocabulary (cmake/clip-vocabulary.sh), which the bundled
#      pair of networks does without
#   4. the build (ninja)
# A second call while a first is at work waits for it. All messages go to standard error: a line for
# each step, on a terminal with how far it is. What apt-get and pip print is in packages.log and
# libtorch.log of the build folder, what cmake prints in configure.log.
#
# Variables that change this:
#   Torch_DIR, CMAKE_PREFIX_PATH   an existing LibTorch, used instead of the wheels
#   LATENTREEL_LIBTORCH            another folder for the unpacked wheels
#   LATENTREEL_CUDA=0 or 1         never or always fetch the CUDA libraries
#   LATENTREEL_BUILD_DIR           another build folder than build/
#   LATENTREEL_WERROR=ON or OFF    whether warnings are errors
#   LATENTREEL_UNITY=ON, OFF or    whether several files are compiled at once (TESTS: of the tests
#   TESTS                          alone): building everything is faster so, building after a small
#                                  change slower. By default ON in a folder that ./latentreel sets
#                                  up, OFF in one of ./run-tests
#   LATENTREEL_PACKAGES=0          install no packages, only look whether what they hold is there
#   CMAKE_BUILD_PARALLEL_LEVEL     how many files are compiled at once
#
# Exit codes: 69 something could not be had (packages, downloads), 70 configuring or building failed,
# 73 a folder cannot be written or the disk is too full.

root=${BASH_SOURCE[0]%/cmake/setup.sh}
build=$root/build
case ${LATENTREEL_BUILD_DIR:-} in
  '') ;;
  /*) build=$LATENTREEL_BUILD_DIR ;;
  *) build=$PWD/$LATENTREEL_BUILD_DIR ;;
esac

say() { printf 'latentreel: %s\n' "$*" >&2; }

# fail CODE "what was being done: what went wrong" "what to try"
fail() {
  say "$2"
  say "Try: $3"
  exit "$1"
}

# follow LOG "what is done" HOW_FAR COMMAND…: runs the command, with what it prints in LOG, and says
# what is done. On a terminal that line is drawn anew each second, with what HOW_FAR prints.
follow() {
  local log=$1 doing=$2 how_far=$3 drawer='' status=0
  shift 3
  if [[ -t 2 ]]; then
    draw "$doing" "$how_far" &
    drawer=$!
  else
    say "$doing"
  fi
  "$@" >>"$log" 2>&1 </dev/null || status=$?
  if [[ -n $drawer ]]; then
    kill "$drawer" 2>/dev/null || true
    wait "$drawer" 2>/dev/null || true
    printf '\r\e[K' >&2
    say "$doing"
  fi
  return "$status"
}

# Ends with the script, also where that is interrupted.
draw() {
  local how_far
  while kill -0 "$$" 2>/dev/null; do
    how_far=$($2 2>/dev/null) || true
    printf '\r\e[Klatentreel: %s' "${1:0:$((${COLUMNS:-80} - 30))}${how_far:+: $how_far}" >&2
    sleep 1
  done
}

# set_up build|tests TARGET: returns when ninja's TARGET is up to date.
set_up() {
  local level=$1 target=$2
  find_places
  if is_configured && is_built; then return; fi

  make_folder "$build" "name a writable folder with LATENTREEL_BUILD_DIR=/some/folder"
  lock "$build/.set-up.lock"
  if ! is_configured; then
    if [[ $level == tests ]] || tests_are_configured; then level=tests; fi
    check_space
    install_packages "$level"
    fetch_libtorch
    configure
    # run-tests asks for it itself, each time.
    if [[ $1 == build ]]; then fetch_vocabulary; fi
  fi
  is_built || compile
  unlock
}

# ---- Is there anything to do? Every call asks, so no process is started here but one ninja. --------

# Sets data, libtorch (the folder of the wheels), torch (the folder that holds include/ and lib/) and
# the texts of the two lists.
find_places() {
  if [[ -z ${HOME:-} ]]; then
    unset HOME # without it, ~ is the home folder that the system knows
    export HOME=~
  fi
  data=$HOME/.local/share/latentreel
  if [[ ${XDG_DATA_HOME:-} == /* ]]; then data=$XDG_DATA_HOME/latentreel; fi

  IFS= read -r -d '' packages_list <"$root/cmake/packages.txt" || true # true: no NUL ends the file
  IFS= read -r -d '' wheels_list <"$root/cmake/libtorch.txt" || true
  [[ $wheels_list =~ cpu\ +torch\ +([0-9.]+) ]]
  libtorch=$data/libtorch-${BASH_REMATCH[1]}
  case ${LATENTREEL_LIBTORCH:-} in
    '') ;;
    /*) libtorch=$LATENTREEL_LIBTORCH ;;
    *) libtorch=$PWD/$LATENTREEL_LIBTORCH ;;
  esac

  find_existing_torch
  torch=${existing_torch:-$libtorch/torch}
}

# Looks where cmake/Torch.cmake looks.
find_existing_torch() {
  local part folder parts
  existing_torch=
  IFS=':;' read -r -a parts <<<"${Torch_DIR:-}:${CMAKE_PREFIX_PATH:-}"
  for part in "${parts[@]}"; do
    [[ -n $part ]] || continue
    for folder in "$part" "$part/torch" "$part/../../.." "$part/libtorch"; do
      if holds_torch "$folder"; then
        existing_torch=$folder
        return
      fi
    done
  done
}

holds_torch() { [[ -f $1/include/ATen/ATen.h && -f $1/lib/libtorch_cpu.so ]]; }

cuda_is_wanted() {
  case ${LATENTREEL_CUDA:-} in
    0) return 1 ;;
    1) return 0 ;;
    *) [[ -e /proc/driver/nvidia/version ]] ;;
  esac
}

has_libtorch() {
  [[ -n $existing_torch ]] && return
  has_cpu_libraries || return 1
  ! cuda_is_wanted || [[ -e $libtorch/.complete-cuda ]]
}

# A folder without the stamp counts too where what matters is in it (someone unpacked it by hand).
has_cpu_libraries() {
  [[ -e $libtorch/.complete-cpu ]] && return
  holds_torch "$libtorch/torch" && [[ -e $libtorch/nvidia/cu13/lib/libcudart.so.13 ]]
}

# The stamp says what the build folder was set up for: its first line the level, WERROR and UNITY, then
# the folders and both lists, so that a pulled change of a list sets up again.
set_stamp_text() {
  stamp=$build/.set-up
  printf -v stamp_text '%s\n' "root $root" "torch $torch" "$packages_list" "$wheels_list"
}

is_configured() {
  local had_level had_werror had_unity had_text
  set_stamp_text
  [[ -f $stamp && -f $build/build.ninja ]] || return 1
  { read -r had_level had_werror had_unity && IFS= read -r -d '' had_text; } <"$stamp" || true
  [[ $had_text == "$stamp_text" ]] &&
    [[ $had_level == tests || $level == build ]] &&
    [[ ${LATENTREEL_WERROR:-$had_werror} == "$had_werror" ]] &&
    [[ ${LATENTREEL_UNITY:-$had_unity} == "$had_unity" ]] &&
    has_libtorch
}

# A dry run changes no file, so that any number of calls can ask at once.
is_built() {
  [[ $(ninja -C "$build" -n "$target" 2>/dev/null) == *'ninja: no work to do.' ]]
}

# ---- Folders, locks, space --------------------------------------------------------------------------

make_folder() {
  local error
  error=$(mkdir -p -- "$1" 2>&1) && [[ -w $1 ]] && return
  fail 73 "cannot write to the folder $1${error:+: $error}" "$2"
}

# lock FILE: waits while another call holds it. Without flock (not on every system) there is no lock.
lock() {
  exec {lock}>"$1"
  type -P flock >/dev/null || return 0
  if ! flock -n "$lock"; then
    say "waiting for another set-up to finish"
    flock "$lock"
  fi
}

unlock() { exec {lock}>&-; }

# Before anything is fetched: is there space for what will be?
check_space() {
  local data_need=0 build_need=0 above=${libtorch%/*}/
  if ! has_libtorch; then
    make_folder "$above" "set XDG_DATA_HOME to a writable folder"
    if ! has_cpu_libraries; then data_need=4000; fi
    if cuda_is_wanted; then data_need=$((data_need + 6000)); fi
    if [[ $(device_of "$above") == "$(device_of "$build")" ]]; then build_need=$data_need; fi
  fi
  if [[ ! -f $build/CMakeCache.txt ]]; then build_need=$((build_need + 2500)); fi
  need_space "$build" "$build_need" "LATENTREEL_BUILD_DIR"
  need_space "$above" "$data_need" "XDG_DATA_HOME"
}

device_of() { stat -c %d -- "$1"; }

need_space() { # FOLDER MEGABYTES VARIABLE
  local free
  (($2 > 0)) || return 0
  free=$(df -k --output=avail -- "$1" | tail -n 1) || return 0
  ((free / 1024 >= $2)) && return
  fail 73 "not enough space for LibTorch and the build: $1 has $((free / 1024)) MB free, $2 MB are needed" \
    "free some space, or set $3 to a folder on another disk"
}

# ---- Debian packages ----------------------------------------------------------------------------------

# install_packages build|tests|ci: what that level and those before it need.
install_packages() {
  local wanted=" build " purpose package kind name packages=() missing=()
  case $1 in
    tests) wanted=" build tests " ;;
    ci) wanted=" build tests ci " ;;
  esac
  if [[ ${LATENTREEL_PACKAGES:-1} == 0 ]] || ! type -P apt-get dpkg-query >/dev/null; then
    look_for_tools "$wanted"
    return
  fi
  while read -r purpose package kind name; do
    if [[ $wanted == *" $purpose "* ]]; then packages+=("$package"); fi
  done <"$root/cmake/packages.txt"
  find_missing_packages
  ((${#missing[@]} > 0)) || return 0

  local log=$build/packages.log
  make_folder "$build" "name a folder that can be written with LATENTREEL_BUILD_DIR=/some/folder"
  true >"$log"
  true >"$log.status"
  find_root
  follow "$log" "looking for ${#missing[@]} Debian packages" packages_so_far as_root apt-get update ||
    say "apt-get update failed; continuing with the package lists that are there"
  # shellcheck disable=SC2016 # for the shell that it starts
  follow "$log" "installing ${#missing[@]} Debian packages: ${missing[*]}" packages_so_far \
    as_root sh -c 'exec apt-get -o APT::Status-Fd=3 "$@" 3>"$0"' "$log.status" \
    -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "${missing[@]}" || {
    grep -a '^E: ' "$log" >&2 || true
    fail 69 "could not install the Debian packages ${missing[*]}: apt-get failed, see $log" \
      "fix what apt-get reports (is the network up?), then run this again"
  }
}

# "downloading, 34 %", from the lines that apt-get writes for programs: KIND:PACKAGE:PERCENT:TEXT
packages_so_far() {
  local kind percent _
  IFS=: read -r kind _ percent _ < <(grep -aE '^(dl|pm)status:' "$log.status" | tail -n 1)
  case $kind in
    dlstatus) echo "downloading, ${percent%.*} %" ;;
    pmstatus) echo "unpacking, ${percent%.*} %" ;;
  esac
}

# Fills missing from packages.
find_missing_packages() {
  local states package
  # dpkg-query fails where it does not know one of them, and answers for the others.
  # shellcheck disable=SC2016 # dpkg's own ${}
  states=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null) || true
  for package in "${packages[@]}"; do
    if [[ $'\n'$states$'\n' != *$'\n'"installed $package"$'\n'* ]]; then missing+=("$package"); fi
  done
}

# Becomes root where that needs a password, which nobody could see under a line of progress.
find_root() {
  [[ $(id -u) != 0 ]] || return 0
  if type -P sudo >/dev/null; then
    sudo -v >&2 || true
  else
    fail 69 "could not install the Debian packages ${missing[*]}: not running as root, and there is no sudo" \
      "have an administrator run: apt-get install --no-install-recommends ${missing[*]}"
  fi
}

as_root() {
  if [[ $(id -u) == 0 ]]; then
    DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# Without apt-get: says what is missing, by the names that other distributions' packages go by.
look_for_tools() {
  local purpose package kind name missing=()
  while read -r purpose package kind name; do
    [[ $1 == *" $purpose "* ]] || continue
    case $kind in
      command) type -P "$name" >/dev/null || missing+=("$name") ;;
      module) pkg-config --exists "$name" 2>/dev/null || missing+=("$name (pkg-config)") ;;
    esac
  done <"$root/cmake/packages.txt"
  ((${#missing[@]} > 0)) || return 0
  local list
  printf -v list '%s, ' "${missing[@]}"
  fail 69 "cannot build: packages are installed automatically on Debian only; missing here: ${list%, }" \
    "install them with your system's package manager, then run this again"
}

# ---- LibTorch -----------------------------------------------------------------------------------------

fetch_libtorch() {
  if [[ -n $existing_torch ]]; then
    say "using the LibTorch in $existing_torch"
    return
  fi
  if [[ -n ${Torch_DIR:-} ]]; then
    say "there is no LibTorch in Torch_DIR=$Torch_DIR; using $libtorch"
  fi
  if has_libtorch; then
    mark_cpu_libraries
    return
  fi

  local build_lock=$lock
  lock "$libtorch.lock"
  has_cpu_libraries || fetch_cpu_libraries
  mark_cpu_libraries
  if cuda_is_wanted && [[ ! -e $libtorch/.complete-cuda ]]; then
    fetch_wheels cuda "$libtorch"
    true >"$libtorch/.complete-cuda"
  fi
  unlock
  lock=$build_lock
}

# A folder that an administrator keeps may be read-only; it serves without the mark.
mark_cpu_libraries() {
  if [[ -w $libtorch ]]; then true >"$libtorch/.complete-cpu"; fi
}

# Unpacked beside its place and renamed when complete: the folder is there whole, or not at all.
fetch_cpu_libraries() {
  fetch_wheels cpu "$libtorch.part"
  mv -T -- "$libtorch.part" "$libtorch" ||
    fail 73 "could not rename $libtorch.part to $libtorch" "move the folder $libtorch away"
}

# fetch_wheels SET FOLDER: downloads, checks and unpacks one wheel after the other. What an earlier
# call unpacked whole is not fetched again.
fetch_wheels() {
  local set package version megabytes digest python
  [[ ${HOSTTYPE:-} == x86_64 && ${OSTYPE:-} == linux* ]] ||
    fail 69 "cannot fetch LibTorch: the pinned one is for Linux on x86-64, this is ${MACHTYPE:-not}" \
      "name a LibTorch for this machine with Torch_DIR=/path/to/libtorch"
  find_pip
  make_folder "$2" "set XDG_DATA_HOME to a writable folder"
  while read -r set package version megabytes digest; do
    [[ $set == "$1" ]] || continue
    [[ -e $2/.unpacked/$package-$version ]] || fetch_wheel "$2"
  done <"$root/cmake/libtorch.txt"
  rm -rf -- "$2/.unpacked"
}

# pip wants an own Python in PATH to have it too; Debian's always does.
find_pip() {
  for python in python3 /usr/bin/python3; do
    if "$python" -m pip --version >/dev/null 2>&1; then return; fi
  done
  fail 69 "cannot fetch LibTorch: python3 here has no pip" "install pip (Debian: python3-pip)"
}

fetch_wheel() { # INTO; package, version, megabytes, digest and python are fetch_wheels'
  local wheels=$1/.download wheel=() log=$build/libtorch.log
  rm -rf -- "$wheels"
  mkdir -p -- "$wheels/temporary" "$1/.unpacked"

  follow "$log" "fetching $package $version ($megabytes MB) into $1" wheel_so_far pip_download "$wheels" || {
    grep -a '^ERROR' "$log" | tail -n 3 >&2 || true
    fail 69 "could not download $package $version: pip failed, see $log" \
      "if the network was down, run this again (what is unpacked is kept); or name an existing LibTorch with Torch_DIR"
  }
  wheel=("$wheels"/*.whl)
  sha256sum --check --status <<<"$digest  ${wheel[0]}" || {
    rm -rf -- "$wheels"
    fail 69 "refused $package $version: the downloaded file does not have the SHA-256 in cmake/libtorch.txt" \
      "run this again; if it happens again, the package index or a proxy serves a different file"
  }
  say "unpacking $package"
  "$python" -m zipfile -e "${wheel[0]}" "$1" </dev/null ||
    fail 73 "could not unpack ${wheel[0]}" "see above: is the disk full?"
  rm -rf -- "$wheels"
  true >"$1/.unpacked/$package-$version"
}

# "120 MB"
wheel_so_far() {
  local kilobytes _
  read -r kilobytes _ < <(du -sk -- "$wheels")
  echo "$((kilobytes / 1024)) MB"
}

# The target is fixed, so that the pip of any Python takes the same file. Digests can only be given
# in a file of requirements.
pip_download() {
  local minor platforms=(--platform manylinux2014_x86_64)
  for minor in {28..5}; do platforms+=(--platform "manylinux_2_${minor}_x86_64"); done
  # TMPDIR: /tmp may be too small. No cache: it would keep everything a second time.
  TMPDIR=$1/temporary PIP_REQUIRE_VIRTUALENV=0 "$python" -m pip download \
    --disable-pip-version-check --no-cache-dir --no-deps --only-binary=:all: --require-hashes \
    --implementation cp --python-version 3.11 --abi cp311 "${platforms[@]}" \
    --dest "$1" --requirement <(echo "$package==$version --hash=sha256:$digest")
}

# Published models need it, and the tests of the tokenizer; the bundled pair does not.
fetch_vocabulary() {
  [[ -e $data/bpe_simple_vocab_16e6.txt.gz ]] && return
  sh "$root/cmake/clip-vocabulary.sh" >&2 </dev/null ||
    say "continuing without CLIP's vocabulary: published CLIP models cannot be used, and their tests are skipped"
}

# ---- The build ----------------------------------------------------------------------------------------

# Also where someone configured the folder by hand: tests that are on stay on.
tests_are_configured() {
  grep -qs '^LATENTREEL_TESTS:BOOL=ON' "$build/CMakeCache.txt"
}

configure() {
  local options=(-D LATENTREEL_LIBTORCH="$libtorch") log=$build/configure.log
  local werror=${LATENTREEL_WERROR:-} unity=${LATENTREEL_UNITY:-}
  if [[ $level == tests ]]; then
    options+=(-D LATENTREEL_TESTS=ON)
  else
    options+=(-D LATENTREEL_TESTS=OFF)
  fi
  if [[ -n $werror ]]; then options+=(-D LATENTREEL_WERROR="$werror"); fi
  if [[ ! -f $build/CMakeCache.txt ]]; then
    options+=(-D CMAKE_BUILD_TYPE=Release)
    # Who wants the program builds it once; who wants the tests is going to change files.
    if [[ $level == build ]]; then unity=${unity:-ON}; fi
  fi
  if [[ -n $unity ]]; then options+=(-D LATENTREEL_UNITY="$unity"); fi

  say "configuring $build"
  cmake -G Ninja -S "$root" -B "$build" "${options[@]}" >"$log" 2>&1 </dev/null || {
    tail -n 30 -- "$log" >&2
    fail 70 "could not configure the build: cmake failed, see above and $log" \
      "remove the folder $build and run this again"
  }
  printf '%s %s %s\n%s\0' "$level" "${werror:-kept}" "${LATENTREEL_UNITY:-kept}" "$stamp_text" >"$stamp"
}

compile() {
  local jobs
  set_jobs
  say "building in $build, $jobs files at once (the first build takes some minutes)"
  # Straight to the terminal, where ninja keeps one line of progress and shows what failed.
  NINJA_STATUS='[%f/%t, %e s] ' ninja -C "$build" -j "$jobs" "$target" >&2 </dev/null ||
    fail 70 "could not build latentreel: ninja failed, see above" \
      "if the compiler was killed, memory is short: set CMAKE_BUILD_PARALLEL_LEVEL=1; if many files changed: remove $build"
}

# A compiler that reads LibTorch's headers takes up to 2 GB.
set_jobs() {
  local kilobytes _
  jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-}
  [[ -z $jobs ]] || return 0
  jobs=$(nproc)
  read -r _ kilobytes _ </proc/meminfo # its first line is MemTotal
  if ((kilobytes / 2000000 < jobs)); then jobs=$((kilobytes / 2000000)); fi
  if ((jobs < 1)); then jobs=1; fi
}
