#pragma once

#include <string>
#include <vector>

#include "scenes/scene.h"
#include "scenes/timeline.h"
#include "src/optimize/keyframe_record.h"
#include "src/report/film_measures.h"
#include "src/report/words.h"

// What a person should look at first: rules over the numbers of a render. Each finding is one plain
// sentence of what is so and one of what to try. A rule that finds nothing says nothing.

namespace latentreel::report {

enum class Weight {
  problem,  // the film is probably not what was asked for
  hint,     // time or quality could be gained
};

struct Finding {
  Weight weight = Weight::hint;
  std::string what;  // a sentence
  std::string try_;  // a sentence; empty where there is nothing to try
};

// About the keyframes' optimizations; those with the same problem share one finding:
//   not a number   the loss was not a number, and the optimizer rolled back
//   no gain        the smoothed loss never fell below its first value
//   plateau        all iterations were made; the last third gained less than kPlateau
//   still falling  all iterations were made; the last third gained more than kFalling
// Gains are parts of the whole fall of the smoothed loss. Runs of fewer than kShortestRun
// iterations are not judged by their slope.
std::vector<Finding> optimization_findings(const std::vector<scenes::Keyframe>& keyframes,
                                           const std::vector<render::KeyframeRecord>& records);
inline constexpr double kPlateau = 0.01;
inline constexpr double kFalling = 0.3;
inline constexpr int kShortestRun = 12;

// About prompt words that the tokenizer splits. `words`: those of all prompts; repetitions are
// named once.
std::vector<Finding> word_findings(const std::vector<SplitWord>& words);

// Stretches of at most kLongestJump frames whose visible change is above kJump times the median of
// the moving frames and above kSmallestJump of the range. Frames that change less than kStill do
// not move.
struct Jump {
  std::int64_t frame = 0;  // of the largest change
  double change = 0;       // part of the range
  double times_median = 0;
};
std::vector<Jump> jumps(const std::vector<float>& change);
inline constexpr double kJump = 5;
inline constexpr double kSmallestJump = 0.01;
inline constexpr double kStill = 0.0005;
inline constexpr int kLongestJump = 3;

// About the film: jumps; keyframes at whose own time another keyframe's text matches better by more
// than kNoMatchBelow (the worst of them named); a number of frames that is not the scene's.
std::vector<Finding> film_findings(const scenes::Scene& scene, const scenes::Timeline& timeline,
                                   const std::vector<FilmText>& texts, const FilmMeasures& film);
inline constexpr double kNoMatchBelow = 0.001;

}  // namespace latentreel::report
