#pragma once

#include <cstdint>
#include <string>

#include "src/plan/plan_costs.h"
#include "src/plan/render_session.h"

namespace latentreel::render {

// The work that a plan still needs, and what that takes on this machine.
struct Cost {
  int64_t iterations = 0;  // at most; patience may end them earlier
  double optimizing = 0;   // seconds, jobs side by side
  int64_t chained = 0;     // frames of chains to make
  double chaining = 0;     // seconds
  int64_t frames = 0;      // to decode and encode
  int64_t probes = 0;      // to decode for even pacing
  double frame = 0;        // seconds from one to the next
  double seconds() const {
    return optimizing + chaining + frame * static_cast<double>(frames + probes);
  }
  std::string memory_note;  // where a step may just fit: a sentence
  double film_bytes = 0;    // guessed from codec, quality and size: within a factor of two or so
  double store_bytes = 0;   // what the store will hold of this plan: segments and keyframes
  double loading = 0;       // seconds until the networks are there
  // Of every task that is not done, made alone by a process that does one piece of work at a time,
  // as those of other machines do (--jobs 1). Of the film and of encoding a guess by the codec and
  // the pixels.
  TaskCosts tasks;
};

// Times one iteration of every kind of pass of the keyframes that are not done, one of a chain's
// frames, and the decoding of one, each side by side with as many others as there are jobs. Nothing
// is kept. Throws RenderError (device) where the memory cannot suffice, and MediaError for a
// picture that cannot be read, before anything is timed.
Cost measure_cost(RenderSession& session, const StopToken& stop);

}  // namespace latentreel::render
