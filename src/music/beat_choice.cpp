#include "src/music/beat_choice.h"

#include <algorithm>
#include <cmath>

#include "src/music/frames.h"

namespace latentreel::music {
namespace {

constexpr std::size_t kFewest = 8;  // beats that say something
constexpr double kSlowest = 50;     // beats a minute, that we choose ourselves
constexpr double kFastest = 200;
constexpr double kHardlyAny = 0.2;    // of the other beats' accents
constexpr double kAsStrong = 0.6;     // of the beats' own accents
constexpr std::ptrdiff_t kReach = 4;  // frames that a beat's onset may lie off
constexpr std::size_t kSlots = 12;    // of a beat

double strength_at(double seconds, const std::vector<float>& curve) {
  const auto size = static_cast<std::ptrdiff_t>(curve.size());
  const auto at = static_cast<std::ptrdiff_t>(std::lround(seconds / Frames::kSeconds));
  float most = 0;
  for (auto i = std::max<std::ptrdiff_t>(at - kReach, 0); i < std::min(at + kReach + 1, size); ++i)
    most = std::max(most, curve[static_cast<std::size_t>(i)]);
  return most;
}

double mean_strength(std::span<const double> beats, const std::vector<float>& curve) {
  double sum = 0;
  for (const double at : beats) sum += strength_at(at, curve);
  return beats.empty() ? 0 : sum / static_cast<double>(beats.size());
}

std::vector<double> every_second(std::span<const double> beats, std::size_t first) {
  std::vector<double> chosen;
  for (std::size_t i = first; i < beats.size(); i += 2) chosen.push_back(beats[i]);
  return chosen;
}

std::vector<double> between(std::span<const double> beats) {
  std::vector<double> middles;
  for (std::size_t i = 1; i < beats.size(); ++i) middles.push_back((beats[i - 1] + beats[i]) / 2);
  return middles;
}

// How strong the weaker half of the beats is, every second one, as a share of the other half.
double alternation(std::span<const double> beats, const std::vector<float>& curve) {
  const double even = mean_strength(every_second(beats, 0), curve);
  const double odd = mean_strength(every_second(beats, 1), curve);
  const double most = std::max(even, odd);
  return most > 0 ? std::min(even, odd) / most : 1;
}

double tempo_of(std::span<const double> beats) {
  return 60 * static_cast<double>(beats.size() - 1) / (beats.back() - beats.front());
}

// The mean of a curve's frames from `from` to `until`, in frames, of the nearest one where that is
// none. A sum over the width would not do: it has more frames here than there, again in each beat,
// and what never changes would look like a rhythm.
double mean_between(double from, double until, const std::vector<float>& curve) {
  const auto size = static_cast<long>(curve.size());
  const auto first = std::clamp(std::lround(from), 0L, size);
  const auto end = std::clamp(std::max(std::lround(until), first + 1), 0L, size);
  double sum = 0;
  for (auto at = first; at < end; ++at) sum += curve[static_cast<std::size_t>(at)];
  return sum / static_cast<double>(std::max(end - first, 1L));
}

// The onsets of each beat in kSlots parts, less the beat's mean, beat after beat: sounds that swell
// for longer than a beat are alike from one to the next, and are no beats.
std::vector<double> slots(std::span<const double> beats, const std::vector<float>& curve) {
  std::vector<double> values;
  for (std::size_t i = 1; i < beats.size(); ++i) {
    double mean = 0;
    const double width = (beats[i] - beats[i - 1]) / kSlots / Frames::kSeconds;
    for (std::size_t s = 0; s < kSlots; ++s) {
      const double from = beats[i - 1] / Frames::kSeconds + width * (static_cast<double>(s) - 0.5);
      values.push_back(mean_between(from, from + width, curve));
      mean += values.back() / kSlots;
    }
    for (std::size_t s = values.size() - kSlots; s < values.size(); ++s) values[s] -= mean;
  }
  return values;
}

double correlation(std::span<const double> a, std::span<const double> b) {
  double mean_a = 0, mean_b = 0;
  const auto count = static_cast<double>(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) mean_a += a[i] / count, mean_b += b[i] / count;
  double both = 0, square_a = 0, square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    both += (a[i] - mean_a) * (b[i] - mean_b);
    square_a += (a[i] - mean_a) * (a[i] - mean_a);
    square_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  const double scale = std::sqrt(square_a * square_b);
  return scale > 0 ? both / scale : 0;
}

}  // namespace

double beat_confidence(std::span<const double> beats, const OnsetCurves& curves) {
  if (beats.size() < kFewest) return 0;
  const auto values = slots(beats, curves.onsets);
  const std::span<const double> all(values);
  double best = 0;
  for (const std::size_t beat : {std::size_t{1}, std::size_t{2}}) {
    const auto kept = all.size() - beat * kSlots;
    best = std::max(best, correlation(all.first(kept), all.last(kept)));
  }
  return best;
}

std::vector<double> halved(std::span<const double> beats, const OnsetCurves& curves) {
  auto even = every_second(beats, 0), odd = every_second(beats, 1);
  return mean_strength(odd, curves.accents) > mean_strength(even, curves.accents) ? odd : even;
}

std::vector<double> doubled(std::span<const double> beats) {
  std::vector<double> all = between(beats);
  all.insert(all.end(), beats.begin(), beats.end());
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<double> at_tapped_tempo(std::vector<double> beats, const OnsetCurves& curves) {
  if (beats.size() < kFewest) return beats;
  const double tempo = tempo_of(beats);
  const bool skips = alternation(beats, curves.accents) < kHardlyAny;
  if (skips && tempo / 2 >= kSlowest) return halved(beats, curves);
  const double middle = mean_strength(between(beats), curves.accents);
  if (middle > kAsStrong * mean_strength(beats, curves.accents) && tempo * 2 <= kFastest) {
    return doubled(beats);
  }
  return beats;
}

}  // namespace latentreel::music
