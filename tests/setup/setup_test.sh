#!/usr/bin/env bash
# setup_test.sh CASE: runs the entry scripts in a copy of the checkout, with a PATH that holds
# stand-ins only (stand_in.sh), and looks at what they started and said.
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
source_root=${here%/tests/setup}
BOX=$(mktemp -d)
trap 'rm -rf -- "$BOX"' EXIT
checkout="$BOX/a checkout" # a space, for every case
home="$BOX/a home"
libtorch="$home/.local/share/latentreel/libtorch-2.11.0"

prepare() {
  local name
  mkdir -p "$checkout/cmake" "$home" "$BOX/bin" "$BOX/installable"
  cp "$source_root/latentreel" "$source_root/run-tests" "$checkout/"
  cp "$source_root/cmake/setup.sh" "$source_root/cmake/packages.txt" "$checkout/cmake/"
  # shellcheck disable=SC2016 # for the script to expand
  echo 'mkdir -p "$HOME/.local/share/latentreel"; echo vocabulary >>"$BOX/log"; [ ! -e "$BOX/vocabulary-fails" ]' \
    >"$checkout/cmake/clip-vocabulary.sh"
  # shellcheck disable=SC2016
  echo 'echo test-python >>"$BOX/log"' >"$checkout/cmake/test-python.sh"
  # The stand-in's wheels are the text NAME==VERSION.
  while read -r set package version _; do
    [[ $set == cpu || $set == cuda ]] || continue
    echo "$set $package $version 1 $(printf '%s' "$package==$version" | sha256sum | cut -d ' ' -f 1)"
  done <"$source_root/cmake/libtorch.txt" >"$checkout/cmake/libtorch.txt"

  for name in bash sh cat cp chmod env flock grep mkdir mv nproc readlink rm sha256sum sleep stat tail touch; do
    ln -s "$(type -P "$name")" "$BOX/bin/$name"
  done
  for name in apt-get dpkg-query id df; do ln -s "$here/stand_in.sh" "$BOX/bin/$name"; done
  for name in python3 cmake ninja ctest run-clang-tidy-14; do ln -s "$here/stand_in.sh" "$BOX/installable/$name"; done
  echo "installed g++" >"$BOX/installed"
  true >"$BOX/log"
}

# call SCRIPT ARGUMENTS…: sets status; what it printed is in $BOX/out and $BOX/error. variables are its
# environment.
variables=()
call() {
  status=0
  (cd "$BOX" && env -i PATH="$BOX/bin" HOME="$home" BOX="$BOX" LATENTREEL_CUDA=0 "${variables[@]}" "$@" \
    >"$BOX/out" 2>"$BOX/error" </dev/null) || status=$?
}

broken() {
  echo "FAILED: $1" >&2
  for file in log out error; do echo "---- $file"; cat "$BOX/$file"; done >&2
  exit 1
}

expect_status() { [[ $status == "$1" ]] || broken "exit code $status, not $1"; }
expect_said() { grep -qF -- "$1" "$BOX/error" || broken "it did not say: $1"; }
expect_out() { [[ $(<"$BOX/out") == "$1" ]] || broken "it did not print: $1"; }
expect_started() { grep -qE -- "$1" "$BOX/log" || broken "it did not start: $1"; }
expect_not_started() { ! grep -qE -- "$1" "$BOX/log" || broken "it started: $1"; }
# Each pattern's first line in the log comes after the one before it.
expect_order() {
  local pattern line last=0
  for pattern; do
    line=$(grep -nE -m 1 -- "$pattern" "$BOX/log" | cut -d : -f 1) || broken "it did not start: $pattern"
    ((line > last)) || broken "too early: $pattern"
    last=$line
  done
}
forget() { true >"$BOX/log"; }

set_up_once() {
  call "$checkout/latentreel" --version
  expect_status 0
  forget
}

fresh_machine() {
  call "$checkout/latentreel" render "a scene.toml" -o film.mp4
  expect_status 0
  expect_out "program: <render> <a scene.toml> <-o> <film.mp4>"
  expect_order '^apt-get update' '^apt-get .*install -y --no-install-recommends .*cmake.*libfmt-dev' \
    '^requirement torch==2.11.0 --hash=sha256:' '^python3 -m zipfile .*/torch.whl' \
    '^requirement nvidia-cuda-runtime==' '^requirement nvidia-cuda-cupti==' \
    '^cmake -G Ninja .*LATENTREEL_TESTS=OFF .*LATENTREEL_UNITY=ON' '^vocabulary' '^ninja .*-j [0-9]+ src/cli/latentreel'
  expect_not_started 'install.* g\+\+' # it is there
  expect_not_started 'gtest|clang-format|nvidia-cublas'
  expect_said "Debian packages: cmake ninja-build"
  expect_said "fetching torch 2.11.0"
  expect_said "configuring"
  expect_said "building"
  [[ -e $libtorch/.complete-cpu && ! -e $libtorch.part && ! -e $libtorch/.download ]] || broken "LibTorch's folder"
}

nothing_to_do() {
  set_up_once
  call "$checkout/latentreel" plan
  expect_out "program: <plan>"
  [[ ! -s $BOX/error ]] || broken "it said something"
  [[ $(wc -l <"$BOX/log") == 1 ]] || broken "it started more than one program"
  expect_started '^ninja .* -n src/cli/latentreel$'
}

run_tests_adds_the_tests() {
  set_up_once
  call "$checkout/run-tests" -R "a name"
  expect_status 0
  expect_order '^apt-get .*install .*libgtest-dev .*ffmpeg' '^cmake .*LATENTREEL_TESTS=ON' '^ninja .* all$' \
    '^vocabulary' '^ctest --test-dir .*/build --output-on-failure .*--parallel 2 -R a name$'
  expect_not_started 'install.* cmake|pip download|LATENTREEL_UNITY' # what is built stays as it is
  forget
  call "$checkout/latentreel" # and back: the tests stay configured
  expect_not_started '^(cmake|apt-get|dpkg)'
}

tests_configured_by_hand_stay() {
  mkdir -p "$checkout/build"
  echo "LATENTREEL_TESTS:BOOL=ON" >"$checkout/build/CMakeCache.txt"
  call "$checkout/latentreel"
  expect_status 0
  expect_order '^apt-get .*install .*libgtest-dev' '^cmake .*LATENTREEL_TESTS=ON' '^ninja .*-j [0-9]+ src/cli/latentreel'
}

warnings_as_errors() {
  set_up_once
  variables=(LATENTREEL_WERROR=ON)
  call "$checkout/latentreel"
  expect_started '^cmake .*LATENTREEL_WERROR=ON'
  forget
  variables=()
  call "$checkout/latentreel" # unset: as it was
  expect_not_started '^cmake'
}

edited_source_is_built() {
  set_up_once
  touch "$BOX/edited"
  call "$checkout/latentreel"
  expect_status 0
  expect_started '^ninja .*-j'
  expect_not_started '^(cmake|apt-get|dpkg|python3)'
}

changed_list_sets_up_again() {
  set_up_once
  echo "build libnew-dev module new" >>"$checkout/cmake/packages.txt"
  call "$checkout/latentreel"
  expect_order '^apt-get .*install .*libnew-dev' '^cmake '
  expect_not_started 'pip download'
}

through_a_link() {
  ln -s "$checkout/latentreel" "$BOX/bin/short"
  ln -s short "$BOX/bin/shorter"
  call shorter x
  expect_out "program: <x>"
  expect_started "^cmake .* -S $checkout -B $checkout/build"
}

sudo_is_used() {
  touch "$BOX/not-root"
  ln -s "$here/stand_in.sh" "$BOX/bin/sudo"
  call "$checkout/latentreel"
  expect_status 0
  expect_started '^sudo .*apt-get .*install'
}

no_root_and_no_sudo() {
  touch "$BOX/not-root"
  call "$checkout/latentreel"
  expect_status 69
  expect_said "not running as root, and there is no sudo"
  expect_said "apt-get install --no-install-recommends cmake"
  expect_not_started '^(apt-get|cmake|python3)'
}

failed_packages() {
  echo . >"$BOX/apt-get-fails"
  call "$checkout/latentreel"
  expect_status 69
  expect_said "apt-get failed, see $checkout/build/packages.log"
  expect_said "E: no such package"
  grep -q "Reading lists" "$checkout/build/packages.log" || broken "packages.log lacks what apt-get printed"
  ! grep -q "Reading lists" "$BOX/error" || broken "it printed what apt-get prints"
  expect_not_started '^(cmake|python3)'
}

failed_download_continues() {
  echo nvidia-cuda-runtime >"$BOX/pip-fails"
  call "$checkout/latentreel"
  expect_status 69
  expect_said "could not download nvidia-cuda-runtime"
  expect_said "ERROR: no network"
  expect_said "see $checkout/build/libtorch.log"
  expect_said "if the network was down, run this again"
  expect_not_started '^cmake'
  [[ ! -e $libtorch ]] || broken "half a LibTorch under its name"
  rm "$BOX/pip-fails"
  forget
  call "$checkout/latentreel"
  expect_status 0
  expect_not_started 'requirement torch==' # it was unpacked already
}

wrong_digest_is_refused() {
  sed -i '/torch/s/.$/x/' "$checkout/cmake/libtorch.txt"
  call "$checkout/latentreel"
  expect_status 69
  expect_said "refused torch 2.11.0"
  expect_not_started 'zipfile|^cmake'
  [[ ! -e $libtorch && ! -e $libtorch.part/.download ]] || broken "the refused file stayed"
}

full_disk() {
  touch "$BOX/disk-full"
  call "$checkout/latentreel"
  expect_status 73
  expect_said "976 MB free, 6500 MB are needed"
  expect_not_started 'apt-get|pip download'
}

folder_that_cannot_be_written() {
  true >"$BOX/file"
  variables=("LATENTREEL_BUILD_DIR=file/build") # also for root, who can write to any folder
  call "$checkout/latentreel"
  expect_status 73
  expect_said "cannot write to the folder $BOX/file/build"
  expect_said "LATENTREEL_BUILD_DIR=/some/folder"
}

existing_libtorch() {
  mkdir -p "$BOX/opt/libtorch/include/ATen" "$BOX/opt/libtorch/lib" "$BOX/opt/libtorch/share/cmake/Torch"
  touch "$BOX/opt/libtorch/include/ATen/ATen.h" "$BOX/opt/libtorch/lib/libtorch_cpu.so"
  variables=("CMAKE_PREFIX_PATH=/nowhere:$BOX/opt" LATENTREEL_CUDA=1)
  call "$checkout/latentreel"
  expect_status 0
  expect_said "using the LibTorch in $BOX/opt/libtorch"
  expect_not_started 'pip download'
  forget
  variables=("Torch_DIR=$BOX/opt/libtorch/share/cmake/Torch")
  call "$checkout/latentreel"
  expect_started '^cmake' # named in another way: configured again
  expect_not_started 'pip download'
}

libtorch_unpacked_by_hand() {
  mkdir -p "$libtorch/torch/include/ATen" "$libtorch/torch/lib" "$libtorch/nvidia/cu13/lib"
  touch "$libtorch/torch/include/ATen/ATen.h" "$libtorch/torch/lib/libtorch_cpu.so" \
    "$libtorch/nvidia/cu13/lib/libcudart.so.13"
  call "$checkout/latentreel"
  expect_status 0
  expect_not_started 'pip download'
  [[ -e $libtorch/.complete-cpu ]] || broken "it was not marked as complete"
}

cuda_libraries() {
  set_up_once
  variables=(LATENTREEL_CUDA=1)
  call "$checkout/latentreel"
  expect_status 0
  expect_started '^requirement nvidia-cublas=='
  expect_started '^requirement nvidia-nccl-cu13=='
  expect_not_started '^requirement torch==|^requirement nvidia-cuda-runtime'
  [[ -e $libtorch/.complete-cuda && -e $libtorch/torch/lib/libtorch_cpu.so ]] || broken "LibTorch's folder"
  forget
  call "$checkout/latentreel"
  expect_not_started '^python3'
}

# What torch's metadata names is pinned in cmake/libtorch.txt: nvidia-* by version, cuda-toolkit's
# extras by name (it has no files of its own).
cuda_pins_agree_with_torch() {
  local metadata line extra missing=()
  metadata=$(echo "${LATENTREEL_TORCH_ROOT:-}"/../torch-*.dist-info/METADATA)
  [[ -f $metadata ]] || exit 77 # not the wheel
  while IFS= read -r line; do
    if [[ $line =~ ^Requires-Dist:\ (nvidia-[a-z0-9-]+)==([0-9.]+) ]]; then
      grep -qE "^c(pu|uda) +${BASH_REMATCH[1]} +${BASH_REMATCH[2]} " "$source_root/cmake/libtorch.txt" ||
        missing+=("${BASH_REMATCH[1]} ${BASH_REMATCH[2]}")
    elif [[ $line =~ ^Requires-Dist:\ cuda-toolkit\[([a-z,]+)\] ]]; then
      for extra in ${BASH_REMATCH[1]//,/ }; do
        extra=${extra/#cudart/runtime}
        grep -qE "^c(pu|uda) +nvidia-(cuda-)?$extra +" "$source_root/cmake/libtorch.txt" || missing+=("$extra")
      done
    fi
  done <"$metadata"
  ((${#missing[@]} == 0)) || broken "not in cmake/libtorch.txt: ${missing[*]}"
  grep -qE "^cpu +torch +$(sed -n 's/^Version: //p' "$metadata") " "$source_root/cmake/libtorch.txt" ||
    broken "torch's version"
}

no_home() {
  # shellcheck disable=SC2016 # for the inner shell to expand
  call env -u HOME bash -c 'set -euo pipefail; source "$1"; find_places; echo "$data"' - "$checkout/cmake/setup.sh"
  expect_out "$(env -u HOME bash -c 'echo ~')/.local/share/latentreel"
}

other_distribution() {
  rm "$BOX/bin/apt-get" "$BOX/bin/dpkg-query"
  cp -P "$BOX"/installable/* "$BOX/bin/"
  ln -s "$here/stand_in.sh" "$BOX/bin/g++"
  call "$checkout/latentreel"
  expect_status 69
  expect_said "missing here: pkg-config, libavformat (pkg-config)"
  ln -s "$here/stand_in.sh" "$BOX/bin/pkg-config"
  call "$checkout/latentreel"
  expect_status 0
}

failed_configuration() {
  echo . >"$BOX/cmake-fails"
  call "$checkout/latentreel"
  expect_status 70
  expect_said "CMake Error: no compiler"
  expect_said "could not configure the build"
  expect_not_started '^ninja.*-j'
}

failed_build() {
  echo . >"$BOX/ninja-fails"
  call "$checkout/latentreel"
  expect_status 70
  expect_said "error: expected ';'"
  expect_said "could not build latentreel"
  expect_out ""
}

two_at_once() {
  call "$checkout/latentreel" first &
  sleep 0.05
  (cd "$BOX" && env -i PATH="$BOX/bin" HOME="$home" BOX="$BOX" LATENTREEL_CUDA=0 "$checkout/latentreel" second \
    >"$BOX/second" 2>/dev/null) || broken "the second call failed"
  wait
  expect_out "program: <first>"
  [[ $(<"$BOX/second") == "program: <second>" ]] || broken "the second call's output"
  [[ $(grep -c 'requirement torch==' "$BOX/log") == 1 ]] || broken "torch was not fetched once"
  [[ $(grep -c '^ninja.*-j' "$BOX/log") == 1 ]] || broken "it was not built once"
}

ci_run() {
  mkdir "$checkout/.ci"
  cp "$source_root/.ci/run" "$checkout/.ci/"
  call "$checkout/.ci/run"
  expect_status 0
  expect_order '^apt-get .*install .*cmake .*libgtest-dev .*clang-format' '^cmake -D CHECK=ON -P cmake/Format.cmake' \
    '^vocabulary' '^cmake -G Ninja .*-B .*/build-unity .*LATENTREEL_WERROR=ON .*LATENTREEL_UNITY=ON' \
    '^ninja .*/build-unity .*src/cli/latentreel$' \
    '^cmake -G Ninja .*-B .*/build .*LATENTREEL_TESTS=ON .*LATENTREEL_WERROR=ON .*LATENTREEL_UNITY=TESTS' \
    '^ninja .*/build .* all$' '^run-clang-tidy-14 -p build .*scenes'
  touch "$BOX/vocabulary-fails"
  call "$checkout/.ci/run"
  [[ $status != 0 ]] || broken "CI went on without the vocabulary"
}

no_vocabulary() {
  touch "$BOX/vocabulary-fails"
  call "$checkout/run-tests"
  expect_status 0
  expect_said "continuing without CLIP's vocabulary"
  expect_started '^ctest'
}

prepare
"$1"
