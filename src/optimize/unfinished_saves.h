#pragma once

#include "src/run/error.h"
#include "src/run/lap_timer.h"
#include "src/run/progress.h"

namespace latentreel::render {

// When work that is under way is saved: every few seconds, and before it is left. What cannot be
// saved does not stop it, as what was saved before is still there; that is said once.
class UnfinishedSaves {
 public:
  static constexpr double kEvery = 5;  // seconds

  // `progress` must outlive this.
  explicit UnfinishedSaves(Progress& progress) : progress_(progress) {}

  void restart() { since_.restart(); }
  bool is_due() const { return since_.seconds() > kEvery; }

  // Calls `save`, whose RenderError becomes a warning.
  template <class Save>
  void save(const Save& save) {
    restart();
    try {
      save();
    } catch (const RenderError& error) {
      if (!warned_) progress_.report(Warning{error.what()});
      warned_ = true;
    }
  }

 private:
  Progress& progress_;
  LapTimer since_;
  bool warned_ = false;
};

}  // namespace latentreel::render
