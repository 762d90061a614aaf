#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "ffmpeg/image.h"
#include "src/cli/common_options.h"
#include "src/cli/exit_codes.h"
#include "src/files/atomic_file.h"
#include "src/files/error.h"
#include "src/optimize/prompts.h"
#include "src/train/blind_sheet.h"
#include "src/train/commands.h"
#include "src/train/exam.h"
#include "src/train/judge.h"
#include "src/train/questions.h"
#include "src/train/stages/dataset.h"
#include "src/train/world/captions.h"

namespace latentreel::train {
namespace {

namespace fs = std::filesystem;

// What is asked for: things from each of the starts, and things in colours not their own.
const std::vector<std::string> kExams{"nearest", "coloured", "previous", "random"};

struct SelftestOptions {
  fs::path folder = "training";
  fs::path pair;
  std::vector<std::string> exams = kExams;
  int prompts = 60;
  std::vector<std::string> against;  // "NAME KEY=VALUE …"
  cli::CommonOptions common;         // device, threads, set
};

// The name and what it sets, apart by spaces.
Maker maker_of(const std::string& text) {
  Maker maker;
  std::istringstream words(text);
  words >> maker.name;
  for (std::string word; words >> word;) maker.set.push_back(word);
  return maker;
}

// Empty where the text names a maker that files can be called after.
std::string a_maker(const std::string& text) {
  const auto name = maker_of(text).name;
  const bool word = std::all_of(name.begin(), name.end(),
                                [](unsigned char c) { return std::isalnum(c) || c == '-'; });
  if (!name.empty() && word && name != "drawn" && name != "start") return {};
  return files::quoted(text) +
         " does not begin with a name (letters, digits, -; not drawn or start)";
}

// Ten a row.
void write_sheet(const fs::path& png, std::vector<at::Tensor> pictures) {
  constexpr size_t kColumns = 10;
  while (pictures.size() % kColumns != 0) pictures.push_back(at::zeros_like(pictures[0]));
  std::vector<at::Tensor> rows;
  for (size_t i = 0; i < pictures.size(); i += kColumns) {
    const auto from = pictures.begin() + static_cast<std::ptrdiff_t>(i);
    rows.push_back(at::cat(std::vector<at::Tensor>(from, from + kColumns), 3));
  }
  files::write_file(png, ffmpeg::encode_png(render::to_image(at::cat(rows, 2))));
}

// How the judge names pictures: shares of the questions.
struct Named {
  double first = 0, among_five = 0;  // the thing
  double colour = 0, both = 0;       // its colour; and the thing, at once
  std::string list;                  // what each was to show and was named
};

// pictures: one a question.
Named named(const std::vector<Question>& asked, const std::vector<at::Tensor>& pictures,
            const Judge& judge) {
  const at::NoGradGuard no_gradient;
  Named result;
  const double part = 1 / static_cast<double>(asked.size());
  for (size_t i = 0; i < asked.size(); ++i) {
    const auto& question = asked[i];
    const auto things = judge.things_of(pictures[i], question.colour);
    std::optional<world::Colour> seen;
    if (question.colour) seen = judge.colour_of(pictures[i], question.thing);
    const bool right = things[0].item<int>() == question.thing;
    const bool coloured = question.colour && seen == question.colour;
    result.first += right ? part : 0;
    result.among_five += (things.narrow(0, 0, 5) == question.thing).any().item<bool>() ? part : 0;
    result.colour += coloured ? part : 0;
    result.both += right && coloured ? part : 0;
    const auto thing = static_cast<world::Thing>(things[0].item<int>());
    result.list += fmt::format("{}: {}\n", question.prompt, world::plain_name(thing, seen));
  }
  return result;
}

// What a person sees, as means over the questions.
struct Looks {
  double sharpness = 0;  // of edges, as a part of the start's
  double start_distance = 0, distance = 0;
  double seconds = 0;
};

Looks looks_of(const std::vector<Answer>& answers) {
  Looks looks;
  const double part = 1 / static_cast<double>(answers.size());
  for (const auto& answer : answers) {
    looks.sharpness += part * answer.sharpness;
    looks.start_distance += part * answer.start_distance;
    looks.distance += part * answer.distance;
    looks.seconds += part * answer.seconds;
  }
  return looks;
}

class Selftest {
 public:
  explicit Selftest(const SelftestOptions& options)
      : options_(options), folder_(options.folder), judge_(folder_) {
    makers_.push_back({"pair", options.common.set});
    for (const auto& text : options.against) {
      const auto maker = maker_of(text);
      for (const auto& other : makers_) {
        if (other.name == maker.name)
          throw CLI::ValidationError("--against", maker.name + " is there twice");
      }
      makers_.push_back(maker);
    }
  }

  void run(const std::string& exam) {
    const bool coloured = exam == "coloured";
    const auto asked = questions(options_.prompts, coloured);
    std::vector<BlindRow> rows;
    std::vector<at::Tensor> drawn;
    for (const auto& question : asked) {
      rows.push_back({question.prompt, {}});
      drawn.push_back(training::Dataset::picture(question.drawn, kSide));
    }
    // What the judge makes of true pictures is the most that it can say of others.
    report(exam, "drawn", named(asked, drawn, judge_), coloured);
    for (const auto& maker : makers_) {
      const auto made =
          answers(asked, coloured ? "nearest" : exam, maker, options_.pair, options_.common);
      const bool first = &maker == makers_.data();
      std::vector<at::Tensor> pictures;
      for (size_t i = 0; i < asked.size(); ++i) {
        if (first) rows[i].pictures.emplace_back("start", made[i].start);
        rows[i].pictures.emplace_back(maker.name, made[i].picture);
        pictures.push_back(made[i].picture);
      }
      const auto names = named(asked, pictures, judge_);
      report(exam, maker.name, names, coloured);
      report(exam, maker.name, looks_of(made));
      const auto stem = "selftest-" + exam + (first ? "" : "-" + maker.name);
      write_sheet(folder_.file(stem + ".png"), std::move(pictures));
      files::write_file(folder_.file(stem + ".txt"), names.list);
    }
    write_blind_sheets(options_.folder, "blind-" + exam, std::move(rows), kBlindSeed);
  }

  void save() const { files::write_file(folder_.file("selftest.json"), results_.dump(1) + "\n"); }

 private:
  static constexpr uint64_t kBlindSeed = 2026;
  static constexpr int64_t kSide = 128;  // of a picture

  void report(const std::string& exam, const std::string& maker, const Named& names,
              bool coloured) {
    std::cout << fmt::format("{}, {}\n", exam, maker);
    row(exam, maker, "judge names the thing", names.first);
    row(exam, maker, "judge has the thing among five", names.among_five);
    if (!coloured) return;
    row(exam, maker, "colour right", names.colour);
    row(exam, maker, "thing and colour right", names.both);
  }

  void report(const std::string& exam, const std::string& maker, const Looks& looks) {
    row(exam, maker, "sharpness of edges, as a part of the start's", looks.sharpness);
    row(exam, maker, "distance from pictures the VQGAN knows, start", looks.start_distance);
    row(exam, maker, "distance from pictures the VQGAN knows, result", looks.distance);
    row(exam, maker, "seconds a keyframe", looks.seconds);
  }

  void row(const std::string& exam, const std::string& maker, const std::string& what,
           double value) {
    std::cout << fmt::format("  {:<62} {:.2f}\n", what, value) << std::flush;
    results_[exam][maker][what] = value;
  }

  SelftestOptions options_;
  WorkFolder folder_;
  Judge judge_;
  std::vector<Maker> makers_;
  nlohmann::json results_;
};

int selftest(const SelftestOptions& options) {
  Selftest test(options);
  for (const auto& exam : options.exams) test.run(exam);
  test.save();
  return cli::kDone;
}

}  // namespace

void add_selftest(CLI::App& program, int& result) {
  auto options = std::make_shared<SelftestOptions>();
  auto* command = program.add_subcommand(
      "selftest", "render prompts that were held out, and let the judge name the pictures");
  command->add_option("--folder", options->folder, "Where the judge was trained")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--pair", options->pair, "The exported pair to try")
      ->required()
      ->type_name("DIR");
  command->add_option("--prompts", options->prompts, "How many prompts of each kind")
      ->check(CLI::Range(3, 1000))
      ->capture_default_str();
  command
      ->add_option("--only", options->exams,
                   "Which of nearest, previous and random, which are starts, and coloured, things "
                   "in colours not their own")
      ->check(CLI::IsMember(kExams))
      ->delimiter(',');
  command
      ->add_option("--against", options->against,
                   "Another way to make the same pictures: a name and keys to set, in one argument "
                   "(may be repeated); --set does not apply to these")
      ->check(a_maker)
      ->type_name("\"NAME KEY=VALUE …\"");
  cli::add_machine_options(*command, options->common);
  cli::add_set_option(*command, options->common);
  command->footer(
      "Beside the figures it writes blind-EXAM-1.png, …: starts and results side by side,\n"
      "shuffled, for a person to choose among; blind-EXAM-key.txt says which is which.\n"
      "Example:\n"
      "  latentreel-train selftest --pair models/tiny --only nearest --prompts 20 \\\n"
      "      --against \"longer optimize.iterations=50 optimize.match_weight=0\"");
  command->callback([options, &result] { result = selftest(*options); });
}

}  // namespace latentreel::train
