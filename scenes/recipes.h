#pragma once

#include <string_view>
#include <vector>

#include "scenes/scene.h"

// Recipes: named ways to optimize a picture, as nothing but sets of options. What a scene leaves
// out comes from the recipe it names. Two are published:
//
//   article   the padded random crops, cosine loss and AdamW of the 2021 article that announced
//             CLIP-guided films; 100 steps from a sine of noise, not quantized
//   notebook  the pooled cutouts of the VQGAN+CLIP notebooks' "latest" method, each augmented by
//             itself, great-circle loss and Adam on a quantized latent; 200 steps from random codes
//
// Two are ours, and keep a picture a picture:
//
//   picture-book  for a small pair that comes with a bank of pictures, as the bundled one does: the
//                 notebooks' loss on large crops, from the bank's nearest picture, a colour that it
//                 lacks lent by others; at most 20 steps that follow what is still lacking
//   clean         for the published weights: the notebook recipe with steps that fall to a tenth,
//                 leave alone what no gradient asks for, and return to the VQGAN's own pictures

namespace latentreel::scenes {

// Whether `name` is one of recipe_names().
bool is_recipe(std::string_view name);
// Every option of the recipe. Throws std::out_of_range for an unknown name.
OptimizeOptions recipe(std::string_view name);
// All names, the default first.
const std::vector<std::string_view>& recipe_names();

}  // namespace latentreel::scenes
