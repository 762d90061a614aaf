#pragma once

#include "models/clip/clip.h"
#include "models/vqgan/vqgan.h"

// Networks of the published sizes with synthetic weights (models.md section 7.1): values do not
// change how long arithmetic takes.

namespace latentreel::benchmarks {

// VQGAN f16 with 16384 codes.
models::Vqgan full_vqgan(models::Placement placement);
// CLIP ViT-B/32.
models::Clip full_clip(models::Placement placement);

// Peak resident memory of this process so far, bytes.
double peak_memory();

}  // namespace latentreel::benchmarks
