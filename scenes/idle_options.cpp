#include "scenes/idle_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

namespace latentreel::scenes {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kLeaveOut = "leave it out";

// Of how a keyframe's own picture begins and ends (for_chains, src/optimize/chain_maker.h).
constexpr std::array kOfOwnPictures = {"iterations"sv,
                                       "start"sv,
                                       "start_weight"sv,
                                       "coarse"sv,
                                       "coarse_iterations"sv,
                                       "restarts"sv,
                                       "collage"sv,
                                       "match_weight"sv,
                                       "keep"sv,
                                       "contrast"sv,
                                       "patience"sv,
                                       "learning_rate_end"sv,
                                       "average"sv};

// What does for frames what the key does for a keyframe's picture.
std::string_view advice_for(std::string_view key) {
  if (key == "iterations") return "[feedback] has iterations of its own";
  if (key == "start_weight") return "[feedback] has hold in its place";
  if (key == "learning_rate") return "[feedback] has its own";
  return kLeaveOut;
}

class IdleOptions {
 public:
  IdleOptions(const Value& document, const Scene& scene, Mistakes& mistakes)
      : document_(document), scene_(scene), mistakes_(mistakes) {
    for (std::size_t i = 0; i < scene.keyframes.size(); ++i) {
      const auto [known, is_new] = numbers_.emplace(scene.keyframes[i].line, i);
      if (!is_new) known->second = kSeveral;
    }
  }

  void note_all() {
    note_first_cut();
    note_pulse_and_motion();
    note_of_other_choices();
    if (!scene_.feedback.on) return;
    note_ways();
    note_feedback();
    if (footage()) note_optimize();
    note_keyframes();
  }

 private:
  static constexpr std::size_t kSeveral = static_cast<std::size_t>(-1);  // on one line

  struct Where {
    Position first{};
    int others = 0;
  };

  bool footage() const { return scene_.source.on(); }
  std::string_view beside() const { return footage() ? "[source]" : "[feedback]"; }

  const Value* find_table(std::string_view table) const {
    const Entry* entry = document_.find(table);
    return entry == nullptr ? nullptr : &entry->value;
  }
  const Value* find(std::string_view table, std::string_view key) const {
    const Value* found = find_table(table);
    const Entry* entry = found == nullptr ? nullptr : found->find(key);
    return entry == nullptr ? nullptr : &entry->value;
  }

  void note(std::string_view table, std::string_view key, std::string_view why,
            std::string_view advice = kLeaveOut) {
    note_beside(beside(), table, key, why, advice);
  }
  void note_beside(std::string_view section, std::string_view table, std::string_view key,
                   std::string_view why, std::string_view advice) {
    const Value* value = find(table, key);
    if (value == nullptr) return;
    mistakes_.note(value->position, fmt::format("{}: does nothing with {}, {}", key, section, why),
                   std::string(advice));
  }

  // In a loop the way back to the first keyframe may be cut.
  void note_first_cut() {
    if (scene_.keyframes.empty() || !scene_.keyframes.front().cut || scene_.interpolate.loop) {
      return;
    }
    for_each_table([&](const Value& table, std::size_t number) {
      const Entry* cut = number == 0 ? table.find("cut") : nullptr;
      if (cut == nullptr) return;
      mistakes_.note(cut->value.position,
                     "cut: does nothing in the first keyframe, as nothing comes before it",
                     std::string(kLeaveOut));
    });
  }

  void note_pulse_and_motion() {
    const auto& motion = scene_.motion;
    const MotionOptions still;
    if (scene_.pulse.amount == PulseOptions().amount) {
      for (const auto key : {"towards"sv, "seed"sv}) {
        note_beside("[pulse]", "pulse", key, "whose amount is 0", "set amount, or leave it out");
      }
    }
    const bool turns = !(motion.zoom == still.zoom && motion.rotate == still.rotate &&
                         motion.shear == still.shear);
    if (!turns) {
      note_beside("[motion]", "motion", "center", "which neither zooms nor turns nor shears",
                  "set zoom, rotate or shear, or leave it out");
    }
    if (!turns && motion.pan_x == still.pan_x && motion.pan_y == still.pan_y) {
      note_beside("[motion]", "motion", "edge", "where nothing moves", kLeaveOut);
    }
  }

  // Of a picture's optimization, what belongs to a choice that no keyframe makes.
  void note_of_other_choices() {
    const auto none = [&](const auto& chooses) {
      return std::none_of(scene_.keyframes.begin(), scene_.keyframes.end(),
                          [&](const Keyframe& keyframe) { return chooses(keyframe.optimize); });
    };
    const auto note_keys = [&](std::initializer_list<std::string_view> keys, std::string_view why) {
      for (const auto key : keys) note_beside("[optimize]", "optimize", key, why, kLeaveOut);
    };
    // Of footage note_optimize says it.
    if (!footage() && none([](const auto& o) { return o.start == StartKind::nearest; })) {
      note_keys({"collage", "match_weight", "contrast"},
                "where no keyframe has start = \"nearest\"");
    }
    if (none([](const auto& o) { return o.cutter == Cutter::crops; })) {
      note_keys({"cut_power", "cut_min", "cut_max"}, "where no keyframe has cutter = \"crops\"");
    }
    if (none([](const auto& o) { return o.cycle > 0; })) {
      note_keys({"cycle_every"}, "where cycle is 0");
    }
    if (!footage() && none([](const auto& o) { return o.coarse > 0 || o.restarts > 1; })) {
      note_keys({"coarse_iterations"}, "where coarse is 0");
    }
  }

  void note_ways() {
    note("interpolate", "path", "whose frames have no way between two pictures");
    note("interpolate", "pacing", "whose frames have no way between two pictures");
    if (scene_.interpolate.loop) {
      note("interpolate", "loop", "but for the prompts, which return to those of the beginning");
    }
    if (!footage()) note("motion", "from", "as each frame is moved from the one before it");
  }

  void note_feedback() {
    const auto& feedback = scene_.feedback;
    if (footage() && feedback.color == FeedbackColor::keyframe) {
      note("feedback", "color", "where footage gives every frame its colours");
    }
    if (feedback.iterations == 0) {
      for (const auto key : {"hold"sv, "learning_rate"sv, "learning"sv}) {
        note_beside("[feedback]", "feedback", key, "whose iterations are 0",
                    "set iterations, or leave it out");
      }
    }
    if (feedback.average == 1) {
      note_beside("[feedback]", "feedback", "average_weight", "whose average is of one frame",
                  "set average, or leave it out");
    }
  }

  bool has_own_rate() const { return scene_.feedback.learning_rate.has_value(); }

  // Of footage no keyframe has a picture of its own.
  void note_optimize() {
    for (const auto key : kOfOwnPictures) {
      note("optimize", key, "as no keyframe has a picture of its own", advice_for(key));
    }
    if (has_own_rate()) {
      note("optimize", "learning_rate", "which has one for every frame",
           advice_for("learning_rate"));
    }
  }

  // Elsewhere those have one that a chain begins with.
  void note_keyframes() {
    for_each_table([&](const Value& table, std::size_t number) {
      const bool begins = number == 0 || scene_.keyframes[number].cut;
      if (begins && !footage()) return;
      for (const auto key : kOfOwnPictures) count(table, key);
      if (has_own_rate()) count(table, "learning_rate");
      if (number > 0) count(table, "precision");
    });
    for (const auto& [key, where] : of_keyframes_) {
      const auto why = footage() ? "as no keyframe has a picture of its own"
                                 : "where only the first keyframe, and those with cut = true, have "
                                   "a picture of their own";
      const auto others = where.others == 0
                              ? std::string()
                              : fmt::format(" (also in {} more keyframe{})", where.others,
                                            where.others > 1 ? "s" : "");
      mistakes_.note(where.first,
                     fmt::format("{}: does nothing here with {}, {}{}", key, beside(), why, others),
                     std::string(advice_for(key)));
    }
  }

  void count(const Value& table, std::string_view key) {
    const Entry* entry = table.find(key);
    if (entry == nullptr) return;
    const auto [known, is_new] = of_keyframes_.try_emplace(key, Where{entry->value.position});
    if (!is_new) ++known->second.others;
  }

  template <class Visit>
  void for_each_table(const Visit& visit) const {
    const Value* list = find_table("keyframe");
    if (list == nullptr) return;
    for (const Value& table : list->items) {
      const auto number = numbers_.find(table.position.line);
      const bool known = number != numbers_.end() && number->second != kSeveral;
      if (table.is_table() && known) visit(table, number->second);
    }
  }

  const Value& document_;
  const Scene& scene_;
  Mistakes& mistakes_;
  std::map<int, std::size_t> numbers_;  // of keyframes in order of time, by line
  std::map<std::string_view, Where> of_keyframes_;
};

}  // namespace

void note_idle_options(const Value& document, const Scene& scene, Mistakes& mistakes) {
  IdleOptions(document, scene, mistakes).note_all();
}

}  // namespace latentreel::scenes
