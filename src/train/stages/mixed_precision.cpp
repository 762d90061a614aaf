#include "src/train/stages/mixed_precision.h"

#include <ATen/autocast_mode.h>

namespace latentreel::training {

namespace autocast = at::autocast;

MixedPrecision::MixedPrecision(at::Device device, bool enabled)
    : type_(device.type()), enabled_(enabled) {
  if (!enabled_) return;
  autocast::set_autocast_dtype(type_, at::kBFloat16);
  autocast::set_autocast_enabled(type_, true);
  // Rounded weights are kept for as long as the guard lives.
  autocast::set_autocast_cache_enabled(true);
  autocast::increment_nesting();
}

MixedPrecision::~MixedPrecision() {
  if (!enabled_) return;
  if (autocast::decrement_nesting() == 0) autocast::clear_cache();
  autocast::set_autocast_enabled(type_, false);
}

}  // namespace latentreel::training
