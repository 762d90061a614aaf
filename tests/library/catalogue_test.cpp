#include "src/library/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace latentreel::library {
namespace {

TEST(Catalogue, IsWellFormed) {
  std::set<std::string> names;
  std::set<std::string> files;
  for (const auto& model : catalogue()) {
    EXPECT_TRUE(names.insert(folder_name(model.name)).second) << model.name;
    EXPECT_FALSE(model.about.empty() || model.maker.empty() || model.licence.empty()) << model.name;
    EXPECT_EQ(model.files.empty(), !model.by_hand.empty()) << model.name;
    int weights = 0;
    for (const auto& file : model.files) {
      EXPECT_TRUE(files.insert(file.name).second) << file.name;
      EXPECT_FALSE(file.mirrors.empty()) << file.name;
      EXPECT_TRUE(file.sha256.empty() ||
                  (file.sha256.size() == 64 &&
                   file.sha256.find_first_not_of("0123456789abcdef") == std::string::npos))
          << file.name;
      for (const auto& mirror : file.mirrors) {
        EXPECT_TRUE(mirror.rfind("http", 0) == 0) << mirror;
        EXPECT_EQ(mirror.find_first_of(" {}"), std::string::npos) << mirror;
      }
      weights += file.role == CatalogueFile::Role::weights ? 1 : 0;
    }
    EXPECT_EQ(weights, model.files.empty() ? 0 : 1) << model.name;
  }
}

TEST(Catalogue, HasAllOfOpenAIsModelsWithTheirDigests) {
  int clips = 0;
  for (const auto& model : catalogue()) {
    if (model.kind != ModelKind::clip) continue;
    ++clips;
    EXPECT_EQ(model.licence, "MIT");
    EXPECT_EQ(model.metadata.at("activation"), "quick_gelu");
    EXPECT_EQ(model.metadata.at("image_mean"), "0.48145466 0.4578275 0.40821073");
    EXPECT_EQ(model.metadata.at("image_std"), "0.26862954 0.26130258 0.27577711");
    // OpenAI's server keeps each file in a folder named for its digest.
    EXPECT_NE(model.files.front().mirrors.front().find(model.files.front().sha256),
              std::string::npos);
  }
  EXPECT_EQ(clips, 9);
}

TEST(Catalogue, FindsBothSpellings) {
  ASSERT_NE(find_in_catalogue("ViT-B/32"), nullptr);
  EXPECT_EQ(find_in_catalogue("ViT-B/32"), find_in_catalogue("ViT-B-32"));
  EXPECT_EQ(folder_name("ViT-L/14@336px"), "ViT-L-14-336px");
  EXPECT_EQ(find_in_catalogue("ViT-L-14-336px")->name, "ViT-L/14@336px");
  EXPECT_EQ(find_in_catalogue("tiny"), nullptr);
}

}  // namespace
}  // namespace latentreel::library
