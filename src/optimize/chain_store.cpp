#include "src/optimize/chain_store.h"

#include <ATen/ATen.h>

#include <string_view>

#include "models/files/state_dict.h"
#include "src/optimize/stored_tensors.h"

namespace latentreel::render {
namespace {

using models::StateDict;

constexpr const char* kChain = "chain";
constexpr const char* kUnfinishedChain = "unfinished-chain";
constexpr int64_t kLossFields = 4;
constexpr std::string_view kLearned = "learned.";

at::Tensor losses_tensor(const std::vector<ChainRecord::Losses>& losses) {
  auto rows = at::empty({static_cast<int64_t>(losses.size()), kLossFields}, at::kDouble);
  auto* out = rows.data_ptr<double>();
  for (const auto& loss : losses) {
    *out++ = loss.first;
    *out++ = loss.last;
    *out++ = loss.flicker;
    *out++ = loss.clip_flicker;
  }
  return rows;
}

std::vector<ChainRecord::Losses> losses_of(const at::Tensor& rows) {
  std::vector<ChainRecord::Losses> losses;
  const auto* row = rows.const_data_ptr<double>();
  for (int64_t i = 0; i < rows.size(0); ++i, row += kLossFields) {
    losses.push_back({row[0], row[1], row[2], row[3]});
  }
  return losses;
}

// Colours and corrections after each frame: [n, 4, 3].
at::Tensor colors_tensor(const std::vector<ChainState>& states) {
  std::vector<at::Tensor> rows;
  for (const auto& state : states) rows.push_back(at::cat({state.color, state.correction}));
  return at::stack(rows);
}

at::Tensor own_latents(const std::vector<ChainState>& states) {
  std::vector<at::Tensor> latents;
  for (const auto& state : states) latents.push_back(state.z);
  return at::cat(latents);
}

std::vector<std::byte> bytes_of(const ChainRecord& record) {
  StateDict::Tensors tensors = {
      {"latents", at::cat(record.latents)},
      {"losses", losses_tensor(record.losses)},
      {"numbers",
       at::tensor({static_cast<double>(record.rollbacks), record.seconds}, at::kDouble)}};
  if (record.state.color.defined()) tensors["colors"] = colors_tensor(record.states);
  // What is averaged differs from what is shown.
  if (record.state.recent.defined()) tensors["own"] = own_latents(record.states);
  if (record.state.recent.defined()) tensors["recent"] = record.state.recent;
  for (const auto& [name, tensor] : record.state.learned) {
    tensors[std::string(kLearned) + name] = tensor;
  }
  return StateDict(std::move(tensors)).to_safetensors();
}

ChainRecord record_of(const StateDict& tensors) {
  ChainRecord record;
  // Each owns its memory, so that a part can be let go while a frame of it is in use.
  for (const auto& z : tensors.at("latents").split(1)) record.latents.push_back(z.clone());
  record.losses = losses_of(tensors.at("losses"));
  const auto* own = tensors.find("own");
  const auto* colors = tensors.find("colors");
  for (std::size_t i = 0; i < record.latents.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    ChainState state;
    state.z = own != nullptr ? own->narrow(0, row, 1).clone() : record.latents[i];
    if (colors != nullptr) {
      state.color = colors->select(0, row).narrow(0, 0, 2).clone();
      state.correction = colors->select(0, row).narrow(0, 2, 2).clone();
    }
    record.states.push_back(std::move(state));
  }
  record.state = record.states.back();
  if (const auto* recent = tensors.find("recent")) record.state.recent = recent->clone();
  for (const auto& name : tensors.names_below(std::string(kLearned))) {
    record.state.learned[name.substr(kLearned.size())] = tensors.at(name).clone();
  }
  record.rollbacks = static_cast<int>(tensors.at("numbers")[0].item<double>());
  record.seconds = tensors.at("numbers")[1].item<double>();
  return record;
}

}  // namespace

bool ChainStore::has(const std::string& hash) const {
  return store_.has(kChain, hash);
}

std::optional<ChainRecord> ChainStore::find(const std::string& hash) {
  return parsed<ChainRecord>(store_, kChain, hash, progress_, record_of);
}

void ChainStore::remove(const std::string& hash) noexcept {
  store_.remove(kChain, hash);
  store_.remove(kUnfinishedChain, hash);
}

void ChainStore::keep(const std::string& hash, const ChainRecord& record) {
  store_.put(kChain, hash, bytes_of(record));
  store_.remove(kUnfinishedChain, hash);
}

std::optional<ChainRecord> ChainStore::find_unfinished(const std::string& hash) {
  return parsed<ChainRecord>(store_, kUnfinishedChain, hash, progress_, record_of);
}

void ChainStore::keep_unfinished(const std::string& hash, const ChainRecord& record) {
  if (!record.latents.empty()) store_.put(kUnfinishedChain, hash, bytes_of(record));
}

}  // namespace latentreel::render
