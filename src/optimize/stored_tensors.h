#pragma once

#include <ATen/core/Tensor.h>
#include <fmt/format.h>

#include <functional>
#include <optional>
#include <string>

#include "models/files/error.h"
#include "models/files/state_dict.h"
#include "src/store/store.h"

namespace latentreel::render {

// What `parse` makes of the tensors in a store's entry; nothing for an entry that is not there or
// not as it should be. Of the latter `progress` is warned.
template <class Value>
std::optional<Value> parsed(Store& store, const char* kind, const std::string& hash,
                            Progress& progress,
                            const std::function<Value(const models::StateDict&)>& parse) {
  const auto file = store.find(kind, hash);
  if (!file) return std::nullopt;
  try {
    return parse(models::StateDict::load_safetensors(*file));
  } catch (const models::WeightsError& error) {
    progress.report(Warning{fmt::format("{}; making it again", error.what())});
  } catch (const c10::Error& error) {
    progress.report(Warning{
        fmt::format("{}: {}; making it again", file->string(), error.what_without_backtrace())});
  }
  store.remove(kind, hash);
  return std::nullopt;
}

}  // namespace latentreel::render
