#include "src/plan/film_record.h"

#include <nlohmann/json.hpp>

namespace latentreel::render {
namespace {

using nlohmann::json;

json pair_of(ffmpeg::Ratio ratio) {
  return {ratio.num, ratio.den};
}

ffmpeg::Ratio ratio_of(const json& pair) {
  return {pair.at(0).get<int64_t>(), pair.at(1).get<int64_t>()};
}

json describe(const ffmpeg::SongSummary& song) {
  return {{"source_codec", song.source_codec},
          {"film_codec", song.film_codec},
          {"copied", song.copied},
          {"part", pair_of(song.part_seconds)},
          {"film", pair_of(song.film_seconds)},
          {"exact", song.exact},
          {"mixed", song.mixed},
          {"gain", song.gain},
          {"speakers", song.speakers},
          {"peak", song.peak},
          {"clipped", song.clipped}};
}

ffmpeg::SongSummary song_of(const json& text) {
  return {.source_codec = text.at("source_codec"),
          .film_codec = text.at("film_codec"),
          .copied = text.at("copied"),
          .part_seconds = ratio_of(text.at("part")),
          .film_seconds = ratio_of(text.at("film")),
          .exact = text.at("exact"),
          .mixed = text.at("mixed"),
          .gain = text.at("gain"),
          .speakers = text.at("speakers"),
          .peak = text.at("peak"),
          .clipped = text.at("clipped")};
}

}  // namespace

std::string film_record_text(const FilmRecord& record) {
  json text = {{"sha256", record.sha256},
               {"frames", record.summary.frames},
               {"seconds", pair_of(record.summary.seconds)},
               {"bytes", record.summary.bytes}};
  if (record.summary.song) text["song"] = describe(*record.summary.song);
  return text.dump();
}

std::optional<FilmRecord> parse_film_record(const std::string& text) {
  const auto values = json::parse(text, nullptr, false);
  try {
    FilmRecord record;
    record.sha256 = values.at("sha256");
    record.summary.frames = values.at("frames");
    record.summary.seconds = ratio_of(values.at("seconds"));
    record.summary.bytes = values.at("bytes");
    if (values.contains("song")) record.summary.song = song_of(values.at("song"));
    return record;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace latentreel::render
