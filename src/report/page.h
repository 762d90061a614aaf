#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "scenes/film_graphs.h"
#include "scenes/frame_chains.h"
#include "scenes/scene.h"
#include "scenes/timeline.h"
#include "src/optimize/chain_store.h"
#include "src/optimize/keyframe_record.h"
#include "src/pages/charts.h"
#include "src/report/film_measures.h"
#include "src/report/findings.h"
#include "src/report/report.h"

namespace latentreel::report {

struct SmallPicture {
  int width = 0, height = 0;
  std::string uri = {};
};

// A keyframe's picture at one point of its optimization.
struct Snapshot {
  int iteration = -1;         // -1: the start
  bool kept = false;          // what the film shows
  SmallPicture picture = {};  // without a URI: it is not a number
};

// A frame that grew out of the one before it.
struct ChainShot {
  std::int64_t frame = 0;
  scenes::ChainStep step = {};
  render::ChainRecord::Losses losses = {};
  // As in render::ChainFrame; without a URI where there is none.
  SmallPicture begun = {}, motion = {}, made = {};
};

// Everything that the page shows, measured and judged. Holds references, so it is meant for one
// call.
struct PageContent {
  const scenes::Scene& scene;
  const scenes::Timeline& timeline;
  const std::vector<render::KeyframeRecord>& records;
  const std::vector<std::vector<Snapshot>>& snapshots;  // of each keyframe, in order
  std::string film_name;                                // without its folder
  const std::vector<FilmText>& texts;
  const FilmMeasures& film;
  const std::vector<std::string>& strip;  // the film's small pictures as URIs
  const std::vector<scenes::FilmGraph>& graphs;
  const std::vector<FrameLoss>& losses;
  const std::vector<ChainShot>& chain_shots;
  const std::vector<Finding>& findings;
  const std::vector<StageTime>& stages;
  const std::vector<std::string>& warnings;
};

// The whole page. No script, no address outside itself.
std::string page(const PageContent& content);

// Up to this many texts are drawn as lines of one chart, more as rows of small charts.
inline constexpr std::size_t kMostLines = 6;

// Stretches of time in which the same text is the most similar, coloured by text (from 1 on).
std::vector<Band> winners(const std::vector<FilmText>& texts, const FilmMeasures& film,
                          scenes::FrameRate fps);

// The chart of an optimization: the whole loss and each prompt's part of it.
LineChart loss_chart(int index, const scenes::Keyframe& keyframe,
                     const render::KeyframeRecord& record, const std::vector<FilmText>& texts);

}  // namespace latentreel::report
