#pragma once

#include <filesystem>
#include <string>

#include "src/cluster/settings.h"

namespace latentreel::cluster::testing {

// What a film is like whose plan is wanted.
struct Film {
  int keyframes = 3;         // two seconds apart
  bool chained = false;      // each keyframe starts from the one before
  bool paced = true;         // evenly
  int segments_between = 1;  // two keyframes
  bool grown = false;        // each frame of segments grows out of the one before
  double key_seconds = 100;
  double segment_seconds = 20;
  std::string device = "cpu";
  int threads = 1;
};

// A plan's file of that film, with costs.
std::string plan_text(const Film& film = {});

ClusterPlan plan_of(const Film& film = {},
                    const std::filesystem::path& file = "/films/dawn/plan.json");

// Shares that get one task each.
ShareSettings each_alone();

Settings settings();

// Every script by name.
std::string text_of(const std::vector<Script>& scripts, const std::string& name);

// The text is what tests/cluster/golden/NAME holds. With LATENTREEL_REMAKE_GOLDEN in the
// environment it is written there instead, to be looked at.
void expect_golden(const std::string& text, const std::string& name);

}  // namespace latentreel::cluster::testing
