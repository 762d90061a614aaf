#include "src/train/blind_sheet.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "ffmpeg/image.h"
#include "src/files/atomic_file.h"
#include "src/optimize/prompts.h"
#include "src/train/world/random.h"

namespace latentreel::train {
namespace {

constexpr size_t kRows = 5;       // a sheet
constexpr int64_t kEnlarged = 2;  // times
constexpr int64_t kMargin = 8;    // pixels of white around every picture

// A row of pictures side by side, [1, 3, H, W].
at::Tensor side_by_side(const BlindRow& row) {
  std::vector<at::Tensor> pictures;
  for (const auto& [name, picture] : row.pictures) {
    const auto large = at::upsample_bicubic2d(
        picture, {picture.size(2) * kEnlarged, picture.size(3) * kEnlarged}, false);
    pictures.push_back(
        at::constant_pad_nd(large.clamp(0, 1), {kMargin, kMargin, kMargin, kMargin}, 1));
  }
  return at::cat(pictures, 3);
}

}  // namespace

void write_blind_sheets(const std::filesystem::path& folder, const std::string& stem,
                        std::vector<BlindRow> rows, uint64_t seed) {
  std::string key;
  std::vector<at::Tensor> sheet;
  for (size_t i = 0; i < rows.size(); ++i) {
    auto& [prompt, pictures] = rows[i];
    world::Random random(seed, i);
    for (size_t left = pictures.size(); left > 1; --left) {
      std::swap(pictures[left - 1],
                pictures[static_cast<size_t>(random.below(static_cast<int>(left)))]);
    }
    const auto number = i / kRows + 1;
    key += fmt::format("sheet {} row {}:", number, i % kRows + 1);
    for (const auto& [name, picture] : pictures) key += " " + name;
    key += " | " + prompt + "\n";
    sheet.push_back(side_by_side(rows[i]));
    if (sheet.size() == kRows || i + 1 == rows.size()) {
      files::write_file(folder / fmt::format("{}-{}.png", stem, number),
                        ffmpeg::encode_png(render::to_image(at::cat(sheet, 2))));
      sheet.clear();
    }
  }
  files::write_file(folder / (stem + "-key.txt"), key);
}

}  // namespace latentreel::train
