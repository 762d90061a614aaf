#include "src/optimize/keyframe_store.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <charconv>

#include "models/files/state_dict.h"
#include "src/optimize/stored_tensors.h"

namespace latentreel::render {
namespace {

using models::StateDict;

constexpr const char* kFinished = "key";
constexpr const char* kUnfinished = "unfinished";
constexpr std::string_view kSnapshot = "snapshot.";
constexpr std::string_view kState = "state.";
// Before the shares in a row of the history.
constexpr int64_t kLossColumns = 2;

at::Tensor history_tensor(const std::vector<Iteration>& history) {
  const auto shares = history.empty() ? size_t{0} : history.front().shares.size();
  auto rows =
      at::empty({static_cast<int64_t>(history.size()), kLossColumns + static_cast<int64_t>(shares)},
                at::kDouble);
  auto* out = rows.data_ptr<double>();
  for (const auto& iteration : history) {
    *out++ = iteration.loss;
    *out++ = iteration.smoothed;
    out = std::copy(iteration.shares.begin(), iteration.shares.end(), out);
  }
  return rows;
}

std::vector<Iteration> history_of(const at::Tensor& rows) {
  std::vector<Iteration> history;
  const auto columns = rows.size(1);
  const auto* row = rows.const_data_ptr<double>();
  for (int64_t i = 0; i < rows.size(0); ++i, row += columns) {
    history.push_back({.number = static_cast<int>(i),
                       .loss = row[0],
                       .shares = {row + kLossColumns, row + columns},
                       .smoothed = row[1]});
  }
  return history;
}

void add_snapshots(const std::map<int, at::Tensor>& snapshots, StateDict::Tensors& tensors) {
  for (const auto& [iteration, z] : snapshots) {
    tensors[fmt::format("{}{}", kSnapshot, iteration)] = z;
  }
}

std::map<int, at::Tensor> snapshots_of(const StateDict& tensors) {
  std::map<int, at::Tensor> snapshots;
  for (const auto& name : tensors.names_below(std::string(kSnapshot))) {
    int iteration = 0;
    const auto number = std::string_view(name).substr(kSnapshot.size());
    std::from_chars(number.data(), number.data() + number.size(), iteration);
    snapshots[iteration] = tensors.at(name).clone();
  }
  return snapshots;
}

double number(const StateDict& tensors, const std::string& name) {
  return tensors.at(name).item<double>();
}

}  // namespace

bool KeyframeStore::has(const std::string& hash) const {
  return store_.has(kFinished, hash);
}

std::optional<KeyframeRecord> KeyframeStore::find(const std::string& hash) {
  return parsed<KeyframeRecord>(store_, kFinished, hash, progress_, [](const StateDict& tensors) {
    KeyframeRecord record;
    record.latent = Latent(tensors.at("z").clone());
    record.start = tensors.metadata("start").value_or("");
    record.history = history_of(tensors.at("history"));
    record.best_iteration = static_cast<int>(number(tensors, "best_iteration"));
    record.rollbacks = static_cast<int>(number(tensors, "rollbacks"));
    record.seconds = number(tensors, "seconds");
    record.seconds_before = number(tensors, "seconds_before");
    record.snapshots = snapshots_of(tensors);
    if (const auto* z = tensors.find("best_z")) record.best_z = z->clone();
    return record;
  });
}

void KeyframeStore::keep(const std::string& hash, const KeyframeRecord& record) {
  const auto scalar = [](double value) { return at::tensor({value}, at::kDouble); };
  StateDict::Tensors tensors = {{"z", record.latent.z()},
                                {"history", history_tensor(record.history)},
                                {"best_iteration", scalar(record.best_iteration)},
                                {"rollbacks", scalar(record.rollbacks)},
                                {"seconds", scalar(record.seconds)},
                                {"seconds_before", scalar(record.seconds_before)}};
  add_snapshots(record.snapshots, tensors);
  if (record.best_z.defined()) tensors["best_z"] = record.best_z;
  store_.put(kFinished, hash,
             StateDict(std::move(tensors), {{"start", record.start}}).to_safetensors());
  store_.remove(kUnfinished, hash);
}

void KeyframeStore::remove(const std::string& hash) noexcept {
  store_.remove(kFinished, hash);
  store_.remove(kUnfinished, hash);
}

std::optional<KeyframeStore::Unfinished> KeyframeStore::find_unfinished(const std::string& hash) {
  return parsed<Unfinished>(store_, kUnfinished, hash, progress_, [](const StateDict& tensors) {
    Unfinished unfinished;
    for (const auto& name : tensors.names_below(std::string(kState))) {
      unfinished.state[name.substr(kState.size())] = tensors.at(name).clone();
    }
    unfinished.snapshots = snapshots_of(tensors);
    unfinished.seconds = number(tensors, "seconds");
    return unfinished;
  });
}

void KeyframeStore::keep_unfinished(const std::string& hash, const Unfinished& unfinished) {
  StateDict::Tensors tensors = {{"seconds", at::tensor({unfinished.seconds}, at::kDouble)}};
  for (const auto& [name, tensor] : unfinished.state) tensors[std::string(kState) + name] = tensor;
  add_snapshots(unfinished.snapshots, tensors);
  store_.put(kUnfinished, hash, StateDict(std::move(tensors)).to_safetensors());
}

}  // namespace latentreel::render
