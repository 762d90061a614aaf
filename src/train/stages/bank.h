#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "models/clip/clip.h"
#include "models/clip/tokenizer.h"
#include "models/vqgan/vqgan.h"

namespace latentreel::training {

struct BankPicture {
  std::string caption;
  at::Tensor picture;  // [3, S, S] in [0, 1]
};

// Writes what `start = "nearest"` chooses from: `bank.safetensors` (codes [M, h, w] int16,
// embeddings [M, E] float16 of the captions, as the text tower gives them) and `bank.txt` (a
// caption a line), in the same order. `picture(i)` gives entry i of `count`. Throws FileError and
// WeightsError.
void write_bank(const std::filesystem::path& folder, int64_t count,
                const std::function<BankPicture(int64_t)>& picture, const models::Vqgan& vqgan,
                const models::Clip& clip, const models::ClipTokenizer& tokenizer);

}  // namespace latentreel::training
