#include "src/report/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/pages/markup.h"

namespace latentreel::report {
namespace {

using render::Iteration;
using render::KeyframeRecord;

constexpr double kNothingAsked = 1e-5;  // of loss, where a contrast leaves nothing to do
constexpr int kQuotedColumns = 60;
constexpr std::size_t kMostNamed = 6;     // keyframes or words in one sentence
constexpr std::size_t kMostMistakes = 3;  // told one by one

// As a page quotes, and no longer than a line of it; whoever writes the page escapes the text.
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

// "Keyframe 3", "Keyframes 0, 2 and 5", "Keyframes 0, 1, 2, 3, 4, 5 and 12 more".
std::string names_of(const std::vector<int>& keyframes) {
  std::string names = keyframes.size() == 1 ? "Keyframe " : "Keyframes ";
  const std::size_t named = keyframes.size() > kMostNamed + 1 ? kMostNamed : keyframes.size();
  for (std::size_t i = 0; i < named; ++i) {
    const bool last = i + 1 == keyframes.size();
    names += fmt::format("{}{}", i == 0 ? "" : last ? " and " : ", ", keyframes[i]);
  }
  if (named < keyframes.size()) names += fmt::format(" and {} more", keyframes.size() - named);
  return names;
}

// How a run went, by its smoothed loss.
struct Slope {
  enum class Kind { unremarkable, no_gain, plateau, falling };
  Kind kind = Kind::unremarkable;
  double late = 0;   // falling: part of the fall that the last third won
  int enough = 0;    // plateau: iterations that would have done ...
  double saved = 0;  // ... and the seconds that they would have saved
};

Slope slope_of(const scenes::OptimizeOptions& options, const KeyframeRecord& record) {
  const auto& history = record.history;
  const auto made = static_cast<int>(history.size());
  Slope slope;
  if (made < kShortestRun) return slope;
  const double before = lowest_smoothed(history, 0, history.size() * 2 / 3);
  const double last_third = lowest_smoothed(history, history.size() * 2 / 3, history.size());
  const double first = history.front().smoothed;
  if (!std::isfinite(before) || !std::isfinite(last_third) || !std::isfinite(first)) return slope;
  const double fall = first - std::min(before, last_third);
  const double won = std::max(0.0, before - last_third);
  if (options.contrast != 0 && std::abs(first) < kNothingAsked) return slope;
  if (!(fall > 0)) {
    // After other passes the start was optimized already.
    if (record.seconds_before == 0) slope.kind = Slope::Kind::no_gain;
  } else if (made < options.iterations) {
    // Patience ended it.
  } else if (won > kFalling * fall) {
    slope.kind = Slope::Kind::falling;
    slope.late = won / fall;
  } else if (won < kPlateau * fall) {
    slope.kind = Slope::Kind::plateau;
    slope.enough = std::min(made, rounded_up(record.best_iteration + 1));
    slope.saved = (record.seconds - record.seconds_before) * (made - slope.enough) / made;
  }
  return slope;
}

Finding rolled_back(const std::vector<int>& keyframes, int times, double learning_rate) {
  return {
      Weight::problem,
      fmt::format("{}: {} the loss was not a number, and the optimization went back to the "
                  "best picture with half the step.",
                  names_of(keyframes),
                  times == 1 ? std::string("once") : fmt::format("{} times", times)),
      fmt::format("Try precision = \"float32\", or a learning_rate below {:.4g}.", learning_rate)};
}

Finding no_gain(const std::vector<int>& keyframes, double learning_rate) {
  return {
      Weight::problem,
      fmt::format("{} never became better than the picture at the start.", names_of(keyframes)),
      fmt::format("A learning_rate below {:.4g}, another start or seed, or other words may help.",
                  learning_rate)};
}

Finding plateau(const std::vector<int>& keyframes, int made, int enough, double saved) {
  std::string advice = "For";
  if (enough < made) {
    advice = fmt::format("If you like the picture, iterations = {} is enough{}; for", enough,
                         saved >= 0.5 ? " and saves " + duration(saved) : "");
  }
  return {Weight::hint,
          fmt::format("{} did not improve over the last third of {} iterations.",
                      names_of(keyframes), keyframes.size() == 1 ? "its" : "their"),
          advice +
              " another picture try another seed, start or prompt rather than more "
              "iterations."};
}

Finding falling(const std::vector<int>& keyframes, int made, double least, double most) {
  const auto low = fmt::format("{:.0f}", 100 * least), high = fmt::format("{:.0f}", 100 * most);
  return {Weight::hint,
          fmt::format("{} still improved when the iterations were used up: {} % of the gain came "
                      "in the last third.",
                      names_of(keyframes), low == high ? low : low + " to " + high),
          fmt::format("Try iterations = {}.", rounded_up(2 * made))};
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
  struct Mistake {
    int keyframe = 0;
    std::size_t sample = 0, own = 0, other = 0;  // own, other: texts
    double own_value = 0, other_value = 0;
  };
  std::vector<Mistake> mistakes;
  for (std::size_t k = 0; k < frames.size(); ++k) {
    const int keyframe = static_cast<int>(k);
    const auto sample = film.sample_near(frames[k]);
    const int own = best_text(texts, film, sample, keyframe, true);
    const int other = best_text(texts, film, sample, keyframe, false);
    if (own < 0 || other < 0) continue;  // pictures only, or nothing to mistake it for
    const auto own_text = static_cast<std::size_t>(own);
    const auto other_text = static_cast<std::size_t>(other);
    const double own_value = film.similarity[own_text][sample];
    const double other_value = film.similarity[other_text][sample];
    if (!(other_value > own_value + kNoMatchBelow)) continue;
    mistakes.push_back({keyframe, sample, own_text, other_text, own_value, other_value});
  }
  std::stable_sort(mistakes.begin(), mistakes.end(), [](const auto& a, const auto& b) {
    return a.other_value - a.own_value > b.other_value - b.own_value;
  });
  for (std::size_t i = 0; i < std::min(mistakes.size(), kMostMistakes); ++i) {
    const auto& mistake = mistakes[i];
    findings.push_back(
        {Weight::problem,
         fmt::format("At its own time, {}, keyframe {} looks to CLIP more like {} ({:.3f}) than "
                     "like its own {} ({:.3f}).",
                     seconds_at(film.sampled[mistake.sample], timeline.fps()), mistake.keyframe,
                     in_quotes(texts[mistake.other].text), mistake.other_value,
                     in_quotes(texts[mistake.own].text), mistake.own_value),
         "Give it more iterations, another seed or start, or words that the two do not share."});
  }
  if (mistakes.size() > kMostMistakes) {
    std::vector<int> others;
    for (auto i = kMostMistakes; i < mistakes.size(); ++i) others.push_back(mistakes[i].keyframe);
    std::sort(others.begin(), others.end());
    findings.push_back({Weight::problem,
                        fmt::format("{} also {} another keyframe's prompt better.",
                                    names_of(others), others.size() == 1 ? "matches" : "match"),
                        ""});
  }
}

// Whether frames change by more than the way from picture to picture: by what the scene asks for,
// which may jump.
bool changes_pictures(const scenes::Scene& scene) {
  const scenes::PictureOptions plain;
  return !(scene.motion == scenes::MotionOptions()) ||
         !(scene.pulse.amount == scenes::PulseOptions().amount) ||
         !(scene.picture.brightness == plain.brightness &&
           scene.picture.contrast == plain.contrast &&
           scene.picture.saturation == plain.saturation);
}

void add_jump_findings(const scenes::Scene& scene, const scenes::Timeline& timeline,
                       const FilmMeasures& film, std::vector<Finding>& findings) {
  auto found = jumps(film.change);
  std::erase_if(found, [&](const auto& jump) {  // cuts are meant
    for (std::size_t k = 0; k < scene.keyframes.size(); ++k) {
      if (scene.keyframes[k].cut && timeline.keyframe_frames()[k] == jump.frame) return true;
    }
    return false;
  });
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
  const std::string meant =
      changes_pictures(scene)
          ? "What [motion], [pulse] and [picture] do is counted too, and may be meant. Else: "
          : "";
  const std::string advice =
      scene.feedback.on ? "Try fewer iterations or more hold in [feedback]."
      : scene.interpolate.pacing == scenes::Pacing::clock
          ? "Try pacing = \"even\", or more time between the keyframes around it."
          : "Try more time between the keyframes around it, or another path.";
  findings.push_back(
      {Weight::problem, fmt::format("The picture jumps at {}.", places), meant + advice});
}

}  // namespace

std::vector<Finding> optimization_findings(const std::vector<scenes::Keyframe>& keyframes,
                                           const std::vector<KeyframeRecord>& records) {
  // Keyframes by fate, and what the sentence about them needs.
  std::vector<int> lost, stuck, flat, steep;
  constexpr double kNone = std::numeric_limits<double>::infinity();
  double lost_rate = kNone, stuck_rate = kNone, saved = 0, least = 1, most = 0;
  int rollbacks = 0, flat_made = 0, enough = 0, steep_made = 0;
  for (std::size_t k = 0; k < std::min(keyframes.size(), records.size()); ++k) {
    const auto& options = keyframes[k].optimize;
    const auto& record = records[k];
    const int index = static_cast<int>(k), made = static_cast<int>(record.history.size());
    if (record.rollbacks > 0) {
      lost.push_back(index);
      rollbacks += record.rollbacks;
      lost_rate = std::min(lost_rate, options.learning_rate);
    }
    const auto slope = slope_of(options, record);
    if (slope.kind == Slope::Kind::no_gain) {
      stuck.push_back(index);
      stuck_rate = std::min(stuck_rate, options.learning_rate);
    } else if (slope.kind == Slope::Kind::plateau) {
      flat.push_back(index);
      flat_made = std::max(flat_made, made);
      enough = std::max(enough, slope.enough);
      saved += slope.saved;
    } else if (slope.kind == Slope::Kind::falling) {
      steep.push_back(index);
      steep_made = std::max(steep_made, made);
      least = std::min(least, slope.late);
      most = std::max(most, slope.late);
    }
  }
  std::vector<Finding> findings;
  if (!lost.empty()) findings.push_back(rolled_back(lost, rollbacks, lost_rate));
  if (!stuck.empty()) findings.push_back(no_gain(stuck, stuck_rate));
  if (!flat.empty()) findings.push_back(plateau(flat, flat_made, enough, saved));
  if (!steep.empty()) findings.push_back(falling(steep, steep_made, least, most));
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
