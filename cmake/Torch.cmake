# LibTorch as the imported target latentreel::torch: its CPU libraries only. The CUDA library is
# loaded at run time where a device is wanted and there, so one program serves both machines.
#
# Taken from, in this order:
#   Torch_DIR or CMAKE_PREFIX_PATH   an existing LibTorch (the folder with include/ and lib/, or any
#                                    folder below it, such as share/cmake/Torch)
#   LATENTREEL_LIBTORCH              where cmake/setup.sh unpacked the pinned wheel
# find_package(Torch) is not used: on the CUDA wheel it stops where no CUDA toolkit is installed.

set(LATENTREEL_TORCH_VERSION 2.11.0)
set(libtorch_default $ENV{LATENTREEL_LIBTORCH})
if(NOT libtorch_default)
  set(libtorch_data $ENV{XDG_DATA_HOME})
  if(NOT libtorch_data)
    set(libtorch_data $ENV{HOME}/.local/share)
  endif()
  set(libtorch_default ${libtorch_data}/latentreel/libtorch-${LATENTREEL_TORCH_VERSION})
endif()
set(LATENTREEL_LIBTORCH
    "${libtorch_default}"
    CACHE PATH "Folder of the pinned LibTorch wheel (contains torch/ and nvidia/)")

function(latentreel_find_libtorch result)
  set(candidates)
  foreach(start IN LISTS Torch_DIR CMAKE_PREFIX_PATH)
    list(APPEND candidates ${start} ${start}/torch ${start}/../../.. ${start}/libtorch)
  endforeach()
  foreach(start IN ITEMS $ENV{Torch_DIR} $ENV{CMAKE_PREFIX_PATH})
    string(REPLACE ":" ";" start "${start}")
    foreach(part IN LISTS start)
      list(APPEND candidates ${part} ${part}/torch ${part}/../../.. ${part}/libtorch)
    endforeach()
  endforeach()
  list(APPEND candidates ${LATENTREEL_LIBTORCH}/torch)
  foreach(folder IN LISTS candidates)
    if(EXISTS ${folder}/include/ATen/ATen.h AND EXISTS ${folder}/lib/libtorch_cpu.so)
      get_filename_component(folder ${folder} REALPATH)
      set(${result} ${folder} PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(
    FATAL_ERROR
      "LibTorch was not found. Run ./latentreel or ./run-tests once (they fetch the pinned "
      "${LATENTREEL_TORCH_VERSION} wheel), or name an existing one with -DTorch_DIR=/path/to/libtorch.")
endfunction()

latentreel_find_libtorch(LATENTREEL_TORCH_ROOT)
file(STRINGS ${LATENTREEL_TORCH_ROOT}/include/torch/headeronly/version.h torch_version_lines
     REGEX "define TORCH_VERSION(_MAJOR|_MINOR|_PATCH) ")
string(REGEX REPLACE "[^0-9]+([0-9]+)[^0-9]+([0-9]+)[^0-9]+([0-9]+).*" "\\1.\\2.\\3" torch_version
                     "${torch_version_lines}")
if(NOT torch_version VERSION_EQUAL LATENTREEL_TORCH_VERSION)
  message(WARNING "LibTorch ${torch_version} found; latentreel is tested with "
                  "${LATENTREEL_TORCH_VERSION}.")
endif()

# The CUDA runtime that the wheel's libraries name lies beside it; needed only while linking.
get_filename_component(torch_beside ${LATENTREEL_TORCH_ROOT}/../nvidia/cu13/lib ABSOLUTE)

add_library(latentreel_torch INTERFACE)
add_library(latentreel::torch ALIAS latentreel_torch)
target_include_directories(
  latentreel_torch SYSTEM INTERFACE ${LATENTREEL_TORCH_ROOT}/include
                                    ${LATENTREEL_TORCH_ROOT}/include/torch/csrc/api/include)
target_link_options(
  latentreel_torch
  INTERFACE
  -Wl,-rpath,${LATENTREEL_TORCH_ROOT}/lib
  -Wl,-rpath-link,${LATENTREEL_TORCH_ROOT}/lib:${torch_beside})
target_link_libraries(
  latentreel_torch INTERFACE -Wl,--no-as-needed ${LATENTREEL_TORCH_ROOT}/lib/libtorch_cpu.so
                             ${LATENTREEL_TORCH_ROOT}/lib/libc10.so -Wl,--as-needed dl)
message(STATUS "LibTorch ${torch_version}: ${LATENTREEL_TORCH_ROOT}")

# The fmt whose headers lie beside LibTorch's, and so come first wherever Torch is seen. The wheel has
# no library of it: it is compiled here, once. Where the headers are others, they do without.
set(torch_fmt 0)
if(EXISTS ${LATENTREEL_TORCH_ROOT}/include/fmt/base.h)
  file(STRINGS ${LATENTREEL_TORCH_ROOT}/include/fmt/base.h torch_fmt REGEX "define FMT_VERSION ")
  string(REGEX REPLACE "[^0-9]" "" torch_fmt "${torch_fmt}")
endif()
if(torch_fmt GREATER_EQUAL 110000 AND torch_fmt LESS 130000)
  add_library(latentreel_fmt STATIC ${CMAKE_CURRENT_LIST_DIR}/fmt.cpp)
  target_link_libraries(latentreel_fmt PRIVATE latentreel_settings latentreel_torch)
else()
  add_library(latentreel_fmt INTERFACE)
  target_link_libraries(latentreel_fmt INTERFACE fmt::fmt-header-only)
endif()

# LibTorch's headers take longer to read than our code to compile: they are compiled once, here, and
# reused by every target that sees LibTorch. The target has no definitions of its own, so that any
# target's flags agree with it.
add_library(latentreel_torch_headers STATIC ${CMAKE_CURRENT_LIST_DIR}/torch_headers.cpp)
target_link_libraries(latentreel_torch_headers PRIVATE latentreel_settings latentreel_warnings
                                                       latentreel_torch)
target_precompile_headers(latentreel_torch_headers PRIVATE <ATen/ATen.h>)

function(latentreel_reuse_torch_headers target)
  target_precompile_headers(${target} REUSE_FROM latentreel_torch_headers)
endfunction()
