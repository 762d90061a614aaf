#include "scenes/midi_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "scenes/mistakes.h"
#include "scenes/scene_error.h"
#include "scenes/tempo_builder.h"
#include "scenes/text_file.h"

namespace latentreel::scenes {
namespace {

constexpr std::string_view kHeader = "MThd";
constexpr std::string_view kTrack = "MTrk";
constexpr std::string_view kTextBlanks = " \t\r\n";
constexpr std::uint32_t kMicrosecondsADefaultQuarter = 500'000;
constexpr std::int64_t kMostTicks = std::int64_t{1} << 40;

enum Meta : std::uint8_t {
  kMarker = 0x06,
  kCuePoint = 0x07,
  kEndOfTrack = 0x2F,
  kTempo = 0x51,
  kTimeSignature = 0x58,
};

// A meta event that matters here.
struct Event {
  std::int64_t tick = 0;
  std::uint8_t type = 0;
  std::string_view data;
};

// Reads numbers from bytes of which none is trusted.
class ByteReader {
 public:
  ByteReader(std::string_view bytes, const std::filesystem::path& file)
      : bytes_(bytes), file_(file), end_(bytes.size()) {}

  std::size_t position() const { return at_; }
  bool at_end() const { return at_ == end_; }

  // Bounds reading to the next `size` bytes, until leave().
  void enter(std::size_t size) {
    need(size);
    end_ = at_ + size;
    inside_ = true;
  }
  void leave() {
    inside_ = false;
    at_ = end_;
    end_ = bytes_.size();
  }

  std::string_view take(std::size_t size) {
    need(size);
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }

  std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)[0]); }

  // The most significant byte comes first.
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    for (const char c : take(size)) value = value << 8 | static_cast<std::uint8_t>(c);
    return value;
  }

  // Seven bits a byte, four bytes at most; the last has no eighth bit.
  std::uint32_t variable() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const std::uint8_t next = byte();
      value = value << 7 | (next & 0x7F);
      if (next < 0x80) return value;
    }
    fail("a number of more than four bytes");
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw whole_file_error(SceneError::Kind::invalid, file_,
                           fmt::format("at byte {}: {}", at_, what), "export the MIDI file again");
  }

 private:
  void need(std::size_t size) const {
    if (end_ - at_ >= size) return;
    fail(inside_ ? "the data reaches beyond its chunk" : "the file is cut short");
  }

  std::string_view bytes_;
  const std::filesystem::path& file_;
  std::size_t at_ = 0;
  std::size_t end_;
  bool inside_ = false;  // of a chunk
};

struct MidiHeader {
  int format = 0;
  int tracks = 0;
  int ticks_per_quarter = 0;    // 0: counted in SMPTE time code
  RationalTime seconds_a_tick;  // of SMPTE time code
};

MidiHeader read_header(ByteReader& bytes) {
  bytes.take(kHeader.size());
  bytes.enter(bytes.number(4));
  MidiHeader header;
  header.format = static_cast<int>(bytes.number(2));
  if (header.format > 1) {
    bytes.fail(header.format == 2 ? "the file holds several songs (format 2)"
                                  : fmt::format("the unknown format {}", header.format));
  }
  header.tracks = static_cast<int>(bytes.number(2));
  const auto division = static_cast<int>(bytes.number(2));
  if (division < 0x8000) {
    header.ticks_per_quarter = division;
    if (division == 0) bytes.fail("0 ticks a quarter note");
  } else {
    const int frames = 256 - (division >> 8);
    const int ticks = division & 0xFF;
    if ((frames != 24 && frames != 25 && frames != 29 && frames != 30) || ticks == 0) {
      bytes.fail(fmt::format("the unknown time code {} with {} ticks a frame", frames, ticks));
    }
    // 29 stands for 30000/1001.
    const RationalTime frame = frames == 29 ? RationalTime(1001, 30000) : RationalTime(1, frames);
    header.seconds_a_tick = frame / RationalTime(ticks, 1);
  }
  bytes.leave();
  return header;
}

// Bytes of data behind each kind of channel message, 0x8n to 0xEn.
std::size_t data_bytes(std::uint8_t status) {
  const int kind = status >> 4;
  return kind == 0xC || kind == 0xD ? 1 : 2;
}

void check_meta(const Event& event, const ByteReader& bytes) {
  if (event.type == kTempo && event.data.size() != 3) bytes.fail("a tempo of not three bytes");
  if (event.type == kTimeSignature && event.data.size() < 2) {
    bytes.fail("a time signature of fewer than two bytes");
  }
}

void read_track(ByteReader& bytes, std::vector<Event>& events) {
  std::int64_t tick = 0;
  std::uint8_t running = 0;  // the last channel message, which may stand for the next
  while (!bytes.at_end()) {
    tick += bytes.variable();
    if (tick > kMostTicks) bytes.fail("a track without end");
    std::uint8_t status = bytes.byte();
    if (status < 0x80) {
      if (running == 0) bytes.fail("data without an event");
      bytes.take(data_bytes(running) - 1);
    } else if (status < 0xF0) {
      running = status;
      bytes.take(data_bytes(status));
    } else if (status == 0xFF) {
      Event event{.tick = tick, .type = bytes.byte(), .data = {}};
      event.data = bytes.take(bytes.variable());
      check_meta(event, bytes);
      if (event.type == kEndOfTrack) return;
      const auto wanted = {kMarker, kCuePoint, kTempo, kTimeSignature};
      if (std::find(wanted.begin(), wanted.end(), event.type) != wanted.end()) {
        events.push_back(event);
      }
      running = 0;
    } else if (status == 0xF0 || status == 0xF7) {
      bytes.take(bytes.variable());
      running = 0;
    } else {
      bytes.fail(fmt::format("the unknown event 0x{:02X}", status));
    }
  }
}

// The events of all tracks, in order of time.
std::vector<Event> read_tracks(ByteReader& bytes, const MidiHeader& header) {
  std::vector<Event> events;
  int tracks = 0;
  while (tracks < header.tracks && !bytes.at_end()) {
    const auto kind = bytes.take(4);
    bytes.enter(bytes.number(4));
    if (kind == kTrack) {
      read_track(bytes, events);
      ++tracks;
    }
    bytes.leave();
  }
  if (tracks < header.tracks) {
    bytes.fail(fmt::format("{} of {} tracks are missing", header.tracks - tracks, header.tracks));
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.tick < b.tick; });
  return events;
}

// Turns events into times: a tick's length is the last tempo's.
class MidiClock {
 public:
  MidiClock(const MidiHeader& header, const ByteReader& bytes) : header_(header), bytes_(bytes) {}

  SongMap map_of(const std::vector<Event>& events) {
    SongMap map;
    for (const Event& event : events) {
      pass_to(event.tick);
      if (event.type == kTempo) {
        set_tempo(event.data);
      } else if (event.type == kTimeSignature) {
        set_signature(event.data);
      } else if (const auto name = trimmed(event.data, kTextBlanks); !name.empty()) {
        map.markers.push_back({.name = std::string(name), .start = now_});
      }
    }
    map.tempo = std::move(builder_).build();
    return map;
  }

 private:
  void pass_to(std::int64_t tick) {
    const RationalTime ticks(tick - tick_, 1);
    tick_ = tick;
    if (header_.ticks_per_quarter > 0) {
      const RationalTime quarters = ticks / RationalTime(header_.ticks_per_quarter, 1);
      now_ = now_ + quarters * quarter_;
      quarters_ = quarters_ + quarters;
    } else {
      const RationalTime seconds = ticks * header_.seconds_a_tick;
      now_ = now_ + seconds;
      seconds_ = seconds_ + seconds;
    }
  }

  // Before a change.
  void settle() {
    if (header_.ticks_per_quarter > 0) {
      builder_.go_on(now_, quarters_);
    } else {
      builder_.go_on(now_, static_cast<long double>(seconds_.to_seconds()) / quarter_.to_seconds());
    }
    quarters_ = seconds_ = {};
  }

  void set_tempo(std::string_view data) {
    std::int64_t microseconds = 0;
    for (const char c : data) microseconds = microseconds << 8 | static_cast<std::uint8_t>(c);
    if (microseconds == 0) bytes_.fail("a tempo of 0 microseconds a quarter note");
    settle();
    quarter_ = RationalTime(microseconds, 1'000'000);
    builder_.set_quarter(quarter_);
  }

  void set_signature(std::string_view data) {
    const auto power = static_cast<std::uint8_t>(data[1]);
    const TimeSignature signature{.beats = static_cast<std::uint8_t>(data[0]),
                                  .unit = power <= 6 ? 1 << power : 0};
    if (!is_sensible(signature)) {
      bytes_.fail(fmt::format("the time signature {}/2^{}", signature.beats, power));
    }
    settle();
    builder_.set_signature(signature);
  }

  const MidiHeader& header_;
  const ByteReader& bytes_;
  std::int64_t tick_ = 0;
  RationalTime now_;
  RationalTime quarters_, seconds_;  // since the last change
  RationalTime quarter_ = {kMicrosecondsADefaultQuarter, 1'000'000};
  TempoBuilder builder_{quarter_, TimeSignature()};
};

}  // namespace

bool is_midi_file(std::string_view content) {
  return content.substr(0, kHeader.size()) == kHeader;
}

SongMap parse_midi_file(std::string_view bytes, const std::filesystem::path& file) {
  ByteReader reader(bytes, file);
  const MidiHeader header = read_header(reader);
  const auto events = read_tracks(reader, header);
  try {
    return MidiClock(header, reader).map_of(events);
  } catch (const std::overflow_error&) {
    throw whole_file_error(
        SceneError::Kind::invalid, file,
        fmt::format("the song has more than {} beats, or times too long to count", kMostBeats));
  }
}

}  // namespace latentreel::scenes
