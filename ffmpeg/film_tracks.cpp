#include "ffmpeg/film_tracks.h"

#include "ffmpeg/error.h"

namespace latentreel::ffmpeg {
namespace {

void expect_track(bool good, const char* what) {
  if (!good) throw MediaError(MediaError::Kind::internal, what);
}

bool is_before(Ratio a, Ratio b) {
  __extension__ using Product = __int128;
  return static_cast<Product>(a.num) * b.den < static_cast<Product>(b.num) * a.den;
}

bool is_same(Ratio a, Ratio b) {
  return !is_before(a, b) && !is_before(b, a);
}

}  // namespace

void check_tracks(const FilmTracks& tracks) {
  Ratio end = {0, 1};
  for (const Chapter& chapter : tracks.chapters) {
    expect_track(is_same(chapter.start, end), "a chapter that does not follow the one before");
    expect_track(is_before(chapter.start, chapter.end), "a chapter without length");
    expect_track(!chapter.title.empty(), "a chapter without title");
    end = chapter.end;
  }
  end = {0, 1};
  for (const Caption& caption : tracks.captions) {
    expect_track(!is_before(caption.start, end), "a subtitle before the last one's end");
    expect_track(is_before(caption.start, caption.end), "a subtitle without length");
    expect_track(!caption.text.empty() && caption.text.size() <= kMaxCaptionBytes,
                 "a subtitle without text, or with too much");
    end = caption.end;
  }
}

FilmTracks tracks_of_proof(const FilmTracks& tracks, Ratio length) {
  FilmTracks proof{.language = tracks.language};
  if (!tracks.chapters.empty()) {
    proof.chapters = {{{0, 1}, length, tracks.chapters.front().title}};
  }
  if (!tracks.captions.empty()) {
    proof.captions = {{{0, 1}, length, tracks.captions.front().text}};
  }
  return proof;
}

}  // namespace latentreel::ffmpeg
