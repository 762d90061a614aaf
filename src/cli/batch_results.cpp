#include "src/cli/batch_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "src/cli/estimate.h"
#include "src/files/atomic_file.h"
#include "src/files/folders.h"

namespace latentreel::cli {

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', '\t');
  return text;
}

void print_table(const std::vector<FilmResult>& results) {
  size_t width = 5;
  for (const auto& result : results) width = std::max(width, result.scene.size());
  for (const auto& result : results) {
    std::cout << fmt::format("{:<{}}  {:<12}  {:>7} frames  {:>8}  {}\n", result.scene, width,
                             result.state, result.frames, format_duration(result.seconds),
                             result.error.empty() ? result.film : on_one_line(result.error));
  }
}

void write_results(const std::filesystem::path& file, const std::vector<FilmResult>& results) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& result : results) {
    list.push_back({{"scene", result.scene},
                    {"film", result.film},
                    {"state", result.state},
                    {"frames", result.frames},
                    {"seconds", result.seconds},
                    {"code", result.code},
                    {"error", result.error}});
  }
  const auto text =
      list.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  files::make_folders_for(file);
  files::write_file(file, text);
}

}  // namespace latentreel::cli
