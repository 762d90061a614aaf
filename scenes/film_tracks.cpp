#include "scenes/film_tracks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "scenes/mistakes.h"
#include "scenes/scene.h"
#include "scenes/scene_error.h"

namespace latentreel::scenes {
namespace {

constexpr std::size_t kMaxChapterLetters = 120;
constexpr std::size_t kMaxNameLetters = 120;
constexpr std::size_t kMaxFilmLineBytes = 4000;  // nobody can read that

// ISO 639-1 as ISO 639-2, of the languages that people sing in most.
constexpr std::array<std::pair<std::string_view, std::string_view>, 32> kLanguages = {
    {{"ar", "ara"}, {"bg", "bul"}, {"cs", "ces"}, {"da", "dan"}, {"de", "deu"}, {"el", "ell"},
     {"en", "eng"}, {"es", "spa"}, {"et", "est"}, {"fa", "fas"}, {"fi", "fin"}, {"fr", "fra"},
     {"he", "heb"}, {"hi", "hin"}, {"hr", "hrv"}, {"hu", "hun"}, {"id", "ind"}, {"it", "ita"},
     {"ja", "jpn"}, {"ko", "kor"}, {"lt", "lit"}, {"nl", "nld"}, {"no", "nor"}, {"pl", "pol"},
     {"pt", "por"}, {"ro", "ron"}, {"ru", "rus"}, {"sv", "swe"}, {"th", "tha"}, {"tr", "tur"},
     {"uk", "ukr"}, {"zh", "zho"}}};

// "eng" of "en", "en-GB", "ENG"; empty for what is no known code.
std::string language_code(std::string_view tag) {
  std::string code;
  for (const char c : tag.substr(0, tag.find_first_of("-_"))) code += lower(c);
  if (!std::all_of(code.begin(), code.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
    return {};
  if (code.size() == 3) return code;
  for (const auto& [two, three] : kLanguages) {
    if (code == two) return std::string(three);
  }
  return {};
}

// The part of the song that a film plays, in the film's time.
struct Played {
  RationalTime from;  // in the song's time
  RationalTime end;   // of what sounds
  FrameRate fps;

  RationalTime in_film(RationalTime of_song) const { return of_song - from; }
  std::int64_t frame(RationalTime of_song) const { return nearest_frame(in_film(of_song), fps); }
};

Played played(const Scene& scene, const Timeline& timeline, std::optional<RationalTime> song) {
  Played part{.from = scene.music.from, .end = timeline.duration(), .fps = timeline.fps()};
  if (song) part.end = std::min(part.end, part.in_film(*song));
  if (scene.music.to) part.end = std::min(part.end, part.in_film(*scene.music.to));
  return part;
}

// Joins what begins together: "verse, solo". What is there already is not said twice.
void join_title(std::string& all, const std::string& more) {
  if ((", " + all + ", ").find(", " + more + ", ") == std::string::npos) all += ", " + more;
}

// Collects the chapters one after another, in the order of their beginnings.
class Chapters {
 public:
  Chapters(const Played& part, const Timeline& timeline, FilmTracks& tracks)
      : part_(part), frames_(timeline.frame_count()), tracks_(tracks) {}

  void add(const SongMarker& marker) {
    const auto first = part_.frame(marker.start);
    const auto title = printable(marker.name, kMaxChapterLetters);
    const bool inside = first < frames_ && part_.in_film(marker.start) < part_.end;
    if (!inside || title.empty()) {
      ++tracks_.places_outside;
    } else if (first >= 0) {
      begin(first, title);
    } else {
      begin_before(marker, title);
    }
  }

  // `title`: of what lies before the first.
  void finish(const std::string& title) {
    if (opening_ && starts_at_zero()) {
      ++tracks_.places_outside;
    } else if (opening_) {
      chapters_.insert(chapters_.begin(), {*opening_, {}});
    }
    if (chapters_.empty()) return;
    if (!starts_at_zero()) chapters_.insert(chapters_.begin(), {title, {}});
    for (std::size_t i = 0; i < chapters_.size(); ++i) {
      const bool last = i + 1 == chapters_.size();
      chapters_[i].frames.end = last ? frames_ : chapters_[i + 1].frames.first;
    }
    tracks_.chapters = std::move(chapters_);
  }

 private:
  bool starts_at_zero() const { return !chapters_.empty() && chapters_.front().frames.first == 0; }

  void begin(std::int64_t first, const std::string& title) {
    if (chapters_.empty() || chapters_.back().frames.first != first) {
      chapters_.push_back({title, {.first = first, .end = 0}});
    } else {
      join_title(chapters_.back().title, title);
    }
  }

  // Of those that have begun before the film, the last one goes on in it, if it has not ended.
  void begin_before(const SongMarker& marker, const std::string& title) {
    const bool ended = marker.end && part_.frame(*marker.end) <= 0;
    if (ended || opening_) ++tracks_.places_outside;
    if (!ended) opening_ = title;
  }

  const Played& part_;
  std::int64_t frames_;
  FilmTracks& tracks_;
  std::vector<FilmChapter> chapters_;
  std::optional<std::string> opening_;
};

void add_lines(const std::vector<LyricLine>& lyrics, const Played& part, FilmTracks& tracks) {
  for (const LyricLine& lyric : lyrics) {
    const auto start = std::max(part.in_film(lyric.start), RationalTime());
    const auto end = lyric.end ? std::min(part.in_film(*lyric.end), part.end) : part.end;
    if (lyric.text.size() > kMaxFilmLineBytes || start >= end) {
      ++tracks.lines_outside;
      continue;
    }
    auto& lines = tracks.lines;
    const bool together = !lines.empty() && lines.back().start == start;
    if (together && lines.back().text.size() + lyric.text.size() >= kMaxFilmLineBytes) {
      ++tracks.lines_outside;
      continue;
    }
    if (together) {
      lines.back().text += "\n" + lyric.text;
      lines.back().end = std::max(lines.back().end, end);
      continue;
    }
    if (!lines.empty()) lines.back().end = std::min(lines.back().end, start);
    lines.push_back({.text = lyric.text, .start = start, .end = end});
  }
}

// Nobody sees what is there for less than a frame, and a container may have no such time.
void drop_short_lines(FilmTracks& tracks, FrameRate fps) {
  const auto frame = time_of_frame(1, fps);
  tracks.lines_outside += static_cast<int>(std::erase_if(
      tracks.lines, [&](const FilmLine& line) { return line.end - line.start < frame; }));
}

std::string count_of(std::size_t count, std::string_view what) {
  return count == 0 ? std::string() : fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string linked(const std::string& a, std::string_view between, const std::string& b) {
  return a.empty() || b.empty() ? a + b : fmt::format("{}{}{}", a, between, b);
}

void complete(std::string& name, const std::string& song, const std::string& lyrics) {
  const std::string& found = song.empty() ? lyrics : song;
  if (found.empty()) return;
  name = printable(found, kMaxNameLetters);
  // What is written as \u001B takes more.
  if (name.size() > kMaxTitleBytes) name = printable(found, kMaxNameLetters / 2);
}

}  // namespace

FilmTracks film_tracks(const Scene& scene, const Timeline& timeline,
                       std::optional<RationalTime> song_duration) {
  FilmTracks tracks;
  const auto& music = scene.music;
  if (!music.map) return tracks;
  const Played part = played(scene, timeline, song_duration);
  if (music.chapters) {
    Chapters chapters(part, timeline, tracks);
    for (const SongMarker& marker : music.map->markers) chapters.add(marker);
    chapters.finish(printable(scene.title, kMaxChapterLetters));
  }
  if (music.subtitles) {
    add_lines(music.map->lyrics, part, tracks);
    drop_short_lines(tracks, timeline.fps());
    if (!tracks.lines.empty()) tracks.language = language_code(music.map->tags.language);
  }
  return tracks;
}

FilmTracks cut_to(FrameRange frames, FrameRate fps, FilmTracks whole) {
  FilmTracks cut{.language = std::move(whole.language),
                 .places_outside = whole.places_outside,
                 .lines_outside = whole.lines_outside};
  for (auto& [title, of_whole] : whole.chapters) {
    const FrameRange shown{std::max(of_whole.first, frames.first),
                           std::min(of_whole.end, frames.end)};
    if (shown.size() <= 0) {
      ++cut.places_outside;
    } else {
      cut.chapters.push_back(
          {std::move(title), {shown.first - frames.first, shown.end - frames.first}});
    }
  }
  const auto begin = time_of_frame(frames.first, fps), end = time_of_frame(frames.end, fps);
  for (auto& line : whole.lines) {
    const auto start = std::max(line.start, begin), until = std::min(line.end, end);
    if (start >= until) {
      ++cut.lines_outside;
    } else {
      cut.lines.push_back({std::move(line.text), start - begin, until - begin});
    }
  }
  drop_short_lines(cut, fps);
  if (cut.lines.empty()) cut.language.clear();
  return cut;
}

std::string describe(const FilmTracks& tracks) {
  auto lines = count_of(tracks.lines.size(), "subtitle");
  if (!tracks.language.empty()) lines += fmt::format(" ({})", tracks.language);
  auto there = linked(count_of(tracks.chapters.size(), "chapter"), ", ", lines);
  const auto places = static_cast<std::size_t>(tracks.places_outside);
  const auto texts = static_cast<std::size_t>(tracks.lines_outside);
  auto outside = linked(count_of(places, "section"), " and ",
                        texts == 1 ? "1 line of the lyrics"
                                   : count_of(texts, "line") + (texts ? " of the lyrics" : ""));
  if (outside.empty()) return there;
  outside += places + texts == 1 ? " has no place in the film" : " have no place in the film";
  return linked(there, "; ", outside);
}

void complete_names(Scene& scene, const SongTags& song) {
  static const SongTags none;
  const SongTags& lyrics = scene.music.map ? scene.music.map->tags : none;
  if (!scene.titled) complete(scene.title, song.title, lyrics.title);
  if (scene.artist.empty()) complete(scene.artist, song.artist, lyrics.artist);
}

}  // namespace latentreel::scenes
