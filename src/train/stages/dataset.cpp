#include "src/train/stages/dataset.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <utility>

#include "src/train/stages/merges.h"
#include "src/train/world/captions.h"
#include "src/train/world/picture.h"
#include "src/train/world/random.h"

namespace latentreel::training {
namespace {

using world::Composition;
using world::Purpose;

// Sequences that have nothing in common.
uint64_t stream(uint64_t seed, Purpose purpose) {
  return 2 * seed + (purpose == Purpose::test ? 1 : 0);
}

struct Sample {
  Composition composition;
  world::Caption caption;
};

// Number `number` of a sequence.
Sample sample_of(uint64_t seed, Purpose purpose, uint64_t number) {
  world::Random random(stream(seed, purpose), number);
  Sample result;
  result.composition = world::draw_composition(random, purpose);
  result.caption = world::caption(result.composition, random);
  return result;
}

std::vector<Sample> samples(uint64_t seed, Purpose purpose, uint64_t first, int64_t count) {
  std::vector<Sample> result(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    result[static_cast<size_t>(i)] = sample_of(seed, purpose, first + static_cast<uint64_t>(i));
  }
  return result;
}

void paint_into(const Composition& composition, int64_t side, float* pixels) {
  const auto painted = world::paint(composition, static_cast<int>(side));
  const auto area = side * side;
  for (int64_t i = 0; i < area; ++i) {
    for (int64_t c = 0; c < 3; ++c) {
      pixels[c * area + i] =
          static_cast<float>(painted.pixels[static_cast<size_t>(3 * i + c)]) / 255;
    }
  }
}

at::Tensor painted(const std::vector<Sample>& samples, int64_t side) {
  const auto count = static_cast<int64_t>(samples.size());
  auto pictures = at::empty({count, 3, side, side});
  auto* pixels = pictures.mutable_data_ptr<float>();
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    for (auto i = begin; i < end; ++i) {
      paint_into(samples[static_cast<size_t>(i)].composition, side, pixels + i * 3 * side * side);
    }
  });
  return pictures;
}

constexpr int64_t kNatural = world::kColours;  // the colour's label of a thing in its own

Pairs pairs_of(const std::vector<Sample>& samples, const models::ClipTokenizer& tokenizer,
               int64_t context, int64_t side) {
  const auto count = static_cast<int64_t>(samples.size());
  Pairs pairs;
  pairs.pictures = painted(samples, side);
  pairs.tokens = at::zeros({count, context}, at::kLong);
  pairs.positives = at::zeros({count, count}, at::kBool);
  for (const auto* label : {"thing", "colour", "ground", "style"}) {
    pairs.labels[label] = at::full({count}, -1, at::kLong);
  }
  const auto set = [&](const char* label, int64_t i, int64_t value) {
    pairs.labels[label].mutable_data_ptr<int64_t>()[i] = value;
  };
  for (int64_t i = 0; i < count; ++i) {
    const auto& [composition, caption] = samples[static_cast<size_t>(i)];
    const auto ids =
        tokenizer.frame(caption.text, static_cast<size_t>(context), models::Overflow::truncate);
    std::copy(ids.begin(), ids.end(), pairs.tokens.mutable_data_ptr<int64_t>() + i * context);
    for (int64_t j = 0; j < count; ++j) {
      const auto& meaning = samples[static_cast<size_t>(j)].caption.meaning;
      pairs.positives.mutable_data_ptr<bool>()[i * count + j] =
          i == j || world::satisfies(composition, meaning);
    }
    if (composition.things.size() == 1) {
      const auto& thing = composition.things[0];
      set("thing", i, static_cast<int64_t>(thing.thing));
      const auto colour = world::normalized_colour(thing.thing, thing.colour);
      set("colour", i, colour ? static_cast<int64_t>(*colour) : kNatural);
    }
    set("ground", i, world::number_of(composition.ground));
    set("style", i, static_cast<int64_t>(composition.style));
  }
  return pairs;
}

}  // namespace

Dataset::Dataset(uint64_t seed, models::ClipTokenizer tokenizer, int64_t context)
    : seed_(seed), tokenizer_(std::move(tokenizer)), context_(context) {}

PictureSource Dataset::pictures(Purpose purpose) const {
  return [seed = seed_, purpose](uint64_t first, int64_t count, int64_t side) {
    return painted(samples(seed, purpose, first, count), side);
  };
}

PairSource Dataset::pairs(Purpose purpose) const {
  return [*this, purpose](uint64_t first, int64_t count, int64_t side) {
    return pairs_of(samples(seed_, purpose, first, count), tokenizer_, context_, side);
  };
}

std::map<std::string, int64_t> Dataset::labels() {
  return {{"thing", world::kThings},
          {"colour", world::kColours + 1},
          {"ground", world::kGrounds},
          {"style", world::kStyles}};
}

at::Tensor Dataset::things() const {
  std::vector<at::Tensor> rows;
  for (int colour = 0; colour <= world::kColours; ++colour) {
    const auto said =
        colour == kNatural ? std::nullopt : std::optional(static_cast<world::Colour>(colour));
    for (int thing = 0; thing < world::kThings; ++thing) {
      const auto ids = tokenizer_.frame(world::plain_name(static_cast<world::Thing>(thing), said),
                                        static_cast<size_t>(context_));
      rows.push_back(at::tensor(ids, at::kLong));
    }
  }
  return at::stack(rows).view({world::kColours + 1, world::kThings, context_});
}

at::Tensor Dataset::picture(const Composition& composition, int64_t side) {
  auto picture = at::empty({1, 3, side, side});
  paint_into(composition, side, picture.mutable_data_ptr<float>());
  return picture;
}

std::vector<Composition> bank_compositions(int64_t thin) {
  std::vector<Composition> all;
  int64_t number = 0;
  const auto add = [&](Composition composition) {
    if (number++ % thin == 0) all.push_back(std::move(composition));
  };
  const auto thing = [](int i) { return static_cast<world::Thing>(i); };
  for (int ground = 0; ground < world::kGrounds; ++ground) {
    const auto place = world::ground_number(ground);
    for (int i = 0; i < world::kThings; ++i) {
      add(world::portrait(thing(i), {}, place, static_cast<uint64_t>(31 * i + ground)));
    }
    add({.things = {}, .ground = place, .details = static_cast<uint64_t>(ground)});
  }
  constexpr world::Colour kPapers[] = {world::Colour::white, world::Colour::blue,
                                       world::Colour::green, world::Colour::gray};
  for (int i = 0; i < world::kThings; ++i) {
    for (int c = 0; c < world::kColours && world::can_be_coloured(thing(i)); ++c) {
      const auto colour = world::normalized_colour(thing(i), static_cast<world::Colour>(c));
      if (!colour) continue;  // it is that colour anyway
      for (const auto paper : kPapers) {
        if (paper == *colour) continue;
        add(world::portrait(thing(i), colour, world::Ground::plain(paper)));
      }
    }
  }
  // Two things side by side: each with the eleven after it in the list.
  for (int i = 0; i < world::kThings; ++i) {
    for (int step = 1; step <= 11; ++step) {
      const int j = (i + step) % world::kThings;
      const auto paper = kPapers[(i + step) % 4];
      auto left = world::portrait(thing(i), {}, world::Ground::plain(paper));
      auto right = world::portrait(thing(j), {}, world::Ground::plain(paper));
      for (auto* picture : {&left, &right}) {
        picture->things[0].size = 0.46;
        picture->things[0].x = picture == &left ? 0.27 : 0.73;
      }
      left.things.push_back(right.things[0]);
      add(std::move(left));
    }
  }
  return all;
}

std::string world_merges() {
  return merges_for(world::known_words());
}

}  // namespace latentreel::training
