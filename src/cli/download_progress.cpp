#include "src/cli/download_progress.h"

#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "src/cli/estimate.h"
#include "src/cli/progress_choice.h"
#include "src/cli/signals.h"
#include "src/cli/sizes.h"

namespace latentreel::cli {
namespace {

using nlohmann::json;

constexpr auto kPlainEvery = std::chrono::seconds(10);
constexpr auto kJsonEvery = std::chrono::milliseconds(500);

void print_line(const json& event) {
  std::cerr << event.dump(-1, ' ', false, json::error_handler_t::replace) << '\n' << std::flush;
}

// "34 MB of 354 MB, 12 MB/s, 0:26 left"
std::string so_far(std::int64_t done, std::int64_t total, double rate) {
  auto text = format_bytes(static_cast<double>(done));
  if (total > 0) text += " of " + format_bytes(static_cast<double>(total));
  if (rate <= 0) return text;
  text += fmt::format(", {}/s", format_bytes(rate));
  if (total > done) {
    text += fmt::format(", {} left", format_duration(static_cast<double>(total - done) / rate));
  }
  return text;
}

}  // namespace

DownloadProgress::DownloadProgress(std::string model, const std::string& progress)
    : model_(std::move(model)),
      drawing_(progress == "none"    ? Drawing::none
               : progress == "json"  ? Drawing::json
               : draws_bar(progress) ? Drawing::bar
                                     : Drawing::plain),
      began_(Clock::now()),
      last_line_(began_) {}

double DownloadProgress::rate(std::int64_t done) {
  const auto now = Clock::now();
  if (first_ < 0 || done < first_) {
    first_ = done;
    began_ = now;
  }
  const double seconds = std::chrono::duration<double>(now - began_).count();
  return seconds > 1 ? static_cast<double>(done - first_) / seconds : 0;
}

void DownloadProgress::progress(std::int64_t done, std::int64_t total) {
  stop_token().check();
  if (drawing_ == Drawing::none) return;
  const double part = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0;
  const double now = rate(done);
  if (drawing_ == Drawing::bar) {
    return line_.draw(part, fmt::format("{}  {}", model_, so_far(done, total, now)));
  }
  const auto time = Clock::now();
  const bool json_due = drawing_ == Drawing::json && time - last_line_ >= kJsonEvery;
  const bool plain_due = drawing_ == Drawing::plain && time - last_line_ >= kPlainEvery;
  if (!json_due && !plain_due) return;
  last_line_ = time;
  if (json_due) {
    print_line({{"event", "download"}, {"model", model_}, {"done", done}, {"total", total}});
  } else {
    std::cerr << fmt::format("{}: {}\n", model_, so_far(done, total, now)) << std::flush;
  }
}

void DownloadProgress::note(const std::string& text) {
  stop_token().check();
  if (drawing_ == Drawing::none) return;
  if (drawing_ == Drawing::json)
    return print_line({{"event", "note"}, {"model", model_}, {"text", text}});
  line_.clear();
  std::cerr << fmt::format("{}: {}\n", model_, text) << std::flush;
}

}  // namespace latentreel::cli
