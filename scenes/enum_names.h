#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "scenes/scene.h"

// The words that scenes, reports and plans use for each enumerator.

namespace latentreel::scenes {

template <class Enum>
struct EnumNames;  // kNames: pairs of word and value, in the order in which to list them

template <>
struct EnumNames<ImageClamp> {
  static constexpr std::array<std::pair<std::string_view, ImageClamp>, 2> kNames{
      {{"plain", ImageClamp::plain}, {"descent", ImageClamp::descent}}};
};
template <>
struct EnumNames<Cutter> {
  static constexpr std::array<std::pair<std::string_view, Cutter>, 3> kNames{
      {{"padded", Cutter::padded}, {"crops", Cutter::crops}, {"pooled", Cutter::pooled}}};
};
template <>
struct EnumNames<LossKind> {
  static constexpr std::array<std::pair<std::string_view, LossKind>, 2> kNames{
      {{"cosine", LossKind::cosine}, {"spherical", LossKind::spherical}}};
};
template <>
struct EnumNames<OptimizerKind> {
  static constexpr std::array<std::pair<std::string_view, OptimizerKind>, 7> kNames{
      {{"adam", OptimizerKind::adam},
       {"adamw", OptimizerKind::adamw},
       {"adagrad", OptimizerKind::adagrad},
       {"adamax", OptimizerKind::adamax},
       {"radam", OptimizerKind::radam},
       {"rmsprop", OptimizerKind::rmsprop},
       {"normalized", OptimizerKind::normalized}}};
};
// StartKind::image has no word: a scene names the image file itself.
template <>
struct EnumNames<StartKind> {
  static constexpr std::array<std::pair<std::string_view, StartKind>, 4> kNames{
      {{"random", StartKind::random},
       {"sine", StartKind::sine},
       {"previous", StartKind::previous},
       {"nearest", StartKind::nearest}}};
};
template <>
struct EnumNames<Keep> {
  static constexpr std::array<std::pair<std::string_view, Keep>, 2> kNames{
      {{"best", Keep::best}, {"last", Keep::last}}};
};
template <>
struct EnumNames<Precision> {
  static constexpr std::array<std::pair<std::string_view, Precision>, 3> kNames{
      {{"float32", Precision::float32},
       {"bfloat16", Precision::bfloat16},
       {"auto", Precision::automatic}}};
};
template <>
struct EnumNames<PaddingMode> {
  static constexpr std::array<std::pair<std::string_view, PaddingMode>, 3> kNames{
      {{"zeros", PaddingMode::zeros},
       {"border", PaddingMode::border},
       {"reflection", PaddingMode::reflection}}};
};
template <>
struct EnumNames<Augment::Kind> {
  static constexpr std::array<std::pair<std::string_view, Augment::Kind>, 7> kNames{
      {{"flip", Augment::Kind::flip},
       {"affine", Augment::Kind::affine},
       {"perspective", Augment::Kind::perspective},
       {"jitter", Augment::Kind::jitter},
       {"erase", Augment::Kind::erase},
       {"sharpness", Augment::Kind::sharpness},
       {"rotate", Augment::Kind::rotate}}};
};
template <>
struct EnumNames<Codec> {
  static constexpr std::array<std::pair<std::string_view, Codec>, 5> kNames{
      {{"h264", Codec::h264},
       {"hevc", Codec::hevc},
       {"av1", Codec::av1},
       {"prores", Codec::prores},
       {"ffv1", Codec::ffv1}}};
};
template <>
struct EnumNames<SongCodec> {
  static constexpr std::array<std::pair<std::string_view, SongCodec>, 4> kNames{
      {{"auto", SongCodec::automatic},
       {"copy", SongCodec::copy},
       {"alac", SongCodec::alac},
       {"aac", SongCodec::aac}}};
};
template <>
struct EnumNames<SongChannels> {
  static constexpr std::array<std::pair<std::string_view, SongChannels>, 2> kNames{
      {{"keep", SongChannels::keep}, {"stereo", SongChannels::stereo}}};
};
template <>
struct EnumNames<PathKind> {
  static constexpr std::array<std::pair<std::string_view, PathKind>, 5> kNames{
      {{"linear", PathKind::linear},
       {"spherical", PathKind::spherical},
       {"spline", PathKind::spline},
       {"rise", PathKind::rise},
       {"bloom", PathKind::bloom}}};
};
template <>
struct EnumNames<Easing> {
  static constexpr std::array<std::pair<std::string_view, Easing>, 5> kNames{
      {{"linear", Easing::linear},
       {"ease-in", Easing::ease_in},
       {"ease-out", Easing::ease_out},
       {"ease-in-out", Easing::ease_in_out},
       {"smoothstep", Easing::smoothstep}}};
};
template <>
struct EnumNames<SignalSource> {
  static constexpr std::array<std::pair<std::string_view, SignalSource>, 5> kNames{
      {{"rms", SignalSource::rms},
       {"band", SignalSource::band},
       {"onsets", SignalSource::onsets},
       {"percussive", SignalSource::percussive},
       {"harmonic", SignalSource::harmonic}}};
};
// PulseTarget::keyframe has no word: a scene gives its number.
template <>
struct EnumNames<PulseTarget> {
  static constexpr std::array<std::pair<std::string_view, PulseTarget>, 3> kNames{
      {{"noise", PulseTarget::noise},
       {"next", PulseTarget::next},
       {"previous", PulseTarget::previous}}};
};
template <>
struct EnumNames<Edge> {
  static constexpr std::array<std::pair<std::string_view, Edge>, 4> kNames{
      {{"mirror", Edge::mirror},
       {"border", Edge::border},
       {"wrap", Edge::wrap},
       {"black", Edge::black}}};
};
template <>
struct EnumNames<MotionFrom> {
  static constexpr std::array<std::pair<std::string_view, MotionFrom>, 2> kNames{
      {{"film", MotionFrom::film}, {"keyframe", MotionFrom::keyframe}}};
};
template <>
struct EnumNames<FeedbackRecipe> {
  static constexpr std::array<std::pair<std::string_view, FeedbackRecipe>, 4> kNames{
      {{"steady", FeedbackRecipe::steady},
       {"zoom", FeedbackRecipe::zoom},
       {"story", FeedbackRecipe::story},
       {"footage", FeedbackRecipe::footage}}};
};
template <>
struct EnumNames<FeedbackLearning> {
  static constexpr std::array<std::pair<std::string_view, FeedbackLearning>, 2> kNames{
      {{"fresh", FeedbackLearning::fresh}, {"carried", FeedbackLearning::carried}}};
};
template <>
struct EnumNames<FeedbackColor> {
  static constexpr std::array<std::pair<std::string_view, FeedbackColor>, 2> kNames{
      {{"keyframe", FeedbackColor::keyframe}, {"free", FeedbackColor::free}}};
};
template <>
struct EnumNames<Pacing> {
  static constexpr std::array<std::pair<std::string_view, Pacing>, 2> kNames{
      {{"even", Pacing::even}, {"clock", Pacing::clock}}};
};

// The word for `value`; empty for a value without one.
template <class Enum>
constexpr std::string_view name_of(Enum value) {
  for (const auto& [name, candidate] : EnumNames<Enum>::kNames) {
    if (candidate == value) return name;
  }
  return {};
}

// The value with this word.
template <class Enum>
constexpr std::optional<Enum> value_of(std::string_view name) {
  for (const auto& [candidate, value] : EnumNames<Enum>::kNames) {
    if (candidate == name) return value;
  }
  return std::nullopt;
}

}  // namespace latentreel::scenes
