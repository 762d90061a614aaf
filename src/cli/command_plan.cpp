#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ffmpeg/film_proof.h"
#include "ffmpeg/video_clip.h"
#include "scenes/scene_error.h"
#include "scenes/tempo_map.h"
#include "src/cli/commands.h"
#include "src/cli/common_options.h"
#include "src/cli/estimate.h"
#include "src/cli/exit_codes.h"
#include "src/cli/film_name.h"
#include "src/cli/graphs_text.h"
#include "src/cli/job.h"
#include "src/cli/scaling_text.h"
#include "src/cli/scene_plan.h"
#include "src/cli/signals.h"
#include "src/cli/sizes.h"
#include "src/cluster/cluster_plan.h"
#include "src/files/atomic_file.h"
#include "src/files/folders.h"
#include "src/optimize/passes.h"
#include "src/plan/cost.h"
#include "src/plan/film_task.h"
#include "src/plan/plan_file.h"
#include "src/plan/render_session.h"
#include "src/run/peak_memory.h"
#include "src/run/process_age.h"
#include "src/store/usable_store.h"

namespace latentreel::cli {
namespace {

struct PlanOptions : CommonOptions {
  std::filesystem::path output;  // empty: only shown
  std::filesystem::path film;    // empty: the scene's name
  bool no_embed_scene = false;
  bool signals = false;  // shown too
  int machines = 0;      // that it is simulated on; 0: none
};

// What a file or a scene says, whole and on one line.
std::string shown_text(const std::string& text) {
  return scenes::printable(text, std::string::npos);
}

// Folders are made to try the encoder; a plan leaves none behind.
class LeavesNoFolders {
 public:
  explicit LeavesNoFolders(const std::filesystem::path& film)
      : folders_(files::missing_folders(film)) {}
  ~LeavesNoFolders() {
    std::error_code ignored;  // what has got files meanwhile stays
    for (const auto& folder : folders_) std::filesystem::remove(folder, ignored);
  }
  LeavesNoFolders(const LeavesNoFolders&) = delete;
  LeavesNoFolders& operator=(const LeavesNoFolders&) = delete;

 private:
  std::vector<std::filesystem::path> folders_;
};

// Nothing of a film that has all frames of its scene.
void print_range(const render::RenderPlan& plan) {
  const auto& timeline = plan.timeline();
  if (plan.frames.size() == timeline.frame_count()) return;
  const auto time_of = [&](std::int64_t frame) {
    return scenes::format_seconds(scenes::time_of_frame(frame, timeline.fps()));
  };
  std::cout << fmt::format("            frames {} to {} of {}, from {} to {}\n", plan.frames.first,
                           plan.frames.end - 1, timeline.frame_count(), time_of(plan.frames.first),
                           time_of(plan.frames.end));
}

void print_film(const render::RenderJob& job, const render::RenderPlan& plan,
                render::PictureSize decoded, const ffmpeg::VideoSettings& settings) {
  const auto& fps = job.scene.video.fps;
  const auto& artist = job.scene.artist;
  std::cout << fmt::format(
      "{}\n", shown_text(artist.empty() ? job.scene.title : artist + ": " + job.scene.title));
  std::cout << fmt::format("  film      {} frames, {} at {:.6g} fps, {}x{} {}\n",
                           plan.frames.size(),
                           scenes::format_seconds(scenes::time_of_frame(plan.frames.size(), fps)),
                           fps.to_double(), ffmpeg::output_width(settings),
                           ffmpeg::output_height(settings), ffmpeg::codec_name(settings.codec));
  print_range(plan);
  if (settings.width != ffmpeg::output_width(settings) ||
      settings.height != ffmpeg::output_height(settings)) {
    std::cout << fmt::format("            scaled from {}x{}\n", settings.width, settings.height);
  }
  if (decoded != render::shown_size(job.scene.video)) {
    std::cout << fmt::format(
        "            the middle of {}x{}, as the VQGAN makes pictures in whole cells\n",
        decoded.width, decoded.height);
  }
  if (job.song && settings.song) {
    std::cout << fmt::format("  song      {:.2f} s, {} at {} Hz, {}\n", job.song->seconds().value(),
                             job.song->codec, job.song->sample_rate,
                             describe(ffmpeg::prove_song(*settings.song, settings.codec),
                                      ffmpeg::file_extension(settings.codec)));
  }
  const auto tracks = scenes::describe(render::tracks_of(job));
  if (!tracks.empty()) std::cout << fmt::format("  tracks    {}\n", tracks);
}

// "2 jobs side by side, one a core; a step takes about 250 MB"
std::string jobs_text(const render::JobCount& count) {
  std::string why;
  switch (count.limit) {
    case render::JobCount::Limit::asked:
      why = "as asked for";
      break;
    case render::JobCount::Limit::cores:
      why = "as many as cores";
      break;
    case render::JobCount::Limit::memory:
      why = "as many as memory allows";
      break;
    case render::JobCount::Limit::device:
      why = "one device";
      break;
  }
  auto text = fmt::format("{} side by side ({}); a step takes about {}", count.jobs, why,
                          files::format_bytes(count.bytes_each));
  if (count.available) {
    text +=
        fmt::format(", {} are free", files::format_bytes(static_cast<double>(*count.available)));
  }
  return text;
}

void print_footage(const render::RenderJob& job, const render::RenderPlan& plan) {
  const auto& source = job.scene.source;
  if (!source.on()) return;
  ffmpeg::VideoClip clip(source.video);
  const auto& info = clip.info();
  const auto seconds = clip.length().seconds.value();
  std::cout << fmt::format("  footage   {}: {}x{} {}, {:.6g} frames a second, {:.2f} s\n",
                           shown_text(source.video.filename().string()), info.width, info.height,
                           info.codec, info.frame_rate.value(), seconds);
  const auto end = source.from.to_seconds() + plan.timeline().duration().to_seconds();
  if (end > seconds + 1e-6) {
    std::cout << fmt::format("            {} after {:.2f} s\n",
                             source.loop ? "it begins again" : "its last frame stands",
                             seconds - source.from.to_seconds());
  }
  for (const auto& warning : clip.warnings()) {
    std::cout << fmt::format("  warning   {}\n", shown_text(warning));
  }
}

void print_models(render::ModelPack& models, const render::RenderJob& job) {
  const auto& vqgan = models.vqgan_config();
  std::cout << fmt::format("  vqgan     {}: {} codes, one cell every {} pixels\n",
                           job.models.vqgan_name, vqgan.codes, vqgan.factor());
  const auto precision = job.scene.keyframes.front().optimize.precision;
  for (const auto& clip : models.clip_identities()) {
    std::cout << fmt::format(
        "  clip      {}: looks at {}x{} pixels, at most {} tokens per prompt\n", clip.name,
        clip.config.resolution, clip.config.resolution, clip.config.context - 2);
  }
  for (const auto& warning : models.warnings()) {
    std::cout << fmt::format("  warning   {}\n", shown_text(warning));
  }
  std::cout << fmt::format("  machine   {}, {} thread{} a job, {}\n", job.machine.kind,
                           job.machine.threads, job.machine.threads == 1 ? "" : "s",
                           toString(job.machine.dtype(precision)));
  if (job.mixed) {
    std::cout
        << "            frames may be made on other kinds too: the film's bits depend on which; "
           "keyframes are made on this kind\n";
  }
}

void print_text(const std::string& role, const std::string& text,
                const std::vector<render::ClipIdentity>& clips) {
  for (const auto& clip : clips) {
    std::cout << fmt::format("    {:<9} \"{}\", {} of {} tokens: {}\n", role, shown_text(text),
                             clip.tokenizer->encode(text).size(), clip.config.context - 2,
                             shown_text(clip.tokenizer->readable(text)));
    for (const auto& word : clip.tokenizer->unknown_words(text)) {
      std::cout << fmt::format("    {:<9} \"{}\" is a word that {} does not know\n", "unknown",
                               shown_text(word), clip.name);
    }
  }
}

void print_prompts(const std::string& role, const std::vector<scenes::Prompt>& prompts,
                   const std::vector<render::ClipIdentity>& clips) {
  for (const auto& prompt : prompts) {
    if (prompt.kind == scenes::Prompt::Kind::text) {
      print_text(prompt.weight < 0 ? "away from" : role, prompt.text, clips);
    } else {
      std::cout << fmt::format("    {:<9} picture {}\n", role,
                               shown_text(scenes::still_name(prompt.image)));
    }
  }
}

// All but the last one: "the best of 4 times 50 iterations at 32x32, then 50 at 64x64".
std::string coarse_passes(const std::vector<render::Pass>& passes, int64_t factor) {
  const auto& options = passes.back().keyframe.optimize;
  const auto fresh = render::beginnings(options);
  std::string text = fresh == 1 ? "" : fmt::format("the best of {} times ", fresh);
  text += fmt::format("{} iterations at {}", options.coarse_iterations,
                      render::size_text(passes.front().grid, factor));
  for (auto pass = passes.begin() + fresh; pass + 1 != passes.end(); ++pass) {
    text += fmt::format(", then {} at {}", options.coarse_iterations,
                        render::size_text(pass->grid, factor));
  }
  return text;
}

void print_keyframe(size_t index, const render::RenderJob& job, const render::RenderPlan& plan,
                    render::ModelPack& models) {
  const auto& timeline = plan.timeline();
  const auto& keyframe = job.scene.keyframes[index];
  const auto& options = keyframe.optimize;
  auto place = fmt::format("frame {}, {}", timeline.keyframe_frames()[index],
                           scenes::format_seconds(keyframe.at));
  if (const auto tempo = scenes::tempo_map(job.scene.music)) {
    place += ", " + scenes::format_bar(*tempo, keyframe.at + job.scene.music.from);
  }
  const bool made = render::makes_picture(plan, index);
  std::cout << fmt::format(
      "  key:{}     {}; {}\n", index, place,
      made ? fmt::format("{} iterations of {} cutouts", options.iterations, options.cutouts)
           : "its prompts rule frames that grow out of one another");
  const auto& vqgan = models.vqgan_config();
  const auto passes = render::passes_of(keyframe, render::grid_of(job.scene.video, vqgan));
  if (made && passes.size() > 1) {
    std::cout << fmt::format("    {:<9} {}\n", "before", coarse_passes(passes, vqgan.factor()));
  }
  const auto& clips = models.clip_identities();
  print_prompts("towards", keyframe.prompts, clips);
  for (const auto& text : options.extra) print_text("joined", text, clips);
  print_prompts("away from", options.exclude, clips);
  if (made && options.start == scenes::StartKind::nearest) {
    const auto start = render::nearest_entry(keyframe, models);
    std::cout << fmt::format("    {:<9} the picture \"{}\"\n", "from", shown_text(start.caption));
    if (start.all && options.contrast != 0) {
      std::cout << fmt::format("    {:<9} all of the prompt already\n", "showing");
    }
    if (!start.lenders.empty()) {
      std::cout << fmt::format("    {:<9} \"{}\" and {} more of its kind\n", "lent by",
                               shown_text(start.lender), start.lenders.size() - 1);
    }
  }
}

// Also those that no curve reads yet: a person chooses among them.
void print_signals(render::RenderSession& session) {
  const auto& job = session.job();
  const auto graphs =
      scenes::film_graphs(job.scene, session.plan().timeline(), session.all_signals());
  if (graphs.empty()) {
    std::cout << "  signals   none: the scene has no song, and nothing in it changes by a curve\n";
  } else {
    std::cout << graphs_text(graphs, session.plan().timeline());
    if (session.plan().frames.size() < session.plan().timeline().frame_count()) {
      std::cout << "            of the whole scene, not of the range alone\n";
    }
  }
}

// One line a chain: how much of it is needed, and that nobody can share it.
void print_chains(const render::RenderJob& job, const render::RenderPlan& plan) {
  const auto& parts = plan.script.chains().parts();
  const auto needed = render::needed_by(plan.tasks(), render::TaskId::Kind::chain);
  for (const int index : needed) {
    const auto first = static_cast<size_t>(index);
    if (!parts[first].begins) continue;
    auto last = first;
    while (last + 1 < parts.size() && !parts[last + 1].begins &&
           std::binary_search(needed.begin(), needed.end(), static_cast<int>(last) + 1)) {
      ++last;
    }
    const auto frames = parts[last].range.end - parts[first].range.first;
    std::cout << fmt::format(
        "  chain:{:<4}{} frames, {}, each out of the one before by {} iterations: one after the "
        "other, from {}{}\n",
        index, frames, scenes::format_seconds(scenes::time_of_frame(frames, plan.timeline().fps())),
        job.scene.feedback.iterations,
        job.scene.source.on() ? "the clip" : fmt::format("key:{}", parts[first].keyframe),
        last > first ? fmt::format(", to chain:{}", last) : "");
  }
}

std::string chains_text(const render::Cost& cost) {
  if (cost.chained == 0) return {};
  return fmt::format("{} frames out of one another ({}), ", cost.chained,
                     format_duration(cost.chaining));
}

void print_cost(const render::Cost& cost, double peak_bytes) {
  if (cost.iterations + cost.chained + cost.frames == 0) {
    std::cout << "  time      nothing to optimize or encode: it is in the store\n";
  } else {
    std::cout << fmt::format(
        "  time      about {}: at most {} iterations ({}), {}{} frames of {:.0f} ms\n",
        format_duration(cost.seconds()), cost.iterations, format_duration(cost.optimizing),
        chains_text(cost), cost.frames, cost.frame * 1e3);
  }
  std::cout << fmt::format("  memory    about {}\n", format_bytes(peak_bytes));
  if (!cost.memory_note.empty()) std::cout << fmt::format("            {}\n", cost.memory_note);
  std::cout << fmt::format("  disk      about {} for the film, {} in the store\n",
                           format_bytes(cost.film_bytes), format_bytes(cost.store_bytes));
}

void write_plan(const std::filesystem::path& file, const std::string& text) {
  files::make_folders_for(file);
  files::write_file(file, text);
  std::cout << fmt::format("  plan      {}; do its tasks with: latentreel task {} NAME\n",
                           file.string(), shell_word(file.string()));
}

// What other machines would gain.
void print_machines(const std::string& text, const std::filesystem::path& film,
                    render::RenderSession& session, const PlanOptions& options) {
  std::set<std::string> done;
  for (const auto* task : session.plan().tasks()) {
    if (session.runner().done(*task, film)) done.insert(task->name());
  }
  const auto all = cluster::parse_cluster_plan(
      text, options.output.empty() ? plan_beside(options.scene) : options.output);
  const auto left = cluster::without(all, done);
  if (!left.tasks.empty()) std::cout << scaling_text(left, options.machines, {});
}

int plan_scene(const PlanOptions& options) {
  const render::PeakMemory memory;
  auto job = make_film_job(options);
  job.embed_scene = !options.no_embed_scene;
  const auto film = film_file(options.film, options.scene, job.scene, name_of_part(job));
  render::NoProgress quiet;
  render::RenderSession session(job, quiet, stop_token());
  const double opened = render::process_age();
  const auto& plan = session.plan();
  auto& models = session.models();
  const auto settings = render::film_settings(job);
  const auto decoded = render::decoded_size(plan.grid, models.vqgan_config());
  print_film(job, plan, decoded, settings);
  print_footage(job, plan);
  print_models(models, job);
  std::cout << fmt::format("  jobs      {}\n", jobs_text(session.job_count()));
  for (size_t index = 0; index < job.scene.keyframes.size(); ++index) {
    if (job.scene.feedback.on || render::makes_picture(plan, index)) {
      print_keyframe(index, session.job(), plan, models);  // its weights are known there
    }
  }
  print_chains(job, plan);
  if (options.signals) print_signals(session);
  // Whoever has read enough (plan | head) need not wait for the rest.
  if (!std::cout.flush()) return kDone;
  const auto cost = render::measure_cost(session, stop_token());
  print_cost(cost, memory.bytes());
  {
    const LeavesNoFolders clean(film);
    render::prove_film(settings, film);
  }
  std::cout << fmt::format("  encoder   wrote and read back two frames beside {}\n", film.string());
  const auto text =
      text_with_costs(request_of(options, job, film), session, cost, opened + cost.loading);
  if (options.machines > 0) print_machines(text, film, session, options);
  if (!options.output.empty()) write_plan(options.output, text);
  return kDone;
}

}  // namespace

void add_plan(CLI::App& program, int& result) {
  auto options = std::make_shared<PlanOptions>();
  auto* command = program.add_subcommand(
      "plan", "Check everything and estimate what a render will take, without rendering");
  add_common_options(*command, *options);
  command
      ->add_option("-o,--output", options->output,
                   "Also write the plan to this file: what there is to do, as tasks (JSON)")
      ->check(CLI::Validator(check_output_name, ""))
      ->type_name("PLAN");
  command->add_option("--film", options->film, "Where the film will go (default: as in render)")
      ->check(CLI::Validator(check_output_name, ""))
      ->type_name("FILE");
  add_range_option(*command, *options);
  add_preview_option(*command, *options);
  add_mixed_option(*command, *options);
  command->add_flag("--no-embed-scene", options->no_embed_scene,
                    "Do not store the scene in the film's metadata");
  command->add_flag("--signals", options->signals,
                    "Also draw the song's signals, and the keys that change by a curve, over the "
                    "film's time");
  command
      ->add_option("--machines", options->machines,
                   "Also simulate so many machines like this one, each a share of the work at a "
                   "time: how long they take, and from how many on more do not help")
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  command->footer(
      "Shows the timeline, how each prompt is split into tokens, the models, and the time, memory "
      "and disk space to expect (what is already in the store costs nothing); tests the encoder by "
      "writing two frames and reading them back.\n"
      "Examples:\n"
      "  latentreel plan dawn.toml\n"
      "  latentreel plan dawn.toml --preview --range \"bar 9:bar 13\"\n"
      "  latentreel plan dawn.toml --machines 1000\n"
      "  latentreel plan dawn.toml -o plan.json    then: latentreel task plan.json key:0");
  command->callback([options, &result] { result = plan_scene(*options); });
}

}  // namespace latentreel::cli
