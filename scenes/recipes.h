#pragma once

#include <string_view>
#include <vector>

#include "scenes/scene.h"

// Recipes: named sets of options, each a way to optimize a picture. What a scene leaves out comes
// from the recipe it names. Two are published:
//
//   article   the padded random crops, cosine loss and AdamW of the 2021 article that announced
//             CLIP-guided films; 100 steps from a sine of noise, not quantized
//   notebook  the pooled cutouts of the VQGAN+CLIP notebooks' "latest" method, each augmented
//             separately, great-circle loss and Adam on a quantized latent; 200 steps from random
//             codes
//
// Two are our own, made so that the result still looks like a picture:
//
//   picture-book  for a small pair of models that comes with a bank of pictures, as the bundled
//                 one does: the notebooks' loss on large crops, started from the bank's nearest
//                 picture, with a colour that it lacks taken from others; at most 20 steps towards
//                 what is still lacking
//   clean         for the published weights: the notebook recipe with steps that shrink to a tenth,
//                 change only what the gradient asks to change, and are regularly pulled back to
//                 pictures that the VQGAN can produce
//
// Four are of [feedback]:
//
//   steady  our own: pictures change slowly and keep their colours
//   zoom    the zoom of the VQGAN+CLIP scripts: ten steps a frame, nothing held
//   story   their films of a learning latent: a frame after every step, learning carried on
//   footage our own, for [source]: small steps, which add up as frames take over from one another

namespace latentreel::scenes {

// Whether `name` is one of recipe_names().
bool is_recipe(std::string_view name);
// Every option of the recipe. Throws std::out_of_range for an unknown name.
OptimizeOptions recipe(std::string_view name);
// All names, the default first.
const std::vector<std::string_view>& recipe_names();

// Every option of a recipe of [feedback], on.
FeedbackOptions recipe(FeedbackRecipe name);

}  // namespace latentreel::scenes
