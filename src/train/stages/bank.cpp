#include "src/train/stages/bank.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "models/files/file_in_the_making.h"
#include "models/files/state_dict.h"

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
  models::FileInTheMaking text(folder / "bank.txt");
  text.write(captions.data(), captions.size());
  text.publish();
  models::StateDict({{"codes", at::cat(codes)}, {"embeddings", at::cat(embeddings)}})
      .save_safetensors(folder / "bank.safetensors");
}

}  // namespace latentreel::training
