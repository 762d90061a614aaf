#include "models/files/state_dict.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "models/files/error.h"
#include "models/files/safetensors.h"
#include "tests/models/bytes.h"
#include "tests/temporary_folder.h"

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::processor_seconds;

const fs::path kTiny = fs::path(LATENTREEL_SOURCE_DIR) / "tests/first_pair";

std::string load_complaint(const std::function<void()>& action) {
  try {
    action();
  } catch (const WeightsError& error) {
    EXPECT_EQ(error.kind(), WeightsError::Kind::invalid);
    return error.what();
  }
  return "none";
}

// Every element type that both Torch and safetensors know.
const std::vector<at::ScalarType> kTypes{at::kBool,
                                         at::kByte,
                                         at::kChar,
                                         at::kShort,
                                         at::kInt,
                                         at::kLong,
                                         at::kHalf,
                                         at::kBFloat16,
                                         at::kFloat,
                                         at::kDouble,
                                         at::kComplexFloat,
                                         at::kUInt16,
                                         at::kUInt32,
                                         at::kUInt64,
                                         at::kFloat8_e5m2,
                                         at::kFloat8_e4m3fn,
                                         at::kFloat8_e8m0fnu,
                                         at::kFloat8_e4m3fnuz,
                                         at::kFloat8_e5m2fnuz};

bool same_bytes(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() &&
         (a.nbytes() == 0 || std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0);
}

TEST(StateDict, GivesBackEveryTypeAsWritten) {
  const TemporaryFolder folder;
  StateDict::Tensors tensors;
  for (const auto type : kTypes) {
    tensors.emplace(c10::toString(type), at::arange(1, 4, at::kFloat).reshape({1, 3}).to(type));
  }
  tensors.emplace("scalar", at::full({}, 0.5));
  tensors.emplace("empty", at::zeros({2, 0, 3}));
  tensors.emplace("transposed", at::arange(6, at::kFloat).reshape({2, 3}).t());
  const StateDict written(tensors, {{"num_groups", "8"}});
  written.save_safetensors(folder / "a.safetensors");

  const auto read = StateDict::load_safetensors(folder / "a.safetensors");
  EXPECT_EQ(read.names(), written.names());
  EXPECT_EQ(read.metadata(), written.metadata());
  EXPECT_EQ(read.source(), folder / "a.safetensors");
  for (const auto& [name, tensor] : tensors) {
    EXPECT_TRUE(same_bytes(read.at(name), tensor.contiguous())) << name;
  }

  read.save_safetensors(folder / "b.safetensors");
  EXPECT_EQ(fs::file_size(folder / "a.safetensors"), fs::file_size(folder / "b.safetensors"));
}

TEST(StateDict, TensorsOutliveTheSet) {
  const TemporaryFolder folder;
  StateDict({{"a", at::arange(1000, at::kFloat)}}).save_safetensors(folder / "a");
  at::Tensor tensor;
  {
    const auto weights = StateDict::load_safetensors(folder / "a");
    tensor = weights.at("a").slice(0, 10, 20);
  }
  fs::remove(folder / "a");
  EXPECT_TRUE(at::equal(tensor, at::arange(10, 20, at::kFloat)));
}

TEST(StateDict, ReadsWhatOthersDidNotAlign) {
  const TemporaryFolder folder;
  const std::string json = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                           R"("b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})";
  std::string file(8, '\0');
  file[0] = static_cast<char>(json.size());
  const float values[] = {1.0f, -2.0f};
  file += json + '\x05' + std::string(reinterpret_cast<const char*>(values), sizeof values);
  std::ofstream(folder / "a", std::ios::binary) << file;
  const auto weights = StateDict::load_safetensors(folder / "a");
  EXPECT_TRUE(at::equal(weights.at("b"), at::tensor({1.0f, -2.0f})));
  EXPECT_EQ(weights.at("a").item<int>(), 5);
}

TEST(StateDict, AnswersByNameAndPrefix) {
  const StateDict weights({{"a.x", at::ones({1})}, {"a.y", at::ones({2})}, {"ab", at::ones({3})}},
                          {{"k", "v"}}, "m.safetensors");
  EXPECT_EQ(weights.size(), 3u);
  EXPECT_TRUE(weights.contains("ab"));
  EXPECT_FALSE(weights.contains("a"));
  EXPECT_EQ(weights.find("a"), nullptr);
  EXPECT_EQ(weights.at("a.y").numel(), 2);
  EXPECT_THAT(weights.names(), ElementsAre("a.x", "a.y", "ab"));
  EXPECT_THAT(weights.names_below("a."), ElementsAre("a.x", "a.y"));
  EXPECT_TRUE(weights.has_below("a."));
  EXPECT_FALSE(weights.has_below("b"));
  EXPECT_THAT(weights.below("a.").names(), ElementsAre("x", "y"));
  EXPECT_EQ(weights.below("a.").metadata("k"), "v");
  EXPECT_EQ(weights.metadata("none"), std::nullopt);
  EXPECT_EQ(load_complaint([&] { weights.at("b"); }),
            "reading m.safetensors: tensor \"b\": it is not there. Check that this is the kind of "
            "model that is wanted.");
}

TEST(StateDict, RefusesWhatIsNotFinite) {
  const TemporaryFolder folder;
  const auto file = folder / "a";
  for (const auto type : {at::kHalf, at::kBFloat16, at::kFloat, at::kDouble, at::kFloat8_e5m2}) {
    for (const double value :
         {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
          std::numeric_limits<double>::quiet_NaN()}) {
      for (const std::int64_t where : {0, 4095, 4096, 9999}) {
        auto values = at::full({100, 100}, 2.0);
        values.flatten()[where] = value;
        StateDict({{"good", at::ones({3})}, {"w", values.to(type)}}).save_safetensors(file);
        EXPECT_EQ(load_complaint([&] { StateDict::load_safetensors(file); }),
                  "reading " + file.string() + ": tensor \"w\": element " + std::to_string(where) +
                      " of its 10000 is not a finite number. The file is damaged or its training "
                      "failed; fetch it again or use another.")
            << type << " " << value;
      }
    }
  }
  // The largest finite values, and the smallest, are fine.
  for (const auto type : {at::kHalf, at::kBFloat16, at::kFloat, at::kDouble}) {
    const double largest = type == at::kHalf ? 65504.0 : type == at::kDouble ? 1.7e308 : 3.3e38;
    StateDict({{"w", at::tensor({largest, -largest, 1e-45, 0.0}, at::kDouble).to(type)}})
        .save_safetensors(file);
    EXPECT_NO_THROW(StateDict::load_safetensors(file)) << type;
  }
  const auto nan = at::tensor({1.0, std::nan("")}, at::kDouble);
  for (const auto type : {at::kFloat8_e4m3fn, at::kFloat8_e4m3fnuz, at::kFloat8_e5m2fnuz,
                          at::kFloat8_e8m0fnu, at::kComplexFloat}) {
    StateDict({{"w", nan.to(at::kFloat).to(type)}}).save_safetensors(file);
    EXPECT_THAT(load_complaint([&] { StateDict::load_safetensors(file); }),
                HasSubstr("element 1 of"))
        << type;
  }
}

TEST(StateDict, LooksForWhatIsNotFiniteFast) {
  const StateDict weights({{"w", at::ones({100'000'000}, at::kHalf)}});  // 200 MB
  const double start = processor_seconds();
  weights.check_finite();
  EXPECT_LT(processor_seconds() - start, 1.0);  // about 0.1
}

TEST(StateDict, NamesOtherContainers) {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& text) {
    std::ofstream(folder / "model.pt", std::ios::binary) << text;
    return load_complaint([&] { StateDict::load_safetensors(folder / "model.pt"); });
  };
  const auto reading = "reading " + (folder / "model.pt").string();
  EXPECT_EQ(refusal("PK\x03\x04..................."),
            reading +
                ": it is a PyTorch checkpoint (a zip archive), not a safetensors file. latentreel "
                "reads safetensors files; use the model's .safetensors file, or convert this one.");
  EXPECT_EQ(refusal("<html></html>"),
            reading +
                ": it is a web page, not a model. The download failed; fetch it again from another "
                "address.");
}

TEST(StateDict, RefusesTypesBelowAByte) {
  const TemporaryFolder folder;
  const std::byte data[1]{};
  write_safetensors(folder / "a", {{"w", SafetensorsType::f4, {2}, data}});
  EXPECT_THAT(load_complaint([&] { StateDict::load_safetensors(folder / "a"); }),
              HasSubstr("tensor \"w\": its type F4 takes less than a byte per element"));
}

TEST(StateDict, ReadsTheTinyPair) {
  const auto vqgan = StateDict::load_safetensors(kTiny / "vqgan.safetensors");
  EXPECT_EQ(vqgan.metadata("num_groups"), "8");
  EXPECT_EQ(vqgan.at("quantize.embedding.weight").sizes(), (std::vector<std::int64_t>{1024, 32}));
  const auto clip = StateDict::load_safetensors(kTiny / "clip.safetensors");
  EXPECT_EQ(clip.at("token_embedding.weight").sizes(), (std::vector<std::int64_t>{1071, 128}));
  EXPECT_EQ(clip.at("positional_embedding").scalar_type(), at::kHalf);
  EXPECT_TRUE(clip.has_below("visual.layer4.0."));
  const auto bank =
      StateDict::load_safetensors(LATENTREEL_SOURCE_DIR "/models/tiny/bank.safetensors");
  EXPECT_THAT(bank.names(), ElementsAre("codes", "embeddings"));
  EXPECT_EQ(bank.at("codes").scalar_type(), at::kShort);
}

// --- strict loading -----------------------------------------------------------------------------

struct NetImpl : torch::nn::Module {
  NetImpl() {
    linear = register_module("linear", torch::nn::Linear(2, 3));
    norm = register_module("norm", torch::nn::BatchNorm1d(3));
    plain = register_module(
        "plain", torch::nn::Linear(torch::nn::LinearOptions(2, 2).bias(false)));  // no bias at all
  }
  torch::nn::Linear linear{nullptr};
  torch::nn::BatchNorm1d norm{nullptr};
  torch::nn::Linear plain{nullptr};
};
TORCH_MODULE(Net);

StateDict::Tensors net_tensors(at::ScalarType type) {
  StateDict::Tensors tensors;
  tensors.emplace("linear.weight", at::arange(6, at::kFloat).reshape({3, 2}).to(type));
  tensors.emplace("linear.bias", at::full({3}, 0.5, type));
  tensors.emplace("norm.weight", at::full({3}, 2.0, type));
  tensors.emplace("norm.bias", at::zeros({3}, type));
  tensors.emplace("norm.running_mean", at::full({3}, 1.5, type));
  tensors.emplace("norm.running_var", at::full({3}, 4.0, type));
  tensors.emplace("norm.num_batches_tracked", at::full({}, 17, at::kLong));
  tensors.emplace("plain.weight", at::ones({2, 2}, type));
  return tensors;
}

TEST(LoadStrictly, CopiesParametersAndBuffersIntoTheModulesType) {
  const TemporaryFolder folder;
  for (const auto type : {at::kHalf, at::kBFloat16, at::kFloat, at::kDouble}) {
    StateDict(net_tensors(type)).save_safetensors(folder / "net");
    Net net;
    load_strictly(*net, StateDict::load_safetensors(folder / "net"));
    EXPECT_EQ(net->linear->weight.scalar_type(), at::kFloat);
    EXPECT_TRUE(net->linear->weight.requires_grad());
    EXPECT_TRUE(at::equal(net->linear->weight, at::arange(6, at::kFloat).reshape({3, 2})));
    EXPECT_TRUE(at::equal(net->linear->bias, at::full({3}, 0.5)));
    EXPECT_TRUE(at::equal(net->norm->running_mean, at::full({3}, 1.5)));
    EXPECT_EQ(net->norm->num_batches_tracked.item<std::int64_t>(), 17);
  }
}

TEST(LoadStrictly, ReportsEverythingAtOnce) {
  auto tensors = net_tensors(at::kFloat);
  tensors.erase("linear.weight");
  tensors.erase("norm.running_var");
  tensors.insert_or_assign("norm.weight", at::ones({4}));
  tensors.insert_or_assign("linear.bias", at::ones({3}, at::kLong));
  tensors.insert_or_assign("plain.weight", at::ones({}));
  tensors.emplace("loss.discriminator.weight", at::ones({2, 2}));
  tensors.emplace("evil\x1b[2J", at::ones({1}));
  const StateDict weights(tensors, {}, "net.safetensors");
  Net net;
  const auto before = net->norm->running_mean.clone();
  EXPECT_EQ(
      load_complaint([&] { load_strictly(*net, weights, {.network = "a net", .ignored = {}}); }),
      "loading a net from net.safetensors: its tensors are not those of this network\n"
      "  2 missing:\n"
      "    linear.weight [3, 2]\n"
      "    norm.running_var [3]\n"
      "  2 unexpected:\n"
      "    \"evil\\x1B[2J\" [1]\n"
      "    loss.discriminator.weight [2, 2]\n"
      "  3 of another shape or type:\n"
      "    linear.bias of I64, wanted F32\n"
      "    norm.weight [4], wanted [3]\n"
      "    plain.weight [], wanted [2, 2]\n"
      "Check that this is the kind of model that is wanted");
  EXPECT_TRUE(at::equal(net->norm->running_mean, before));  // nothing was copied
}

TEST(LoadStrictly, ListsTwentyOfAKind) {
  StateDict::Tensors tensors = net_tensors(at::kFloat);
  for (int i = 100; i < 157; ++i) tensors.emplace("more." + std::to_string(i), at::ones({}));
  Net net;
  const auto text = load_complaint([&] { load_strictly(*net, StateDict(tensors)); });
  EXPECT_THAT(text, HasSubstr("loading the network from a set of tensors in memory: "));
  EXPECT_THAT(text, HasSubstr("  57 unexpected:\n    more.100 []\n"));
  EXPECT_THAT(text, HasSubstr("\n    more.119 []\n    and 37 more\n"));
}

TEST(LoadStrictly, LeavesIgnoredNamesAlone) {
  auto tensors = net_tensors(at::kFloat);
  tensors.erase("norm.num_batches_tracked");  // in the module only
  tensors.emplace("input_resolution", at::full({}, 224, at::kLong));
  tensors.emplace("loss.a.b", at::ones({5}));
  tensors.insert_or_assign("plain.weight", at::ones({7}));  // in both, of another shape
  const StateDict weights(tensors);
  const LoadOptions options{
      .ignored = {"input_resolution", "*.num_batches_tracked", "loss.*", "p*n.w*t"}};
  Net net;
  const auto before = net->plain->weight.clone();
  EXPECT_NO_THROW(load_strictly(*net, weights, options));
  EXPECT_TRUE(at::equal(net->plain->weight, before));
  EXPECT_TRUE(at::equal(net->norm->running_var, at::full({3}, 4.0)));

  for (const std::string pattern : {"", "input", "resolution", "*_", "input_resolution?", "*x*"}) {
    auto others = options;
    others.ignored.front() = pattern;
    EXPECT_THROW(load_strictly(*net, weights, others), WeightsError) << pattern;
  }
  for (const std::string pattern : {"*", "input*", "*resolution", "**put_*n", "i*t_*"}) {
    auto others = options;
    others.ignored.front() = pattern;
    EXPECT_NO_THROW(load_strictly(*net, weights, others)) << pattern;
  }
}

}  // namespace
}  // namespace latentreel::models
