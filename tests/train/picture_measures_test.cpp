#include "src/train/picture_measures.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "ffmpeg/image.h"
#include "models/files/state_dict.h"
#include "src/train/blind_sheet.h"
#include "src/train/questions.h"
#include "src/train/stages/dataset.h"
#include "tests/temporary_folder.h"

namespace latentreel::train {
namespace {

namespace fs = std::filesystem;

at::Tensor drawn(int question) {
  return training::Dataset::picture(questions(question + 1, false).back().drawn, 128);
}

at::Tensor blurred(const at::Tensor& picture) {
  return at::avg_pool2d(picture, {5, 5}, {1, 1}, {2, 2}, false, false);
}

TEST(PictureMeasures, EdgesOfABlurredPictureAreLessSharp) {
  const auto picture = drawn(0);
  EXPECT_NEAR(edge_sharpness(picture, picture), 1, 1e-6);
  const double once = edge_sharpness(picture, blurred(picture));
  EXPECT_LT(once, 0.8);
  EXPECT_LT(edge_sharpness(picture, blurred(blurred(picture))), once);
  EXPECT_NEAR(edge_sharpness(picture, at::full_like(picture, 0.5)), 0, 1e-6);
  // Where nothing changes there are no edges to lose.
  EXPECT_EQ(edge_sharpness(at::zeros_like(picture), at::zeros_like(picture)), 0);
}

TEST(PictureMeasures, AKnownPictureIsNearerThanNoise) {
  const models::Vqgan vqgan(models::StateDict::load_safetensors(fs::path(LATENTREEL_SOURCE_DIR) /
                                                                "models/tiny/vqgan.safetensors"));
  const at::NoGradGuard no_gradient;
  const auto known = vqgan.quantize(vqgan.encode(drawn(1)));
  const auto codes = at::arange(256, at::kLong).mul(7919).remainder(vqgan.config().codes);
  const auto random = vqgan.embed_codes(codes.view({1, 16, 16}));
  EXPECT_LT(manifold_distance(vqgan, known), 0.25);
  EXPECT_GT(manifold_distance(vqgan, random), 2 * manifold_distance(vqgan, known));
}

TEST(Questions, AreDrawnAsTheyAreAsked) {
  for (const auto& question : questions(10, true)) {
    ASSERT_EQ(question.drawn.things.size(), 1U);
    EXPECT_EQ(static_cast<int>(question.drawn.things[0].thing), question.thing);
    EXPECT_TRUE(question.colour.has_value());
  }
}

TEST(BlindSheets, SayNothingAndTheirKeyEverything) {
  const TemporaryFolder temporary;
  const auto& folder = temporary.path();
  std::vector<BlindRow> rows;
  constexpr int64_t kSide = 16;
  for (int i = 0; i < 7; ++i) {
    BlindRow row{.prompt = "prompt " + std::to_string(i), .pictures = {}};
    for (const double shade : {0.0, 0.4, 0.8}) {
      row.pictures.emplace_back("of-" + std::to_string(static_cast<int>(shade * 10)),
                                at::full({1, 3, kSide, kSide}, shade));
    }
    rows.push_back(row);
  }
  write_blind_sheets(folder, "blind", rows, 5);
  EXPECT_TRUE(fs::exists(folder / "blind-2.png"));
  EXPECT_FALSE(fs::exists(folder / "blind-3.png"));

  // The key names the pictures as they are, from left to right, and the orders differ.
  std::ifstream key(folder / "blind-key.txt");
  std::set<std::string> orders;
  for (int i = 0; i < 7; ++i) {
    const auto image = ffmpeg::read_picture(folder / (i < 5 ? "blind-1.png" : "blind-2.png"));
    std::string line;
    ASSERT_TRUE(std::getline(key, line));
    EXPECT_NE(line.find("| prompt " + std::to_string(i)), std::string::npos) << line;
    std::istringstream names(line.substr(line.find(':') + 1));
    const int tile = image.width / 3;
    const int middle = tile / 2 + image.width * (tile / 2 + tile * (i % 5));
    std::string order;
    for (int place = 0; place < 3; ++place) {
      std::string name;
      names >> name;
      const int value = image.rgb[static_cast<size_t>(3 * (middle + place * tile))];
      EXPECT_EQ(name, "of-" + std::to_string((value + 5) * 10 / 255)) << line;
      order += name;
    }
    orders.insert(order);
  }
  EXPECT_GT(orders.size(), 2U);
}

}  // namespace
}  // namespace latentreel::train
