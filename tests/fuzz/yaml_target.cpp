#include <string_view>

#include "models/vqgan/yaml_config.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

namespace latentreel::models {

void fuzz_yaml(FuzzBytes bytes) {
  VqganConfig config;
  config.attention = {false, false, false, false, true};
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  may_refuse("model.yaml", [&] { check_against_yaml_text(config, text, "model.yaml", "x.ckpt"); });
}

}  // namespace latentreel::models
