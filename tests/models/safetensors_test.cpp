#include "models/files/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "models/files/error.h"
#include "models/files/mapped_file.h"
#include "tests/models/bytes.h"
#include "tests/temporary_folder.h"

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;
using testing::bytes_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string length_field(std::uint64_t length) {
  std::string text;
  for (int i = 0; i < 8; ++i) text += static_cast<char>(length >> (8 * i) & 0xff);
  return text;
}

std::string file_of(const std::string& json, std::size_t data_size) {
  return length_field(json.size()) + json + std::string(data_size, '\x01');
}

SafetensorsHeader read(const std::string& file) {
  return read_safetensors_header(bytes_of(file), "x.safetensors");
}

// What reading `file` complains about, without what every complaint begins with.
std::string safetensors_complaint(const std::string& file) {
  try {
    read(file);
  } catch (const WeightsError& error) {
    EXPECT_EQ(error.kind(), WeightsError::Kind::invalid);
    const std::string text = error.what();
    const std::string start = "reading x.safetensors: ";
    EXPECT_THAT(text, ::testing::StartsWith(start));
    return text.substr(std::min(start.size(), text.size()));
  }
  return "none";
}

// The smallest sample of the format's description: `a` = [1, -2] as F32, 72 bytes.
std::string sample() {
  return length_field(56) + R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  )" +
         std::string("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8);
}

TEST(Safetensors, ReadsTheSmallestSample) {
  const auto file = sample();
  ASSERT_EQ(file.size(), 72u);
  const auto header = read(file);
  EXPECT_EQ(header.data_start, 64u);
  ASSERT_EQ(header.entries.size(), 1u);
  const auto& entry = header.entries[0];
  EXPECT_EQ(entry.name, "a");
  EXPECT_EQ(entry.type, SafetensorsType::f32);
  EXPECT_THAT(entry.shape, ElementsAre(2));
  EXPECT_EQ(entry.begin, 0u);
  EXPECT_EQ(entry.end, 8u);
}

TEST(Safetensors, ReadsWhatIsUnusualButRight) {
  EXPECT_TRUE(read(file_of("{}", 0)).entries.empty());
  EXPECT_TRUE(read(file_of("{}      ", 0)).entries.empty());
  EXPECT_TRUE(read(file_of(R"({"__metadata__":{}})", 0)).metadata.empty());
  EXPECT_EQ(read(file_of(R"({"__metadata__":{"a":"b","é":"\u00e9"}})", 0)).metadata.at("é"), "é");

  // A scalar, an empty tensor between others, keys in another order, entries out of order.
  const auto header = read(file_of(
      R"({"b":{"data_offsets":[4,4],"shape":[3,0],"dtype":"F32"},
          "c":{"dtype":"U8","shape":[1,3],"data_offsets":[4,7]},
          "a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
      7));
  ASSERT_EQ(header.entries.size(), 3u);
  EXPECT_EQ(header.entries[0].name, "a");
  EXPECT_TRUE(header.entries[0].shape.empty());
  EXPECT_EQ(header.entries[1].name, "b");
  EXPECT_EQ(header.entries[2].name, "c");

  // Less than a byte an element, but whole bytes together.
  EXPECT_EQ(
      read(file_of(R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}})", 1)).entries[0].type,
      SafetensorsType::f4);
}

TEST(Safetensors, KnowsEveryType) {
  int count = 0;
  for (int i = 0; i <= static_cast<int>(SafetensorsType::f6_e3m2); ++i, ++count) {
    const auto type = static_cast<SafetensorsType>(i);
    EXPECT_EQ(safetensors_type(name_of(type)), type);
    const auto bits = bits_of(type);
    const auto json = R"({"a":{"dtype":")" + std::string(name_of(type)) +
                      R"(","shape":[8],"data_offsets":[0,)" + std::to_string(bits) + "]}}";
    EXPECT_EQ(read(file_of(json, bits)).entries[0].type, type);
  }
  EXPECT_EQ(count, 22);
  EXPECT_FALSE(safetensors_type("f32"));
  EXPECT_FALSE(safetensors_type(""));
}

struct Hostile {
  const char* name;
  std::string file;
  std::string complaint;
};

std::ostream& operator<<(std::ostream& out, const Hostile& hostile) {
  return out << hostile.name;
}

class HostileSafetensors : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostileSafetensors, IsRefused) {
  EXPECT_EQ(safetensors_complaint(GetParam().file), GetParam().complaint);
}

const std::string kDamaged =
    ". The file is damaged or was not written as safetensors; fetch it again.";
const std::string kIncomplete = ". The file is incomplete; fetch it again.";
const std::string kSaveAgain =
    ". Open it with a PyTorch version of its time and save it again with torch.save.";
const std::string kConvert =
    ", not a safetensors file. latentreel reads safetensors files; use the model's .safetensors "
    "file, or convert this one.";

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"a":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}}";
}

std::vector<Hostile> hostile_files() {
  const std::string f32 = "\"F32\"";
  std::string deep = R"({"a":)";
  for (int i = 0; i < 100000; ++i) deep += R"({"a":)";
  std::string lists = R"({"a":{"shape":)" + std::string(100000, '[');
  std::string rank = "[1";
  for (int i = 0; i < 32; ++i) rank += ",1";
  return {
      {"Empty", "", "it is empty. Fetch it again."},
      {"SevenBytes", "1234567",
       "it has 7 bytes, fewer than the 8 that a safetensors file begins with" + kDamaged},
      {"HeaderTooLarge", length_field(100'000'001) + "{}",
       "its header would have 100000001 bytes, more than the 100000000 that are allowed" +
           kDamaged},
      {"HeaderHuge", length_field(~std::uint64_t{0}) + "{}",
       "its header would have 18446744073709551615 bytes, more than the 100000000 that are "
       "allowed" +
           kDamaged},
      {"HeaderPastTheEnd", length_field(3) + "{}",
       "its header would have 3 bytes, but only 2 follow" + kIncomplete},
      {"NoHeader", length_field(0), "its header does not begin with '{'" + kDamaged},
      {"HeaderIsAList", file_of("[]", 0), "its header does not begin with '{'" + kDamaged},
      {"HeaderBeginsWithABlank", file_of(" {}", 0),
       "its header does not begin with '{'" + kDamaged},
      {"InvalidUtf8", file_of("{\"\xff\":1}", 0),
       "its header is not UTF-8, at byte 2 of it" + kDamaged},
      {"SurrogateInUtf8", file_of("{\"\xed\xa0\x80\":1}", 0),
       "its header is not UTF-8, at byte 2 of it" + kDamaged},
      {"LoneSurrogateEscape", file_of(R"({"\ud800":1})", 0),
       "its header is not valid JSON, at byte 9 of it" + kDamaged},
      {"InvalidJson", file_of("{,}", 0),
       "its header is not valid JSON, at byte 2 of it" + kDamaged},
      {"JsonCutOff", file_of(R"({"a":{)", 0),
       "its header is not valid JSON, at byte 7 of it" + kDamaged},
      {"TextAfterTheJson", file_of("{}x", 0),
       "its header is not valid JSON, at byte 3 of it" + kDamaged},
      {"SecondObject", file_of("{}{}", 0),
       "its header is not valid JSON, at byte 3 of it" + kDamaged},
      {"ZeroByteAfterTheJson", file_of(std::string("{}\0\0", 4), 0),
       "its header is not valid JSON, at byte 3 of it" + kDamaged},
      {"Nested", file_of(deep, 0), "tensor \"a\": it holds the unknown key \"a\"" + kDamaged},
      {"NestedLists", file_of(lists, 0), "tensor \"a\": its shape holds a list" + kDamaged},
      {"UnknownType", file_of(entry("\"F31\"", "[2]", "[0,8]"), 8),
       "tensor \"a\": its dtype \"F31\" is not known" + kDamaged},
      {"TypeIsANumber", file_of(entry("32", "[2]", "[0,8]"), 8),
       "tensor \"a\": its dtype is a number" + kDamaged},
      {"Hole",
       file_of(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
               R"("b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}})",
               5),
       "tensor \"b\": bytes before it belong to no tensor: 1" + kDamaged},
      {"HoleAtTheStart", file_of(entry("\"U8\"", "[2]", "[1,3]"), 3),
       "tensor \"a\": bytes before it belong to no tensor: 1" + kDamaged},
      {"Overlap",
       file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
               R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
               6),
       "tensor \"b\": it begins at byte 2 of the data, inside another tensor that ends at 4" +
           kDamaged},
      {"SameBytesTwice",
       file_of(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)"
               R"("b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
               4),
       "tensor \"b\": it begins at byte 0 of the data, inside another tensor that ends at 4" +
           kDamaged},
      {"Backwards", file_of(entry(f32, "[2]", "[8,0]"), 8),
       "tensor \"a\": its data_offsets [8, 0] run backwards" + kDamaged},
      {"SizeMismatch", file_of(entry(f32, "[3]", "[0,8]"), 8),
       "tensor \"a\": its shape [3] of F32 needs 12 bytes, its data_offsets hold 8" + kDamaged},
      {"EmptyShapeMismatch", file_of(entry(f32, "[0]", "[0,8]"), 8),
       "tensor \"a\": its shape [0] of F32 needs 0 bytes, its data_offsets hold 8" + kDamaged},
      {"PastTheEnd", file_of(entry(f32, "[2]", "[0,8]"), 7),
       "tensor \"a\": it ends at byte 8 of the data, of which there are 7" + kIncomplete},
      {"FarPastTheEnd",
       file_of(entry(f32, "[2]", "[18446744073709551608,18446744073709551615]"), 8),
       "tensor \"a\": it ends at byte 18446744073709551615 of the data, of which there are 8" +
           kIncomplete},
      {"TrailingBytes", file_of(entry(f32, "[2]", "[0,8]"), 9),
       "bytes after its last tensor belong to none: 1" + kDamaged},
      {"DataWithoutTensors", file_of("{}", 1),
       "bytes after its last tensor belong to none: 1" + kDamaged},
      {"ShapeOverflow", file_of(entry(f32, "[4294967296,4294967296]", "[0,8]"), 8),
       "tensor \"a\": its shape [4294967296, 4294967296] of F32 is not a whole number of bytes "
       "below 2^60" +
           kDamaged},
      {"ShapeOverflowToZero", file_of(entry(f32, "[4611686018427387904,4,0]", "[0,0]"), 0),
       "tensor \"a\": its shape [4611686018427387904, 4, 0] of F32 is not a whole number of bytes "
       "below 2^60" +
           kDamaged},
      {"DimensionOverflow", file_of(entry(f32, "[9223372036854775808]", "[0,8]"), 8),
       "tensor \"a\": its shape has a dimension of 9223372036854775808" + kDamaged},
      {"HalfAByte", file_of(entry("\"F4\"", "[3]", "[0,1]"), 1),
       "tensor \"a\": its shape [3] of F4 is not a whole number of bytes below 2^60" + kDamaged},
      {"TooManyDimensions", file_of(entry("\"U8\"", rank + "]", "[0,1]"), 1),
       "tensor \"a\": its shape has more than 32 dimensions" + kDamaged},
      {"NegativeDimension", file_of(entry(f32, "[-2]", "[0,8]"), 8),
       "tensor \"a\": its shape holds a negative number" + kDamaged},
      {"FractionalDimension", file_of(entry(f32, "[2.5]", "[0,8]"), 8),
       "tensor \"a\": its shape holds the number \"2.5\", not a whole one below 2^64," + kDamaged},
      {"NegativeOffset", file_of(entry(f32, "[2]", "[-1,8]"), 8),
       "tensor \"a\": its data_offsets hold a negative number" + kDamaged},
      {"FractionalOffset", file_of(entry(f32, "[2]", "[0,8.0]"), 8),
       "tensor \"a\": its data_offsets hold the number \"8.0\", not a whole one below 2^64," +
           kDamaged},
      {"OffsetBeyond64Bits", file_of(entry(f32, "[2]", "[0,18446744073709551616]"), 8),
       "tensor \"a\": its data_offsets hold the number \"18446744073709551616\", not a whole one "
       "below 2^64," +
           kDamaged},
      {"OneOffset", file_of(entry(f32, "[2]", "[0]"), 8),
       "tensor \"a\": its data_offsets are fewer than two" + kDamaged},
      {"ThreeOffsets", file_of(entry(f32, "[2]", "[0,8,8]"), 8),
       "tensor \"a\": its data_offsets are more than two" + kDamaged},
      {"OffsetsAreText", file_of(entry(f32, "[2]", "\"0,8\""), 8),
       "tensor \"a\": its data_offsets are text" + kDamaged},
      {"ShapeIsANumber", file_of(entry(f32, "2", "[0,8]"), 8),
       "tensor \"a\": its shape is a number" + kDamaged},
      {"ShapeHoldsText", file_of(entry(f32, "[\"2\"]", "[0,8]"), 8),
       "tensor \"a\": its shape holds text" + kDamaged},
      {"LacksType", file_of(R"({"a":{"shape":[2],"data_offsets":[0,8]}})", 8),
       "tensor \"a\": it lacks dtype" + kDamaged},
      {"LacksShape", file_of(R"({"a":{"dtype":"F32","data_offsets":[0,8]}})", 8),
       "tensor \"a\": it lacks shape" + kDamaged},
      {"LacksOffsets", file_of(R"({"a":{"dtype":"F32","shape":[2]}})", 8),
       "tensor \"a\": it lacks data_offsets" + kDamaged},
      {"KeyTwice", file_of(R"({"a":{"dtype":"F32","dtype":"F32"}})", 8),
       "tensor \"a\": it holds dtype twice" + kDamaged},
      {"UnknownKey", file_of(R"({"a":{"strides":[1]}})", 8),
       "tensor \"a\": it holds the unknown key \"strides\"" + kDamaged},
      {"NameTwice",
       file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
               R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
               2),
       "tensor \"a\": its name is in the header twice" + kDamaged},
      {"EntryIsNull", file_of(R"({"a":null})", 0),
       "tensor \"a\": it is described by null" + kDamaged},
      {"EntryIsAList", file_of(R"({"a":[]})", 0),
       "tensor \"a\": it is described by a list" + kDamaged},
      {"MetadataIsNull", file_of(R"({"__metadata__":null})", 0),
       "its __metadata__ is null" + kDamaged},
      {"MetadataHoldsANumber", file_of(R"({"__metadata__":{"n":1}})", 0),
       "its metadata holds a number under \"n\", where only text may stand" + kDamaged},
      {"MetadataHoldsAnObject", file_of(R"({"__metadata__":{"n":{}}})", 0),
       "its metadata holds an object under \"n\", where only text may stand" + kDamaged},
      {"MetadataHoldsTrue", file_of(R"({"__metadata__":{"n":true}})", 0),
       "its metadata holds a boolean under \"n\", where only text may stand" + kDamaged},
      {"MetadataTwice", file_of(R"({"__metadata__":{},"__metadata__":{}})", 0),
       "its header holds __metadata__ twice" + kDamaged},
      {"MetadataKeyTwice", file_of(R"({"__metadata__":{"n":"1","n":"1"}})", 0),
       "its metadata holds the key \"n\" twice" + kDamaged},
      {"NameWithEscapes", file_of("{\"\\u001b[2J\\n\":0}", 0),
       "tensor \"\\x1B[2J\\n\": it is described by a number" + kDamaged},
      {"WebPage", "\n <!doctype html><html><body>Not found</body></html>",
       "it is a web page, not a model. The download failed; fetch it again from another "
       "address."},
      {"Zip", std::string("PK\3\4\0\0\0\0\0\0\0\0\0\0\0\0", 16),
       "it is a PyTorch checkpoint (a zip archive)" + kConvert},
      {"Legacy", "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e\x80",
       "it is a PyTorch checkpoint of the old kind (a pickle stream)" + kConvert},
      {"Pickle", std::string("\x80\x04\x95\0\0\0\0\0\0\0", 10),
       "it is a bare Python pickle, not a checkpoint. Save the model with torch.save or as "
       "safetensors."},
      {"Tar", std::string(257, 'x') + "ustar",
       "it is a tar archive, as PyTorch before 0.4 wrote checkpoints, which cannot be read" +
           kSaveAgain},
      {"Preview", "PYTORCH1............",
       "it is a preview file of a PyTorch before 1.0, which cannot be read" + kSaveAgain},
      {"LfsPointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
       "it is a Git LFS pointer, not a safetensors file. Fetch the file itself, with git lfs "
       "pull."},
      {"Gzip", std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48\xcd\xc9\xc9\x07\0", 17),
       "it is compressed with gzip. Unpack it, and name the model's file."},
      {"Jpeg", std::string("\xff\xd8\xff\xe0\0\x10JFIF\0\x01", 12),
       "it is a JPEG picture, not a model. Name the model's file."},
      {"Png", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16),
       "it is a PNG picture, not a model. Name the model's file."},
      {"Json", R"({"hidden_size": 768, "vision_config": {}})",
       "it is JSON: a description, not weights. Name the file with the weights, or the .index.json "
       "of those in several files."},
      {"Yaml", "# of last.ckpt\n\nmodel:\n  target: taming.models.vqgan.VQModel\n",
       "it is YAML: a configuration, not weights. Name the checkpoint that it belongs to, and keep "
       "this file beside it."},
      {"Text", "Dear reader, these are no weights at all.\n",
       "it is text, not a model. Name the model's file."},
      {"Hdf5", std::string("\x89HDF\r\n\x1a\n\0\0\0\0", 12),
       "it is an HDF5 file, as Keras and TensorFlow write it. Use the model's .safetensors, .pt, "
       ".ckpt or .bin file, or convert this one."},
      {"Bmp", std::string("BM\xf6\x24\0\0\0\0\0\0\x36\0\0\0", 14),
       "it is a BMP picture, not a model. Name the model's file."},
      {"Tiff", std::string("II*\0\x08\0\0\0\x10\0\0\1", 12),
       "it is a TIFF picture, not a model. Name the model's file."},
      {"Mp4",
       std::string("\0\0\0\x20"
                   "ftypisom\0\0\2\0",
                   16),
       "it is a film, song or picture of the MP4 family, not a model. Name the model's file."},
      {"Flac", std::string("fLaC\0\0\0\x22\x10\0", 10),
       "it is a FLAC song, not a model. Name the model's file."},
      {"Ogg", std::string("OggS\0\2\0\0\0\0", 10),
       "it is an Ogg file (sound or film), not a model. Name the model's file."},
      {"Mp3", std::string("ID3\4\0\0\0\0\0\x23TSSE", 14),
       "it is an MP3 song, not a model. Name the model's file."},
      {"Unknown", std::string("\x08\x07\x12\x07pytorch\x1a", 12),
       "it is no safetensors file, no PyTorch checkpoint, and nothing else known. Name the model's "
       "file; if this is it, it is damaged: fetch it again."},
      // 19778 bytes of header begin as a BMP does.
      {"HeaderLengthLikeBmp", std::string("BM\0\0\0\0\0\0{\"a\":", 13),
       "its header would have 19778 bytes, but only 5 follow" + kIncomplete},
      // 559903 bytes of header begin as gzip does; what follows shows that it is none.
      {"HeaderLengthLikeGzip", std::string("\x1f\x8b\x08\0\0\0\0\0{\"a\":", 13),
       "its header would have 559903 bytes, but only 5 follow" + kIncomplete},
  };
}

INSTANTIATE_TEST_SUITE_P(All, HostileSafetensors, ::testing::ValuesIn(hostile_files()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Safetensors, RefusesAFileCutAnywhere) {
  const auto file = sample();
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_THROW(read(file.substr(0, size)), WeightsError) << size;
  }
  EXPECT_NO_THROW(read(file));
}

// Every byte of a file that holds all there can be, changed to every other value: read, or refused.
TEST(Safetensors, SurvivesAnyChangedByte) {
  const auto good =
      file_of(R"({"__metadata__":{"k":"v"},"a":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]},)"
              R"("b\u00e9":{"dtype":"U8","shape":[],"data_offsets":[4,5]}})",
              5);
  int read_anyway = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      auto file = good;
      file[i] = static_cast<char>(value);
      try {
        const auto header = read(file);
        ++read_anyway;
        for (const auto& found : header.entries) {
          EXPECT_LE(header.data_start + found.end, file.size());
        }
      } catch (const WeightsError&) {
      }
    }
  }
  EXPECT_GT(read_anyway, 256 * 5);  // the data, at least
}

TEST(Safetensors, WritesTheSmallestSample) {
  const TemporaryFolder folder;
  const auto data = sample().substr(64);
  write_safetensors(folder / "a.safetensors", {{"a", SafetensorsType::f32, {2}, bytes_of(data)}});
  EXPECT_EQ(folder.read("a.safetensors"), sample());
}

TEST(Safetensors, WritesTheSameBytesInAnyOrderAndAligned) {
  const TemporaryFolder folder;
  const std::string data(24, '\x07');
  const auto some = [&](std::size_t size) { return bytes_of(data).first(size); };
  std::vector<SafetensorsTensor> tensors{
      {"m\"ask\n", SafetensorsType::boolean, {3}, some(3)},
      {"w", SafetensorsType::f16, {2, 3}, some(12)},
      {"n", SafetensorsType::i64, {}, some(8)},
      {"e", SafetensorsType::f64, {0, 4}, some(0)},
      {"b", SafetensorsType::f32, {6}, some(24)},
  };
  const std::map<std::string, std::string> metadata{{"é", "\x01\"\\"}, {"format", "pt"}};
  write_safetensors(folder / "1", tensors, metadata);
  std::reverse(tensors.begin(), tensors.end());
  write_safetensors(folder / "2", tensors, metadata);
  const auto file = folder.read("1");
  EXPECT_EQ(file, folder.read("2"));

  const auto header = read(file);
  EXPECT_EQ(header.metadata, metadata);
  EXPECT_EQ(header.data_start % 8, 0u);
  ASSERT_EQ(header.entries.size(), 5u);
  for (const auto& found : header.entries) {
    EXPECT_EQ(found.begin * 8 % bits_of(found.type), 0u) << found.name;
  }
  EXPECT_EQ(header.entries.back().name, "m\"ask\n");
}

TEST(Safetensors, WritesOverAnOlderFileAndLeavesNothingElse) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a.safetensors") << "old";
  write_safetensors(folder / "a.safetensors", {});
  EXPECT_EQ(folder.read("a.safetensors"), file_of("{}      ", 0));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(Safetensors, FailingToWriteKeepsTheOlderFile) {
  const TemporaryFolder folder;
  try {
    write_safetensors(folder / "no/such/folder.safetensors", {});
    FAIL();
  } catch (const WeightsError& error) {
    EXPECT_EQ(error.kind(), WeightsError::Kind::uncreatable);
    EXPECT_EQ(error.what(), "writing " + (folder / "no/such/folder.safetensors").string() +
                                ": No such file or directory");
  }
  // A folder of that name cannot be replaced; the temporary file is gone again.
  fs::create_directories(folder / "taken/inside");
  EXPECT_THROW(write_safetensors(folder / "taken", {}), WeightsError);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(Safetensors, WriterRefusesWhatCannotBeRead) {
  const TemporaryFolder folder;
  const std::string data(4, 'x');
  const auto write = [&](const std::string& name, std::vector<std::int64_t> shape) {
    write_safetensors(folder / "x",
                      {{name, SafetensorsType::u8, std::move(shape), bytes_of(data)}});
  };
  EXPECT_NO_THROW(write("a", {4}));
  EXPECT_THROW(write("a", {3}), std::invalid_argument);
  EXPECT_THROW(write("a", {-4}), std::invalid_argument);
  EXPECT_THROW(write("__metadata__", {4}), std::invalid_argument);
  EXPECT_THROW(write("\xff", {4}), std::invalid_argument);
  const SafetensorsTensor twin{"a", SafetensorsType::u8, {4}, bytes_of(data)};
  EXPECT_THROW(write_safetensors(folder / "x", {twin, twin}), std::invalid_argument);
}

TEST(MappedFile, SaysWhatIsWrongWithAPath) {
  const TemporaryFolder folder;
  const auto complaint_of = [](const fs::path& path) -> std::pair<WeightsError::Kind, std::string> {
    try {
      MappedFile::open(path);
    } catch (const WeightsError& error) {
      return {error.kind(), error.what()};
    }
    return {WeightsError::Kind::invalid, "none"};
  };
  using Kind = WeightsError::Kind;
  const auto opening = [&](const std::string& name) {
    return "opening " + (folder / name).string();
  };
  EXPECT_EQ(complaint_of(folder / "none"),
            std::pair(Kind::missing, opening("none") +
                                         ": No such file or directory. Check the name; paths in a "
                                         "scene are relative to the scene file."));
  fs::create_directory(folder / "folder");
  EXPECT_EQ(complaint_of(folder / "folder"),
            std::pair(Kind::invalid, opening("folder") + ": it is a folder. Name the file in it."));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(complaint_of(folder / "pipe"),
            std::pair(Kind::invalid,
                      opening("pipe") + ": it is not a regular file. Name a file on disk."));
  if (::geteuid() != 0) {
    std::ofstream(folder / "private") << "x";
    fs::permissions(folder / "private", fs::perms::none);
    EXPECT_EQ(complaint_of(folder / "private"),
              std::pair(Kind::missing,
                        opening("private") + ": Permission denied. Check that you may read it."));
  }
  std::ofstream(folder / "empty").flush();
  EXPECT_TRUE(MappedFile::open(folder / "empty")->bytes().empty());
  std::ofstream(folder / "abc") << "abc";
  EXPECT_EQ(MappedFile::open(folder / "abc")->size(), 3u);
}

TEST(MappedFile, IsKnownByTheAddressesOfItsContents) {
  const TemporaryFolder folder;
  std::ofstream(folder / "abc") << "abc";
  const auto file = MappedFile::open(folder / "abc");
  const auto* data = file->bytes().data();
  ASSERT_NE(mapped_file_at(data), nullptr);
  EXPECT_EQ(mapped_file_at(data), (folder / "abc").string());
  EXPECT_EQ(mapped_file_at(data + 2), (folder / "abc").string());
  EXPECT_EQ(mapped_file_at(data + 3), nullptr);
  EXPECT_EQ(mapped_file_at(data - 1), nullptr);
  EXPECT_EQ(mapped_file_at(nullptr), nullptr);
}

TEST(MappedFile, IsForgottenWhenItEnds) {
  const TemporaryFolder folder;
  std::ofstream(folder / "abc") << "abc";
  const std::byte* data = nullptr;
  for (int i = 0; i < 1000; ++i) {
    const auto file = MappedFile::open(folder / "abc");
    data = file->bytes().data();
    ASSERT_NE(mapped_file_at(data), nullptr) << i;
  }
  EXPECT_EQ(mapped_file_at(data), nullptr);
}

TEST(WeightsError, ShowsWhatFilesSayWithoutHarm) {
  EXPECT_EQ(shown("café \"x\" \\"), "\"café \\\"x\\\" \\\\\"");
  EXPECT_EQ(shown("\x1b[31m\xff\xc2\x9b\u202e\n\t"), "\"\\x1B[31m\\xFF\\u009B\\u202E\\n\\t\"");
  EXPECT_EQ(shown("abcdefgh", 4), "\"abcd…\"");
}

}  // namespace
}  // namespace latentreel::models
