#pragma once

#include "scenes/document.h"
#include "scenes/file_names.h"
#include "scenes/mistakes.h"
#include "scenes/scene.h"
#include "scenes/song_map.h"
#include "scenes/value_reading.h"

// Reads [video], [music], [models], [interpolate], [pulse], [motion] and [picture]. An option with
// a mistake keeps its default, so that reading can go on. Internal to the room.

namespace latentreel::scenes {

// What later times are measured with, and whether it can be trusted: complaints about times that
// only follow from a wrong fps or tempo would not help anyone.
struct Clock {
  TimeContext times;
  bool fps_is_good = true;
  bool tempo_is_good = true;  // and the names of the song's places
};

// Like scenes::read_time, but silent about beats, bars and names where the tempo or a file that
// says them is itself wrong.
std::optional<RationalTime> read_time(const Value& value, Expected expected, const Clock& clock,
                                      Mistakes& mistakes);

// All of [video] but `duration`, which may need the tempo; `table` may be null. Sets the clock's
// fps.
VideoOptions read_video(const Value* table, Clock& clock, NamedFiles& files, Mistakes& mistakes);
// [music] and the files with times that it names; sets the clock's tempo, the song's names and the
// start of the part.
MusicOptions read_music(const Value* table, const SubtitleReader& subtitles, Clock& clock,
                        NamedFiles& files, Mistakes& mistakes);
ModelOptions read_models(const Value* table, NamedFiles& files, Mistakes& mistakes);

// The tables with animatable keys.
struct CurveContext;
InterpolateOptions read_interpolate(const Value* table, const CurveContext& context,
                                    NamedFiles& files, Mistakes& mistakes);
PulseOptions read_pulse(const Value* table, const CurveContext& context, NamedFiles& files,
                        Mistakes& mistakes);
MotionOptions read_motion(const Value* table, const CurveContext& context, NamedFiles& files,
                          Mistakes& mistakes);
SourceOptions read_source(const Value* table, const Clock& clock, NamedFiles& files,
                          Mistakes& mistakes);
// `footage`: whether the scene has some, which is always worked on frame by frame.
FeedbackOptions read_feedback(const Value* table, bool footage, NamedFiles& files,
                              Mistakes& mistakes);
PictureOptions read_picture(const Value* table, const CurveContext& context, NamedFiles& files,
                            Mistakes& mistakes);

}  // namespace latentreel::scenes
