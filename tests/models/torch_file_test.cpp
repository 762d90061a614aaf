#include "models/files/torch_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/files/error.h"
#include "tests/models/torch_file_writer.h"

namespace latentreel::models {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A file with the bytes that it points into.
struct Opened {
  explicit Opened(std::string written)
      : bytes(std::move(written)),
        file({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()}, "x.ckpt") {}
  Opened(const Opened&) = delete;

  std::string bytes;
  TorchFile file;
};

std::string checkpoint_complaint(const std::function<void()>& action) {
  try {
    action();
  } catch (const WeightsError& error) {
    EXPECT_EQ(error.kind(), WeightsError::Kind::invalid);
    const std::string text = error.what();
    EXPECT_THAT(text, HasSubstr("x.ckpt"));
    return text;
  }
  return "none";
}

std::string checkpoint_complaint_about(const std::string& bytes) {
  return checkpoint_complaint([&bytes] { Opened{bytes}; });
}

// Row by row, as a copy would read it.
std::vector<float> numbers(const TorchTensor& tensor) {
  std::vector<float> result;
  std::vector<std::int64_t> index(tensor.shape.size(), 0);
  const std::function<void(std::size_t, std::uint64_t)> read = [&](std::size_t dimension,
                                                                   std::uint64_t at) {
    if (dimension == tensor.shape.size()) {
      float value = 0;
      std::memcpy(&value, tensor.bytes.data() + 4 * at, 4);
      result.push_back(value);
      return;
    }
    for (std::int64_t i = 0; i < tensor.shape[dimension]; ++i) {
      read(dimension + 1, at + static_cast<std::uint64_t>(i * tensor.strides[dimension]));
    }
  };
  read(0, tensor.offset);
  return result;
}

const Storages kSix{{"0", floats({0, 1, 2, 3, 4, 5})}};

// A checkpoint of {"a": what `write` writes}, in a zip archive with six floats as storage "0".
std::string one_tensor(const std::function<void(PickleWriter&)>& write,
                       const Storages& storages = kSix) {
  PickleWriter pickle;
  pickle.dict().text("a");
  write(pickle);
  return checkpoint_of(pickle.set_item().finish(), storages);
}

std::string complaint_about_tensor(const std::function<void(PickleWriter&)>& write,
                                   const Storages& storages = kSix) {
  const Opened opened(one_tensor(write, storages));
  EXPECT_THAT(opened.file.names(), ElementsAre("a"));
  const auto text = checkpoint_complaint([&] { opened.file.tensor("a"); });
  EXPECT_THAT(text, AnyOf("none", HasSubstr("tensor \"a\"")));
  return text;
}

TEST(TorchFile, RecognisesItsContainers) {
  const auto recognised = [](std::string_view text) {
    return TorchFile::recognises({reinterpret_cast<const std::byte*>(text.data()), text.size()});
  };
  EXPECT_TRUE(recognised(checkpoint_of(PickleWriter().dict().finish(), {})));
  EXPECT_TRUE(recognised(legacy_of(PickleWriter().dict().finish(), {}, 4)));
  EXPECT_FALSE(recognised(""));
  EXPECT_FALSE(recognised("PK"));
  EXPECT_FALSE(recognised(PickleWriter().dict().finish()));
  EXPECT_FALSE(recognised("<!DOCTYPE html>"));
}

TEST(TorchFile, ReadsACheckpoint) {
  PickleWriter pickle;
  pickle.ordered_dict().mark();
  pickle.text("b").tensor("FloatStorage", "0", {2, 3});
  pickle.text("a").tensor("HalfStorage", "1", {});
  pickle.text("none").none();
  pickle.set_items().dict().text("_metadata").ordered_dict().set_item().build();
  const Opened opened(checkpoint_of(pickle.finish(), {kSix[0], {"1", "ab"}}));
  const auto& file = opened.file;
  EXPECT_EQ(file.container(), TorchContainer::checkpoint);
  EXPECT_THAT(file.names(), ElementsAre("a", "b", "none"));
  EXPECT_TRUE(file.is_tensor("b"));
  EXPECT_FALSE(file.is_tensor("none"));
  EXPECT_FALSE(file.is_tensor("c"));
  const auto b = file.tensor("b");
  EXPECT_EQ(b.type, SafetensorsType::f32);
  EXPECT_THAT(b.shape, ElementsAre(2, 3));
  EXPECT_THAT(b.strides, ElementsAre(3, 1));
  EXPECT_THAT(numbers(b), ElementsAre(0, 1, 2, 3, 4, 5));
  const auto a = file.tensor("a");
  EXPECT_EQ(a.type, SafetensorsType::f16);
  EXPECT_TRUE(a.shape.empty());
  EXPECT_EQ(a.bytes.size(), 2u);
  file.check(a.storage);
  EXPECT_THAT(checkpoint_complaint([&] { file.tensor("none"); }),
              AllOf(HasSubstr("tensor \"none\""), HasSubstr("it is None")));
  EXPECT_THAT(checkpoint_complaint([&] { file.tensor("c"); }), HasSubstr("it is not there"));
}

TEST(TorchFile, FindsTheStateDictOfATrainingCheckpoint) {
  PickleWriter pickle;
  pickle.dict().mark().text("epoch").integer(12);
  // A class as a key, an object of it, numbers beyond 64 bits as keys: what Lightning writes.
  pickle.text("callbacks").dict().global("pytorch_lightning.callbacks", "ModelCheckpoint");
  pickle.dict().text("best").none().set_item().set_item();
  pickle.text("optimizer_states").list().dict();
  pickle.raw(std::string("\x8a\x09\0\0\0\0\0\0\0\0\1", 11)).real(0.5).set_item().append();
  pickle.text("state_dict").ordered_dict().text("w").tensor("FloatStorage", "0", {6}).set_item();
  pickle.text("hyper_parameters").global("omegaconf.dictconfig", "DictConfig").raw(")");
  pickle.new_object().dict().text("_content").none().set_item().build().set_items();
  const Opened opened(checkpoint_of(pickle.finish(), kSix));
  EXPECT_THAT(opened.file.names(), ElementsAre("w"));
  EXPECT_EQ(numbers(opened.file.tensor("w")).size(), 6u);
}

TEST(TorchFile, ReadsATorchScriptArchive) {
  PickleWriter pickle;
  pickle.global("__torch__.Net", "Net").raw(")").new_object().dict().mark();
  pickle.text("w").tensor("FloatStorage", "0", {6}).put(1);
  pickle.text("training").truth(false);
  pickle.text("sizes").global("torch.jit._pickle", "build_intlist").mark().list().tuple().reduce();
  pickle.text("inner").global("__torch__.Inner", "Inner").raw(")").new_object();
  pickle.dict().text("bias").get(1).set_item().build().set_items().build();
  const Opened opened(torchscript_of(pickle.finish(), kSix));
  EXPECT_EQ(opened.file.container(), TorchContainer::torchscript);
  EXPECT_THAT(opened.file.names(), ElementsAre("inner.bias", "w"));
  EXPECT_THAT(numbers(opened.file.tensor("inner.bias")), ElementsAre(0, 1, 2, 3, 4, 5));

  EXPECT_THAT(checkpoint_complaint_about(torchscript_of(PickleWriter().dict().finish(), {})),
              HasSubstr("it holds a dictionary, where a module is wanted"));
}

TEST(TorchFile, ReadsALegacyFile) {
  PickleWriter pickle;
  pickle.ordered_dict().mark();
  pickle.text("whole").begin_tensor().storage_part("FloatStorage", "9", 6, 0, 6);
  pickle.end_tensor(1, {2, 2}, {2, 1});
  // Numbers 2 to 5 of that storage; and from the second of those on, every second.
  pickle.text("part").begin_tensor().storage_part("FloatStorage", "9", 6, 2, 4);
  pickle.end_tensor(1, {2}, {2});
  pickle.text("plain").tensor("FloatStorage", "10", {1}).set_items();
  const Opened opened(legacy_of(pickle.finish(), {{"10", floats({9})}, {"9", kSix[0].second}}, 4));
  EXPECT_EQ(opened.file.container(), TorchContainer::legacy);
  EXPECT_THAT(numbers(opened.file.tensor("whole")), ElementsAre(1, 2, 3, 4));
  const auto part = opened.file.tensor("part");
  EXPECT_THAT(numbers(part), ElementsAre(3, 5));
  EXPECT_EQ(part.storage, "9");
  EXPECT_EQ(part.bytes.size(), 24u) << "the whole storage, which tensors may share";
  EXPECT_THAT(numbers(opened.file.tensor("plain")), ElementsAre(9));
  opened.file.check("9");  // there are no check sums
}

TEST(TorchFile, RefusesLegacyFilesThatLie) {
  const auto file = [](std::int64_t count, std::int64_t first, std::int64_t part) {
    PickleWriter pickle;
    pickle.dict().text("a").begin_tensor().storage_part("FloatStorage", "0", count, first, part);
    return legacy_of(pickle.end_tensor(0, {2}, {1}).set_item().finish(), kSix, 4);
  };
  const auto about_tensor = [](const std::string& bytes) {
    const Opened opened(bytes);
    return checkpoint_complaint([&] { opened.file.tensor("a"); });
  };
  EXPECT_EQ(about_tensor(file(6, 4, 2)), "none");
  EXPECT_THAT(about_tensor(file(6, 4, 3)), HasSubstr("more of its storage \"0\" than there is"));
  EXPECT_THAT(about_tensor(file(6, 7, 0)), HasSubstr("more of its storage"));
  EXPECT_THAT(about_tensor(file(6, 4, 1)), HasSubstr("does not fit in its storage of 1"));
  EXPECT_THAT(checkpoint_complaint_about(file(6, -1, 2)),
              HasSubstr("a storage that no tensor has"));

  // A storage of two types has no certain size.
  PickleWriter twofold;
  twofold.dict().text("a").tensor("FloatStorage", "0", {6}).set_item();
  twofold.text("b").tensor("DoubleStorage", "0", {3}).set_item();
  EXPECT_THAT(checkpoint_complaint_about(legacy_of(twofold.finish(), kSix, 4)),
              HasSubstr("two types"));

  PickleWriter one;
  one.dict().text("a").tensor("FloatStorage", "0", {6}).set_item();
  EXPECT_THAT(checkpoint_complaint_about(legacy_of(one.finish(), {kSix[0], kSix[0]}, 4)),
              HasSubstr("twice"));
  EXPECT_THAT(checkpoint_complaint_about(legacy_of(one.finish(), {{"1", "abcd"}}, 4)),
              HasSubstr("a storage that no tensor has: \"1\""));
  EXPECT_THAT(about_tensor(legacy_of(one.finish(), {}, 4)), HasSubstr("is not in the file"));
  auto other_version = legacy_of(one.finish(), kSix, 4);
  other_version[18] = 7;
  EXPECT_THAT(checkpoint_complaint_about(other_version), HasSubstr("unknown version"));
}

TEST(TorchFile, ReadsEveryFormOfATensor) {
  const auto read = [](const std::function<void(PickleWriter&)>& write) {
    const Opened opened(one_tensor(write));
    EXPECT_TRUE(opened.file.is_tensor("a"));
    return numbers(opened.file.tensor("a"));
  };
  const auto storage = [](PickleWriter& p) { p.storage("FloatStorage", "0", 6); };
  EXPECT_THAT(read([](auto& p) {
                p.tensor("FloatStorage", "0", {3, 2});
              }),
              ElementsAre(0, 1, 2, 3, 4, 5));
  // A transpose with an offset, and a column.
  EXPECT_THAT(read([](auto& p) {
                p.view("FloatStorage", "0", 6, 1, {2, 2}, {1, 3});
              }),
              ElementsAre(1, 4, 2, 5));
  EXPECT_THAT(read([](auto& p) { p.view("FloatStorage", "0", 6, 1, {3}, {2}); }),
              ElementsAre(1, 3, 5));
  EXPECT_THAT(read([](auto& p) { p.view("FloatStorage", "0", 6, 5, {}, {}); }), ElementsAre(5));
  EXPECT_THAT(read([](auto& p) {
                p.view("FloatStorage", "0", 6, 6, {0, 3}, {3, 1});
              }),
              ElementsAre());
  EXPECT_THAT(read([&](auto& p) {
                p.global("torch._utils", "_rebuild_tensor").mark();
                storage(p);
                p.integer(0).integers({2}).integers({1}).tuple().reduce();
              }),
              ElementsAre(0, 1));
  EXPECT_THAT(read([](auto& p) {
                p.global("torch._utils", "_rebuild_tensor_v3").mark();
                p.storage("UntypedStorage", "0", 24).integer(2).integers({2}).integers({1});
                p.truth(false).ordered_dict().global("torch", "float32").tuple().reduce();
              }),
              ElementsAre(2, 3));
  EXPECT_THAT(read([](auto& p) {
                p.global("torch._utils", "_rebuild_parameter").mark();
                p.tensor("FloatStorage", "0", {6}).truth(true).ordered_dict().tuple().reduce();
              }),
              ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(read([](auto& p) {
                p.global("torch._utils", "_rebuild_parameter_with_state").mark();
                p.tensor("FloatStorage", "0", {6}).truth(true).ordered_dict().dict();
                p.tuple().reduce();
              }),
              ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(read([&](auto& p) {
                p.global("torch._tensor", "_rebuild_from_type_v2").mark();
                p.global("torch._utils", "_rebuild_tensor_v2");
                p.global("torch.nn.parameter", "Buffer").mark();
                storage(p);
                p.integer(4).integers({2}).integers({1}).truth(false).ordered_dict().tuple();
                p.dict().tuple().reduce();
              }),
              ElementsAre(4, 5));
  EXPECT_THAT(read([&](auto& p) {
                p.begin_tensor();
                storage(p);
                p.integer(0).global("torch", "Size").mark().integers({2}).tuple().reduce();
                p.integers({1}).truth(false).ordered_dict().dict().tuple().reduce();
              }),
              ElementsAre(0, 1));
}

TEST(TorchFile, ReadsNothingThatIsNotAskedFor) {
  // Storages that are not there, of no known type, with a wrong check sum: no matter.
  PickleWriter pickle;
  pickle.dict().mark().text("good").tensor("FloatStorage", "0", {6});
  pickle.text("absent").tensor("FloatStorage", "7", {6});
  pickle.text("strange").tensor("QInt8Storage", "8", {6});
  pickle.text("damaged").tensor("FloatStorage", "1", {1}).set_items();
  ZipWriter zip;
  zip.add("m/data.pkl", pickle.finish()).add("m/data/0", kSix[0].second);
  zip.add("m/data/1", "abcd", {.crc = 1});
  const Opened opened(zip.finish());
  EXPECT_EQ(opened.file.names().size(), 4u);
  opened.file.check(opened.file.tensor("good").storage);
  const auto damaged = opened.file.tensor("damaged");
  EXPECT_THAT(checkpoint_complaint([&] { opened.file.check(damaged.storage); }),
              HasSubstr("\"m/data/1\""));
  EXPECT_THAT(checkpoint_complaint([&] { opened.file.tensor("absent"); }),
              AllOf(HasSubstr("tensor \"absent\""), HasSubstr("storage \"7\" is not in the file")));
  EXPECT_THAT(checkpoint_complaint([&] { opened.file.tensor("strange"); }),
              AllOf(HasSubstr("tensor \"strange\""), HasSubstr("a type that cannot be read")));
}

TEST(TorchFile, RefusesTensorsThatDoNotFit) {
  const auto about_view = [](std::int64_t count, std::int64_t offset,
                             std::initializer_list<std::int64_t> shape,
                             std::initializer_list<std::int64_t> strides) {
    return complaint_about_tensor(
        [&](auto& p) { p.view("FloatStorage", "0", count, offset, shape, strides); });
  };
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(about_view(6, 0, {6}, {1}), "none");
  EXPECT_THAT(about_view(7, 0, {6}, {1}), HasSubstr("has 24 bytes, where 7 numbers of F32"));
  EXPECT_THAT(about_view(5, 0, {5}, {1}), HasSubstr("has 24 bytes, where 5 numbers of F32"));
  EXPECT_THAT(about_view(6, 0, {7}, {1}), HasSubstr("shape [7] with strides [1] from 0"));
  EXPECT_THAT(about_view(6, 1, {6}, {1}), HasSubstr("does not fit in its storage of 6"));
  EXPECT_THAT(about_view(6, 6, {}, {}), HasSubstr("does not fit"));
  EXPECT_THAT(about_view(6, 0, {2, 2}, {5, 1}), HasSubstr("does not fit"));
  EXPECT_THAT(about_view(6, 7, {0}, {1}), HasSubstr("does not fit")) << "empty, and outside";
  EXPECT_THAT(about_view(6, 0, {2}, {1, 1}), HasSubstr("its number of strides differs"));
  EXPECT_THAT(about_view(6, 0, {6}, {-1}), HasSubstr("not a count"));
  EXPECT_THAT(about_view(6, 0, {-6}, {1}), HasSubstr("not a count"));
  EXPECT_THAT(about_view(6, -1, {6}, {1}), HasSubstr("its offset is not a count"));
  EXPECT_THAT(about_view(6, kMost, {2}, {1}), HasSubstr("does not fit"));
  EXPECT_THAT(about_view(6, 0, {2}, {kMost}), HasSubstr("does not fit"));
  EXPECT_THAT(about_view(6, 2, {3}, {kMost}), HasSubstr("does not fit")) << "it overflows";
  EXPECT_THAT(about_view(6, 0, {kMost, kMost, 4}, {0, 0, 0}), HasSubstr("does not fit"));
  EXPECT_THAT(about_view(6, 0, {1 << 30, 1 << 30}, {0, 0}), HasSubstr("does not fit"))
      << "the same number a billion billion times";
  EXPECT_THAT(about_view(6, 0, {0, kMost, kMost}, {1, 1, 1}), HasSubstr("does not fit"));
  EXPECT_THAT(complaint_about_tensor([](auto& p) {
                p.begin_tensor().storage("FloatStorage", "0", 6).integer(0).mark();
                for (int i = 0; i < 40; ++i) p.integer(1);
                p.tuple().integers({1}).truth(false).ordered_dict().tuple().reduce();
              }),
              HasSubstr("40 dimensions; 32 are read at most"));
  EXPECT_THAT(complaint_about_tensor([](auto& p) {
                p.begin_tensor().storage("FloatStorage", "0", 6).integer(0).text("6").integers({1});
                p.truth(false).ordered_dict().tuple().reduce();
              }),
              HasSubstr("its shape or its strides are a text"));
}

TEST(TorchFile, RefusesWhatIsNoPlainTensor) {
  EXPECT_THAT(complaint_about_tensor([](auto& p) { p.integer(3); }),
              HasSubstr("it is a whole number"));
  EXPECT_THAT(complaint_about_tensor(
                  [](auto& p) { p.global("torch._utils", "_rebuild_sparse_tensor").raw(")R"); }),
              HasSubstr("an object of \"torch._utils._rebuild_sparse_tensor\""));
  EXPECT_THAT(complaint_about_tensor(
                  [](auto& p) { p.global("torch._utils", "_rebuild_tensor_v2").raw(")R"); }),
              HasSubstr("a plain tensor should be there"));
  EXPECT_THAT(complaint_about_tensor([](auto& p) {
                p.global("torch._tensor", "_rebuild_from_type_v2").raw("NNN\x87R");
              }),
              HasSubstr("a plain tensor should be there"));
  EXPECT_THAT(complaint_about_tensor([](auto& p) {
                p.global("torch._tensor", "_rebuild_from_type_v2").raw("N\x85R");
              }),
              HasSubstr("a plain tensor should be there"));
  EXPECT_THAT(complaint_about_tensor([](auto& p) { p.storage("FloatStorage", "0", 6); }),
              HasSubstr("it is a bare storage"));
  EXPECT_THAT(
      complaint_about_tensor([](auto& p) { p.begin_tensor().text("0").end_tensor(0, {1}, {1}); }),
      HasSubstr("its storage is a text"));
  EXPECT_THAT(complaint_about_tensor([](auto& p) {
                p.begin_tensor().storage("Evil", "0", 6).end_tensor(0, {1}, {1});
              }),
              HasSubstr("a type that cannot be read"));
  EXPECT_THAT(complaint_about_tensor([](auto& p) {
                p.begin_tensor().storage("FloatStorage", "0", -1).end_tensor(0, {1}, {1});
              }),
              HasSubstr("a type that cannot be read"));
  EXPECT_THAT(complaint_about_tensor([](auto& p) {
                p.begin_tensor().storage("FloatStorage", "../data.pkl", 6).end_tensor(0, {1}, {1});
              }),
              HasSubstr("storage \"../data.pkl\" is not in the file"));
  EXPECT_THAT(complaint_about_tensor([](auto& p) {
                p.global("torch._utils", "_rebuild_tensor_v3").mark();
                p.storage("UntypedStorage", "0", 24).integer(0).integers({1}).integers({1});
                p.truth(false).ordered_dict().global("torch", "qint8").tuple().reduce();
              }),
              HasSubstr("its type cannot be read"));
}

TEST(TorchFile, RefusesFilesOfOtherMakers) {
  EXPECT_THAT(checkpoint_complaint_about(ZipWriter().add("a.txt", "a").finish()),
              HasSubstr("no data.pkl"));
  EXPECT_THAT(checkpoint_complaint_about(ZipWriter().add("data.pkl", "N.").finish()),
              HasSubstr("no data.pkl"));
  EXPECT_THAT(checkpoint_complaint_about(checkpoint_of("garbage", {})),
              AllOf(HasSubstr("data.pkl of x.ckpt"), HasSubstr("instruction 0x67")));
  EXPECT_THAT(checkpoint_complaint_about(checkpoint_of(PickleWriter().list().finish(), {})),
              HasSubstr("it holds a list, where a dictionary of tensors is wanted"));
  const auto big = ZipWriter()
                       .add("r/data.pkl", PickleWriter().dict().finish())
                       .add("r/byteorder", "big")
                       .finish();
  EXPECT_THAT(checkpoint_complaint_about(big), HasSubstr("big-endian"));
  const auto damaged =
      ZipWriter().add("r/data.pkl", PickleWriter().dict().finish(), {.crc = 1}).finish();
  EXPECT_THAT(checkpoint_complaint_about(damaged),
              AllOf(HasSubstr("\"r/data.pkl\""), HasSubstr("not those that were written")));
  const auto compressed = ZipWriter().add("r/data.pkl", "x", {.method = 8}).finish();
  EXPECT_THAT(checkpoint_complaint_about(compressed), HasSubstr("compressed"));
}

// Two attributes a level that are the same module, thirty levels deep: a thousand million names.
TEST(TorchFile, BoundsModulesThatStandInManyPlaces) {
  const auto bomb = [](const std::string& key, const std::function<void(PickleWriter&)>& leaf) {
    PickleWriter pickle;
    const auto module = [&pickle] { pickle.global("__torch__", "M").raw(")").new_object(); };
    module();
    pickle.dict();
    leaf(pickle);
    pickle.build().put(0);
    for (int level = 0; level < 30; ++level) {
      pickle.raw("0");
      module();
      pickle.dict().text(key + "a").get(0).set_item().text(key + "b").get(0).set_item();
      pickle.build().put(0);
    }
    return checkpoint_complaint_about(torchscript_of(pickle.finish(), kSix));
  };
  EXPECT_THAT(bomb("", [](auto& p) { p.text("w").tensor("FloatStorage", "0", {6}).set_item(); }),
              HasSubstr("more than 100000 names"));
  EXPECT_THAT(bomb("", [](auto& p) { p.text("w").none().set_item(); }),
              HasSubstr("more than 1000000 attributes"));
  // Keys that are no text cost as much to look at.
  EXPECT_THAT(bomb("",
                   [](auto& p) {
                     p.mark();
                     for (int i = 0; i < 10'000; ++i) p.integer(i).none();
                     p.set_items();
                   }),
              HasSubstr("more than 1000000 attributes"));
  EXPECT_THAT(bomb(std::string(100, 'k'), [](auto&) {}),
              HasSubstr("its name has more than 1024 bytes"));
}

TEST(TorchFile, BoundsModulesThatHoldThemselves) {
  PickleWriter pickle;
  pickle.global("__torch__", "M").raw(")").new_object().put(0);
  pickle.dict().text("m").get(0).set_item().build();
  EXPECT_THAT(checkpoint_complaint_about(torchscript_of(pickle.finish(), {})),
              HasSubstr("nested more than 64 deep"));
}

TEST(TorchFile, BoundsItsNames) {
  PickleWriter pickle;
  pickle.dict().mark();
  for (int i = 0; i <= 100'000; ++i) pickle.text(std::to_string(i)).none();
  EXPECT_THAT(checkpoint_complaint_about(checkpoint_of(pickle.set_items().finish(), {})),
              HasSubstr("more than 100000 names"));
  PickleWriter long_name;
  long_name.dict().text(std::string(1 << 20, 'n')).none().set_item();
  EXPECT_THAT(checkpoint_complaint_about(checkpoint_of(long_name.finish(), {})),
              HasSubstr("its name has more than 1024 bytes"));
}

}  // namespace
}  // namespace latentreel::models
