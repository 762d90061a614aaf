#pragma once

#include "models/clip/clip.h"
#include "models/vqgan/vqgan.h"

// Networks of the published sizes with synthetic weights (models.md section 7.1): values do not
// change how long arithmetic takes. The weights are written once a run to temporary files and
// mapped from there, as a render does, so that they exist once in memory.

namespace latentreel::benchmarks {

// VQGAN f16 with 16384 codes.
models::Vqgan full_vqgan(models::Placement placement);
// CLIP ViT-B/32.
models::Clip full_clip(models::Placement placement);

}  // namespace latentreel::benchmarks
