#pragma once

#include <gtest/gtest.h>

#include <string>

namespace latentreel {

// The name of a test with a parameter: its number, and the parameter as it is printed, in which all
// but letters and digits is "_". For INSTANTIATE_TEST_SUITE_P.
template <class T>
std::string printed_name(const ::testing::TestParamInfo<T>& info) {
  auto name = std::to_string(info.index) + "_" + ::testing::PrintToString(info.param);
  for (char& c : name) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!plain) c = '_';
  }
  return name;
}

}  // namespace latentreel
