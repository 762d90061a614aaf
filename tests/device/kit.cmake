# Puts a program and the libraries that it needs into one folder, to be carried to a machine that has
# nothing but LibTorch and a C++ runtime:
#
#   cmake -D PROGRAM=device_check -D PLUG_IN=liblatentreel_cuda.so -D KIT=folder -D SOURCE=root
#         -D TORCH=folder -D STRIP=strip -P kit.cmake
#
# What belongs to LibTorch or to the system is left where it is.
file(REMOVE_RECURSE ${KIT})
file(MAKE_DIRECTORY ${KIT})
file(
  GET_RUNTIME_DEPENDENCIES
  EXECUTABLES ${PROGRAM}
  RESOLVED_DEPENDENCIES_VAR libraries
  UNRESOLVED_DEPENDENCIES_VAR missing
  PRE_EXCLUDE_REGEXES "^lib(torch|c10|cudart|cupti|gomp|stdc\\+\\+|gcc_s|c|m|dl|rt|pthread)[-.0-9_]"
                      "^ld-linux"
  POST_EXCLUDE_REGEXES "^${TORCH}/")
if(missing)
  message(FATAL_ERROR "Not found, though ${PROGRAM} needs it: ${missing}")
endif()
foreach(file IN LISTS PROGRAM PLUG_IN libraries)
  file(COPY ${file} DESTINATION ${KIT} FOLLOW_SYMLINK_CHAIN)
  get_filename_component(name ${file} NAME)
  execute_process(COMMAND ${STRIP} --strip-unneeded ${KIT}/${name})
endforeach()
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty OUTPUT_FILE ${KIT}/commit.txt
                ERROR_QUIET)
