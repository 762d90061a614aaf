# Compiler settings and warnings that every target of ours links, privately.

add_library(latentreel_settings INTERFACE)
target_compile_features(latentreel_settings INTERFACE cxx_std_20)
target_include_directories(latentreel_settings INTERFACE ${PROJECT_SOURCE_DIR})

# Several files of a target are compiled as one: most of a build's time goes to reading headers.
if(NOT LATENTREEL_UNITY MATCHES "^(ON|TESTS|OFF)$")
  message(FATAL_ERROR "LATENTREEL_UNITY is ${LATENTREEL_UNITY}, and not ON, TESTS or OFF.")
endif()
if(NOT LATENTREEL_UNITY STREQUAL OFF)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 20)
endif()
# Of files that are compiled one by one these warnings mean something; else GCC takes each for a
# header with an anonymous namespace, and names of one file are seen in the next.
set(latentreel_unity_warnings
    "$<$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>:-Wno-subobject-linkage;-Wno-shadow>")

add_library(latentreel_warnings INTERFACE)
target_compile_options(latentreel_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow
                                                     -Wnon-virtual-dtor -Woverloaded-virtual
                                                     "${latentreel_unity_warnings}")
if(LATENTREEL_WERROR)
  target_compile_options(latentreel_warnings INTERFACE -Werror)
endif()

# A room is a static library that other rooms link by its alias:
#   latentreel_room(scenes SOURCES a.cpp ... PUBLIC lib... PRIVATE lib...)
function(latentreel_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(latentreel_${name} STATIC ${ROOM_SOURCES})
  add_library(latentreel::${name} ALIAS latentreel_${name})
  if(LATENTREEL_UNITY STREQUAL TESTS)
    set_target_properties(latentreel_${name} PROPERTIES UNITY_BUILD OFF)
  endif()
  target_link_libraries(
    latentreel_${name}
    PUBLIC latentreel_settings ${ROOM_PUBLIC}
    PRIVATE latentreel_warnings ${ROOM_PRIVATE})
endfunction()

# Tests of a room: one program, every case registered with ctest.
#   latentreel_tests(scenes SOURCES a_test.cpp ... LIBRARIES lib...)
function(latentreel_tests name)
  cmake_parse_arguments(TESTS "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name}_tests ${TESTS_SOURCES})
  target_link_libraries(${name}_tests PRIVATE ${TESTS_LIBRARIES} latentreel_settings
                                              latentreel_warnings GTest::gmock GTest::gtest_main)
  # Tests name the fields that matter to them; the others have their defaults.
  target_compile_options(${name}_tests PRIVATE -Wno-missing-field-initializers)
  target_compile_definitions(
    ${name}_tests PRIVATE LATENTREEL_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                          LATENTREEL_BUILD_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(
    ${name}_tests
    TEST_PREFIX "${name}."
    NO_PRETTY_VALUES # the names that tests give themselves: values print as bytes
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    # Idle threads sleep: tests run side by side on few cores.
    PROPERTIES TIMEOUT 600 ENVIRONMENT OMP_WAIT_POLICY=passive)
endfunction()
