#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/files/state_dict.h"
#include "src/run/stop.h"

namespace latentreel::training {

using Measures = std::map<std::string, double>;  // what a curve shows, by name

// A network being trained.
class Stage {
 public:
  virtual ~Stage() = default;

  // One step, at `part` of the whole budget, in [0, 1): rates and kinds of loss follow it. What a
  // step does depends on its number, part and the state alone.
  virtual Measures step(int64_t number, double part) = 0;

  // What the averaged network does on pictures that it was never trained on.
  virtual Measures test() = 0;

  // Called before the first step: starts from the weights of an earlier network of the same shape,
  // and skips what only a fresh network needs. Throws WeightsError.
  virtual void begin_with(const models::StateDict& weights) = 0;

  // state() is everything that a later process needs to continue to the same bits; restore() takes
  // it up again, and throws WeightsError.
  virtual models::StateDict::Tensors state() const = 0;
  virtual void restore(const models::StateDict& state) = 0;

  // The averaged network, as a checkpoint of its kind.
  virtual models::StateDict result() const = 0;
};

// How long a stage is trained: so many steps (then the same call makes the same network on a
// machine of the same kind), or so many minutes of work, interruptions not counted.
struct Budget {
  std::optional<int64_t> steps;
  double minutes = 5;
};

struct CurvePoint {
  int64_t step = 0;
  double minutes = 0;
  Measures measures;
};

struct RunReport {
  CurvePoint latest;
  double part = 0;     // done, in [0, 1]
  double seconds = 0;  // still to go, by the steps so far
  bool saved = false;  // a checkpoint has just been written
};

struct RunOptions {
  std::filesystem::path folder;  // made where it is not there
  std::string name;  // of the files: NAME.checkpoint.safetensors, NAME.csv, NAME.safetensors
  Budget budget;
  bool resume = false;                                     // from the checkpoint in `folder`
  double save_every = 120;                                 // seconds
  int64_t report_every = 20;                               // steps
  std::function<double()> clock;                           // seconds; by default a steady one
  std::function<void(const RunReport&)> report = nullptr;  // may be empty
};

// Trains `stage` to the end of its budget. Now and then, and in the end, tests it and writes the
// curve, a checkpoint and the result so far, so that other stages need not wait for the end.
// Returns false where a stop was requested, which is looked at after every step: all of these are
// there then. Every file appears whole or not at all. Throws FileError for what cannot be written,
// and WeightsError: invalid for a checkpoint that is damaged or of another network, uncreatable
// where there is one and `resume` is not asked for.
bool run(Stage& stage, const RunOptions& options, const render::StopToken& stop);

// NAME.csv as it was written. Throws WeightsError (missing, invalid).
std::vector<CurvePoint> read_curve(const std::filesystem::path& file);

}  // namespace latentreel::training
