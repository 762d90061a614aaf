#include <ATen/ATen.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ffmpeg/video_writer.h"
#include "scenes/tempo_map.h"
#include "src/cli/commands.h"
#include "src/cli/common_options.h"
#include "src/cli/exit_codes.h"
#include "src/cli/job.h"
#include "src/cli/progress_kinds.h"
#include "src/cli/signals.h"
#include "src/cli/sizes.h"
#include "src/render/frame_decoder.h"
#include "src/render/keyframes.h"
#include "src/render/lap_timer.h"

namespace latentreel::cli {
namespace {

double peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

void print_film(const render::RenderJob& job, const scenes::Timeline& timeline,
                const ffmpeg::VideoSettings& settings) {
  std::cout << fmt::format("{}\n", job.scene.title);
  std::cout << fmt::format("  film      {} frames, {} at {:.6g} fps, {}x{} {}\n",
                           timeline.frame_count(), scenes::format_seconds(timeline.duration()),
                           job.scene.video.fps.to_double(), ffmpeg::output_width(settings),
                           ffmpeg::output_height(settings), ffmpeg::codec_name(settings.codec));
  if (settings.width != ffmpeg::output_width(settings) ||
      settings.height != ffmpeg::output_height(settings)) {
    std::cout << fmt::format("            scaled from {}x{}\n", settings.width, settings.height);
  }
  if (job.song) {
    std::cout << fmt::format("  song      {:.2f} s, {} at {} Hz, {}\n", job.song->seconds().value(),
                             job.song->codec, job.song->sample_rate,
                             ffmpeg::can_copy_song(job.song->codec, settings.codec)
                                 ? "copied unchanged"
                                 : "stored without loss as ALAC");
  }
}

void print_models(render::ModelPack& models, const render::RenderJob& job) {
  const auto& vqgan = models.vqgan_config();
  std::cout << fmt::format("  vqgan     {}: {} codes, one cell every {} pixels\n",
                           job.models.vqgan_name, vqgan.codes, vqgan.factor());
  const auto precision = job.scene.keyframes.front().optimize.precision;
  for (const auto& clip : models.clips(precision)) {
    std::cout << fmt::format("  clip      {}: looks at {}x{} pixels, {} tokens a prompt at most\n",
                             clip.name, clip.clip.config().resolution,
                             clip.clip.config().resolution, clip.clip.config().context - 2);
  }
  std::cout << fmt::format("  machine   {}, {} threads, {}\n", job.machine.kind,
                           job.machine.threads, toString(job.machine.dtype(precision)));
}

// A prompt as a CLIP reads it: the pieces of a word that it does not know whole are joined by dots.
std::string as_read(const std::vector<std::string>& pieces) {
  constexpr std::string_view kEnd = "</w>";
  std::string text;
  for (const auto& piece : pieces) {
    const bool ends = piece.size() >= kEnd.size() && std::string_view(piece).ends_with(kEnd);
    text += ends ? piece.substr(0, piece.size() - kEnd.size()) + " " : piece + "·";
  }
  if (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// Throws for a prompt that is too long.
void print_text(const std::string& role, const std::string& text,
                const std::vector<render::LoadedClip>& clips) {
  for (const auto& clip : clips) {
    const auto context = static_cast<size_t>(clip.clip.config().context);
    clip.tokenizer->frame(text, context);
    const auto pieces = clip.tokenizer->pieces(text);
    std::cout << fmt::format("    {:<9} \"{}\", {} of {} tokens: {}\n", role, text, pieces.size(),
                             context - 2, as_read(pieces));
  }
}

void print_prompts(const std::string& role, const std::vector<scenes::Prompt>& prompts,
                   const std::vector<render::LoadedClip>& clips) {
  for (const auto& prompt : prompts) {
    if (prompt.kind == scenes::Prompt::Kind::text) {
      print_text(prompt.weight < 0 ? "away from" : role, prompt.text, clips);
    } else {
      std::cout << fmt::format("    {:<9} picture {}\n", role, prompt.image.filename().string());
    }
  }
}

void print_keyframe(size_t index, const render::RenderJob& job, const scenes::Timeline& timeline,
                    render::ModelPack& models) {
  const auto& keyframe = job.scene.keyframes[index];
  const auto& options = keyframe.optimize;
  auto place = fmt::format("frame {}, {}", timeline.keyframe_frames()[index],
                           scenes::format_seconds(keyframe.at));
  if (const auto tempo = scenes::tempo_map(job.scene.music)) {
    place += ", " + scenes::format_bar(*tempo, keyframe.at + job.scene.music.from);
  }
  std::cout << fmt::format("  key:{}     {}; {} iterations of {} cutouts\n", index, place,
                           options.iterations, options.cutouts);
  const auto& clips = models.clips(options.precision);
  print_prompts("towards", keyframe.prompts, clips);
  for (const auto& text : options.extra) print_text("joined", text, clips);
  print_prompts("away from", options.exclude, clips);
  if (options.start == scenes::StartKind::nearest) {
    std::cout << fmt::format("    {:<9} the picture \"{}\"\n", "from",
                             render::nearest_entry(keyframe, models).caption);
  }
}

// Times one iteration and one frame here, and says what all of them will take.
void print_cost(const render::RenderJob& job, const scenes::Timeline& timeline,
                render::ModelPack& models, const ffmpeg::VideoSettings& settings) {
  render::LapTimer lap;
  render::NoProgress progress;
  render::KeyframeMaker maker(job.scene, models, job.machine, nullptr, progress, stop_token());
  const double iteration = maker.time_iteration();

  const auto& vqgan = models.vqgan(job.scene.keyframes.front().optimize.precision);
  const render::FrameDecoder decoder(vqgan, 8);
  const auto z = vqgan.embed_codes(at::zeros(
      {1, settings.height / vqgan.config().factor(), settings.width / vqgan.config().factor()},
      at::kLong));
  decoder.decode(z, 0);
  lap.restart();
  decoder.decode(z, 0);
  const double frame = lap.seconds();

  int64_t iterations = 0;
  for (const auto& keyframe : job.scene.keyframes) iterations += keyframe.optimize.iterations;
  auto decodes = timeline.frame_count();
  if (job.scene.interpolate.pacing == scenes::Pacing::even) {
    decodes += render::kPaceProbes * static_cast<int64_t>(timeline.intervals().size());
  }
  const double total =
      static_cast<double>(iterations) * iteration + static_cast<double>(decodes) * frame;
  std::cout << fmt::format(
      "  time      about {}: {} iterations of {:.0f} ms, {} frames of {:.0f} "
      "ms\n",
      format_duration(total), iterations, iteration * 1e3, timeline.frame_count(), frame * 1e3);
  std::cout << fmt::format("  memory    about {}\n", format_bytes(peak_memory()));
}

int plan_scene(const CommonOptions& options) {
  const auto job = make_job(options);
  const auto timeline = render::timeline_of(job);
  render::ModelPack models(job.models, job.machine);
  const auto settings = render::video_settings(job, models.vqgan_config());
  print_film(job, timeline, settings);
  print_models(models, job);
  for (size_t i = 0; i < job.scene.keyframes.size(); ++i) {
    print_keyframe(i, job, timeline, models);
  }
  std::cout << std::flush;
  print_cost(job, timeline, models, settings);
  const auto film = default_film(options.scene, job.scene);
  ffmpeg::prove(settings, film);
  std::cout << fmt::format("  encoder   wrote and read back two frames beside {}\n", film.string());
  return kDone;
}

}  // namespace

void add_plan(CLI::App& program, int& result) {
  auto options = std::make_shared<CommonOptions>();
  auto* command = program.add_subcommand(
      "plan", "Check everything and say what a render will take, without rendering");
  add_common_options(*command, *options);
  command->footer(
      "Shows the timeline, how each prompt is cut into tokens, the models, time and memory, and "
      "proves the encoder by writing and reading back two frames.\n"
      "Example:\n  latentreel plan dawn.toml");
  command->callback([options, &result] { result = plan_scene(*options); });
}

}  // namespace latentreel::cli
