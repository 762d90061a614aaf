#include "src/library/catalogue.h"

#include <fmt/format.h>

#include <utility>

namespace latentreel::library {
namespace {

using Files = std::vector<CatalogueFile>;
using Mirrors = std::vector<std::string>;

CatalogueModel openai(std::string name, const std::string& file, std::string about,
                      std::uint64_t about_bytes, const std::string& sha256) {
  return {.name = std::move(name),
          .kind = ModelKind::clip,
          .about = std::move(about),
          .maker = "OpenAI, 2021",
          .licence = "MIT",
          .about_bytes = about_bytes,
          .files = {{.role = CatalogueFile::Role::weights,
                     .name = file,
                     .mirrors = {fmt::format("https://openaipublic.azureedge.net/clip/models/{}/{}",
                                             sha256, file)},
                     .sha256 = sha256}},
          .metadata = {{"activation", "quick_gelu"},  // all of OpenAI's have the same
                       {"image_mean", "0.48145466 0.4578275 0.40821073"},
                       {"image_std", "0.26862954 0.26130258 0.27577711"}},
          .by_hand = {}};
}

// The yaml and the ckpt of a VQGAN; no digest of any was ever published.
Files yaml_and_ckpt(const std::string& stem, Mirrors yaml, Mirrors ckpt) {
  return {{.role = CatalogueFile::Role::weights,
           .name = stem + ".ckpt",
           .mirrors = std::move(ckpt),
           .sha256 = {}},
          {.role = CatalogueFile::Role::config,
           .name = stem + ".yaml",
           .mirrors = std::move(yaml),
           .sha256 = {}}};
}

// A file in a public folder of Heidelberg's server: "ckpts/last.ckpt".
std::string heibox(const std::string& share, const std::string& folder, const std::string& file) {
  return fmt::format("https://heibox.uni-heidelberg.de/d/{}/files/?p=%2F{}%2F{}&dl=1", share,
                     folder, file);
}

// A single file that is public there.
std::string heibox_file(const std::string& id) {
  return fmt::format("https://heibox.uni-heidelberg.de/f/{}/?dl=1", id);
}

// As CompVis shares its VQGANs: a folder, and a link to each of its two files.
Files heibox_model(const std::string& stem, const std::string& share, const std::string& yaml,
                   const std::string& ckpt) {
  return yaml_and_ckpt(stem, {heibox(share, "configs", "model.yaml"), heibox_file(yaml)},
                       {heibox(share, "ckpts", "last.ckpt"), heibox_file(ckpt)});
}

// The same address with each of the two endings.
Files beside_each_other(const std::string& stem, const std::vector<std::string>& addresses) {
  Mirrors yaml;
  Mirrors ckpt;
  for (const auto& address : addresses) {
    yaml.push_back(address + ".yaml");
    ckpt.push_back(address + ".ckpt");
  }
  return yaml_and_ckpt(stem, std::move(yaml), std::move(ckpt));
}

constexpr const char* kCompVis = "CompVis Heidelberg (taming-transformers), 2020";
constexpr const char* kCompVisLicence =
    "taming-transformers' code is MIT; none is stated for its weights";
constexpr const char* kNoLicence = "none is stated for the weights";

CatalogueModel compvis(std::string name, std::string about, std::uint64_t about_bytes,
                       Files files) {
  return {.name = std::move(name),
          .kind = ModelKind::vqgan,
          .about = std::move(about),
          .maker = kCompVis,
          .licence = kCompVisLicence,
          .about_bytes = about_bytes,
          .files = std::move(files),
          .metadata = {},
          .by_hand = {}};
}

CatalogueModel fine_tuned(std::string name, std::string about, std::string maker,
                          std::uint64_t about_bytes, Files files, std::string by_hand = {}) {
  return {.name = std::move(name),
          .kind = ModelKind::vqgan,
          .about = std::move(about),
          .maker = std::move(maker),
          .licence = kNoLicence,
          .about_bytes = about_bytes,
          .files = std::move(files),
          .metadata = {},
          .by_hand = std::move(by_hand)};
}

// Sizes are those of the tensors; archives are a little larger.
std::vector<CatalogueModel> clips() {
  return {
      openai("RN50", "RN50.pt", "ResNet-50, 224x224", 255'262'844,
             "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762"),
      openai("RN101", "RN101.pt", "ResNet-101, 224x224", 290'938'388,
             "8fa8567bab74a42d41c5915025a8e4538c3bdbe8804a470a72f30b0d94fab599"),
      openai("RN50x4", "RN50x4.pt", "ResNet-50, four times the computing, 288x288", 421'085'084,
             "7e526bd135e493cef0776de27d5f42653e6b4c8bf9e0f653bb11773263205fdd"),
      openai("RN50x16", "RN50x16.pt", "ResNet-50, 16 times the computing, 384x384", 660'099'612,
             "52378b407f34354e150460fe41077663dd5b39c54cd0bfd2b27167a4a06ec9aa"),
      openai("RN50x64", "RN50x64.pt", "ResNet-50, 64 times the computing, 448x448", 1'352'043'452,
             "be1cfb55d75a9666199fb2206c106743da0f6468c9d327f3e0d0a543a9919d9c"),
      openai("ViT-B/32", "ViT-B-32.pt",
             "vision transformer, 224x224 in patches of 32: the quickest", 353'436'676,
             "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af"),
      openai("ViT-B/16", "ViT-B-16.pt", "vision transformer, 224x224 in patches of 16", 350'349'316,
             "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f"),
      openai("ViT-L/14", "ViT-L-14.pt", "large vision transformer, 224x224 in patches of 14",
             932'051'972, "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836"),
      openai("ViT-L/14@336px", "ViT-L-14-336px.pt",
             "large vision transformer, 336x336 in patches of 14", 933'362'692,
             "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02"),
  };
}

std::vector<CatalogueModel> vqgans() {
  return {
      compvis("imagenet_f16_1024", "ImageNet, a cell every 16 pixels, 1024 codes", 958'000'000,
              heibox_model("vqgan_imagenet_f16_1024", "8088892a516d4e3baf92",
                           "6ecf2af6c658432c8298", "140747ba53464f49b476")),
      compvis("imagenet_f16_16384", "ImageNet, a cell every 16 pixels, 16384 codes", 980'000'000,
              heibox_model("vqgan_imagenet_f16_16384", "a7530b09fed84f80a887",
                           "274fb24ed38341bfa753", "867b05fc8c4841768640")),
      compvis("gumbel_f8", "OpenImages, a cell every 8 pixels, 8192 codes (Gumbel)", 376'000'000,
              heibox_model("vqgan_gumbel_f8", "2e5662443a6b4307b470", "b24d14998a8d4f19a34f",
                           "34a747d5765840b5a99d")),
      compvis("sflckr", "landscapes of Flickr; the VQGAN of a larger checkpoint", 0,
              yaml_and_ckpt(
                  "sflckr",
                  {heibox("73487ab6e5314cb5adba", "configs", "2020-11-09T13-31-51-project.yaml")},
                  {heibox("73487ab6e5314cb5adba", "checkpoints", "last.ckpt")})),
      compvis("coco", "COCO; the VQGAN of a larger checkpoint", 8'400'000'000,
              beside_each_other("coco", {"https://dl.nmkd.de/ai/clip/coco/coco"})),
      compvis("coco_first_stage", "COCO; the VQGAN alone", 0,
              beside_each_other("coco_first_stage",
                                {"http://batbot.ai/models/VQGAN/coco_first_stage"})),
      {.name = "faceshq",
       .kind = ModelKind::vqgan,
       .about = "faces of CelebA-HQ and FFHQ; the VQGAN of a larger checkpoint",
       .maker = kCompVis,
       .licence = kCompVisLicence,
       .about_bytes = 0,
       .files = {},
       .metadata = {},
       .by_hand = "https://app.koofr.net/links/a04deec9-0c59-4673-8b37-3d696fe63a5d"},
      fine_tuned(
          "wikiart_1024", "paintings of WikiArt, a cell every 16 pixels, 1024 codes",
          "a community's fine-tune of imagenet_f16_1024", 958'000'000,
          beside_each_other(
              "vqgan_wikiart_1024",
              {"https://github.com/Eleiber/VQGAN-Mirrors/releases/download/0.0.1/wikiart_1024",
               "https://github.com/pixray/pixray/releases/download/v1.7.1/vqgan_wikiart_1024",
               "http://mirror.io.community/blob/vqgan/wikiart"})),
      fine_tuned(
          "wikiart_16384", "paintings of WikiArt, a cell every 16 pixels, 16384 codes",
          "a community's fine-tune of imagenet_f16_16384", 1'000'000'000,
          beside_each_other(
              "vqgan_wikiart_16384",
              {"https://github.com/pixray/pixray/releases/download/v1.7.1/vqgan_wikiart_16384",
               "http://eaidata.bmk.sh/data/Wikiart_16384/wikiart_f16_16384_8145600"})),
      fine_tuned("boris_f16_16384", "faces, fine-tuned from imagenet_f16_16384",
                 "boris, on Hugging Face", 0, {}, "https://huggingface.co/boris/vqgan_f16_16384"),
  };
}

std::vector<CatalogueModel> all() {
  auto models = clips();
  for (auto& model : vqgans()) models.push_back(std::move(model));
  return models;
}

}  // namespace

const std::vector<CatalogueModel>& catalogue() {
  static const std::vector<CatalogueModel> models = all();
  return models;
}

const CatalogueModel* find_in_catalogue(std::string_view name) {
  const auto folder = folder_name(name);
  for (const auto& model : catalogue()) {
    if (folder_name(model.name) == folder) return &model;
  }
  return nullptr;
}

std::string how_to_get(const CatalogueModel& model) {
  if (!model.files.empty()) return "latentreel models fetch " + model.name;
  return fmt::format("download it from {}, then: latentreel models import FILE --name {}",
                     model.by_hand, model.name);
}

std::string folder_name(std::string_view name) {
  std::string folder(name);
  for (auto& c : folder) {
    if (c == '/' || c == '@') c = '-';
  }
  return folder;
}

}  // namespace latentreel::library
