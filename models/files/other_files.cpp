#include "models/files/other_files.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace latentreel::models {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kConvert =
    "latentreel reads safetensors files; use the model's .safetensors file, or convert this one.";
constexpr std::string_view kSaveAgain =
    "Open it with a PyTorch version of its time and save it again with torch.save.";
constexpr std::string_view kUnpack = "Unpack it, and name the model's file.";
constexpr std::string_view kNameTheModel = "Name the model's file.";
constexpr std::string_view kOtherFramework =
    "Use the model's .safetensors, .pt, .ckpt or .bin file, or convert this one.";

struct Signature {
  std::string_view begins;
  std::string_view problem;
  std::string_view advice;
};

constexpr std::array kSignatures = std::to_array<Signature>({
    {"PK\3\4"sv, "it is a PyTorch checkpoint (a zip archive), not a safetensors file", kConvert},
    {"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"sv,
     "it is a PyTorch checkpoint of the old kind (a pickle stream), not a safetensors file",
     kConvert},
    {"PYTORCH1"sv, "it is a preview file of a PyTorch before 1.0, which cannot be read",
     kSaveAgain},
    {"version https://git-lfs"sv, "it is a Git LFS pointer, not a safetensors file",
     "Fetch the file itself, with git lfs pull."},
    {"\x1f\x8b\x08"sv, "it is compressed with gzip", kUnpack},
    {"\xfd\x37\x7a\x58\x5a\0"sv, "it is compressed with xz", kUnpack},
    {"\x28\xb5\x2f\xfd"sv, "it is compressed with Zstandard", kUnpack},
    {"BZh"sv, "it is compressed with bzip2", kUnpack},
    {"7z\xbc\xaf\x27\x1c"sv, "it is a 7z archive", kUnpack},
    {"Rar!\x1a\x07"sv, "it is a RAR archive", kUnpack},
    {"\xff\xd8\xff"sv, "it is a JPEG picture, not a model", kNameTheModel},
    {"\x89PNG\r\n\x1a\n"sv, "it is a PNG picture, not a model", kNameTheModel},
    {"GIF8"sv, "it is a GIF picture, not a model", kNameTheModel},
    {"II*\0"sv, "it is a TIFF picture, not a model", kNameTheModel},
    {"MM\0*"sv, "it is a TIFF picture, not a model", kNameTheModel},
    {"RIFF"sv, "it is a RIFF file (a WebP picture, or sound), not a model", kNameTheModel},
    {"fLaC"sv, "it is a FLAC song, not a model", kNameTheModel},
    {"OggS"sv, "it is an Ogg file (sound or film), not a model", kNameTheModel},
    {"ID3"sv, "it is an MP3 song, not a model", kNameTheModel},
    {"\xff\xfb"sv, "it is an MP3 song, not a model", kNameTheModel},
    {"\x1a\x45\xdf\xa3"sv, "it is a Matroska film, not a model", kNameTheModel},
    {"\x7f"
     "ELF"sv,
     "it is a program, not a model", kNameTheModel},
    {"%PDF-"sv, "it is a PDF document, not a model", kNameTheModel},
    {"GGUF"sv, "it is a GGUF file, as programs for language models read it", kOtherFramework},
    {"\x89HDF\r\n\x1a\n"sv, "it is an HDF5 file, as Keras and TensorFlow write it",
     kOtherFramework},
    {"\x93NUMPY"sv, "it is an array of NumPy, not a model", kOtherFramework},
});

OtherFile found(std::string_view problem, std::string_view advice) {
  return {.problem = std::string(problem), .advice = std::string(advice)};
}

// Text as people and programs write it: no control characters but those that part words and lines.
bool is_plain_text(std::string_view text) {
  constexpr std::size_t kLookedAt = 4096;
  constexpr std::size_t kShortest = 16;  // fewer bytes are plain by chance
  const auto begin = text.substr(0, kLookedAt);
  return text.size() >= kShortest && std::none_of(begin.begin(), begin.end(), [](char c) {
           return static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\n' && c != '\r';
         });
}

// Whether a line begins as "key:" or "key: value".
bool has_yaml_key(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == line.npos || colon == 0) return false;
  const auto key = line.substr(0, colon);
  return std::all_of(
             key.begin(), key.end(),
             [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; }) &&
         (colon + 1 == line.size() || line[colon + 1] == ' ' || line[colon + 1] == '\r');
}

// By its first line that is neither empty nor a comment.
bool looks_like_yaml(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(" \t\r") == line.npos || line[0] == '#') continue;
    if (line.starts_with("---")) return true;
    return has_yaml_key(line);
  }
  return false;
}

std::optional<OtherFile> other_text(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF"sv)) text.remove_prefix(3);
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return std::nullopt;
  if (text[first] == '<') {
    return found("it is a web page, not a model",
                 "The download failed; fetch it again from another address.");
  }
  if (!is_plain_text(text)) return std::nullopt;
  if (text[first] == '{' || text[first] == '[') {
    return found("it is JSON: a description, not weights",
                 "Name the file with the weights, or the .index.json of those in several files.");
  }
  if (looks_like_yaml(text)) {
    return found("it is YAML: a configuration, not weights",
                 "Name the checkpoint that it belongs to, and keep this file beside it.");
  }
  return found("it is text, not a model", kNameTheModel);
}

}  // namespace

std::optional<OtherFile> other_file(std::string_view text) {
  for (const auto& signature : kSignatures) {
    if (text.starts_with(signature.begins)) return found(signature.problem, signature.advice);
  }
  if (text.substr(std::min<std::size_t>(text.size(), 4), 4) == "ftyp") {
    return found("it is a film, song or picture of the MP4 family, not a model", kNameTheModel);
  }
  if (text.starts_with("BM") && text.size() > 10 && text.substr(6, 4) == "\0\0\0\0"sv) {
    return found("it is a BMP picture, not a model", kNameTheModel);
  }
  if (text.size() >= 2 && text[0] == '\x80' && text[1] >= 2 && text[1] <= 5) {
    return found("it is a bare Python pickle, not a checkpoint",
                 "Save the model with torch.save or as safetensors.");
  }
  if (text.size() >= 262 && text.substr(257, 5) == "ustar") {
    return found(
        "it is a tar archive, as PyTorch before 0.4 wrote checkpoints, which cannot be read",
        kSaveAgain);
  }
  return other_text(text);
}

}  // namespace latentreel::models
