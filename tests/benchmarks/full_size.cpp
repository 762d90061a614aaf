#include "tests/benchmarks/full_size.h"

#include <sys/resource.h>

#include "models/clip/towers.h"
#include "models/vqgan/modules.h"
#include "tests/models/synthetic.h"

namespace latentreel::benchmarks {

using models::testing::synthetic_weights;

models::Vqgan full_vqgan(models::Placement placement) {
  models::VqganConfig config;
  config.codes = 16384;
  config.attention = {false, false, false, false, true};
  const models::VqModel model(config);
  return models::Vqgan(synthetic_weights(*model), placement);
}

models::Clip full_clip(models::Placement placement) {
  models::ClipConfig config;
  config.vision = {.width = 768, .layers = 12, .heads = 12};
  config.text = {.width = 512, .layers = 12, .heads = 8};
  const models::ClipModel model(config);
  return models::Clip(synthetic_weights(*model), placement);
}

double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

}  // namespace latentreel::benchmarks
