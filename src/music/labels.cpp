#include "src/music/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scenes/toml_text.h"
#include "src/pages/markup.h"

namespace latentreel::music {
namespace {

// At most so many digits behind the point, and no zeros at the end.
std::string decimal(double value, int digits) {
  auto text = fmt::format("{:.{}f}", value, digits);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

// Audacity knows no time before the song.
std::string label(double from, double until, const std::string& text) {
  return fmt::format("{:.6f}\t{:.6f}\t{}\n", std::max(from, 0.0), std::max(until, 0.0), text);
}

// "1:05"
std::string clock(double seconds) {
  const auto whole = std::lround(std::floor(seconds));
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string tempo_text(const SongAnalysis& song) {
  if (song.beats.empty()) return "no steady beat found";
  if (!song.tempo) {
    return fmt::format("{:.1f} to {:.1f} beats a minute: it changes, so a scene needs all beats",
                       song.slowest, song.fastest);
  }
  return fmt::format("{} beats a minute, the same throughout (by least squares, ± {:.3f})",
                     decimal(song.tempo->bpm, 3), song.tempo->bpm_error);
}

std::string sections_text(const SongAnalysis& song) {
  std::string text;
  for (const auto& section : song.sections) {
    if (!text.empty()) text += ", ";
    text += section_name(section) + " at " + clock(section.from);
  }
  return text;
}

}  // namespace

std::string section_name(const Section& section) {
  const int letter = section.kind % 26, round = section.kind / 26;
  std::string name(1, static_cast<char>('A' + letter));
  return round == 0 ? name : name + std::to_string(round);
}

std::string label_file_name(const std::filesystem::path& song) {
  return song.stem().string() + ".beats.txt";
}

std::string label_track(const SongAnalysis& song) {
  std::string text;
  const auto bar = static_cast<std::size_t>(song.beats_per_bar);
  for (std::size_t i = 0; i < song.beats.size(); ++i) {
    text += label(song.beats[i], song.beats[i], fmt::format("{}.{}", i / bar + 1, i % bar + 1));
  }
  for (const auto& section : song.sections) {
    text += label(section.from, section.until, "section " + section_name(section));
  }
  return text;
}

std::string describe(const SongAnalysis& song) {
  std::string text = fmt::format("  length      {}\n", report::duration(song.seconds));
  text += fmt::format("  tempo       {}\n", tempo_text(song));
  if (!song.beats.empty()) {
    text += fmt::format("  first bar   at {} s, taken as {} beats a bar, {}\n",
                        decimal(song.beats[0], 3), song.beats_per_bar,
                        report::count(static_cast<std::int64_t>(song.beats.size()), "beat"));
  }
  text +=
      fmt::format("  confidence  {:.2f}: {}\n", song.confidence, confidence_words(song.confidence));
  return text + fmt::format("  sections    {}\n", sections_text(song));
}

std::string music_lines(const SongAnalysis& song, const std::filesystem::path& file,
                        const std::filesystem::path& labels) {
  std::string text = "[music]\nfile = " + scenes::toml_text(file.string()) + "\n";
  if (song.tempo) {
    text += fmt::format("bpm = {}\n", decimal(song.tempo->bpm, 3));
    text += fmt::format("offset = {}\n", decimal(song.tempo->offset, 4));
  } else if (!song.beats.empty()) {
    text += "beats = " + scenes::toml_text(labels.string()) + "\n";
  }
  if (!song.beats.empty() && song.beats_per_bar != 4) {
    text += fmt::format("beats_per_bar = {}\n", song.beats_per_bar);
  }
  return text;
}

}  // namespace latentreel::music
