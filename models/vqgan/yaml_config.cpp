#include "models/vqgan/yaml_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/files/error.h"
#include "models/files/mapped_file.h"

namespace latentreel::models {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestYaml = 256 << 10;  // a published one has 1 to 2 kB
constexpr int kDeepestYaml = 100;

[[noreturn]] void refuse(const fs::path& yaml, const std::string& problem,
                         const std::string& advice) {
  throw WeightsError(WeightsError::Kind::invalid,
                     {.doing = "reading the model's configuration " + yaml.string(),
                      .tensor = {},
                      .problem = problem,
                      .advice = advice});
}

// The YAML library recurses for every bracket and every step of indentation; a hostile file's depth
// is bounded before it is given one.
bool is_too_deep(std::string_view text) {
  int brackets = 0;
  int indents = 0;  // "- - - -" nests too
  bool at_start = true;
  for (const char c : text) {
    if (c == '\n') {
      at_start = true;
      indents = 0;
    } else if (c == '[' || c == '{') {
      ++brackets;
    } else if (c == ']' || c == '}') {
      brackets = std::max(0, brackets - 1);
    } else if (at_start && (c == ' ' || c == '-' || c == '?' || c == ':' || c == '\t')) {
      ++indents;
    } else {
      at_start = false;
    }
    if (brackets > kDeepestYaml || indents > 2 * kDeepestYaml) return true;
  }
  return false;
}

std::string listed(const std::vector<int64_t>& numbers) {
  if (numbers.size() > 20) return fmt::format("{} numbers", numbers.size());
  return fmt::format("[{}]", fmt::join(numbers, ", "));
}

// What the yaml of a VQGAN says, compared one key at a time.
class Comparison {
 public:
  explicit Comparison(const fs::path& yaml) : yaml_(yaml) {}

  void number(const YAML::Node& in, const char* key, int64_t shapes) {
    if (const auto said = read<int64_t>(in, key); said && *said != shapes)
      differ(key, *said, shapes);
  }

  void truth(const YAML::Node& in, const char* key, bool shapes) {
    if (const auto said = read<bool>(in, key); said && *said != shapes) differ(key, *said, shapes);
  }

  void numbers(const YAML::Node& in, const char* key, const std::vector<int64_t>& shapes) {
    const auto said = read<std::vector<int64_t>>(in, key);
    if (said && *said != shapes) differ(key, listed(*said), listed(shapes));
  }

  // Attention stands where the feature map of a `resolution` picture has one of these sides.
  // latent-diffusion's `attn_type: none` leaves it out everywhere, whatever the sides.
  void attention(const YAML::Node& in, const VqganConfig& shapes) {
    const bool none = read<std::string>(in, "attn_type").value_or("") == "none";
    if (none == shapes.middle_attention) {
      lines_.push_back(fmt::format("attn_type: attention {}, in the tensors {}",
                                   none ? "is not wanted" : "is wanted",
                                   none ? "it is there" : "it is not"));
    }
    if (!none) level_attention(in, shapes.attention);
  }

  void level_attention(const YAML::Node& in, const std::vector<bool>& shapes) {
    const auto sides = read<std::vector<int64_t>>(in, "attn_resolutions");
    const auto resolution = read<int64_t>(in, "resolution");
    if (!sides || !resolution) return;
    for (size_t level = 0; level < shapes.size(); ++level) {
      const auto side = *resolution >> level;
      const bool said = std::find(sides->begin(), sides->end(), side) != sides->end();
      if (said != shapes[level]) {
        lines_.push_back(fmt::format(
            "attn_resolutions: attention at {0}x{0} {1}, in the tensors {2}", side,
            said ? "is wanted" : "is not wanted", shapes[level] ? "it is there" : "it is not"));
      }
    }
  }

  template <class Said, class Shapes>
  void differ(const char* key, const Said& said, const Shapes& shapes) {
    lines_.push_back(fmt::format("{}: {}, by the tensors {}", key, said, shapes));
  }

  const std::vector<std::string>& lines() const { return lines_; }

  template <class Value>
  std::optional<Value> read(const YAML::Node& in, const char* key) const {
    const auto node = in[key];
    if (!node) return std::nullopt;
    try {
      return node.template as<Value>();
    } catch (const YAML::Exception&) {
      refuse(yaml_, fmt::format("{} is not of the right type", key),
             "Fetch the yaml again, or move it away: the tensors say the same.");
    }
  }

 private:
  const fs::path& yaml_;
  std::vector<std::string> lines_;
};

// The part that describes the VQGAN: the model itself, or a transformer's first stage.
YAML::Node vqgan_part(const YAML::Node& root, const fs::path& yaml) {
  const auto is_map = [](const YAML::Node& node) { return node && node.IsMap(); };
  if (is_map(root) && is_map(root["model"]) && is_map(root["model"]["params"])) {
    const auto first_stage = root["model"]["params"]["first_stage_config"];
    const auto part = is_map(first_stage) ? first_stage : root["model"];
    if (is_map(part["params"]) && is_map(part["params"]["ddconfig"])) return part;
  }
  refuse(yaml, "it does not describe a VQGAN: there is no model.params.ddconfig in it",
         "Fetch the yaml that belongs to the checkpoint, or move this one away.");
}

}  // namespace

std::optional<fs::path> yaml_beside(const fs::path& checkpoint) {
  std::error_code ignored;
  auto same_stem = fs::path(checkpoint).replace_extension(".yaml");
  if (fs::exists(same_stem, ignored)) return same_stem;
  auto model = checkpoint.parent_path() / "model.yaml";
  if (fs::exists(model, ignored)) return model;
  return std::nullopt;
}

void check_against_yaml(const VqganConfig& config, const fs::path& yaml,
                        const fs::path& checkpoint) {
  const auto file = MappedFile::open(yaml);
  check_against_yaml_text(config,
                          {reinterpret_cast<const char*>(file->bytes().data()), file->size()}, yaml,
                          checkpoint);
}

void check_against_yaml_text(const VqganConfig& config, std::string_view text, const fs::path& yaml,
                             const fs::path& checkpoint) {
  if (text.size() > kLongestYaml) {
    refuse(yaml, "it is larger than any configuration", "Fetch the yaml again.");
  }
  const auto start = text.find_first_not_of(" \t\r\n");
  if (start != text.npos && text[start] == '<') {
    refuse(yaml, "it is a web page, not a configuration",
           "The link that it came from is dead or needs a browser; fetch it from another place, or "
           "move it away.");
  }
  if (is_too_deep(text)) refuse(yaml, "it is nested too deeply", "Fetch the yaml again.");

  Comparison compared(yaml);
  try {
    const auto part = vqgan_part(YAML::Load(std::string(text)), yaml);
    const auto params = part["params"];
    const auto network = params["ddconfig"];
    if (const auto target = compared.read<std::string>(part, "target")) {
      const bool gumbel = target->ends_with("GumbelVQ");
      if (gumbel != config.gumbel) {
        compared.differ("target", shown(*target),
                        config.gumbel ? "a Gumbel quantizer" : "a plain codebook");
      }
    }
    compared.number(params, "embed_dim", config.embed_dim);
    compared.number(params, "n_embed", config.codes);
    compared.truth(network, "double_z", config.double_z);
    compared.number(network, "z_channels", config.z_channels);
    compared.number(network, "in_channels", config.in_channels);
    compared.number(network, "out_ch", config.out_channels);
    compared.number(network, "ch", config.channels);
    compared.numbers(network, "ch_mult", config.multipliers);
    compared.number(network, "num_res_blocks", config.residual_blocks);
    compared.attention(network, config);
  } catch (const YAML::Exception& error) {
    refuse(yaml,
           fmt::format("it is not valid YAML: line {}, {}", error.mark.line + 1, shown(error.msg)),
           "Fetch the yaml again, or move it away: the tensors say the same.");
  }
  if (!compared.lines().empty()) {
    refuse(yaml,
           fmt::format("it disagrees with {}:\n    {}\n  They do not belong together",
                       checkpoint.filename().string(), fmt::join(compared.lines(), "\n    ")),
           "Put the yaml of this checkpoint beside it, or move this one away: the tensors alone "
           "suffice.");
  }
}

}  // namespace latentreel::models
