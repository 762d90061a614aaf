# Formats our C++ files, or checks that they are formatted:
#   ninja -C build format          cmake -P cmake/Format.cmake
#   ninja -C build check-format    cmake -D CHECK=ON -P cmake/Format.cmake
# With clang-format 14 where there is more than one: other versions format a little differently.

if(NOT CMAKE_SCRIPT_MODE_FILE)
  add_custom_target(
    format COMMAND ${CMAKE_COMMAND} -P ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
  add_custom_target(
    check-format COMMAND ${CMAKE_COMMAND} -D CHECK=ON -P ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
  return()
endif()

find_program(clang_format NAMES clang-format-14 clang-format)
if(NOT clang_format)
  message(FATAL_ERROR "clang-format was not found (Debian: clang-format).")
endif()

get_filename_component(root ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
set(patterns)
foreach(room IN ITEMS cmake ffmpeg models scenes src tests)
  list(APPEND patterns ${root}/${room}/*.h ${root}/${room}/*.cpp)
endforeach()
file(GLOB_RECURSE files RELATIVE ${root} ${patterns})
list(LENGTH files count)

if(CHECK)
  message(STATUS "Checking the format of ${count} files")
  set(arguments --dry-run -Werror)
else()
  message(STATUS "Formatting ${count} files")
  set(arguments -i)
endif()
execute_process(COMMAND ${clang_format} ${arguments} ${files} WORKING_DIRECTORY ${root}
                RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "Not formatted as .clang-format says. Try: cmake -P cmake/Format.cmake")
endif()
