#include "src/music/sections.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "src/music/frames.h"
#include "src/music/onsets.h"

namespace latentreel::music {
namespace {

constexpr int kBands = 16;
constexpr std::size_t kNotes = 12;
constexpr std::size_t kShortest = 4;  // stretches of a section
constexpr std::size_t kKernel = 8;    // stretches on either side of a border
constexpr double kNovelty = 0.12;     // a border has at least so much of it, of at most 1
constexpr double kAlike = 0.8;        // of the likeness within two sections of a kind
// Differences below it are no differences: of levels whose logarithm is taken.
constexpr double kSameLevel = 0.15;

using Rows = std::vector<std::vector<double>>;

// Compressed amplitudes in bands, then of the notes C to B.
std::vector<float> describe_frame(std::span<const float> power) {
  auto values = band_levels(power, 40, 16000, kBands);
  std::vector<float> notes(kNotes);
  const auto [first, end] = Frames::bins(110, 2000);
  for (std::size_t k = first; k < end; ++k) {
    const double hertz = static_cast<double>(k) * Frames::kRate / Frames::kWindow;
    const auto note = std::lround(12 * std::log2(hertz / 261.63)) % 12;
    notes[static_cast<std::size_t>((note + 12) % 12)] += power[k];
  }
  for (const float note : notes) values.push_back(std::sqrt(note));
  for (float& value : values) value = std::log1p(100 * value);
  return values;
}

// Each column with mean 0, and the spread of 1 unless it hardly varies.
void standardize(Rows& rows) {
  const auto count = static_cast<double>(rows.size());
  for (std::size_t c = 0; c < rows.front().size(); ++c) {
    double mean = 0, square = 0;
    for (const auto& row : rows) mean += row[c] / count;
    for (auto& row : rows) row[c] -= mean, square += row[c] * row[c] / count;
    const double spread = std::max(std::sqrt(square), kSameLevel);
    for (auto& row : rows) row[c] /= spread;
  }
}

// 1 for equal stretches, falling with their distance.
Rows similarity(const Rows& rows) {
  Rows result(rows.size(), std::vector<double>(rows.size()));
  const auto columns = static_cast<double>(rows.front().size());
  for (std::size_t a = 0; a < rows.size(); ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      double square = 0;
      for (std::size_t c = 0; c < rows[a].size(); ++c) {
        square += (rows[a][c] - rows[b][c]) * (rows[a][c] - rows[b][c]);
      }
      result[a][b] = result[b][a] = std::exp(-square / columns);
    }
  }
  return result;
}

// The mean likeness of stretches [a, a_end) and [b, b_end), each to one of the others.
double likeness(const Rows& alike, std::size_t a, std::size_t a_end, std::size_t b,
                std::size_t b_end) {
  double sum = 0;
  int count = 0;
  for (std::size_t i = a; i < a_end; ++i) {
    for (std::size_t j = b; j < b_end; ++j) {
      if (i == j) continue;
      sum += alike[i][j];
      ++count;
    }
  }
  return count > 0 ? sum / count : 1;
}

// Foote's kernel at `border`: likeness on either side, less that across.
double novelty(const Rows& alike, std::size_t border) {
  const std::size_t from = border - std::min(border, kKernel);
  const std::size_t until = std::min(border + kKernel, alike.size());
  const double within =
      likeness(alike, from, border, from, border) + likeness(alike, border, until, border, until);
  return within / 2 - likeness(alike, from, border, border, until);
}

// The highest first, none nearer than kShortest to another or to an end; ascending.
std::vector<std::size_t> borders(const Rows& alike) {
  std::vector<double> values(alike.size());
  std::vector<std::size_t> order, chosen;
  for (std::size_t b = kShortest; b + kShortest <= alike.size(); ++b) {
    values[b] = novelty(alike, b);
    if (values[b] >= kNovelty) order.push_back(b);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  for (const auto b : order) {
    const bool peak =
        values[b] >= values[b - 1] && (b + 1 == values.size() || values[b] >= values[b + 1]);
    const bool apart = std::all_of(chosen.begin(), chosen.end(), [&](std::size_t other) {
      return std::max(b, other) - std::min(b, other) >= kShortest;
    });
    if (peak && apart) chosen.push_back(b);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

struct Stretch {
  std::size_t from = 0, until = 0;
};

bool same_kind(const Rows& alike, const Stretch& a, const Stretch& b) {
  const double within = std::min(likeness(alike, a.from, a.until, a.from, a.until),
                                 likeness(alike, b.from, b.until, b.from, b.until));
  return likeness(alike, a.from, a.until, b.from, b.until) >= kAlike * within;
}

}  // namespace

void Timbre::add(std::span<const float> power) {
  const auto values = describe_frame(power);
  if (in_last_ == 0) summaries_.emplace_back(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) summaries_.back()[i] += values[i] / kFrames;
  in_last_ = (in_last_ + 1) % kFrames;
}

Rows Timbre::between(std::span<const double> bounds) const {
  Rows rows;
  const auto last = static_cast<double>(summaries_.size() - 1);
  const auto place = [&](double seconds) {
    return static_cast<std::size_t>(
        std::clamp(std::round(seconds / (kFrames * Frames::kSeconds)), 0.0, last));
  };
  for (std::size_t i = 1; i < bounds.size(); ++i) {
    const std::size_t first = place(bounds[i - 1]);
    const std::size_t end = std::max(place(bounds[i]), first + 1);
    std::vector<double> row(summaries_.front().size());
    for (std::size_t s = first; s < end; ++s) {
      for (std::size_t c = 0; c < row.size(); ++c) {
        row[c] += summaries_[s][c] / static_cast<double>(end - first);
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Section> find_sections(const Timbre& timbre, std::span<const double> bounds) {
  if (bounds.size() < 2 || timbre.empty()) return {};
  auto rows = timbre.between(bounds);
  standardize(rows);
  const auto alike = similarity(rows);
  auto starts = borders(alike);
  starts.insert(starts.begin(), 0);
  std::vector<Section> sections;
  std::vector<Stretch> kinds;  // the first of each
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const Stretch own{starts[i], i + 1 < starts.size() ? starts[i + 1] : rows.size()};
    const auto known = std::find_if(kinds.begin(), kinds.end(), [&](const Stretch& other) {
      return same_kind(alike, own, other);
    });
    const auto kind = static_cast<int>(known - kinds.begin());
    if (known == kinds.end()) kinds.push_back(own);
    sections.push_back({.from = bounds[own.from], .until = bounds[own.until], .kind = kind});
  }
  return sections;
}

}  // namespace latentreel::music
