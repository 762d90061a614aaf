#include "src/cluster/scheduler_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

namespace latentreel::cluster {
namespace {

constexpr std::size_t kLinesOfALog = 3;
constexpr std::streamoff kEndOfALog = 8192;  // bytes

const std::string kIndent(6, ' ');

std::string lower(std::string text) {
  for (auto& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = ' ';
  }
  return text;
}

// "out of memory", "waits for RequeueExit"
std::string state_of(const SubmittedJob& job, const JobStates& states) {
  const auto found = states.find(job.job);
  return found == states.end() ? "no longer known to Slurm" : lower(found->second.state);
}

}  // namespace

std::string job_counts(const Submission& submission, const JobStates& states) {
  std::vector<std::pair<std::string, int>> numbers;
  for (const auto& job : submission.jobs) {
    const auto state = state_of(job, states);
    const auto found = std::find_if(numbers.begin(), numbers.end(),
                                    [&](const auto& number) { return number.first == state; });
    if (found == numbers.end()) {
      numbers.emplace_back(state, 1);
    } else {
      ++found->second;
    }
  }
  std::string text;
  for (const auto& [state, count] : numbers) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, state);
  }
  return text;
}

namespace {

std::string tasks_text(const SubmittedJob& job) {
  if (job.tasks.size() <= 3) return fmt::format("{}", fmt::join(job.tasks, " "));
  return fmt::format("{} to {}", job.tasks.front(), job.tasks.back());
}

std::string line_of(const Submission& submission, const SubmittedJob& job, const JobState& state) {
  if (is_active(state)) {
    if (state.node.empty()) return {};
    return fmt::format("{}{:<8} {} on {} (job {})\n", kIndent, lower(state.state), tasks_text(job),
                       state.node, job.job);
  }
  if (!has_failed(state)) return {};
  const auto log = last_lines(slurm_log(submission, job), kLinesOfALog);
  const auto why = why_failed(state, log);
  auto text = fmt::format("{}{:<8} {} (job {}): {}\n", kIndent, lower(state.state), tasks_text(job),
                          job.job, why);
  if (log.size() == 1 && log.front().ends_with(why)) return text;  // it is all that was said
  for (const auto& line : log) {
    text += fmt::format("{}  {}\n", kIndent, line);
  }
  return text;
}

std::string printable_line(const std::string& line) {
  std::string text;
  for (const char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    text += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  return text;
}

}  // namespace

std::string why_failed(const JobState& state, const std::vector<std::string>& log) {
  if (state.state == "TIMEOUT") {
    return "its time was up before it could end itself; submit again with more --minutes";
  }
  if (state.state == "OUT_OF_MEMORY") {
    return "it took more memory than it had; submit again with more --memory";
  }
  if (state.state == "NODE_FAIL" || state.state == "BOOT_FAIL") {
    return "its node failed; submit again to go on";
  }
  constexpr std::string_view kProgram = "latentreel: ";
  for (auto line = log.rbegin(); line != log.rend(); ++line) {
    if (line->starts_with(kProgram)) return line->substr(kProgram.size());
  }
  if (!log.empty()) return log.back();
  return fmt::format("it said nothing; Slurm says {}", state.reason);
}

std::vector<std::string> last_lines(const std::filesystem::path& file, std::size_t count) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return {};
  in.seekg(std::max<std::streamoff>(in.tellg() - kEndOfALog, 0));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(printable_line(line));
  }
  if (lines.size() > count) {
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
  }
  return lines;
}

std::string scheduler_view(const Submission& submission, const JobStates& states) {
  auto text = fmt::format("{} {}\n", submission.engine, job_counts(submission, states));
  for (const auto& job : submission.jobs) {
    const auto found = states.find(job.job);
    if (found != states.end()) text += line_of(submission, job, found->second);
  }
  return text;
}

}  // namespace latentreel::cluster
