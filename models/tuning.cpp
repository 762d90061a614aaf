#include "models/tuning.h"

#include <ATen/Context.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace latentreel::models {
namespace {

struct Choice {
  const char* name;
  bool Tuning::*field;
};

constexpr std::array kChoices = {
    Choice{"channels_last", &Tuning::channels_last},
    Choice{"bfloat16", &Tuning::bfloat16},
    Choice{"tf32", &Tuning::tf32},
    Choice{"search_convolutions", &Tuning::search_convolutions},
    Choice{"graphs", &Tuning::graphs},
};

}  // namespace

Tuning tuning_of(c10::DeviceType type) {
  if (type != c10::DeviceType::CPU) return {.bfloat16 = true};
  return {.channels_last = true, .bfloat16 = __builtin_cpu_supports("avx512bf16") != 0};
}

std::string names_of(const Tuning& tuning) {
  std::string names;
  for (const auto& choice : kChoices) {
    if (tuning.*choice.field) names += (names.empty() ? "" : " ") + std::string(choice.name);
  }
  return names;
}

Tuning with(Tuning tuning, const std::string& names) {
  std::istringstream list(names);
  for (std::string name; list >> name;) {
    const auto* const found =
        std::find_if(kChoices.begin(), kChoices.end(),
                     [&](const Choice& choice) { return name == choice.name; });
    TORCH_CHECK(found != kChoices.end(), "there is no choice \"", name,
                "\" of how a device computes");
    tuning.*found->field = true;
  }
  return tuning;
}

void apply(const Tuning& tuning) {
  auto& context = at::globalContext();
  context.setAllowTF32CuDNN(tuning.tf32);
  context.setAllowTF32CuBLAS(tuning.tf32);
  context.setBenchmarkCuDNN(tuning.search_convolutions);
}

}  // namespace latentreel::models
