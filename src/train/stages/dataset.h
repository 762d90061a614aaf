#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/clip/tokenizer.h"
#include "src/train/stages/bank.h"
#include "src/train/stages/clip_stage.h"
#include "src/train/stages/vqgan_stage.h"
#include "src/train/world/composition.h"

namespace latentreel::training {

// The pictures and captions of the world as the stages use them. A number alone determines a
// picture, whatever was requested before.
class Dataset {
 public:
  // `seed` gives another sequence of pictures. `tokenizer` and `context` frame captions.
  Dataset(uint64_t seed, models::ClipTokenizer tokenizer, int64_t context);

  const models::ClipTokenizer& tokenizer() const { return tokenizer_; }

  PictureSource pictures(world::Purpose purpose) const;
  // Labels: "thing" and "colour" of pictures of one thing, "ground", "style".
  PairSource pairs(world::Purpose purpose) const;

  // How many values each label has.
  static std::map<std::string, int64_t> labels();
  // [colours + 1, things, context]: "a red cat", … and, last, "a cat", …, in the order of the
  // labels.
  at::Tensor things() const;

  // [1, 3, side, side] in [0, 1].
  static at::Tensor picture(const world::Composition& composition, int64_t side);

 private:
  uint64_t seed_;
  models::ClipTokenizer tokenizer_;
  int64_t context_;
};

// What the bundled pair's bank shows: every thing on every ground, things in other colours, pairs
// of things, every ground alone. `thin`: one in so many is kept.
std::vector<world::Composition> bank_compositions(int64_t thin = 1);

// The bundled pair's merges: every word of the world is one token.
std::string world_merges();

}  // namespace latentreel::training
