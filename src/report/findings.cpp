#include "src/report/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/report/markup.h"

namespace latentreel::report {
namespace {

using render::Iteration;
using render::KeyframeRecord;

constexpr int kQuotedColumns = 60;
constexpr std::size_t kMostNamed = 6;  // words or jumps in one sentence

std::string in_quotes(const std::string& text) {
  return "“" + elide(text, kQuotedColumns) + "”";
}

double lowest_smoothed(const std::vector<Iteration>& history, std::size_t begin, std::size_t end) {
  double lowest = std::numeric_limits<double>::infinity();
  for (std::size_t i = begin; i < end; ++i) {
    if (std::isfinite(history[i].smoothed)) lowest = std::min(lowest, history[i].smoothed);
  }
  return lowest;
}

// Round numbers are easier to type.
int rounded_up(int value) {
  const int unit = value < 50 ? 5 : value < 500 ? 10 : 100;
  return (value + unit - 1) / unit * unit;
}

std::string seconds_at(std::int64_t frame, scenes::FrameRate fps) {
  return fmt::format("{:.2f} s", scenes::time_of_frame(frame, fps).to_seconds());
}

void add_slope_findings(const std::string& name, const scenes::OptimizeOptions& options,
                        const KeyframeRecord& record, std::vector<Finding>& findings) {
  const auto& history = record.history;
  const auto made = static_cast<int>(history.size());
  if (made < kShortestRun) return;
  const double before = lowest_smoothed(history, 0, history.size() * 2 / 3);
  const double last_third = lowest_smoothed(history, history.size() * 2 / 3, history.size());
  const double first = history.front().smoothed;
  if (!std::isfinite(before) || !std::isfinite(last_third) || !std::isfinite(first)) return;
  const double fall = first - std::min(before, last_third);
  const double won = std::max(0.0, before - last_third);

  if (!(fall > 0)) {
    findings.push_back(
        {Weight::problem,
         fmt::format("{} never became better than the picture it began with.", name),
         fmt::format(
             "A smaller learning_rate (it is {}), another start or seed, or other words may "
             "help.",
             number(options.learning_rate))});
    return;
  }
  if (made < options.iterations) return;  // patience ended it
  if (won < kPlateau * fall) {
    const int enough = rounded_up(std::max(1, record.best_iteration + 1));
    const double saved = made > 0 ? record.seconds * std::max(0, made - enough) / made : 0;
    std::string advice;
    if (enough < made) {
      advice = fmt::format("If you like the picture, iterations = {} is enough{}; ", enough,
                           saved >= 0.5 ? " and saves " + duration(saved) : "");
    }
    advice += advice.empty() ? "For" : "for";
    advice += " another picture try another seed, start or prompt rather than more iterations.";
    findings.push_back(
        {Weight::hint,
         fmt::format("{} did not improve over the last third of its {} iterations.", name, made),
         advice});
  } else if (won > kFalling * fall) {
    findings.push_back(
        {Weight::hint,
         fmt::format("{} was still improving when its {} iterations were used up: {} of its gain "
                     "came in the last third.",
                     name, made, fmt::format("{:.0f} %", 100 * won / fall)),
         fmt::format("Try iterations = {}.", rounded_up(2 * made))});
  }
}

// The best of the texts at a sample that belong to the keyframe or, with `own` false, that do not;
// -1 where there is none.
int best_text(const std::vector<FilmText>& texts, const FilmMeasures& film, std::size_t sample,
              int keyframe, bool own) {
  int best = -1;
  for (std::size_t t = 0; t < texts.size(); ++t) {
    if (texts[t].belongs_to(keyframe) != own) continue;
    if (best < 0 ||
        film.similarity[t][sample] > film.similarity[static_cast<std::size_t>(best)][sample]) {
      best = static_cast<int>(t);
    }
  }
  return best;
}

void add_match_findings(const scenes::Timeline& timeline, const std::vector<FilmText>& texts,
                        const FilmMeasures& film, std::vector<Finding>& findings) {
  if (film.sampled.empty()) return;
  const auto& frames = timeline.keyframe_frames();
  for (std::size_t k = 0; k < frames.size(); ++k) {
    const int keyframe = static_cast<int>(k);
    const auto sample = film.sample_near(frames[k]);
    const int own = best_text(texts, film, sample, keyframe, true);
    const int other = best_text(texts, film, sample, keyframe, false);
    if (own < 0 || other < 0) continue;  // pictures only, or nothing to mistake it for
    const auto& own_text = texts[static_cast<std::size_t>(own)];
    const auto& other_text = texts[static_cast<std::size_t>(other)];
    const double own_value = film.similarity[static_cast<std::size_t>(own)][sample];
    const double other_value = film.similarity[static_cast<std::size_t>(other)][sample];
    if (!(other_value > own_value + kNoMatchBelow)) continue;
    findings.push_back(
        {Weight::problem,
         fmt::format("At its own time, {}, keyframe {} looks to CLIP more like {} ({:.3f}) than "
                     "like its own {} ({:.3f}).",
                     seconds_at(film.sampled[sample], timeline.fps()), k,
                     in_quotes(other_text.text), other_value, in_quotes(own_text.text), own_value),
         "Give it more iterations, another seed or start, or words that the two do not share."});
  }
}

void add_jump_findings(const scenes::Scene& scene, const scenes::Timeline& timeline,
                       const FilmMeasures& film, std::vector<Finding>& findings) {
  auto found = jumps(film.change);
  if (found.empty()) return;
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.change > b.change; });
  std::string places;
  for (std::size_t i = 0; i < std::min(found.size(), std::size_t{3}); ++i) {
    places += fmt::format("{}{} (frame {}, {:.0f} times the median change)", i == 0 ? "" : ", ",
                          seconds_at(found[i].frame, timeline.fps()), found[i].frame,
                          found[i].times_median);
  }
  if (found.size() > 3)
    places += fmt::format(" and {} more", count(std::ssize(found) - 3, "place"));
  const std::string advice =
      scene.interpolate.pacing == scenes::Pacing::clock
          ? "Try pacing = \"even\", which spreads the change over more frames."
          : "More time between the keyframes around it, or another path, spreads the change over "
            "more frames.";
  findings.push_back({Weight::problem, fmt::format("The picture jumps at {}.", places), advice});
}

}  // namespace

std::vector<Finding> optimization_findings(int index, const scenes::OptimizeOptions& options,
                                           const KeyframeRecord& record) {
  std::vector<Finding> findings;
  const auto name = fmt::format("Keyframe {}", index);
  if (record.rollbacks > 0) {
    findings.push_back(
        {Weight::problem,
         fmt::format("{}: {} the loss was not a number, and the optimization went back to the best "
                     "picture with half the step.",
                     name,
                     record.rollbacks == 1 ? std::string("once")
                                           : fmt::format("{} times", record.rollbacks)),
         fmt::format("Try precision = \"float32\", or a learning_rate below {}.",
                     number(options.learning_rate))});
  }
  add_slope_findings(name, options, record, findings);
  return findings;
}

std::vector<Finding> word_findings(const std::vector<SplitWord>& words) {
  std::vector<SplitWord> distinct;
  for (const auto& word : words) {
    const bool known = std::any_of(distinct.begin(), distinct.end(),
                                   [&](const auto& other) { return other.word == word.word; });
    if (!known) distinct.push_back(word);
  }
  if (distinct.empty()) return {};
  std::string list;
  for (std::size_t i = 0; i < std::min(distinct.size(), kMostNamed); ++i) {
    std::string pieces;
    for (const auto& piece : distinct[i].pieces) pieces += (pieces.empty() ? "" : "·") + piece;
    list += fmt::format("{}{} ({})", i == 0 ? "" : ", ", in_quotes(distinct[i].word),
                        elide(pieces, kQuotedColumns));
  }
  if (distinct.size() > kMostNamed)
    list += fmt::format(" and {} more", distinct.size() - kMostNamed);
  return {{Weight::hint, fmt::format("CLIP's tokenizer reads in pieces: {}.", list),
           "If such a word does not show in the picture, a more common one may."}};
}

std::vector<Jump> jumps(const std::vector<float>& change) {
  std::vector<float> moving;
  for (const float value : change) {
    if (value >= kStill) moving.push_back(value);
  }
  if (moving.empty()) return {};
  const auto middle = moving.begin() + std::ssize(moving) / 2;
  std::nth_element(moving.begin(), middle, moving.end());
  const double median = *middle;
  const double threshold = std::max(kJump * median, kSmallestJump);

  std::vector<Jump> result;
  for (std::size_t i = 0; i < change.size();) {
    if (!(change[i] > threshold)) {
      ++i;
      continue;
    }
    std::size_t end = i, peak = i;
    for (; end < change.size() && change[end] > threshold; ++end) {
      if (change[end] > change[peak]) peak = end;
    }
    if (end - i <= kLongestJump) {
      result.push_back({static_cast<std::int64_t>(peak), change[peak],
                        static_cast<double>(change[peak]) / median});
    }
    i = end;
  }
  return result;
}

std::vector<Finding> film_findings(const scenes::Scene& scene, const scenes::Timeline& timeline,
                                   const std::vector<FilmText>& texts, const FilmMeasures& film) {
  std::vector<Finding> findings;
  if (film.frames != timeline.frame_count()) {
    findings.push_back({Weight::problem,
                        fmt::format("The film has {}, but the scene asks for {}.",
                                    count(film.frames, "frame"), timeline.frame_count()),
                        "It may be another scene's film, or an older one: render again."});
  }
  add_match_findings(timeline, texts, film, findings);
  add_jump_findings(scene, timeline, film, findings);
  return findings;
}

}  // namespace latentreel::report
