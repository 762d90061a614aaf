#include "src/report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "scenes/scene_reader.h"
#include "tests/pages/html.h"

namespace latentreel::report {
namespace {

using testing::count_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::tag_mistake;

constexpr const char* kPixel = "data:image/jpeg;base64,AAAA";

// Everything that a page is made of, made up: `keyframes` of them a second apart.
struct Made {
  explicit Made(int keyframes, const std::string& prompt = "a heart") {
    std::string toml = "[video]\nfps = 8\n";
    for (int k = 0; k < keyframes; ++k) {
      toml += "[[keyframe]]\nat = " + std::to_string(k) + "\nprompt = '''" + prompt + " " +
              std::to_string(k) + "'''\n";
    }
    scene = scenes::parse_scene(toml, "test.toml");
    timeline.emplace(scene);
    texts = film_texts(scene);
    for (int k = 0; k < keyframes; ++k) {
      render::KeyframeRecord record;
      record.start = "random codes";
      record.seconds = 2;
      for (int i = 0; i < 4; ++i) {
        const double loss = 1 - 0.1 * i;
        record.history.push_back({.number = i, .loss = loss, .shares = {loss}, .smoothed = loss});
      }
      record.best_iteration = 3;
      records.push_back(std::move(record));
      snapshots.push_back({{.iteration = 0, .picture = {64, 64, kPixel}},
                           {.iteration = 3, .kept = true, .picture = {64, 64, kPixel}}});
    }
    film.frames = timeline->frame_count();
    film.width = film.height = 64;
    film.change.assign(static_cast<std::size_t>(film.frames), 0.01f);
    film.sampled = {0, film.frames - 1};
    film.similarity.assign(texts.size(), {0.1, 0.2});
    strip = {kPixel, kPixel, kPixel};
  }

  std::string html() const {
    return page({.scene = scene,
                 .timeline = *timeline,
                 .records = records,
                 .snapshots = snapshots,
                 .film_name = film_name,
                 .texts = texts,
                 .film = film,
                 .strip = strip,
                 .graphs = graphs,
                 .losses = losses,
                 .chain_shots = shots,
                 .findings = findings,
                 .stages = stages,
                 .warnings = warnings});
  }

  scenes::Scene scene;
  std::optional<scenes::Timeline> timeline;
  std::vector<FilmText> texts;
  std::vector<render::KeyframeRecord> records;
  std::vector<std::vector<Snapshot>> snapshots;
  FilmMeasures film;
  std::vector<FrameLoss> losses;
  std::vector<ChainShot> shots;
  std::string film_name = "film.mp4";
  std::vector<std::string> strip;
  std::vector<scenes::FilmGraph> graphs;
  std::vector<Finding> findings;
  std::vector<StageTime> stages;
  std::vector<std::string> warnings;
};

TEST(Page, ShowsWhatDrivesTheFilmWithTheScaleOfEach) {
  Made content(2);
  EXPECT_THAT(content.html(), Not(HasSubstr("What drives the film")));
  const auto frames = static_cast<std::size_t>(content.film.frames);
  content.graphs = {{.name = "kick", .values = std::vector<double>(frames, 0.5)},
                    {.name = "picture.contrast", .values = std::vector<double>(frames, 1.5)}};
  content.graphs[1].values[0] = 1;
  const auto html = content.html();
  EXPECT_EQ(tag_mistake(html), "");
  EXPECT_THAT(html, HasSubstr("What drives the film"));
  EXPECT_THAT(html, HasSubstr(">kick<"));
  EXPECT_THAT(html, HasSubstr(">picture.contrast 1–1.5<"));
}

TEST(Page, ShowsHowFarFramesOfAChainGot) {
  Made content(2);
  EXPECT_THAT(content.html(), Not(HasSubstr("How far each frame got")));
  content.scene.feedback.on = true;
  content.losses = {{.frame = 1, .first = 1.5, .last = 1.25},
                    {.frame = 2, .first = 1.25, .last = 1}};
  auto html = content.html();
  EXPECT_EQ(tag_mistake(html), "");
  EXPECT_THAT(html, HasSubstr("How far each frame got"));
  EXPECT_THAT(html, HasSubstr("Each frame here grows out of the one before it."));
  EXPECT_THAT(html, Not(HasSubstr("How much it flickers"))) << "there is no clip";
  content.scene.source.video = "clip.mp4";
  html = content.html();
  EXPECT_EQ(tag_mistake(html), "");
  EXPECT_THAT(html, HasSubstr("How much it flickers"));
}

TEST(Page, ShowsWhereFramesOfAChainBegan) {
  Made content(2);
  EXPECT_THAT(content.html(), Not(HasSubstr("How frames came to be")));
  content.scene.feedback.on = true;
  const SmallPicture picture{64, 64, kPixel};
  const auto whole = count_of(content.html(), "<img ");
  content.shots = {
      {.frame = 0, .made = picture},
      {.frame = 3,
       .step = {.number = 3, .from = 0, .to = 1, .amount = 0.25, .camera = {.xx = 0.5, .yy = 0.5}},
       .losses = {.first = 1.5, .last = 1.25},
       .begun = picture,
       .motion = picture,
       .made = picture}};
  auto html = content.html();
  EXPECT_EQ(tag_mistake(html), "");
  EXPECT_EQ(count_of(html, "<img "), whole + 4);
  EXPECT_THAT(html, HasSubstr("frame 0 is the picture of keyframe 0"));
  EXPECT_THAT(html, HasSubstr("It is the picture of keyframe 0."));
  EXPECT_THAT(html, HasSubstr("It began with the frame before, zoomed by 2. The prompts are 75 % "
                              "keyframe 0&#39;s and 25 % keyframe 1&#39;s."));
  EXPECT_THAT(html, HasSubstr("Loss 1.50 at first, 1.25 before the last of 12 iterations."));
  EXPECT_THAT(html, HasSubstr("Each frame grows out of the one before it."));
  content.shots[1].step.camera = {.xx = 1, .xy = -0.25, .yy = 1};
  content.shots[1].losses = {.first = std::nan(""), .last = std::nan("")};
  html = content.html();
  EXPECT_THAT(html, HasSubstr("It began with the frame before, sheared by 0.25. "));
  EXPECT_THAT(html, HasSubstr("No prompt weighed anything, so it stayed as it began."));
  content.scene.source.video = "clip.mp4";
  content.shots[1].step = {.number = 3, .footage = true, .shown = scenes::RationalTime(3, 2)};
  content.shots[1].losses = {.flicker = 0.01, .clip_flicker = 0.02};
  html = content.html();
  EXPECT_EQ(tag_mistake(html), "");
  EXPECT_THAT(html,
              HasSubstr("It began with the clip at 1.500 s, and with 90 % of the frame before"));
  EXPECT_THAT(html, HasSubstr("Flicker 1.00 %, of the clip itself 2.00 %."));
  content.scene.source.blend = 0;
  EXPECT_THAT(content.html(), HasSubstr("Each frame begins with the clip alone."));
}

TEST(Page, IsWellFormedAndWholeInItself) {
  Made made(2);
  made.stages = {{"loading", 1.2, 0}, {"optimizing", 30, 2e9}};
  const auto html = made.html();
  EXPECT_EQ(tag_mistake(html), "");
  EXPECT_EQ(count_of(html, "<img "), 4u);
  EXPECT_EQ(count_of(html, "<image "), 3u);
  EXPECT_EQ(count_of(html, "data:image/"), 7u);
  EXPECT_EQ(count_of(html, "src="), 4u);
  EXPECT_THAT(html, Not(HasSubstr("http:")));
  EXPECT_THAT(html, Not(HasSubstr("https:")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(html, HasSubstr("2.0 GB"));
  EXPECT_THAT(html, HasSubstr("not known"));
}

TEST(Page, TextsOfASceneDoNothing) {
  Made made(2, "</title></style><script>alert(1)</script><img src=x onerror=\"alert(2)\"> '\"&");
  made.scene.title = made.film_name = made.scene.keyframes[0].prompts[0].text;
  made.records[0].start = made.film_name;
  made.warnings = {made.film_name};
  made.stages = {{made.film_name, 1, 0}};
  made.findings = {{Weight::problem, made.film_name, made.film_name}};
  made.scene.models.vqgan = made.scene.models.clip[0].name = made.film_name;
  made.scene.keyframes[0].optimize.extra = {made.film_name};
  made.scene.keyframes[0].optimize.recipe = made.film_name;
  made.scene.keyframes[0].optimize.exclude = {made.scene.keyframes[0].prompts[0]};
  const auto html = made.html();
  EXPECT_EQ(tag_mistake(html), "");
  EXPECT_EQ(count_of(html, "<img "), 4u);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)"));
}

TEST(Page, SaysSoWhereNothingStandsOut) {
  Made made(2);
  EXPECT_THAT(made.html(), HasSubstr("Nothing stands out"));
  made.findings = {{Weight::hint, "It is so.", "Try this."}};
  made.warnings = {"It was said."};
  const auto html = made.html();
  EXPECT_THAT(html, Not(HasSubstr("Nothing stands out")));
  EXPECT_THAT(html, HasSubstr("It is so. <span class=\"try\">Try this.</span>"));
  EXPECT_LT(html.find("It was said."), html.find("It is so."));
}

TEST(Page, ShowsManyPromptsAsRows) {
  EXPECT_EQ(count_of(Made(6).html(), "class=\"row\""), 0u);
  const auto html = Made(40).html();
  EXPECT_EQ(tag_mistake(html), "");
  EXPECT_EQ(count_of(html, "class=\"row\""), 40u);
  EXPECT_EQ(count_of(html, "<image "), 3u);  // the strip moves to the other chart
}

TEST(Page, GetsAlongWithoutAlmostEverything) {
  Made made(1);
  made.records[0] = {};
  made.snapshots[0] = {{.iteration = 0}};  // not a number
  made.scene.keyframes[0].prompts = {
      {.kind = scenes::Prompt::Kind::image, .image = {.file = "/home/somebody/moon.png"}}};
  made.texts.clear();
  made.film.similarity.clear();
  made.strip.clear();
  const auto html = made.html();
  EXPECT_EQ(tag_mistake(html), "");
  EXPECT_THAT(html, HasSubstr("no text prompt"));
  EXPECT_THAT(html, HasSubstr("picture moon.png"));
  EXPECT_THAT(html, Not(HasSubstr("somebody")));
  EXPECT_THAT(html, HasSubstr("No iteration was made."));
}

TEST(Winners, MeetHalfwayBetweenSamples) {
  const std::vector<FilmText> texts = {{"a", {0}}, {"b", {1}}};
  const FilmMeasures film{
      .frames = 13, .sampled = {0, 4, 8, 12}, .similarity = {{3, 3, 1, 1}, {1, 1, 3, 3}}};
  EXPECT_THAT(winners(texts, film, {1, 1}),
              ElementsAre(Band{0, 6.5, 1, "0"}, Band{6.5, 13, 2, "1"}));
}

TEST(LossChart, OnePromptIsItsRawAndItsSmoothedLoss) {
  const Made made(1);
  const auto chart = loss_chart(0, made.scene.keyframes[0], made.records[0], made.texts);
  ASSERT_EQ(chart.series.size(), 2u);
  EXPECT_TRUE(chart.series[0].faint);
  EXPECT_EQ(chart.series[1].color, 1);
  ASSERT_EQ(chart.marks.size(), 1u);
  EXPECT_EQ(chart.marks[0].from, 3);
}

TEST(LossChart, EachOfSeveralPrompts) {
  Made made(1);
  auto& keyframe = made.scene.keyframes[0];
  keyframe.optimize.exclude = {{.text = "fog"}};
  for (auto& iteration : made.records[0].history) iteration.shares = {iteration.loss, -0.2};
  const auto chart = loss_chart(0, keyframe, made.records[0], made.texts);
  std::vector<std::string> names;
  for (const auto& series : chart.series) names.push_back(series.name);
  EXPECT_THAT(names, ElementsAre("every iteration", "the whole loss", "a heart 0", "not: fog"));
  EXPECT_NE(chart.series[2].color, chart.series[3].color);
  EXPECT_THAT(made.html(), HasSubstr("of which 0.200 is the pull to the start"));
}

TEST(LossChart, ALongRunIsThinned) {
  Made made(1);
  auto& history = made.records[0].history;
  for (int i = 4; i < 20'000; ++i) history.push_back({.number = i, .loss = 1, .shares = {1}});
  const auto chart = loss_chart(0, made.scene.keyframes[0], made.records[0], made.texts);
  EXPECT_LE(chart.series[0].x.size(), 500u);
}

}  // namespace
}  // namespace latentreel::report
