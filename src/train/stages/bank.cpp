#include "src/train/stages/bank.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "models/files/state_dict.h"
#include "src/files/atomic_file.h"

namespace latentreel::training {

void write_bank(const std::filesystem::path& folder, int64_t count,
                const std::function<BankPicture(int64_t)>& picture, const models::Vqgan& vqgan,
                const models::Clip& clip, const models::ClipTokenizer& tokenizer) {
  constexpr int64_t kBatch = 16;
  const at::NoGradGuard no_gradient;
  const auto context = static_cast<std::size_t>(clip.text().context());
  std::vector<at::Tensor> codes, embeddings;
  std::string captions;
  for (int64_t first = 0; first < count; first += kBatch) {
    std::vector<at::Tensor> pictures, tokens;
    for (int64_t i = first; i < std::min(count, first + kBatch); ++i) {
      const auto entry = picture(i);
      pictures.push_back(entry.picture);
      tokens.push_back(at::tensor(tokenizer.frame(entry.caption, context), at::kLong));
      captions += entry.caption + "\n";
    }
    codes.push_back(vqgan.nearest_codes(vqgan.encode(at::stack(pictures))).to(at::kShort).cpu());
    embeddings.push_back(clip.text().encode(at::stack(tokens)).to(at::kHalf).cpu());
  }
  files::write_file(folder / "bank.txt", captions);
  const models::StateDict all({{"codes", at::cat(codes)}, {"embeddings", at::cat(embeddings)}});
  files::write_file_by(folder / "bank.safetensors",
                       [&](const auto& file) { all.save_safetensors(file); });
}

}  // namespace latentreel::training
