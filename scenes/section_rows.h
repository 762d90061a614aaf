#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scenes/option_row.h"
#include "scenes/scene.h"

// The options of every table of a scene but [optimize] (optimize_rows.h), and the keys that each
// table accepts: for the message "unknown key" and the hint where a key belongs. Internal to the
// room.

namespace latentreel::scenes {

std::span<const Row<Scene>> scene_rows();  // above the first table
std::span<const Row<VideoOptions>> video_rows();
std::span<const Row<MusicOptions>> music_rows();
std::span<const Row<ModelOptions>> model_rows();
std::span<const Row<InterpolateOptions>> interpolate_rows();
std::span<const Row<PulseOptions>> pulse_rows();
std::span<const Row<MotionOptions>> motion_rows();
std::span<const Row<FeedbackOptions>> feedback_rows();
std::span<const Row<SourceOptions>> source_rows();
std::span<const Row<PictureOptions>> picture_rows();
std::span<const Row<SignalOptions>> signal_rows();  // of each signal in [signals]
std::span<const Row<Keyframe>> keyframe_rows();     // without those of [optimize]

std::span<const std::string_view> scene_keys();        // of the whole file
std::span<const std::string_view> video_keys();        // [video]
std::span<const std::string_view> music_keys();        // [music]
std::span<const std::string_view> model_keys();        // [models]
std::span<const std::string_view> optimize_keys();     // [optimize], and every keyframe
std::span<const std::string_view> interpolate_keys();  // [interpolate]
std::span<const std::string_view> pulse_keys();        // [pulse]
std::span<const std::string_view> motion_keys();       // [motion]
std::span<const std::string_view> feedback_keys();     // [feedback]
std::span<const std::string_view> source_keys();       // [source]
std::span<const std::string_view> picture_keys();      // [picture]
std::span<const std::string_view> signal_keys();       // each signal in [signals]
std::span<const std::string_view> keyframe_keys();     // [[keyframe]], with those of [optimize]

// `"fps" belongs in [video]` for a key found in the table called `here`; empty if no table accepts
// it.
std::string belongs_elsewhere(std::string_view key, std::string_view here);

}  // namespace latentreel::scenes
