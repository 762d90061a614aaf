#include "scenes/reaper_project.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <stdexcept>
#include <string>

#include "scenes/mistakes.h"
#include "scenes/scene_error.h"
#include "scenes/tempo_builder.h"
#include "scenes/text_file.h"

namespace latentreel::scenes {
namespace {

constexpr std::string_view kProject = "<REAPER_PROJECT";
constexpr std::string_view kTempoList = "<TEMPOENVEX";
constexpr std::string_view kSeparators = " \t\r";
constexpr std::size_t kMostProjectMistakes = 20;
constexpr int kMicroseconds = 6;
constexpr std::int64_t kUnitFactor = 65536;

struct Field {
  std::string_view text;
  int column = 1;
};

struct Line {
  int number = 0;
  std::vector<Field> fields;

  std::string_view text(std::size_t field) const {
    return field < fields.size() ? fields[field].text : std::string_view();
  }
  Position position(std::size_t field) const {
    const std::size_t last = fields.size() - 1;
    return {.line = number, .column = fields[std::min(field, last)].column};
  }
};

// The fields of a line: separated by blanks, or between ", ' or `.
Line fields_of(std::string_view text, int number) {
  Line line{.number = number, .fields = {}};
  constexpr std::size_t kMostFields = 16;  // what is behind is not read
  std::size_t at = 0;
  while (line.fields.size() < kMostFields) {
    at = text.find_first_not_of(kSeparators, at);
    if (at == std::string_view::npos) break;
    const bool quoted = std::string_view("\"'`").find(text[at]) != std::string_view::npos;
    const std::size_t begin = at + (quoted ? 1 : 0);
    const std::size_t end = std::min(
        quoted ? text.find(text[at], begin) : text.find_first_of(kSeparators, begin), text.size());
    line.fields.push_back({text.substr(begin, end - begin), static_cast<int>(at) + 1});
    at = std::min(end + 1, text.size());
  }
  return line;
}

std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct TempoPoint {
  RationalTime time;
  RationalTime bpm;
  bool glides = false;
  std::optional<TimeSignature> signature;
};

RationalTime quarter_of(RationalTime bpm) {
  return RationalTime(60, 1) / bpm;
}

class ProjectReader {
 public:
  ProjectReader(std::string_view text, const std::filesystem::path& file)
      : text_(text), file_(file), mistakes_(file, text, {}) {}

  SongMap read() {
    read_lines();
    mistakes_.throw_if_any();
    for (auto& [number, region] : open_regions_) add_marker(std::move(region));
    const auto by_start = [](const SongMarker& a, const SongMarker& b) {
      return a.start < b.start;
    };
    std::stable_sort(map_.markers.begin(), map_.markers.end(), by_start);
    try {
      map_.tempo = tempo();
    } catch (const std::overflow_error&) {
      throw whole_file_error(SceneError::Kind::invalid, file_,
                             fmt::format("the project has more than {} beats", kMostBeats));
    }
    return std::move(map_);
  }

 private:
  void read_lines() {
    std::string_view rest = text_;
    if (rest.substr(0, 3) == "\xEF\xBB\xBF") rest.remove_prefix(3);
    int number = 0;
    while (!rest.empty() && mistakes_.size() < kMostProjectMistakes) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      read_line(line, ++number);
      if (depth_ == 0 && number > 1) return;
    }
    if (mistakes_.empty() && depth_ > 0) {
      mistakes_.add({.line = number, .column = 1}, "the project ends before its last \">\"",
                    "is the file complete?");
    }
  }

  void read_line(std::string_view text, int number) {
    const std::string_view content = trimmed(text, kSeparators);
    if (content.empty()) return;
    if (content.front() == '<') {
      ++depth_;
      const std::string_view name = content.substr(0, content.find_first_of(kSeparators));
      in_tempo_ = depth_ == 2 && name == kTempoList;
      return;
    }
    if (content == ">") {
      --depth_;
      in_tempo_ = false;
      return;
    }
    if (depth_ > 2) return;
    const std::string_view key = content.substr(0, content.find_first_of(kSeparators));
    if (depth_ == 1 && key == "TEMPO") read_tempo(fields_of(text, number));
    if (depth_ == 1 && key == "MARKER") read_marker(fields_of(text, number));
    if (depth_ == 2 && in_tempo_ && key == "PT") read_point(fields_of(text, number));
  }

  std::optional<RationalTime> read_seconds(const Line& line, std::size_t field) {
    const auto time = parse_decimal(line.text(field), kMicroseconds);
    if (!time) mistakes_.add(line.position(field), "expected a time in seconds");
    return time;
  }

  std::optional<RationalTime> read_bpm(const Line& line, std::size_t field) {
    const auto bpm = parse_decimal(line.text(field), kMicroseconds);
    if (bpm && *bpm > RationalTime() && *bpm <= RationalTime(1000, 1)) return bpm;
    mistakes_.add(line.position(field), "expected a tempo, above 0 and up to 1000");
    return std::nullopt;
  }

  std::optional<TimeSignature> checked(const Line& line, std::size_t field, std::int64_t beats,
                                       std::int64_t unit) {
    const auto within = [](std::int64_t value) { return value >= 1 && value <= 64; };
    if (within(beats) && within(unit)) {
      const TimeSignature signature{static_cast<int>(beats), static_cast<int>(unit)};
      if (is_sensible(signature)) return signature;
    }
    mistakes_.add(line.position(field), "expected a time signature such as 4 4 or 6 8");
    return std::nullopt;
  }

  void read_tempo(const Line& line) {
    const auto bpm = read_bpm(line, 1);
    const auto signature = checked(line, 2, integer_of(line.text(2)).value_or(0),
                                   integer_of(line.text(3)).value_or(0));
    if (bpm && signature) first_ = {.time = {}, .bpm = *bpm, .signature = signature};
  }

  void read_point(const Line& line) {
    const auto time = read_seconds(line, 1);
    const auto bpm = read_bpm(line, 2);
    if (!time || !bpm) return;
    TempoPoint point{.time = *time, .bpm = *bpm, .glides = line.text(3) == "0", .signature = {}};
    // Missing, or 0 where it stays.
    const std::int64_t code = integer_of(line.text(4)).value_or(0);
    if (code != 0) {
      point.signature = checked(line, 4, code % kUnitFactor, code / kUnitFactor);
      if (!point.signature) return;
    }
    const RationalTime before = points_.empty() ? RationalTime() : points_.back().time;
    if (*time < before) {
      mistakes_.add(line.position(1), "a tempo point before the one above it");
      return;
    }
    points_.push_back(point);
  }

  void read_marker(const Line& line) {
    const auto number = integer_of(line.text(1));
    const auto time = read_seconds(line, 2);
    if (!number) mistakes_.add(line.position(1), "expected the marker's number");
    if (!number || !time) return;
    const bool region = integer_of(line.text(4)).value_or(0) % 2 != 0;
    if (region && !open_regions_.contains(*number)) {
      open_regions_[*number] = {.name = std::string(line.text(3)), .start = *time};
      return;
    }
    SongMarker marker{.name = std::string(line.text(3)), .start = *time};
    if (region) {
      marker = std::move(open_regions_[*number]);
      if (*time > marker.start) marker.end = *time;
      open_regions_.erase(*number);
    }
    add_marker(std::move(marker));
  }

  void add_marker(SongMarker marker) {
    if (!marker.name.empty()) map_.markers.push_back(std::move(marker));
  }

  // None where the project says nothing of its tempo.
  std::optional<TempoMap> tempo() {
    if (!first_ && points_.empty()) return std::nullopt;
    const TempoPoint first = points_.empty() ? *first_ : points_.front();
    const TimeSignature default_signature =
        first_ ? first_->signature.value_or(TimeSignature()) : TimeSignature();
    TempoBuilder builder(quarter_of(first.bpm), first.signature.value_or(default_signature));
    TempoPoint last = {.time = {}, .bpm = first.bpm, .signature = {}};
    for (const TempoPoint& point : points_) {
      if (last.glides) {
        builder.glide(point.time, last.bpm.to_seconds(), point.bpm.to_seconds());
      } else {
        const RationalTime passed = point.time - last.time;
        builder.go_on(point.time,
                      static_cast<long double>(passed.to_seconds()) * last.bpm.to_seconds() / 60);
      }
      builder.set_quarter(quarter_of(point.bpm));
      if (point.signature) builder.set_signature(*point.signature);
      last = point;
    }
    return std::move(builder).build();
  }

  std::string_view text_;
  const std::filesystem::path& file_;
  Mistakes mistakes_;
  SongMap map_;
  int depth_ = 0;
  bool in_tempo_ = false;
  std::optional<TempoPoint> first_;  // TEMPO
  std::vector<TempoPoint> points_;
  std::map<std::int64_t, SongMarker> open_regions_;
};

}  // namespace

bool is_reaper_project(std::string_view content) {
  if (content.substr(0, 3) == "\xEF\xBB\xBF") content.remove_prefix(3);
  return content.substr(0, kProject.size()) == kProject;
}

SongMap parse_reaper_project(std::string_view text, const std::filesystem::path& file) {
  return ProjectReader(text, file).read();
}

}  // namespace latentreel::scenes
